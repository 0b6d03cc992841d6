// Doc comments: their text and their tags, as they were written.
import ts from "typescript";

export interface Tag {
  /** Without the @. */
  readonly name: string;
  readonly text: string;
}

export interface Doc {
  /** What comes before the first tag. */
  readonly text: string;
  readonly tags: readonly Tag[];
}

/** The doc comment of a declaration, if there is one. */
export function docOf(node: ts.Node): Doc | undefined {
  const comment = ts.getJSDocCommentsAndTags(node).findLast((part) => ts.isJSDoc(part));
  return comment && parseDoc(comment.getText());
}

/** A comment from its slash to its slash. What stands in a block of code is no tag. */
export function parseDoc(comment: string): Doc {
  const lines = comment
    .replace(/^\/\*\*[ \t]?/, "")
    .replace(/\s*\*\/$/, "")
    .split("\n");
  const parts: { name: string; lines: string[] }[] = [{ name: "", lines: [] }];
  let inCode = false;
  for (const line of lines.map((text) => text.replace(/^\s*\* ?/, ""))) {
    if (line.startsWith("```")) inCode = !inCode;
    const tag = inCode ? null : /^\s*@(\w+)\s?(.*)$/.exec(line);
    if (tag) parts.push({ name: tag[1]!, lines: [tag[2]!] });
    else parts.at(-1)!.lines.push(line);
  }
  const [first, ...tags] = parts.map(({ name, lines: text }) => ({ name, text: text.join("\n").trim() }));
  return { text: first!.text, tags };
}

/** Is it kept out of the library's types? */
export function isInternal(node: ts.Node): boolean {
  return docOf(node)?.tags.some(({ name }) => name === "internal") ?? false;
}

/** `options.rate` and its text. */
export function paramOf({ text }: Tag): { readonly name: string; readonly text: string } {
  const [, name = "", rest = ""] = /^([\w$.]*)\s*(?:- )?([\s\S]*)$/.exec(text) ?? [];
  return { name, text: rest };
}

/** `{RangeError} if ...`: the types, and when. No types if the braces are missing. */
export function throwsOf({ text }: Tag): { readonly types: readonly string[]; readonly text: string } {
  const [, types, rest] = /^\{([^{}]+)\}\s*([\s\S]*)$/.exec(text) ?? [];
  return types === undefined
    ? { types: [], text }
    : { types: types.split("|").map((type) => type.trim()), text: rest! };
}

/** `{@link Model}`, `{@link Model.fit | its loop}`, `{@link https://example.org a page}` */
export const LINK = /\{@link\s+([^\s|}]+)\s*\|?\s*([^}]*)\}/g;

/** The members of a class, interface or object type that users may see. */
export function publicMembers(node: ts.Node): (ts.ClassElement | ts.TypeElement)[] {
  if (!ts.isClassDeclaration(node) && !ts.isInterfaceDeclaration(node) && !ts.isTypeLiteralNode(node)) return [];
  const hidden = ts.ModifierFlags.Private | ts.ModifierFlags.Protected;
  return [...node.members].filter((member) => {
    if (ts.isClassStaticBlockDeclaration(member) || (member.name && ts.isPrivateIdentifier(member.name))) return false;
    return !(ts.getCombinedModifierFlags(member) & hidden) && !isInternal(member);
  });
}
