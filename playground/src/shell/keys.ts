// The keyboard. Off while something that takes keys has the focus.
import type { Text } from "./text.ts";

export interface Key {
  /** As in KeyboardEvent.key, "Shift+" in front where it is meant: "ArrowRight", "Shift+U", "?". */
  readonly key: string;
  readonly says: Text;
  readonly press: () => void;
}

const all: Key[] = [];

/** Adds keys; a later one of the same name goes before an earlier one. Gives the function that takes them away. */
export function onKeys(keys: readonly Key[]): () => void {
  all.unshift(...keys);
  return () => {
    for (const key of keys) all.splice(all.indexOf(key), 1);
  };
}

/** Those that work now. */
export const keysNow = (): readonly Key[] => all.filter(({ key }, i) => all.findIndex((k) => k.key === key) === i);

const TYPES_IN = "input, select, textarea, [contenteditable], dialog[open]";

if (typeof document !== "undefined") {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.composedPath()[0];
    if (!(target instanceof Element)) return;
    const typing = target.closest(TYPES_IN);
    if (typing && !(typing instanceof HTMLInputElement && ["checkbox", "radio"].includes(typing.type))) return;
    // buttons and links have a meaning of their own for these
    if ((event.key === " " || event.key === "Enter") && target.closest("button, a, summary, label, [role=gridcell]"))
      return;
    if (event.key.startsWith("Arrow") && target.closest("[role=grid], [role=slider], [role=tablist]")) return;
    const letter = event.key.length === 1;
    const name =
      event.shiftKey && !(letter && /[^a-z]/i.test(event.key))
        ? `Shift+${letter ? event.key.toUpperCase() : event.key}`
        : event.key;
    const found = keysNow().find(
      ({ key }) => key === name || (letter && !event.shiftKey && key.toLowerCase() === name.toLowerCase()),
    );
    if (!found) return;
    event.preventDefault();
    found.press();
  });
}
