// The code in the documents: fenced blocks, and the examples of doc comments.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface Snippet {
  /** Where it is: file and line. */
  readonly where: string;
  readonly code: string;
}

/** The ```ts blocks of a Markdown file. */
export function fencedBlocks(file: string): Snippet[] {
  const text = readFileSync(file, "utf8");
  return [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map((match) => ({
    where: `${file}:${text.slice(0, match.index).split("\n").length}`,
    code: match[1]!,
  }));
}

/**
 * The code of a section: what is between its heading and the next.
 *
 * @param language what its fence says, such as "js"
 * @param count which of several, from 0
 */
export function codeIn(file: string, heading: string, language: string, count = 0): string {
  const text = readFileSync(join(import.meta.dirname, "../..", file), "utf8");
  const [, section] = new RegExp(`^#+ ${heading}\\n([\\s\\S]*?)(?=^#|(?![\\s\\S]))`, "m").exec(text) ?? [];
  const found = [...(section ?? "").matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, "gm"))][count];
  if (!found) throw new Error(`${file} has no ${language} below "${heading}"`);
  return found[1]!;
}

/** The @example parts of all doc comments below a folder. */
export function docExamples(folder: string): Snippet[] {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
  return files.toSorted().flatMap((file) => {
    const text = readFileSync(join(folder, file), "utf8");
    return [...text.matchAll(/\/\*\*[\s\S]*?\*\//g)].flatMap((comment) =>
      [...comment[0].matchAll(/@example([\s\S]*?)(?=\n \* @|\*\/)/g)].map((match) => ({
        where: `${join(folder, file)}:${text.slice(0, comment.index + match.index).split("\n").length}`,
        code: match[1]!.replaceAll(/^\s*\* ?/gm, "").trim(),
      })),
    );
  });
}

/** What Markdown and the HTML within link to, but for other places on the web. Code links to nothing. */
export function relativeLinks(text: string): string[] {
  const links = [...text.replaceAll(/^```[\s\S]*?^```$/gm, "").matchAll(/\]\(([^)]+)\)|(?:src|href)="([^"]+)"/g)].map(
    ([, inText, inTag]) => (inText ?? inTag)!,
  );
  return links.filter((link) => !/^[a-z]+:/.test(link));
}
