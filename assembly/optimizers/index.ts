// The optimizers that the core has; the others are in a binary of their own, ../extra.ts.
export { adamUpdate } from "./adam";
export { sgdUpdate } from "./sgd";
export { gradientAdjust, gradientCheck, gradientNorm, gradientZero } from "./gradient";
