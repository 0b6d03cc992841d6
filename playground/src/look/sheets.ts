// The style sheets that every element of its own brings into its shadow.
import { unsafeCSS } from "lit";
import controlsText from "./controls.css?inline";
import tokensText from "./tokens.css?inline";

/** Colours, sizes and fonts. */
export const tokens = unsafeCSS(tokensText);
/** Buttons, cards, fields. */
export const controls = unsafeCSS(controlsText);
