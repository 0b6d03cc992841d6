// A page of the reference: a section for each export.
import ts from "typescript";
import { type Doc, docOf, isInternal, LINK, paramOf, publicMembers, throwsOf } from "./comments.ts";
import {
  declaredType,
  hiddenInterfaces,
  hiddenTypes,
  parameterRows,
  returnText,
  type Row,
  signaturesOf,
  signatureText,
  typeText,
} from "./signatures.ts";
import { compare, type Export, type Page, type Sources } from "./sources.ts";

export const MADE = "<!-- Made from the doc comments in src by `npm run docs`: change those instead. -->";

/** Functions first, in the order of the alphabet; then classes; then types. */
export function sectionsOf(page: Page): Export[] {
  const rank = ({ symbol }: Export): number =>
    symbol.flags & ts.SymbolFlags.Class ? 1 : symbol.flags & ts.SymbolFlags.Value ? 0 : 2;
  return page.exports.toSorted((a, b) => rank(a) - rank(b) || compare(a.name, b.name));
}

/** Members with a section of their own, beside a class's other properties and an interface's other methods. */
export function hasSection(member: ts.ClassElement | ts.TypeElement): boolean {
  if (ts.isMethodDeclaration(member)) return true;
  return ts.isMethodSignature(member) && (docOf(member)?.tags.length ?? 0) > 0;
}

export const memberName = (member: ts.ClassElement | ts.TypeElement): string => member.name?.getText() ?? "";

/** Sections of members: overloads have one. */
export function memberSections(declarations: readonly ts.Declaration[]): Map<string, ts.SignatureDeclaration[]> {
  const sections = new Map<string, ts.SignatureDeclaration[]>();
  for (const member of declarations.flatMap(publicMembers).filter(hasSection)) {
    const name = memberName(member);
    sections.set(name, [...(sections.get(name) ?? []), member as ts.Node as ts.SignatureDeclaration]);
  }
  return sections;
}

export const oneLine = (text: string): string => text.replaceAll(/\s*\n\s*/g, " ").replaceAll("|", "\\|");

/** What GitHub would take for a tag is text. */
const plain = (text: string): string =>
  text.replaceAll(/`[^`]*`|<(?=[a-zA-Z/])/g, (match) => (match === "<" ? "\\<" : match));

const code = (text: string): string => `\`\`\`ts\n${text}\n\`\`\``;

export class Writer {
  readonly #sources: Sources;
  readonly #links: ReadonlyMap<string, string>;
  readonly #page: Page;

  constructor(sources: Sources, links: ReadonlyMap<string, string>, page: Page) {
    this.#sources = sources;
    this.#links = links;
    this.#page = page;
  }

  page(): string {
    const { title, introduction, entry } = this.#page;
    const sections = sectionsOf(this.#page);
    const list = (wanted: boolean): string =>
      sections
        .filter(({ symbol }) => !(symbol.flags & ts.SymbolFlags.Value) === wanted)
        .map(({ name }) => `[${name}](${this.#link(name)!})`)
        .join(" ·\n");
    const lists = [list(false), list(true)];
    const heads = [`Import from \`${entry}\`:\n${lists[0]}`, `Types:\n${lists[1]}`].filter((_, i) => lists[i] !== "");
    const parts = [
      MADE,
      `# ${title}`,
      this.#text(introduction),
      ...heads,
      ...sections.flatMap((one) => this.#section(one)),
    ];
    return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
  }

  #section({ name, declarations }: Export): string[] {
    const signatures = signaturesOf(declarations);
    if (signatures.length > 0) return [`## ${name}`, ...this.#function(name, signatures, this.#hidden(signatures))];
    return [
      `## ${name}`,
      ...declarations.flatMap((node) => this.#declaration(name, node)),
      ...this.#members(name, declarations),
    ];
  }

  #declaration(name: string, node: ts.Declaration): string[] {
    const doc = docOf(node);
    const about = this.#about(doc);
    if (ts.isVariableDeclaration(node)) return [code(`const ${name}: ${declaredType(node, this.#sources)}`), ...about];
    if (ts.isTypeAliasDeclaration(node))
      return [code([aliasOf(node), ...this.#hidden([node, ...this.#inherited(node)])].join("\n\n")), ...about];
    if (!ts.isClassDeclaration(node) && !ts.isInterfaceDeclaration(node)) return about;
    const heritage = (node.heritageClauses ?? []).map((clause) => ` ${clause.getText()}`).join("");
    const kind = ts.isClassDeclaration(node) ? "class" : "interface";
    const head = genericsOf(node) + heritage === "" ? [] : [`${kind} ${name}${genericsOf(node)}${heritage}`];
    const hidden = this.#hidden(publicMembers(node));
    const constructors = signaturesOf(
      node.members.filter((one) => ts.isConstructorDeclaration(one) && !isInternal(one)),
    );
    const made = constructors.length > 0 ? this.#function(`new ${name}`, constructors) : [];
    const first = head.length + hidden.length > 0 ? [code([...head, ...hidden].join("\n\n"))] : [];
    return [...first, ...this.#about(doc, made)];
  }

  /** Declarations of types that can't be imported, but that must be known. */
  #hidden(nodes: readonly ts.Node[]): string[] {
    return [...new Set(nodes.flatMap((node) => hiddenTypes(node, this.#sources)))].map(aliasOf);
  }

  /** The table of properties, and the methods. */
  #members(name: string, declarations: readonly ts.Declaration[]): string[] {
    const own = declarations.flatMap(publicMembers);
    const inherited = declarations.flatMap((node) => this.#inherited(node));
    const rows = [...own, ...inherited].flatMap((member) => (hasSection(member) ? [] : this.#memberRow(member)));
    const methods = [...memberSections(declarations)].flatMap(([member, signatures]) => [
      `### ${name}.${member}`,
      ...this.#function(member, signatures),
    ]);
    return [...this.#table("member", rows), ...methods];
  }

  /** What comes from interfaces that have no section. */
  #inherited(node: ts.Declaration): (ts.ClassElement | ts.TypeElement)[] {
    if (ts.isTypeAliasDeclaration(node)) return hiddenInterfaces(node.type, this.#sources).flatMap(publicMembers);
    if (!ts.isInterfaceDeclaration(node)) return [];
    const { checker, pageOf } = this.#sources;
    const bases = (node.heritageClauses ?? []).flatMap(({ types }) => [...types]);
    return bases.flatMap((base) => {
      const { symbol } = checker.getTypeAtLocation(base);
      if (!symbol || pageOf.has(symbol)) return [];
      const found = symbol.declarations ?? [];
      return [...found.flatMap(publicMembers), ...found.flatMap((one) => this.#inherited(one))];
    });
  }

  #memberRow(member: ts.ClassElement | ts.TypeElement): Row[] {
    const doc = docOf(member);
    const text = this.#cell(doc);
    const name = memberName(member);
    const optional = "questionToken" in member && member.questionToken ? "?" : "";
    if (ts.isIndexSignatureDeclaration(member)) {
      const [key] = member.parameters;
      return [{ name: `[${key!.getText()}]`, type: typeText(member.type, this.#sources), text }];
    }
    if (ts.isMethodSignature(member)) {
      return [
        {
          name: `${name}${optional}`,
          type: signatureText("", member, this.#sources).replaceAll(/\s*\n\s*/g, " "),
          text,
        },
      ];
    }
    if (ts.isGetAccessor(member)) return [{ name, type: declaredType(member, this.#sources), text }];
    if (!ts.isPropertySignature(member) && !ts.isPropertyDeclaration(member)) return [];
    return [{ name: `${name}${optional}`, type: declaredType(member, this.#sources), text }];
  }

  #function(name: string, signatures: readonly ts.SignatureDeclaration[], hidden: readonly string[] = []): string[] {
    const texts = signatures.map((node) => signatureText(name, node, this.#sources));
    const documented = signatures.filter((node) => docOf(node));
    return [
      code([texts.join("\n"), ...hidden].join("\n\n")),
      ...documented.flatMap((node) => this.#about(docOf(node), this.#callParts(node))),
    ];
  }

  #callParts(node: ts.SignatureDeclaration): string[] {
    const rows = parameterRows(node, this.#sources);
    const told = rows.some(({ text }) => text !== "");
    const returns = docOf(node)?.tags.find((tag) => tag.name === "returns")?.text;
    const type = ts.isConstructorDeclaration(node) ? "" : this.#linked(returnText(node, this.#sources));
    const worth = returns !== undefined || type.includes("](");
    return [
      ...(told ? this.#table("parameter", rows) : []),
      ...(worth && type !== ""
        ? [`**Returns** ${type}${returns === undefined ? "" : `: ${this.#text(returns)}`}`]
        : []),
    ];
  }

  /** The text of a comment and its tags; `parts` come between them. */
  #about(doc: Doc | undefined, parts: readonly string[] = []): string[] {
    const tags = (name: string): string[] =>
      (doc?.tags ?? []).filter((tag) => tag.name === name).map(({ text }) => text);
    const thrown = (doc?.tags ?? []).filter(({ name }) => name === "throws").map((tag) => this.#thrown(throwsOf(tag)));
    const see = tags("see").map((text) => this.#text(text));
    return [
      ...tags("deprecated").map((text) => `**Deprecated.** ${this.#text(text)}`),
      ...(doc && doc.text !== "" ? [this.#text(doc.text)] : []),
      ...parts,
      ...listed("Throws", thrown),
      ...tags("example").map((text) => `**Example**\n\n${text.startsWith("```") ? text : code(text)}`),
      ...listed("See", see),
    ];
  }

  #thrown({ types, text }: ReturnType<typeof throwsOf>): string {
    return [types.map((type) => this.#linked(type)).join(" or "), this.#text(text)]
      .filter((part) => part !== "")
      .join(" ");
  }

  /** A comment in a cell of a table. */
  #cell(doc: Doc | undefined): string {
    const tags = (doc?.tags ?? []).flatMap((tag) => {
      if (tag.name === "deprecated") return [`Deprecated: ${tag.text}`];
      if (tag.name === "throws") return [`Throws ${this.#thrown(throwsOf(tag))}.`];
      if (tag.name === "param") return [`\`${paramOf(tag).name}\`: ${paramOf(tag).text}.`];
      return tag.name === "see" ? [`See ${tag.text}.`] : [];
    });
    return [doc?.text ?? "", ...tags].filter((text) => text !== "").join(" ");
  }

  #table(head: string, rows: readonly Row[]): string[] {
    if (rows.length === 0) return [];
    const lines = rows.map(
      ({ name, type, text }) => `| \`${name}\` | ${oneLine(this.#linked(type))} | ${oneLine(this.#text(text))} |`,
    );
    return [[`| ${head} | type | |`, "| --- | --- | --- |", ...lines].join("\n")];
  }

  /** Text as Markdown, its `{@link}`s as links. */
  #text(text: string): string {
    return plain(text).replaceAll(LINK, (_, target: string, words: string) => {
      const link = /^https?:/.test(target) ? target : this.#link(target);
      const shown = words.trim() || (link === target ? target : `\`${target}\``);
      return link === undefined ? shown : `[${shown}](${link})`;
    });
  }

  #link(name: string): string | undefined {
    const link = this.#links.get(`${this.#page.name} ${name}`) ?? this.#links.get(name);
    return link?.startsWith(`${this.#page.name}.md#`) ? link.slice(`${this.#page.name}.md`.length) : link;
  }

  /** A type as code; names that have a section lead there. */
  #linked(type: string): string {
    if (type.includes("(")) return `\`${type}\``; // too long to be read in pieces
    const parts = type.split(/("[^"]*"|\b[A-Z]\w*\b)/).map((text) => ({
      text,
      link: /^[A-Z]/.test(text) ? this.#link(text) : undefined,
    }));
    // neighbours without a link are one piece of code
    let out = "";
    let run = "";
    const flush = (): void => {
      const [, before, text, after] = /^(\s*)([\s\S]*?)(\s*)$/.exec(run)!;
      out += text === "" ? before! : `${before}\`${text}\`${after}`;
      run = "";
    };
    for (const { text, link } of parts) {
      if (link === undefined) {
        run += text;
        continue;
      }
      flush();
      out += `[\`${text}\`](${link})`;
    }
    flush();
    return out;
  }
}

const genericsOf = ({
  typeParameters,
}: {
  readonly typeParameters?: ts.NodeArray<ts.TypeParameterDeclaration>;
}): string => (typeParameters ? `<${typeParameters.map((one) => one.getText()).join(", ")}>` : "");

function aliasOf(node: ts.TypeAliasDeclaration): string {
  const text = outdented(node.type);
  const type = text.startsWith("|") ? `\n  ${text.replaceAll("\n", "\n  ")}` : ` ${text}`;
  return `type ${node.name.text}${genericsOf(node)} =${type}`;
}

/** A type's source, from the margin of the line that it begins on. */
function outdented(node: ts.TypeNode): string {
  const file = node.getSourceFile();
  const start = node.getStart();
  const lineStart = file.text.lastIndexOf("\n", start) + 1;
  const margin = /^\s*/.exec(file.text.slice(lineStart, start))![0];
  return node.getText().replaceAll(`\n${margin}`, "\n");
}

function listed(head: string, items: readonly string[]): string[] {
  if (items.length === 0) return [];
  return [
    items.length === 1
      ? `**${head}** ${items[0]}`
      : `**${head}**\n\n${items.map((item) => `- ${item.replaceAll("\n", "\n  ")}`).join("\n")}`,
  ];
}
