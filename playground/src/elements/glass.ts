// What all elements have in common: they speak the language of the place that they stand in, in this site or in another.
import { LitElement } from "lit";
import { type Language, languageOf, type Text } from "../shell/text.ts";

/** The language of the nearest `lang` around an element, through the shadows that it stands in. */
function languageIn(element: Element): Language {
  for (let at: Element | undefined = element; at;) {
    const near = at.closest("[lang]");
    if (near) return languageOf(near.getAttribute("lang")!);
    const root: Node = at.getRootNode();
    at = root instanceof ShadowRoot ? root.host : undefined;
  }
  return "en";
}

/** An element with texts in two languages. */
export class Glass extends LitElement {
  #language: Language = "en";

  override connectedCallback(): void {
    this.#language = languageIn(this);
    super.connectedCallback();
  }

  get language(): Language {
    return this.#language;
  }

  /** The text in the language of the place. */
  t(text: Text): string {
    return text[this.#language];
  }

  /** Tells who listens, where the element stands: what is within another's shadow is his alone. */
  tell(name: string, detail: unknown = undefined): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true }));
  }
}

/** A property whose attribute is a text: the usual one, where the attribute is taken away. */
export const word = (usual: string) => ({ converter: { fromAttribute: (text: string | null) => text ?? usual } });

/** Defines an element, once: a page may load the script twice. */
export function define(name: string, element: CustomElementConstructor): void {
  if (!customElements.get(name)) customElements.define(name, element);
}
