// What is wrong with the doc comments: exports without one, parameters that don't exist, links that lead nowhere.
import { relative } from "node:path";
import ts from "typescript";
import { docOf, isInternal, LINK, paramOf, publicMembers, type Tag, throwsOf } from "./comments.ts";
import { hasSection } from "./page.ts";
import { hiddenInterfaces, signaturesOf, splitOptions } from "./signatures.ts";
import type { Sources } from "./sources.ts";

const TAGS = ["param", "returns", "throws", "see", "example", "deprecated", "internal", "template"];

/** A line for each fault: file, line, and what is wrong. */
export function faultsOf(sources: Sources): string[] {
  const faults = [...undocumented(sources), ...sources.files.flatMap((file) => commentFaults(file, sources))];
  return faults.map(({ node, text }) => `${placeOf(node, sources)}: ${text}`).toSorted(byPlace);
}

const byPlace = (a: string, b: string): number => a.localeCompare(b, "en", { numeric: true });

interface Fault {
  readonly node: ts.Node;
  readonly text: string;
}

function placeOf(node: ts.Node, { root }: Sources): string {
  const file = node.getSourceFile();
  return `${relative(root, file.fileName)}:${file.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
}

/** Exports, what they consist of, and the options that they take. */
function undocumented(sources: Sources): Fault[] {
  const seen = new Set<ts.Node>();
  const faults: Fault[] = [];
  const demand = (name: string, nodes: readonly ts.Node[]): void => {
    if (nodes.length === 0 || nodes.some((node) => (docOf(node)?.text ?? "") !== "") || seen.has(nodes[0]!)) return;
    seen.add(nodes[0]!);
    faults.push({ node: nodes[0]!, text: `${name} has no doc comment` });
  };
  const inside = (name: string, node: ts.Node): void => {
    const members = publicMembers(node).filter((member) => !ts.isSetAccessor(member));
    for (const member of members) {
      const own = ts.isConstructorDeclaration(member) ? "constructor" : (member.name?.getText() ?? "[index]");
      const overloads = members.filter((other) => other.name?.getText() === member.name?.getText());
      demand(`${name}.${own}`, ts.isConstructorDeclaration(member) ? [member] : overloads);
    }
    // the options of an interface's other methods are for authors of layers
    for (const member of members) {
      if (ts.isConstructorDeclaration(member) || (ts.isFunctionLike(member) && hasSection(member))) options(member);
    }
    if (!ts.isTypeAliasDeclaration(node)) return;
    inside(name, node.type);
    for (const hidden of hiddenInterfaces(node.type, sources)) inside(hidden.name.text, hidden);
  };
  const options = (node: ts.SignatureDeclaration): void => {
    const told = new Set((docOf(node)?.tags ?? []).map((tag) => paramOf(tag).name.split(".").at(-1)!));
    const properties = node.parameters
      .flatMap((parameter) => splitOptions(parameter, sources).options)
      .flatMap((type) => type.getProperties());
    const names = new Set(node.parameters.map(({ name }) => name.getText()));
    for (const { name, declarations = [] } of properties) {
      if (names.has(name) || told.has(name)) continue;
      demand(`${ownerOf(declarations[0])}.${name}`, declarations);
    }
  };
  for (const { name, declarations } of sources.pages.flatMap(({ exports }) => exports)) {
    const shown = signaturesOf(declarations);
    demand(name, shown.length > 0 ? shown : declarations);
    for (const node of declarations) inside(name, node);
    for (const node of shown) options(node);
  }
  return faults;
}

/** The interface, type or function that a property is written in. */
function ownerOf(node: ts.Node | undefined): string {
  for (let at = node?.parent; at; at = at.parent) {
    const name =
      ts.isInterfaceDeclaration(at) || ts.isTypeAliasDeclaration(at) || ts.isFunctionLike(at) ? at.name : undefined;
    if (name) return name.getText();
  }
  return "options";
}

/** The tags of all comments of a file. */
function commentFaults(file: ts.SourceFile, sources: Sources): Fault[] {
  const faults: Fault[] = [];
  const visit = (node: ts.Node): void => {
    if (hasOwnComment(node)) {
      const doc = docOf(node);
      const tell = (text: string): void => void faults.push({ node, text });
      if (doc) {
        for (const tag of doc.tags) tagFaults(tag, node, sources).forEach(tell);
        const prose = [doc.text, ...doc.tags.filter(({ name }) => name !== "example").map(({ text }) => text)];
        if (prose.some((text) => /(?:^|\s)see: /.test(text))) tell("a source is written as @see, not as see:");
        for (const text of [doc.text, ...doc.tags.map((tag) => tag.text)]) {
          for (const [, target] of text.matchAll(LINK)) linkFaults(target!, node, sources).forEach(tell);
        }
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return faults;
}

/** A variable is said to have its statement's comment, too: that is read once. */
const hasOwnComment = (node: ts.Node): boolean =>
  ts.getJSDocCommentsAndTags(node).some((part) => ts.isJSDoc(part) && part.parent === node);

function tagFaults(tag: Tag, node: ts.Node, sources: Sources): string[] {
  if (!TAGS.includes(tag.name)) return [`@${tag.name} is no tag that the reference knows: ${TAGS.join(", ")}`];
  if (tag.name === "throws") {
    const { types, text } = throwsOf(tag);
    return types.length > 0 && text !== ""
      ? []
      : [`@throws is written as {RangeError} if ..., got "${tag.text.split("\n")[0]}"`];
  }
  if (tag.name === "param") {
    const fault = paramFault(paramOf(tag).name, node, sources);
    return fault === undefined ? [] : [fault];
  }
  return tag.name === "internal" || tag.text !== "" ? [] : [`@${tag.name} says nothing`];
}

function paramFault(path: string, node: ts.Node, { checker }: Sources): string | undefined {
  const call = callOf(node);
  if (!call) return `@param ${path}, but what it stands at takes no parameters`;
  const [name, ...properties] = path.split(".");
  const parameter = call.parameters.find((one) => one.name.getText() === name);
  const known = call.parameters.map((one) => one.name.getText()).join(", ") || "none";
  if (!parameter) return `@param ${path} names no parameter; there are: ${known}`;
  let types = parts(checker.getTypeAtLocation(parameter));
  for (const property of properties) {
    const found = types.flatMap((type) => checker.getPropertyOfType(checker.getApparentType(type), property) ?? []);
    if (found.length === 0) return `@param ${path} names no property of ${name}`;
    types = found.flatMap((symbol) => parts(checker.getTypeOfSymbol(symbol)));
  }
  return undefined;
}

const parts = (type: ts.Type): readonly ts.Type[] => (type.isUnion() ? type.types : [type]);

/** The function that a comment is about. */
function callOf(node: ts.Node): ts.SignatureDeclaration | undefined {
  if (ts.isFunctionLike(node)) return node;
  if (ts.isVariableStatement(node)) return callOf(node.declarationList.declarations[0]!);
  if (ts.isVariableDeclaration(node) || ts.isPropertyDeclaration(node) || ts.isPropertyAssignment(node)) {
    if (node.initializer && ts.isFunctionLike(node.initializer)) return node.initializer;
  }
  if (ts.isTypeAliasDeclaration(node) || ts.isPropertySignature(node) || ts.isPropertyDeclaration(node)) {
    if (node.type && ts.isFunctionTypeNode(node.type)) return node.type;
  }
  return undefined;
}

/** In a public comment a link leads to something public; elsewhere to a name that is in scope. */
function linkFaults(target: string, node: ts.Node, sources: Sources): string[] {
  if (/^https?:\/\/./.test(target)) return [];
  const [name, member] = target.split(".");
  const published = sources.pages.flatMap(({ exports }) => exports).find((one) => one.name === name);
  const isOurs = isPublic(node, sources);
  const symbol = published?.symbol ?? (isOurs ? undefined : inScope(name!, node, sources));
  if (!symbol) return [`{@link ${target}} leads to nothing${isOurs ? " that is exported" : ""}`];
  if (member === undefined) return [];
  const members = (symbol.declarations ?? []).flatMap(publicMembers).map((one) => one.name?.getText());
  return members.includes(member) ? [] : [`{@link ${target}}: ${name} has no ${member}`];
}

function inScope(name: string, node: ts.Node, { checker }: Sources): ts.Symbol | undefined {
  const all = ts.SymbolFlags.Value | ts.SymbolFlags.Type | ts.SymbolFlags.Alias;
  return checker.getSymbolsInScope(node, all).find((symbol) => symbol.name === name);
}

/** Does the comment reach the reference? */
function isPublic(node: ts.Node, { checker, pageOf }: Sources): boolean {
  for (let at: ts.Node | undefined = node; at && !ts.isSourceFile(at); at = at.parent) {
    if (isInternal(at)) return false;
    const name = (at as ts.NamedDeclaration).name;
    const symbol = name && checker.getSymbolAtLocation(name);
    if (symbol && pageOf.has(symbol)) return true;
  }
  return false;
}
