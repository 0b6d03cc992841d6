// Writes the tables of README.md and of docs/, from the exports and their doc comments: `npm run docs`. A test compares.
import { readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join, posix } from "node:path";
import { Anchors } from "./api/markdown.ts";
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
  const isOfGroup = (file: string): boolean => basename(file, ".ts") === group || file.endsWith(`/${group}/index.ts`);
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

/** Each group in one row: its names, and where the chapter is. */
function overview(groups: Readonly<Record<string, readonly string[]>>): string {
  const rows = Object.entries(groups).map(([link, names]) => {
    const all = names.flatMap(groupOf).map(({ name }) => `\`${name}\``);
    return `| ${link} | ${all.join(" ")} |`;
  });
  return ["| kind | names |", "| --- | --- |", ...rows].join("\n");
}

/** The tables of each document, by the names that stand in its marks. */
const TABLES: Readonly<Record<string, Readonly<Record<string, () => string>>>> = {
  "README.md": {
    names: () =>
      overview({
        "[layers](docs/layers.md#layers-one-by-one)": ["layers"],
        "[composites](docs/layers.md#composites)": ["composites"],
        "[activations](docs/layers.md#activations)": ["activations"],
        "[losses](docs/training.md#losses)": ["losses"],
        "[optimizers](docs/training.md#optimizers)": ["optimizers"],
        "[schedules](docs/training.md#schedules)": ["schedules"],
        "[metrics](docs/training.md#metrics)": ["metrics"],
        "[initializers](docs/training.md#initializers)": ["initializers"],
        "[penalties, constraints](docs/training.md#penalties-and-constraints)": ["regularizers", "constraints"],
        "[well-known networks](docs/layers.md#well-known-networks)": ["models"],
      }),
  },
  "docs/layers.md": {
    layers: () => table(["layers"], ["what it does", "one row in → out", "binary"]),
    composites: () => table(["composites"], ["what it does", "binary"]),
    activations: () => table(["activations"], ["what it does", "binary"]),
    networks: () => table(["models"], ["what it does", "one row in → out"]),
  },
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
