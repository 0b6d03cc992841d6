// Texts in two languages, which stand side by side where they are used.

/** Languages of the lessons. */
export type Language = "en" | "zh";

/** A text in each language. */
export type Text = Readonly<Record<Language, string>>;

/** Everything that is written goes through a voice, which knows the language. */
export interface Voice {
  readonly language: Language;
  /** Writes a paragraph, with an empty line after it. */
  say(text: Text): void;
  /** Writes a heading. */
  head(text: Text): void;
  /** Writes lines as they are, with an empty line after them. */
  show(lines: string): void;
  /** The text in the language. */
  of(text: Text): string;
}

/** A voice that writes lines with `write`, and headings in bold. */
export function voice(language: Language, write: (line: string) => void, bold: (text: string) => string): Voice {
  const of = (text: Text): string => text[language];
  return {
    language,
    of,
    say: (text) => write(`${of(text)}\n`),
    head: (text) => write(`${bold(of(text))}\n`),
    show: (lines) => write(`${lines}\n`),
  };
}
