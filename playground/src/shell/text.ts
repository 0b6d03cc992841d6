// Texts in two languages, which stand side by side where they are used: one that lacks a language is a type error.

export type Language = "en" | "zh";

/** A text in each language. */
export type Text = Readonly<Record<Language, string>>;

/** The language of a page's `lang`. */
export const languageOf = (lang: string): Language => (/^zh\b/i.test(lang) ? "zh" : "en");

/** The document's language. */
export const language: Language = typeof document === "undefined" ? "en" : languageOf(document.documentElement.lang);

/** The text in the document's language. */
export const T = (text: Text): string => text[language];

/** The same in both languages: names, formulas. */
export const same = (text: string): Text => ({ en: text, zh: text });

/** What the library or the browser says, in English, within a text of that language: in Chinese it is named as a quotation. */
export const quoted = (english: string, into: Language = language): string =>
  into === "zh" ? `原文：${english}` : english;
