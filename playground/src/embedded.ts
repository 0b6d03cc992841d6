// What other pages load: `<script type="module" src=".../embed.js"></script>` defines the elements that can stand alone. It needs
// nothing of this site's pages: no style sheet, no fonts, no state.
export { ChainElement } from "./elements/chain.ts";
export { FormulaElement } from "./elements/formula.ts";
export { MatrixElement } from "./elements/matrix.ts";
export { NetElement } from "./elements/net.ts";
export { StepsElement } from "./elements/steps.ts";
