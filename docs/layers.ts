// The tables of layers in README.md, made of the exports and their doc comments: `npm run docs`. A test compares.
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const root = join(import.meta.dirname, "..");
const read = (file: string): string => readFileSync(join(root, file), "utf8");

/** A function that users call, and the file that it stands in. */
interface Factory {
  readonly name: string;
  readonly file: string;
  /** The text of its doc comment. */
  readonly comment: string;
}

/** What an index file exports, but for types. */
export function factoriesOf(index: string): Factory[] {
  const lines = [...read(index).matchAll(/^export \{ (.+) \} from "\.\/(.+)";$/gm)];
  return lines.flatMap(([, names, from]) => {
    const file = join(dirname(index), from!);
    const known = names!.split(", ").filter((name) => !name.startsWith("type "));
    return known.map((name) => ({ name, file, comment: commentOf(name, read(file)) }));
  });
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
  const end = text.search(/\.(?=\s|$)|:(?= (\[|\w+(\[[^\]]*\])? = ))/);
  return text.slice(0, end).replaceAll("|", "\\|");
}

/** `[h, w, channels] → [channels]`, as the comment says it. */
function shapesOf({ comment }: Factory): string {
  const text = comment.replaceAll(/\s*\n\s*/g, " ").split(" @")[0]!;
  const shape = String.raw`(\[[^\]]+\])`;
  const named = new RegExp(String.raw`Shapes: x ${shape}.*?\by [^[.]*${shape}`).exec(text);
  const found = named ?? new RegExp(String.raw`${shape} to ${shape}`).exec(text);
  const kept = new RegExp(String.raw`Shapes: ${shape}, unchanged`).exec(text);
  const short = (part = ""): string =>
    part.replace("rows, ", "").replace("height, width", "h, w").replace("outHeight, outWidth", "h', w'");
  if (found) return found[1] === found[2] ? `${short(found[1])}, kept` : `${short(found[1])} → ${short(found[2])}`;
  if (kept) return `${short(kept[1])}, kept`;
  return text.includes("ny shape") ? "any, kept" : "";
}

const BINARIES = { ImageKernels: "convolution", SequenceKernels: "sequence", Activations: "activations" };

/** The binary that the file, or one beside it that it uses, loads. */
function binaryOf(file: string): string {
  const own = read(file);
  const beside = [...own.matchAll(/from "(\.\/.+)";$/gm)].map(([, path]) => read(join(dirname(file), path!)));
  // the code without imports, comments, and the loaders themselves
  const code = [own, ...beside].map((text) =>
    text.replaceAll(/^(import .*|\/\/.*| ?\/?\*.*|export function load.*)$/gm, ""),
  );
  for (const text of code) {
    const loader = /\bload(ImageKernels|SequenceKernels|Activations)\b/.exec(text)?.[1];
    if (loader) return BINARIES[loader as keyof typeof BINARIES];
  }
  return code.join("").includes("kernel") ? "core" : "none";
}

const COLUMNS = {
  "what it does": summaryOf,
  "one row in → out": shapesOf,
  binary: ({ file }: Factory) => binaryOf(file),
};

function table(index: string, ...left: (keyof typeof COLUMNS)[]): string {
  const columns = Object.entries(COLUMNS).filter(([name]) => !left.some((one) => one === name));
  const rows = factoriesOf(index).map((factory) => {
    const link = `[\`${factory.name}\`](${factory.file})`;
    return `| ${[link, ...columns.map(([, cell]) => cell(factory))].join(" | ")} |`;
  });
  const head = `| | ${columns.map(([name]) => name).join(" | ")} |`;
  return [head, `| --- |${" --- |".repeat(columns.length)}`, ...rows].join("\n");
}

const TABLES = {
  layers: () => table("src/nn/layers/index.ts"),
  composites: () => table("src/nn/composites/index.ts", "one row in → out"),
  activations: () => table("src/nn/activations/index.ts", "one row in → out"),
  networks: () => table("src/models.ts", "binary"),
};

/** README.md with its tables as they should be. */
export function readme(): string {
  return Object.entries(TABLES).reduce((text, [name, make]) => {
    const [begin, end] = [`<!-- ${name}: npm run docs -->`, `<!-- end of ${name} -->`];
    const from = text.indexOf(begin) + begin.length;
    if (from < begin.length || !text.includes(end)) throw new Error(`README.md has no ${begin} ... ${end}`);
    return `${text.slice(0, from)}\n\n${make()}\n\n${text.slice(text.indexOf(end))}`;
  }, read("README.md"));
}

if (process.argv[1] === import.meta.filename) writeFileSync(join(root, "README.md"), readme());
