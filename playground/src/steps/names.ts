// Names of tensors, in a line of text and in labels.
import { html, nothing, type TemplateResult } from "lit";

/** Names of tensors in their parts: m.dw1' is of the optimizer's m, of the gradient of w, layer 1, after the update. */
export const NAME = /^(?:(.+)\.)?(d?)(\p{L}+?)(\d*)('*)$/u;

/** A tensor's name in a line of text: Z₁, dw₂, w₁′. */
export function nameHtml(name: string): TemplateResult {
  if (name === "loss") return html`L`;
  const [, of, d, letters, digits, primes] = NAME.exec(name) ?? [];
  if (!letters) return html`${name}`;
  const base = html`${d}${letters}${digits ? html`<sub>${digits}</sub>` : nothing}`;
  const mark = primes ? "′".repeat(primes.length) : nothing;
  return of ? html`${of}<sub>${d}${letters}${digits}</sub>${mark}` : html`${base}${mark}`;
}

/** The same in letters alone: for labels. */
export const nameText = (name: string): string => (name === "loss" ? "L" : name.replaceAll("'", "′"));
