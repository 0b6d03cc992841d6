// Defines the elements. A call, not the import: a server may import the entry, and a bundler leaves out what isn't called.
import { type ConfusionElement, confusionClass } from "./confusion.ts";
import { type CurveElement, curveClass } from "./curve.ts";

declare global {
  interface HTMLElementTagNameMap {
    "wasmgrad-curve": CurveElement;
    "wasmgrad-confusion": ConfusionElement;
  }
}

/**
 * Defines `<wasmgrad-curve>` and `<wasmgrad-confusion>`, so that they can stand in any page. They bring their styles along, ask for nothing
 * else, and keep to a Content-Security-Policy with `style-src 'self'`. Called again it does nothing.
 *
 * @throws {Error} if there is no page: in Node and in workers
 * @example
 * if (typeof document === "object") {
 *   defineElements();
 *   const curve = document.createElement("wasmgrad-curve");
 *   document.body.append(curve);
 *   await trainer.fit({ x, y }, { epochs: 5, callbacks: [curve.callback] });
 * }
 */
export function defineElements(): void {
  if (typeof customElements !== "object" || typeof HTMLElement !== "function") {
    throw new Error(
      "defineElements: there are no elements here; call it in a page, such as after it was loaded or mounted",
    );
  }
  // another copy of the library may have been here
  if (!customElements.get("wasmgrad-curve")) customElements.define("wasmgrad-curve", curveClass());
  if (!customElements.get("wasmgrad-confusion")) customElements.define("wasmgrad-confusion", confusionClass());
}
