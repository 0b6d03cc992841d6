// The library's sources as its build reads them (tsconfig.build.json), and what package.json's entries export, page by page.
import { readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import ts from "typescript";

/** Something that users can import. */
export interface Export {
  readonly name: string;
  readonly symbol: ts.Symbol;
  readonly declarations: readonly ts.Declaration[];
}

/** A page of the reference: a section of an entry, or all of it. */
export interface Page {
  /** The file's name, without `.md`. */
  readonly name: string;
  readonly title: string;
  readonly introduction: string;
  /** What programs import from, such as `wasmgrad/files`. */
  readonly entry: string;
  readonly exports: readonly Export[];
}

export interface Sources {
  readonly root: string;
  readonly checker: ts.TypeChecker;
  /** The library's own files. */
  readonly files: readonly ts.SourceFile[];
  readonly pages: readonly Page[];
  /** Pages by what stands on them. */
  readonly pageOf: ReadonlyMap<ts.Symbol, Page>;
}

/** A line comment of an entry that begins a page: `// # Layers`. The comment's other lines introduce it. */
const HEADING = /^\/\/ # (.+)$/;

export function openSources(root: string): Sources {
  const configPath = join(root, "tsconfig.build.json");
  const config = ts.getParsedCommandLineOfConfigFile(
    configPath,
    {},
    { ...ts.sys, onUnRecoverableConfigFileDiagnostic },
  );
  const { options, fileNames } = config!;
  const program = ts.createProgram(fileNames, options);
  const files = program.getSourceFiles().filter((file) => !file.isDeclarationFile);
  refuseErrors(
    root,
    files.flatMap((file) => program.getSemanticDiagnostics(file)),
  );
  const checker = program.getTypeChecker();
  const pages = entriesOf(root, options).flatMap(({ entry, path }) => {
    const file = program.getSourceFile(path);
    if (!file)
      throw new Error(`package.json has types for ${entry}, but tsconfig.build.json has no ${relative(root, path)}`);
    return pagesOf(file, entry, checker);
  });
  const twice = pages.find(({ name }, i) => pages.findIndex((page) => page.name === name) < i);
  if (twice) throw new Error(`docs/api: two pages are called ${twice.name}.md; give one of them another heading`);
  const pageOf = new Map(pages.toReversed().flatMap((page) => page.exports.map(({ symbol }) => [symbol, page])));
  return { root, checker, files, pages, pageOf };
}

function onUnRecoverableConfigFileDiagnostic({ messageText }: ts.Diagnostic): never {
  throw new Error(ts.flattenDiagnosticMessageText(messageText, "\n"));
}

/** Types that can't be found would be left out in silence. */
function refuseErrors(root: string, errors: readonly ts.Diagnostic[]): void {
  if (errors.length === 0) return;
  const host = {
    getCurrentDirectory: () => root,
    getCanonicalFileName: (name: string) => name,
    getNewLine: () => "\n",
  };
  throw new Error(
    `the sources have errors; is there a build (\`npm run build\`)?\n${ts.formatDiagnostics(errors, host)}`,
  );
}

/** The entries of package.json that have types, and their source files. */
function entriesOf(root: string, options: ts.CompilerOptions): { readonly entry: string; readonly path: string }[] {
  const { name, exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    name: string;
    exports: Record<string, string | { readonly types?: string; readonly default?: { readonly types?: string } }>;
  };
  return Object.entries(exports).flatMap(([path, target]) => {
    const types = typeof target === "string" ? undefined : (target.types ?? target.default?.types);
    // all names of this one are another's
    if (types === undefined || path === "./single" || path.includes("*")) return [];
    const built = relative(options.outDir!, resolve(root, types));
    return [{ entry: name + path.slice(1), path: join(options.rootDir!, built.replace(/\.d\.ts$/, ".ts")) }];
  });
}

function pagesOf(file: ts.SourceFile, entry: string, checker: ts.TypeChecker): Page[] {
  const sections: { title: string; introduction: string; names: Set<string> }[] = [];
  for (const statement of file.statements) {
    const comment = lineComments(file, statement);
    const at = comment.findIndex((line) => HEADING.test(line));
    const introduction = comment.slice(at + 1).map((line) => line.replace(/^\/\/ ?/, ""));
    if (at >= 0) {
      sections.push({
        title: HEADING.exec(comment[at]!)![1]!,
        introduction: introduction.join("\n"),
        names: new Set(),
      });
    } else if (sections.length === 0) {
      const text = introduction.join("\n").replace(`${entry}: `, "");
      sections.push({ title: entry, introduction: text.charAt(0).toUpperCase() + text.slice(1), names: new Set() });
    }
    for (const name of namesOf(statement, checker)) sections.at(-1)!.names.add(name);
  }
  const all = checker.getExportsOfModule(checker.getSymbolAtLocation(file)!);
  return sections.flatMap(({ title, introduction, names }) => {
    const exports = all.filter(({ name }) => names.has(name)).map((symbol) => exportOf(symbol, checker));
    if (exports.length === 0) return [];
    const name = title.split("/").at(-1)!.toLowerCase().replaceAll(" ", "-");
    return [{ name, title, introduction, entry, exports: exports.toSorted((a, b) => compare(a.name, b.name)) }];
  });
}

/** The lines of the `//` comments before a statement. */
function lineComments(file: ts.SourceFile, statement: ts.Statement): string[] {
  const ranges = ts.getLeadingCommentRanges(file.text, statement.pos) ?? [];
  return ranges
    .filter(({ kind }) => kind === ts.SyntaxKind.SingleLineCommentTrivia)
    .map(({ pos, end }) => file.text.slice(pos, end));
}

/** What a statement of an entry exports. */
function namesOf(statement: ts.Statement, checker: ts.TypeChecker): string[] {
  if (ts.isExportDeclaration(statement)) {
    const { exportClause, moduleSpecifier } = statement;
    if (exportClause && ts.isNamedExports(exportClause)) return exportClause.elements.map(({ name }) => name.text);
    const module = moduleSpecifier && checker.getSymbolAtLocation(moduleSpecifier);
    return module ? checker.getExportsOfModule(module).map(({ name }) => name) : [];
  }
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.map(({ name }) => name.getText());
  const { name } = statement as ts.DeclarationStatement;
  return name ? [name.text] : [];
}

function exportOf(symbol: ts.Symbol, checker: ts.TypeChecker): Export {
  const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  return { name: symbol.name, symbol: target, declarations: target.declarations ?? [] };
}

/** By letters, capitals beside small ones: the same in every locale. */
export function compare(a: string, b: string): number {
  const [x, y] = [a.toLowerCase(), b.toLowerCase()];
  return x < y || (x === y && a > b) ? -1 : a === b ? 0 : 1;
}
