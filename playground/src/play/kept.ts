// The user's own tables and models, under a name: in the browser's storage where it lets us, else as long as the page is open.

export interface Kept {
  /** x1 and x2 of each point, and its class or value. */
  readonly points?: { readonly x: Float32Array; readonly y: Float32Array };
  /** Classes' names by their numbers. */
  readonly names?: readonly string[];
  /** All parameters of a model, in their order. */
  readonly weights?: Float32Array;
}

/** What is known already: settings are read at once, storage isn't. */
const known = new Map<string, Kept>();

/** What is kept under a name, once it was opened. */
export const keptNow = (name: string): Kept | undefined => known.get(name);

/** Weights that are kept, by their names: links say those. */
const names = new WeakMap<Float32Array, string>();
export const nameOfWeights = (weights: Float32Array): string | undefined => names.get(weights);

/** A name as it may stand in a link. */
export const nameFrom = (text: string): string => {
  const plain = text
    .replace(/\.[a-z0-9]{1,12}$/i, "")
    .replaceAll(/[^\p{L}\p{N}_ .-]+/gu, " ")
    .trim();
  // whole characters: half of one can't stand in a link
  return [...plain].slice(0, 40).join("").trim() || "table";
};

function note(name: string, kept: Kept): void {
  known.set(name, kept);
  if (kept.weights) names.set(kept.weights, name);
}

async function store() {
  const { createStore, get, set } = await import("idb-keyval");
  return { its: createStore("wasmgrad-play", "kept"), get, set };
}

/** Keeps something under a name. Gives false where the browser doesn't: it is then there until the page is closed. */
export async function keep(name: string, kept: Kept): Promise<boolean> {
  note(name, kept);
  try {
    const { its, set } = await store();
    await set(name, kept, its);
    return true;
  } catch {
    return false; // full, or forbidden
  }
}

/** Gets what is kept under a name; undefined: nothing, at least not here. */
export async function open(name: string): Promise<Kept | undefined> {
  if (known.has(name)) return known.get(name);
  try {
    const { its, get } = await store();
    const kept = await get<Kept>(name, its);
    if (kept) note(name, kept);
    return kept;
  } catch {
    return undefined;
  }
}

/** What the address speaks of and isn't opened yet: `data=mine:sales`, `w=mine:sales`. */
export function unopened(): string[] {
  const given = new URLSearchParams(location.hash.slice(1));
  const wanted = ["data", "w"].flatMap((key) => /^mine:(.+)$/.exec(given.get(key) ?? "")?.[1] ?? []);
  return wanted.filter((name) => !known.has(name));
}

/** Opens that. */
export async function openKept(): Promise<void> {
  await Promise.all(unopened().map(open));
}
