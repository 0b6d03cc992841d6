// Declarations as text: signatures, types, and the options that a function takes.
import ts from "typescript";
import { docOf, isInternal, paramOf } from "./comments.ts";
import type { Sources } from "./sources.ts";

/** A parameter, or a property of one: `rate`, `options.rate`. */
export interface Row {
  readonly name: string;
  readonly type: string;
  readonly text: string;
}

const printer = ts.createPrinter({ removeComments: true });

const LINE = 100;
/** Longer types keep their names. */
const SHORT = 90;

const TYPE_FLAGS = ts.TypeFormatFlags.NoTruncation | ts.TypeFormatFlags.UseAliasDefinedOutsideCurrentScope;

/** A piece of source on one line, without comments. */
function print(node: ts.Node): string {
  const text = printer.printNode(ts.EmitHint.Unspecified, node, node.getSourceFile());
  return text
    .replaceAll(/\s*\n\s*/g, " ")
    .replaceAll(/([[(]) | (?=[\])])/g, "$1")
    .replaceAll("; }", " }");
}

/** A type as it is written, with what users can't import by name written out where it is short. */
export function typeText(node: ts.TypeNode, sources: Sources): string {
  const names = new Map<string, string>();
  const visit = (part: ts.Node): void => {
    if (ts.isTypeReferenceNode(part) && ts.isIdentifier(part.typeName) && !part.typeArguments) {
      const text = aliasText(part.typeName, sources);
      const name = part.typeName.text;
      if (text !== undefined && !names.get(name)?.startsWith("(")) names.set(name, inPlace(text, part.parent));
    }
    ts.forEachChild(part, visit);
  };
  visit(node);
  if (names.size === 0) return print(node);
  return print(node).replaceAll(/"[^"]*"|[\w$]+/g, (word) => names.get(word) ?? word);
}

/** In parentheses where the place needs them. */
function inPlace(text: string, parent: ts.Node): string {
  const binds = ts.isArrayTypeNode(parent) || ts.isIntersectionTypeNode(parent) || ts.isTypeOperatorNode(parent);
  const needed = ts.isUnionTypeNode(parent) ? text.includes("=>") : binds && / [|&] |=>|^readonly /.test(text);
  return needed ? `(${text})` : text;
}

/** What a type's name is declared as, if users can't import it, it is short, and all names in it can be imported. */
function aliasText(name: ts.Identifier, sources: Sources, within: readonly ts.Node[] = []): string | undefined {
  const alias = hiddenAlias(name, sources);
  if (!alias || alias.typeParameters || ts.isTypeLiteralNode(alias.type) || within.includes(alias)) return undefined;
  const text = isClosed(alias.type, sources, [...within, alias])
    ? typeText(alias.type, sources)
    : (wordsOf(alias.type, sources) ?? platformName(alias.type, sources));
  return text !== undefined && text.length <= SHORT ? text : undefined;
}

/** What a type comes to that is computed, if that is nothing but words. The compiler's own order depends on the rest. */
function wordsOf(node: ts.TypeNode, { checker }: Sources): string | undefined {
  const type = checker.getTypeFromTypeNode(node);
  if (!type.isUnion() || !type.types.every((part) => part.isStringLiteral())) return undefined;
  return type.types
    .map((part) => checker.typeToString(part))
    .toSorted()
    .join(" | ");
}

/** What a type comes to that is computed, if that is a type of the platform's: `AbortSignal`. */
function platformName(node: ts.TypeNode, { checker }: Sources): string | undefined {
  const { symbol } = checker.getTypeFromTypeNode(node);
  const interfaces = symbol?.declarations?.filter(ts.isInterfaceDeclaration) ?? [];
  return interfaces.length > 0 && interfaces.every(isOutside) ? checker.getFullyQualifiedName(symbol) : undefined;
}

/** The declaration of a type of ours that users can't import by name. */
function hiddenAlias(name: ts.Node, sources: Sources): ts.TypeAliasDeclaration | undefined {
  const symbol = resolved(name, sources);
  const alias = symbol?.declarations?.find((declaration) => ts.isTypeAliasDeclaration(declaration));
  return alias && !sources.pageOf.has(symbol!) && !isOutside(alias) ? alias : undefined;
}

/** Does a type name nothing of ours that stays unknown to users? */
function isClosed(node: ts.Node, sources: Sources, within: readonly ts.Node[] = []): boolean {
  if (ts.isTypeQueryNode(node) || ts.isConditionalTypeNode(node)) return false;
  if (ts.isTypeReferenceNode(node)) {
    const { typeName } = node;
    if (resolved(typeName, sources)?.flags === ts.SymbolFlags.TypeParameter) return false;
    if (isHidden(typeName, sources) && aliasText(typeName as ts.Identifier, sources, within) === undefined)
      return false;
  }
  return !ts.forEachChild(node, (child) => !isClosed(child, sources, within));
}

/** The declarations of types of ours that a declaration names, that users can't import, and that say something by themselves. */
export function hiddenTypes(node: ts.Node, sources: Sources): ts.TypeAliasDeclaration[] {
  const found = new Set<ts.TypeAliasDeclaration>();
  const visit = (part: ts.Node): void => {
    if (ts.isBlock(part) || (part !== node && isInternal(part))) return;
    const alias = ts.isTypeReferenceNode(part) ? hiddenAlias(part.typeName, sources) : undefined;
    if (alias && !found.has(alias) && isTelling(alias, sources)) {
      found.add(alias);
      visit(alias.type);
    }
    ts.forEachChild(part, visit);
  };
  visit(node);
  return [...found];
}

/** Is it too long to stand in its name's place, and made of nothing that is hidden for good? */
function isTelling(alias: ts.TypeAliasDeclaration, sources: Sources, within: readonly ts.Node[] = []): boolean {
  if (within.includes(alias)) return true; // it goes round
  if (alias.typeParameters || aliasText(alias.name, sources) !== undefined) return false;
  const isPlain = (node: ts.Node): boolean => {
    if (ts.isTypeQueryNode(node) || ts.isConditionalTypeNode(node)) return false;
    if (ts.isTypeReferenceNode(node) && isHidden(node.typeName, sources)) {
      const other = hiddenAlias(node.typeName, sources);
      if (!other) return false;
      if (!isTelling(other, sources, [...within, alias]) && aliasText(other.name, sources) === undefined) return false;
    }
    return !ts.forEachChild(node, (child) => !isPlain(child));
  };
  return isPlain(alias.type);
}

/** The interfaces that a type is put together from, and that users can't import. */
export function hiddenInterfaces(node: ts.TypeNode, sources: Sources): ts.InterfaceDeclaration[] {
  if (ts.isIntersectionTypeNode(node)) return node.types.flatMap((type) => hiddenInterfaces(type, sources));
  if (!ts.isTypeReferenceNode(node) || !isHidden(node.typeName, sources)) return [];
  return (resolved(node.typeName, sources)?.declarations ?? []).filter((one) => ts.isInterfaceDeclaration(one));
}

function isHidden(name: ts.Node, sources: Sources): boolean {
  const symbol = resolved(name, sources);
  const isType = ts.SymbolFlags.Type & ~ts.SymbolFlags.TypeParameter;
  if (!symbol || !(symbol.flags & isType) || sources.pageOf.has(symbol)) return false;
  return symbol.declarations?.some((declaration) => !isOutside(declaration)) ?? false;
}

function resolved(name: ts.Node, { checker }: Sources): ts.Symbol | undefined {
  const symbol = checker.getSymbolAtLocation(name);
  return symbol && symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}

const isOutside = (node: ts.Node): boolean => node.getSourceFile().isDeclarationFile;

/** A declaration's type: as written, or as inferred. */
export function declaredType(node: ts.Node & { readonly type?: ts.TypeNode | undefined }, sources: Sources): string {
  if (node.type) return typeText(node.type, sources);
  return sources.checker.typeToString(sources.checker.getTypeAtLocation(node), node, TYPE_FLAGS);
}

/** A parameter's name; of one that is taken apart at once, its type's. */
function nameOf({ name, type }: ts.ParameterDeclaration): string {
  if (ts.isIdentifier(name)) return name.text;
  const known = type && ts.isTypeReferenceNode(type) ? type.typeName.getText() : "Options";
  return known.charAt(0).toLowerCase() + known.slice(1);
}

function parameterText(parameter: ts.ParameterDeclaration, sources: Sources): string {
  const optional = parameter.questionToken || parameter.initializer ? "?" : "";
  return `${parameter.dotDotDotToken ? "..." : ""}${nameOf(parameter)}${optional}: ${declaredType(parameter, sources)}`;
}

/** `dense(units: number, options?: DenseOptions): Layer`, in lines if it is long. */
export function signatureText(name: string, node: ts.SignatureDeclaration, sources: Sources): string {
  const generics = node.typeParameters ? `<${node.typeParameters.map(print).join(", ")}>` : "";
  const parameters = node.parameters.map((parameter) => parameterText(parameter, sources));
  const end = ts.isConstructorDeclaration(node) ? "" : `: ${returnText(node, sources)}`;
  const line = `${name}${generics}(${parameters.join(", ")})${end}`;
  if (line.length <= LINE || parameters.length === 0) return line;
  return `${name}${generics}(\n${parameters.map((text) => `  ${text},\n`).join("")})${end}`;
}

export function returnText(node: ts.SignatureDeclaration, sources: Sources): string {
  if (node.type) return typeText(node.type, sources);
  const { checker } = sources;
  return checker.typeToString(checker.getSignatureFromDeclaration(node)!.getReturnType(), node, TYPE_FLAGS);
}

/** The signatures that callers see: of an overloaded function all but the one that stands with its body. */
export function signaturesOf(declarations: readonly ts.Declaration[]): ts.SignatureDeclaration[] {
  const all = declarations.filter((node): node is ts.SignatureDeclaration => ts.isFunctionLike(node));
  const overloads = all.filter((node) => !("body" in node && node.body));
  return overloads.length > 0 ? overloads : all;
}

/** A function's parameters and, where it takes an object of options that users can't import by name, those. */
export function parameterRows(node: ts.SignatureDeclaration, sources: Sources): Row[] {
  const texts = new Map(
    (docOf(node)?.tags ?? [])
      .filter(({ name }) => name === "param")
      .map((tag) => {
        const { name, text } = paramOf(tag);
        return [name, text];
      }),
  );
  const split = node.parameters.map((parameter) => ({ parameter, ...splitOptions(parameter, sources) }));
  const names = new Set(node.parameters.map(nameOf));
  const rows = split.flatMap(({ parameter, options, rest }) => {
    const name = nameOf(parameter);
    const optional = parameter.questionToken || parameter.initializer ? "?" : "";
    const text = texts.get(name) ?? "";
    if (options.length > 0 && rest.length === 0 && text === "") return [];
    const type = rest.length === 0 || options.length === 0 ? declaredType(parameter, sources) : rest.join(" | ");
    return [{ name: `${parameter.dotDotDotToken ? "..." : ""}${name}${optional}`, type, text }];
  });
  // of options that have a section of their own, those that the comment has something to say of
  const named = node.parameters.flatMap((parameter) => {
    const type = sources.checker.getNonNullableType(sources.checker.getTypeAtLocation(parameter));
    const properties = type.getProperties().filter(({ name }) => texts.has(`${nameOf(parameter)}.${name}`));
    return properties.map((property) => ({ parameter, property }));
  });
  const prefix = split.findLast(({ options }) => options.length > 0)?.parameter;
  const properties = split.flatMap(({ options }) => options.flatMap((type) => [...type.getProperties()]));
  const found = [...new Set(properties.map(({ name }) => name))].filter((name) => !names.has(name));
  const more = named.filter(({ property }) => !found.includes(property.name));
  return [
    ...rows,
    ...found.map((name) => optionRow(name, nameOf(prefix!), properties, texts, sources)),
    ...more.map(({ parameter, property }) => optionRow(property.name, nameOf(parameter), [property], texts, sources)),
  ];
}

function optionRow(
  name: string,
  prefix: string,
  properties: readonly ts.Symbol[],
  texts: ReadonlyMap<string, string>,
  sources: Sources,
): Row {
  const same = properties.filter((property) => property.name === name);
  const optional = same.every(({ flags }) => flags & ts.SymbolFlags.Optional);
  const declaration = same[0]!.declarations?.[0];
  const own = texts.get(`${prefix}.${name}`);
  const general = (declaration && docOf(declaration)?.text) ?? "";
  // "default 0.01" goes on where the general text ends; other text stands in its place
  const text = own?.startsWith("default ")
    ? `${general.replace(/[;:] default [^;]*$|\.$/, "")}; ${own}`
    : (own ?? general);
  const type =
    declaration && isClosed(declaration, sources)
      ? declaredType(declaration, sources)
      : inferredType(same[0]!, sources);
  return { name: `${prefix}.${name}${optional ? "?" : ""}`, type, text: text.replace(/^; /, "") };
}

/** The type that a property has where it is used: parameters of its type are filled in. */
function inferredType(property: ts.Symbol, sources: Sources): string {
  const { checker } = sources;
  const type = checker.getNonNullableType(checker.getTypeOfSymbol(property));
  const alias = type.aliasSymbol?.declarations?.find((declaration) => ts.isTypeAliasDeclaration(declaration));
  const known = !alias || alias.typeParameters || isOutside(alias) || sources.pageOf.has(type.aliasSymbol!);
  return known || !isClosed(alias.type, sources)
    ? checker.typeToString(type, undefined, TYPE_FLAGS)
    : typeText(alias.type, sources);
}

/** A type's alternatives: those of unions, and of names of unions that users can't import. */
function alternatives(node: ts.TypeNode, sources: Sources): ts.TypeNode[] {
  if (ts.isUnionTypeNode(node)) return node.types.flatMap((type) => alternatives(type, sources));
  if (ts.isParenthesizedTypeNode(node)) return alternatives(node.type, sources);
  const alias = ts.isTypeReferenceNode(node) ? hiddenAlias(node.typeName, sources) : undefined;
  return alias && ts.isUnionTypeNode(alias.type) ? alternatives(alias.type, sources) : [node];
}

/** The types of a parameter that are nothing but options, and the text of the others. */
export function splitOptions(
  parameter: ts.ParameterDeclaration,
  sources: Sources,
): { readonly options: readonly ts.Type[]; readonly rest: readonly string[] } {
  const { checker } = sources;
  const parts = parameter.type ? alternatives(parameter.type, sources) : [undefined];
  const options: ts.Type[] = [];
  const rest: string[] = [];
  for (const part of parts) {
    const type = part ? checker.getTypeFromTypeNode(part) : checker.getTypeAtLocation(parameter);
    if (isOptions(type, sources)) options.push(type);
    else if (part) rest.push(typeText(part, sources));
  }
  return { options, rest };
}

/** An object of properties alone that has no section of its own. */
export function isOptions(type: ts.Type, { checker, pageOf }: Sources): boolean {
  const { symbol, aliasSymbol } = type;
  if ((symbol && pageOf.has(symbol)) || (aliasSymbol && pageOf.has(aliasSymbol))) return false;
  if (!(type.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection)) || type.isClass()) return false;
  if (checker.isArrayType(type) || checker.isTupleType(type)) return false;
  if (type.getCallSignatures().length > 0 || type.getConstructSignatures().length > 0) return false;
  if (checker.getIndexInfosOfType(type).length > 0) return false;
  const properties = type.getProperties();
  const plain = properties.every(({ flags, declarations = [] }) => {
    return flags & ts.SymbolFlags.Property && !declarations.some((node) => isOutside(node) || isInternal(node));
  });
  return properties.length > 0 && plain;
}
