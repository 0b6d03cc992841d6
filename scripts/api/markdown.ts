// Markdown as GitHub shows it: headings' anchors, links, and links that lead nowhere.
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

/** The anchors of headings, in their order: a second heading of a name gets `-1`, and so on. */
export class Anchors {
  readonly #seen = new Map<string, number>();

  /** The anchor of the next heading. */
  next(heading: string): string {
    const plain = heading.replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, "$1").replaceAll("`", "");
    const kept = plain
      .trim()
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{M}\p{N}_\- ]/gu, "");
    const base = kept.replaceAll(" ", "-");
    const count = this.#seen.get(base) ?? 0;
    this.#seen.set(base, count + 1);
    return count === 0 ? base : `${base}-${count}`;
  }
}

/** The text without what stands in code, comments and blocks of code; lines stay lines. */
function withoutCode(text: string): string {
  const blank = (match: string): string => match.replaceAll(/[^\n]/g, " ");
  return text
    .replaceAll(/^( *)(```+|~~~+)[\s\S]*?^ *\2[ \t]*$/gm, blank)
    .replaceAll(/<!--[\s\S]*?-->/g, blank)
    .replaceAll(/(`+)(?!`)(?:[^`]|(?!\1)`)*?\1(?!`)/g, blank);
}

/** Headings with their formatting, code aside. */
function anchorsOf(text: string): Set<string> {
  const anchors = new Anchors();
  const lines = text.replaceAll(/^( *)(```+|~~~+)[\s\S]*?^ *\2[ \t]*$/gm, "");
  const headings = [...lines.matchAll(/^ {0,3}#{1,6}[ \t]+(.+?)[ \t]*#*$/gm)].map((match) => anchors.next(match[1]!));
  const named = [...lines.matchAll(/<\w+\s[^>]*\b(?:id|name)="([^"]+)"/g)].map((match) => match[1]!);
  return new Set([...headings, ...named]);
}

const LINKS = [
  /\]\(\s*<?([^\s)>]+)>?(?:\s+"[^"]*")?\s*\)/g, // [text](target), ![text](target)
  /^ {0,3}\[[^\]]+\]:\s*<?([^\s>]+)>?/gm, // [name]: target
  /<(?:a|img|source)\s[^>]*\b(?:href|src)="([^"]+)"/g,
];

/** The links of the project's Markdown that lead to no file, or to no heading of it. */
export function brokenLinks(root: string): string[] {
  const anchors = new Map<string, Set<string>>();
  const anchorsIn = (file: string): Set<string> => {
    if (!anchors.has(file)) anchors.set(file, anchorsOf(readFileSync(file, "utf8")));
    return anchors.get(file)!;
  };
  return markdownFiles(root).flatMap((file) => {
    const text = withoutCode(readFileSync(file, "utf8"));
    const links = LINKS.flatMap((pattern) => [...text.matchAll(pattern)]).toSorted((a, b) => a.index - b.index);
    return links.flatMap((match) => {
      const link = match[1]!;
      const why = /^[a-z][a-z+.-]*:/i.test(link) ? undefined : whyBroken(root, file, link, anchorsIn);
      const line = text.slice(0, match.index).split("\n").length;
      return why === undefined ? [] : [`${relative(root, file)}:${line}: the link to ${link} is broken: ${why}`];
    });
  });
}

function whyBroken(
  root: string,
  file: string,
  link: string,
  anchorsIn: (file: string) => ReadonlySet<string>,
): string | undefined {
  const [path = "", anchor] = decodeURI(link).split("#");
  const target = path === "" ? file : path.startsWith("/") ? join(root, path) : resolve(dirname(file), path);
  const name = relative(root, target);
  if (name.startsWith("..")) return "it leaves the project";
  if (!existsSync(target)) return `there is no ${name}`;
  if (anchor === undefined || !target.endsWith(".md") || statSync(target).isDirectory()) return undefined;
  return anchorsIn(target).has(anchor) ? undefined : `${name} has no heading with the anchor #${anchor}`;
}

/** All Markdown of the project, but for what is installed, built or the tests' own. */
function markdownFiles(root: string, folder = root): string[] {
  const entries = readdirSync(folder, { withFileTypes: true }).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isFile()) return entry.name.endsWith(".md") ? [path] : [];
    const left = ["node_modules", "build", ".git", "0.1.0"].includes(entry.name); // what is frozen links to what has gone
    return entry.isDirectory() && !left ? markdownFiles(root, path) : [];
  });
}
