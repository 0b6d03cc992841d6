// What the elements make of a page: nodes whose text is text, styles that a Content-Security-Policy doesn't see, one redraw a frame.

const SVG = "http://www.w3.org/2000/svg";

/** Words, or what is made of them. Words become text nodes: names of classes and metrics come from strangers. */
type Child = Node | string;

/** An element of HTML. */
export function html<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  return filled(document.createElement(tag), attributes, children);
}

/** An element of SVG. Its attributes are no styles, which a policy may forbid. */
export function svg(
  tag: string,
  attributes: Readonly<Record<string, string | number>>,
  ...children: readonly Child[]
): SVGElement {
  return filled(document.createElementNS(SVG, tag) as SVGElement, attributes, children);
}

function filled<T extends Element>(
  element: T,
  attributes: Readonly<Record<string, string | number>>,
  children: readonly Child[],
): T {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

/** The shadow of an element, with its styles: a sheet that is made here is not an inline style. */
export function shadowOf(element: HTMLElement, css: string): ShadowRoot {
  const shadow = element.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  shadow.adoptedStyleSheets = [sheet];
  return shadow;
}

/** A function that has `draw` called once before the next frame, however often it is called itself. */
export function oncePerFrame(draw: () => void): () => void {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      draw();
    });
  };
}

/** Colours of both elements. A page may set the variables; `theme="light"` or `theme="dark"` overrules the system's choice. */
const LIGHT = `
  --_surface: var(--wasmgrad-surface, #ffffff); --_ink: var(--wasmgrad-ink, #1b1f24); --_muted: var(--wasmgrad-muted, #57606a);
  --_line: var(--wasmgrad-line, #e4e7eb); --_axis: #afb8c1; --_bad: #b42318;
  --_c0: #1f6fd6; --_c1: #c4500b; --_c2: #0f7b55; --_c3: #8847c7; --_c4: #8a6100;
  --_right: 26 98 196; --_wrong: 176 66 5; color-scheme: light;`;
const DARK = `
  --_surface: var(--wasmgrad-surface, #15181d); --_ink: var(--wasmgrad-ink, #e8ebef); --_muted: var(--wasmgrad-muted, #a2abb6);
  --_line: var(--wasmgrad-line, #2a3038); --_axis: #59636e; --_bad: #ff8a80;
  --_c0: #6cb0ff; --_c1: #ff9d5c; --_c2: #4fcf9b; --_c3: #c79bff; --_c4: #e3bd52;
  --_right: 108 176 255; --_wrong: 255 157 92; color-scheme: dark;`;
export const colours = (): string => `
  :host { ${LIGHT} }
  @media (prefers-color-scheme: dark) { :host(:not([theme="light"])) { ${DARK} } }
  :host([theme="dark"]) { ${DARK} }
  :host { display: block; box-sizing: border-box; margin-block: 12px; padding: 12px; border: 1px solid var(--_line); border-radius: 10px;
    background: var(--_surface); color: var(--_ink); font: 13px/1.45 var(--wasmgrad-font, system-ui, sans-serif);
    font-variant-numeric: tabular-nums; }
  :host([hidden]) { display: none; }
  .empty { margin: 0; padding: 28px 8px; text-align: center; color: var(--_muted); }`;
