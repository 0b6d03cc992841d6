// What a page shows is in its URL, after `#`: the one place that is read at the start, and the one writer of it afterwards.
import type { Text } from "./text.ts";

/** A setting in the URL: how its text is read, and written. */
export interface Setting<T> {
  readonly initial: T;
  /** Undefined: not understood. */
  readonly read: (text: string) => T | undefined;
  /** A text that `read` understands, whatever the value is. */
  readonly write: (value: T) => string;
  /** Why that text isn't the whole value; undefined: it is. */
  readonly lacks?: (value: T) => Text | undefined;
  /** Back undoes a change of it. */
  readonly step?: boolean;
}

/** A setting of any type. */
export interface AnySetting {
  readonly initial: unknown;
  readonly read: (text: string) => unknown;
  readonly write: (value: never) => string;
  readonly lacks?: (value: never) => Text | undefined;
  readonly step?: boolean;
}

type Settings = Readonly<Record<string, AnySetting>>;
type Values<S extends Settings> = { -readonly [K in keyof S]: S[K] extends Setting<infer T> ? T : never };

/** A text that was not understood. */
export interface Misread {
  readonly key: string;
  readonly text: string;
  readonly used: string;
}

/** Browsers slow down who writes the URL more often. */
const WAIT = 250;

/** The state of a page: values by the names of the URL's keys, in the order of `settings`. */
export class State<S extends Settings> {
  readonly #settings: S;
  readonly #values: Values<S>;
  readonly #listeners: { readonly keys: readonly (keyof S)[]; readonly changed: () => void }[] = [];
  /** Keys that this page doesn't know: kept for those who do. */
  #unknown = new URLSearchParams();
  #misread: Misread[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #push = false;
  /** The address as it was last read or written. */
  #seen = "";
  /** Is called when the address no longer holds all of a value. */
  onLack: (what: Text) => void = () => undefined;

  constructor(settings: S) {
    this.#settings = settings;
    this.#values = {} as Values<S>;
    this.#readUrl();
    addEventListener("hashchange", () => {
      const before = { ...this.#values };
      this.#readUrl();
      this.#tell(
        (Object.keys(settings) as (keyof S)[]).filter((key) => !this.#same(key, before[key], this.#values[key])),
      );
    });
    addEventListener("pagehide", () => this.#write());
  }

  /** What in the URL was not understood. */
  get misread(): readonly Misread[] {
    return this.#misread;
  }

  /** What the address doesn't hold, if there is something. */
  get lacks(): Text | undefined {
    const keys: (keyof S)[] = Object.keys(this.#settings);
    return keys.map((key) => this.#lacks(key, this.#values[key])).find((what) => what !== undefined);
  }

  get<K extends keyof S>(key: K): Values<S>[K] {
    return this.#values[key];
  }

  set(patch: Partial<Values<S>>): void {
    const changed = (Object.keys(patch) as (keyof S)[]).filter(
      (key) => !this.#same(key, patch[key] as Values<S>[typeof key], this.#values[key]),
    );
    if (changed.length === 0) return;
    const before = this.lacks;
    Object.assign(this.#values, patch);
    const { lacks } = this;
    if (lacks && lacks !== before) this.onLack(lacks);
    this.#push ||= changed.some((key) => this.#settings[key]!.step);
    this.#timer ??= setTimeout(() => this.#write(), WAIT);
    this.#tell(changed);
  }

  /** Calls back after a change of any of the keys. */
  on(keys: readonly (keyof S)[], changed: () => void): void {
    this.#listeners.push({ keys, changed });
  }

  /** The URL's part after `#` for these values. */
  hash(): string {
    const parts = (Object.keys(this.#settings) as (keyof S & string)[]).flatMap((key) => {
      const text = this.#text(key, this.#values[key]);
      return text === this.#text(key, this.#settings[key]!.initial as Values<S>[typeof key])
        ? []
        : [`${key}=${encodeURIComponent(text)}`];
    });
    // not URLSearchParams' own writing: that of a space is "+", which is read as a plus
    const unknown = [...this.#unknown].map((pair) => pair.map(encodeURIComponent).join("="));
    return [...parts, ...unknown].join("&");
  }

  /** The page's address as it now is. */
  get url(): string {
    const hash = this.hash();
    return location.href.replace(/#.*$/, "") + (hash && `#${hash}`);
  }

  #text<K extends keyof S>(key: K, value: Values<S>[K]): string {
    return (this.#settings[key] as unknown as Setting<Values<S>[K]>).write(value);
  }

  #lacks<K extends keyof S>(key: K, value: Values<S>[K]): Text | undefined {
    return (this.#settings[key] as unknown as Setting<Values<S>[K]>).lacks?.(value);
  }

  #same<K extends keyof S>(key: K, a: Values<S>[K], b: Values<S>[K]): boolean {
    if (Object.is(a, b)) return true;
    return this.#text(key, a) === this.#text(key, b) && !this.#lacks(key, a) && !this.#lacks(key, b);
  }

  #readUrl(): void {
    this.#seen = location.href;
    const given = new URLSearchParams(location.hash.slice(1).replaceAll("+", "%2B"));
    this.#misread = [];
    for (const key of Object.keys(this.#settings) as (keyof S & string)[]) {
      const setting = this.#settings[key] as unknown as Setting<Values<S>[typeof key]>;
      const [text = null, ...again] = given.getAll(key);
      given.delete(key);
      const value = text === null ? setting.initial : setting.read(text);
      if (value === undefined) this.#misread.push({ key, text: text!, used: setting.write(setting.initial) });
      // of several, the first one counts
      const other = again.find((one) => one !== text);
      if (value !== undefined && other !== undefined) this.#misread.push({ key, text: other, used: text! });
      this.#values[key] = value ?? setting.initial;
    }
    this.#unknown = given;
    // the address says what the page shows
    if (this.#misread.length > 0) this.#timer ??= setTimeout(() => this.#write(), WAIT);
  }

  #write(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const push = this.#push;
    this.#push = false;
    // whoever goes back has another address at once, and the event that has it read comes later: that address stays
    if (location.href !== this.#seen) return;
    const { url } = this;
    if (url !== location.href) history[push ? "pushState" : "replaceState"](null, "", url);
    this.#seen = location.href;
  }

  #tell(changed: readonly (keyof S)[]): void {
    for (const { keys, changed: call } of this.#listeners) if (keys.some((key) => changed.includes(key))) call();
  }
}

/** A number within limits. */
export function numeric(
  initial: number,
  { least = -Infinity, most = Infinity, integer = false }: { least?: number; most?: number; integer?: boolean } = {},
): Setting<number> {
  return {
    initial,
    read: (text) => {
      const number = text.trim() === "" ? Number.NaN : Number(text);
      return number >= least && number <= most && (!integer || Number.isInteger(number)) ? number : undefined;
    },
    write: String,
  };
}

/** The updates that were made: beyond those that an address asks for at most, training may go on. */
export function updatesMade(initial: number, most: number): Setting<number> {
  const lacking = tooManyUpdates(most);
  return {
    ...numeric(initial, { least: 0, most, integer: true }),
    write: (made) => String(Math.min(made, most)),
    lacks: (made) => (made > most ? lacking : undefined),
  };
}

/** What an address lacks after more updates than it asks for. */
export const tooManyUpdates = (most: number): Text => ({
  en: `An address asks for ${most} updates at most: those beyond are in this open page alone, and end with it.`,
  zh: `网址最多只能要求 ${most} 次更新：超出的部分只在这个打开的页面里，页面关闭或重新加载后就没有了。`,
});

/** One of a few words. */
export function choice<const W extends string>(words: readonly W[], initial: W, step = false): Setting<W> {
  return { initial, read: (text) => words.find((word) => word === text), write: (word) => word, step };
}

/** Yes or no: 1 or 0. */
export function flag(initial: boolean): Setting<boolean> {
  const read = (text: string): boolean | undefined => (text === "1" ? true : text === "0" ? false : undefined);
  return { initial, read, write: (yes) => (yes ? "1" : "0") };
}
