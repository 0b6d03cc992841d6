// Explain everything: each kind of mark on the screen has a sentence. An element says `data-mark="scale"`; `?` shows what it means.
import type { Text } from "./text.ts";

const texts = new Map<string, Text>();

/** Adds the sentences of a view's marks, by name. */
export function explainMarks(marks: Readonly<Record<string, Text>>): void {
  for (const [name, text] of Object.entries(marks)) texts.set(name, text);
}

/** What a mark means. */
export const markText = (name: string): Text | undefined => texts.get(name);

/** All elements below a root that have a mark, those within elements of their own included. */
export function markedIn(root: ParentNode): HTMLElement[] {
  const all = [...root.querySelectorAll<HTMLElement>("*")];
  return all.flatMap((element) => [
    ...(element.dataset?.["mark"] === undefined ? [] : [element]),
    ...(element.shadowRoot ? markedIn(element.shadowRoot) : []),
  ]);
}
