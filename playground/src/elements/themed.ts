// What elements that paint have in common: they are drawn again when the page's colours change.
import { LitElement, type PropertyValues } from "lit";
import { onTheme, type Theme, themeOf } from "../look/colour.ts";

/** An element whose colours are computed: `theme` is that of the place where it stands. */
export class Themed extends LitElement {
  protected theme: Theme = "light";
  #end: (() => void) | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.#end = onTheme(() => this.requestUpdate());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#end?.();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    super.willUpdate(changed);
    this.theme = themeOf(this);
  }
}
