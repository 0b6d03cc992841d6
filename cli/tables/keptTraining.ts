// What run.json keeps of a training on a table.
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { resolve } from "node:path";
import { checkedOptions, optional, processRules, type Rule, type RunFile, wholeRule } from "../runs.ts";
import type { TrainOptions } from "./trainOptions.ts";

/** What tells whether the files are as they were: their SHA-256. */
interface Contents {
  readonly content: string;
  readonly testContent?: string | undefined;
}

/** What decides a training. Paths are as they were given; they lead from `folder`. */
interface Kept extends Omit<TrainOptions, "checkpoints">, Contents {
  readonly file: string;
  readonly folder: string;
}

/** What is kept of a training that begins. */
export function keptRun(file: string, options: TrainOptions, contents: Contents): Readonly<Record<string, unknown>> {
  const { checkpoints: _, ...rest } = options;
  return { ...rest, file, folder: process.cwd(), ...contents };
}

const text: Rule = [(value) => typeof value === "string" && value !== "", "a text"];
const whole = wholeRule(1);
const one = (words: readonly string[]): Rule => [
  (value) => words.includes(value as string),
  `one of ${words.join(", ")}`,
];
const listOf = ([holds, words]: Rule): Rule => [
  (value) => Array.isArray(value) && value.every((each) => holds(each)),
  `a list, each of which is ${words}`,
];
const place: Rule = [(value) => value === false || text[0](value), "a file's path, or false"];
const positive: Rule = [(value) => typeof value === "number" && value >= 0, "a number of 0 or more"];

/** The file and the options of a training that `train` began. */
export async function keptOptions(
  folder: string,
  run: RunFile,
): Promise<{ file: string; options: TrainOptions; from: string }> {
  const {
    file,
    folder: from,
    content,
    testContent,
    ...options
  } = checkedOptions<Kept>(folder, run, {
    file: text,
    folder: text,
    content: text,
    testContent: optional(text),
    target: text,
    task: one(["auto", "regression", "classification", "series"]),
    layers: optional(listOf(whole)),
    epochs: optional(whole),
    validation: optional(positive),
    test: optional([(value) => positive[0](value) || text[0](value), "a share, a number of rows, or a file's path"]),
    kFold: optional(wholeRule(2)),
    drop: optional(listOf(text)),
    type: optional([(value) => typeof value === "object" && value !== null, "an object of types"]),
    comment: optional(text),
    delimiter: optional(text),
    encoding: optional(text),
    header: optional([(value) => typeof value === "boolean", "true or false"]),
    columns: optional(listOf(text)),
    missing: optional(listOf([(value) => typeof value === "string", "a text"])),
    decimal: optional(one([".", ","])),
    split: optional(one(["random", "stratified", "group", "time"])),
    group: optional(text),
    time: optional(text),
    horizon: optional(whole),
    costs: optional(listOf(positive)),
    seed: wholeRule(0),
    threads: [(value) => value === "auto" || whole[0](value), `${whole[1]}, or "auto"`],
    ...processRules,
    out: optional(place),
    report: optional(place),
    json: optional([(value) => typeof value === "boolean", "true or false"]),
  });
  const files: [string, string | undefined][] = [[file, content]];
  if (typeof options.test === "string") files.push([options.test, testContent]);
  for (const [name, was] of files) {
    const path = resolve(from, name);
    const now = await contentOf(path).catch((cause: NodeJS.ErrnoException) => {
      throw new Error(`resume: ${path}, which the training in ${folder} is of, can't be read (${cause.code})`, {
        cause,
      });
    });
    if (now !== was) {
      throw new Error(
        `resume: ${path} isn't what the training in ${folder} was begun with; put it back as it was, or begin a new training`,
      );
    }
  }
  return { file, options, from };
}

/** What tells whether a file is as it was. */
export async function contentOf(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const bytes of createReadStream(file)) hash.update(bytes as Uint8Array);
  return hash.digest("hex");
}
