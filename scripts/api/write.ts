// The files of docs/api: a page for each section of the entries, an index, and the links between them.
import { publicMembers } from "./comments.ts";
import { Anchors } from "./markdown.ts";
import { MADE, memberName, memberSections, oneLine, sectionsOf, Writer } from "./page.ts";
import { compare, type Sources } from "./sources.ts";

/** The files of docs/api by their names. */
export function writeReference(sources: Sources): Map<string, string> {
  const links = linksOf(sources);
  const pages = sources.pages.map((page) => [`${page.name}.md`, new Writer(sources, links, page).page()] as const);
  return new Map([["README.md", indexText(sources, links)], ...pages]);
}

/** Where `dense` and `Model.fit` stand: the page's file and the anchor. Another page may have the same name: `matrix add`. */
function linksOf({ pages }: Sources): Map<string, string> {
  const links = new Map<string, string>();
  for (const page of pages) {
    const anchors = new Anchors();
    const add = (name: string, anchor: string): void => {
      const link = `${page.name}.md#${anchor}`;
      for (const key of [name, `${page.name} ${name}`]) if (!links.has(key)) links.set(key, link);
    };
    anchors.next(page.title);
    for (const { name, declarations } of sectionsOf(page)) {
      const anchor = anchors.next(name);
      add(name, anchor);
      for (const member of memberSections(declarations).keys()) {
        add(`${name}.${member}`, anchors.next(`${name}.${member}`));
      }
      // members in tables have no anchor of their own
      for (const member of declarations.flatMap(publicMembers)) add(`${name}.${memberName(member)}`, anchor);
    }
  }
  return links;
}

function indexText({ pages }: Sources, links: ReadonlyMap<string, string>): string {
  const rows = pages.map((page) => {
    const text = oneLine(page.introduction.split(/(?<=\.)\s/)[0] ?? "");
    return `| [${page.title}](${page.name}.md) | \`${page.entry}\` | ${text} |`;
  });
  const all = pages
    .flatMap((page) => page.exports.map(({ name }) => ({ name, page })))
    .toSorted((a, b) => compare(a.name, b.name))
    .map(({ name, page }, _, names) => {
      const isAlone = names.filter((other) => other.name === name).length === 1;
      return `[${name}](${links.get(`${page.name} ${name}`)!})${isAlone ? "" : ` (\`${page.entry}\`)`}`;
    });
  return `${MADE}

# API reference

Everything that can be imported, with its options and their defaults, what it throws, and an example.

| page | import from | |
| --- | --- | --- |
${rows.join("\n")}

## All names

${all.join(" ·\n")}
`;
}
