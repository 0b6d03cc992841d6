// Writes the tables of README.md and of docs/, from the exports and their doc comments: `npm run docs`. A test compares.
import { readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join, posix } from "node:path";
import { Anchors } from "./api/markdown.ts";
import { DIFFERENT } from "../test/onnx/different.ts";
import { MISSING, NODE_TESTS } from "../test/onnx/missing.ts";
import { exchangeRefusals, exchangeTable } from "./exchangeTable.ts";
import { replaceBetween } from "./marks.ts";

const root = join(import.meta.dirname, "..");
const read = (file: string): string => readFileSync(join(root, file), "utf8");

/** A function that users call, and the file that it stands in. */
interface Factory {
  readonly name: string;
  readonly file: string;
  /** The text of its doc comment. */
  readonly comment: string;
}

/** The functions of a group that users call: "layers" is a folder with an index, "schedules" a file. */
export function groupOf(group: string): Factory[] {
  const entry = group === "models" ? "src/models.ts" : "src/index.ts";
  const isOfGroup = (file: string): boolean =>
    file.startsWith("src/nn/") && (basename(file, ".ts") === group || file.endsWith(`/${group}/index.ts`));
  const exported = exportsOf(entry).filter(({ from }) => entry === "src/models.ts" || isOfGroup(from));
  const factories = exported.flatMap(({ names, from }) => (names === "*" ? exportsOf(from) : [{ names, from }]));
  if (factories.length === 0) throw new Error(`${entry} exports nothing of ${group}`);
  return factories.flatMap(({ names, from: file }) =>
    (names as string[]).map((name) => ({ name, file, comment: commentOf(name, read(file)) })),
  );
}

interface Export {
  /** "*" for all of them. Types are left out. */
  readonly names: readonly string[] | "*";
  /** The file, from the root. */
  readonly from: string;
}

/** What a file passes on from others. */
function exportsOf(file: string): Export[] {
  const statements = read(file).matchAll(/^export (?:(\*)|\{([^}]+)\}) from "(\..+)";$/gm);
  return [...statements].map(([, star, list = "", from]) => ({
    names: star ? "*" : list.split(",").map((name) => name.trim()).filter((name) => /^(?!type )./.test(name)), // prettier-ignore
    from: posix.join(dirname(file), from!),
  }));
}

/** The doc comment of an exported function, without its stars. */
export function commentOf(name: string, text: string): string {
  const before = text.slice(0, text.search(new RegExp(`^export (async )?(function|const|class) ${name}\\b`, "m")));
  if (!before.endsWith("*/\n")) throw new Error(`${name} has no doc comment`);
  const comment = before.slice(before.lastIndexOf("/**") + 3, -3);
  return comment.replaceAll(/^ *\* ?/gm, "").trim();
}

/** The first sentence, without the formula or the shapes at its end. */
function summaryOf({ comment }: Factory): string {
  const text = comment.replaceAll(/\s*\n\s*/g, " ");
  const end = text.search(/\.(?=\s|$)|:(?= (\[|\w+(\[[^\]]*\])? \+?= ))/);
  return text.slice(0, end).replaceAll("|", "\\|");
}

/** `[h, w, channels] → [channels]`, as the comment says it. */
function shapesOf({ comment }: Factory): string {
  const text = comment.replaceAll(/\s*\n\s*/g, " ").split(" @")[0]!;
  const shape = String.raw`(\[[^\]]+\])`;
  const named = new RegExp(String.raw`Shapes: x ${shape}.*?\by [^[.]*${shape}`).exec(text);
  const match = named ?? new RegExp(String.raw`${shape} to ${shape}`).exec(text);
  const kept = new RegExp(String.raw`Shapes: ${shape}, unchanged`).exec(text);
  const short = (part = ""): string =>
    part.replace("rows, ", "").replace("height, width", "h, w").replace("outHeight, outWidth", "h', w'");
  if (match) return match[1] === match[2] ? `${short(match[1])}, kept` : `${short(match[1])} → ${short(match[2])}`;
  if (kept) return `${short(kept[1])}, kept`;
  return text.includes("ny shape") ? "any, kept" : "";
}

const BINARIES = (JSON.parse(read("assembly/binaries/list.json")) as readonly { name: string }[]).map(
  ({ name }) => name,
);

/** The binary that the file, or one beside it that it uses, loads. */
function binaryOf({ file }: Factory): string {
  const own = read(file);
  const beside = [...own.matchAll(/from "(\.\/.+)";$/gm)].map(([, path]) => read(join(dirname(file), path!)));
  // the code without imports and comments
  const code = [own, ...beside].map((text) => text.replaceAll(/^(import .*|\/\/.*| ?\/?\*.*)$/gm, ""));
  for (const text of code) {
    const binary = BINARIES.find((name) => new RegExp(`\\bload${name}\\b`, "i").test(text));
    if (binary) return binary;
  }
  return code.join("").includes("kernel") ? "core" : "none";
}

/** Its section in the API reference, where each group has a page. */
const referenceOf = (group: string, { name }: Factory): string => `api/${group}.md#${new Anchors().next(name)}`;

const COLUMNS = {
  "what it does": summaryOf,
  "one row in → out": shapesOf,
  binary: binaryOf,
};
type Column = keyof typeof COLUMNS;

function table(groups: readonly string[], columns: readonly Column[]): string {
  const rows = groups.flatMap((group) =>
    groupOf(group).map((factory) => {
      const link = `[\`${factory.name}\`](${referenceOf(group, factory)})`;
      return `| ${[link, ...columns.map((column) => COLUMNS[column](factory))].join(" | ")} |`;
    }),
  );
  return [`| | ${columns.join(" | ")} |`, `| --- |${" --- |".repeat(columns.length)}`, ...rows].join("\n");
}

const SHORT = ["what it does"] as const;

/** What README lists by kind: where it is described, in both languages, and the groups of names. */
const KINDS: readonly (readonly [link: string, en: string, zh: string, groups: readonly string[]])[] = [
  ["docs/layers.md#layers-one-by-one", "layers", "层", ["layers"]],
  ["docs/layers.md#composites", "composites", "组合", ["composites"]],
  ["docs/training.md#losses", "losses", "损失", ["losses"]],
  ["docs/training.md#optimizers", "optimizers", "优化器", ["optimizers"]],
  ["docs/training.md#metrics", "metrics", "指标", ["metrics"]],
];

function overview(language: "en" | "zh"): string {
  const rows = KINDS.map(([link, en, zh, groups]) => {
    const all = groups.flatMap(groupOf).map(({ name }) => `\`${name}\``);
    return `| [${language === "en" ? en : zh}](${link}) | ${all.join(" ")} |`;
  });
  return [language === "en" ? "| kind | names |" : "| 种类 | 名字 |", "| --- | --- |", ...rows].join("\n");
}

/** ONNX's node tests by operator: how many pass, and what the others are. */
function nodeTests(): string {
  const rows = Object.entries(NODE_TESTS).map(([operator, all]) => {
    const missing = Object.entries(MISSING[operator] ?? {}).map(([what, cases]) => [what, cases.length] as const);
    const different = Object.keys(DIFFERENT[operator] ?? {}).length;
    const rest = [...missing, ...(different > 0 ? [["differs, see below", different] as const] : [])];
    const passed = all - rest.reduce((sum, [, count]) => sum + count, 0);
    return [operator, passed, all, rest.map(([what, count]) => `${what} (${count})`).join("; ")] as const;
  });
  const sum = (column: 1 | 2): number => rows.reduce((total, row) => total + row[column], 0);
  const lines = [...rows, ["all", sum(1), sum(2), ""]].map((row) => `| ${row.join(" | ")} |`);
  return ["| operator | pass | of | what the others have |", "| --- | --- | --- | --- |", ...lines].join("\n");
}

function differences(): string {
  const all = Object.values(DIFFERENT).flatMap((cases) => Object.entries(cases));
  const lines = all.map(([name, { reason }]) => `| \`${name}\` | ${reason} |`);
  return ["| node test | what differs |", "| --- | --- |", ...lines].join("\n");
}

/** The tables of each document, by the names that stand in its marks. */
const TABLES: Readonly<Record<string, Readonly<Record<string, () => string>>>> = {
  "README.md": { names: () => overview("en") },
  "README.zh.md": { names: () => overview("zh") },
  "docs/layers.md": {
    layers: () => table(["layers"], ["what it does", "one row in → out", "binary"]),
    composites: () => table(["composites"], ["what it does", "binary"]),
    activations: () => table(["activations"], ["what it does", "binary"]),
    networks: () => table(["models"], ["what it does", "one row in → out"]),
  },
  "docs/exchange.md": { layers: exchangeTable, refusals: exchangeRefusals },
  "docs/onnx.md": { nodes: nodeTests, differences },
  "docs/training.md": {
    losses: () => table(["losses"], SHORT),
    optimizers: () => table(["optimizers"], SHORT),
    schedules: () => table(["schedules"], SHORT),
    metrics: () => table(["metrics"], SHORT),
    initializers: () => table(["initializers"], SHORT),
    penalties: () => table(["regularizers", "constraints"], SHORT),
  },
};

/** Each document that has tables, as it should be. */
export function documents(): ReadonlyMap<string, string> {
  const texts = Object.entries(TABLES).map(([file, tables]): [string, string] => {
    const text = Object.entries(tables).reduce(
      (before, [name, make]) => replaceBetween(file, before, `${name}: npm run docs`, `end of ${name}`, make()),
      read(file),
    );
    return [file, text];
  });
  return new Map(texts);
}

if (process.argv[1] === import.meta.filename) {
  for (const [file, text] of documents()) writeFileSync(join(root, file), text);
}
