// Fuzzes the whole API: programs at random. What is refused has changed nothing, what only looks neither; a program that runs again, or
// on three threads, gives the same bits; errors are in the library's words.
import { createHash } from "node:crypto";
import * as files from "../../src/files.ts";
import * as w from "../../src/index.ts";
import { faultOf } from "../support/arguments.ts";
import type { Fuzzer } from "./engine.ts";
import { anyProgram, type Line } from "./written.ts";

/** Where a program's models compute. */
type On = { readonly core: w.Core } | { readonly threads: number };

interface Variables {
  model?: w.Model;
  trainer?: w.Trainer;
}

/** The names with which messages may begin: functions, methods, layers and their parameters. */
const NAMES = [
  ...Object.keys({ ...w, ...files }),
  ...Object.keys(w).flatMap((name) => Array.from({ length: 9 }, (_, i) => `${name}${i + 1}`)),
  ..."predict probabilities classify predictAsync classifyAsync forward backward zeroGradients fit step evaluate update".split(
    " ",
  ),
  ..."state restore summary a b own join".split(" "),
];

const bits = (data: ArrayBufferView): string =>
  Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("base64");

/** A value as text, to the bit. */
function digestOf(value: unknown): string {
  const text = JSON.stringify(value, (_, each: unknown) => {
    if (ArrayBuffer.isView(each)) return bits(each);
    if (typeof each === "number") return bits(Float64Array.of(each));
    return typeof each === "bigint" ? String(each) : each;
  });
  return text === undefined || text.length < 60 ? String(text) : createHash("sha1").update(text).digest("hex");
}

/** All that a refused call could have changed. */
function markOf({ model, trainer }: Variables): string {
  if (!model) return "";
  const { passes, outputActivation, inTraining } = model;
  const { updates, epochs } = trainer ?? {};
  const gradients = model.parameters().map((p) => bits(p.gradient()));
  return [model.fingerprint(), passes, outputActivation, inTraining, updates, epochs, ...gradients].join(" ");
}

/** Throws in words of no library: these are the fuzzer's own rules. */
class Broken extends Error {}

const HELPERS = {
  sameModel(model: w.Model, copy: w.Model, x: Float32Array): string {
    if (model.fingerprint() !== copy.fingerprint()) throw new Broken("a saved model has another fingerprint");
    if (bits(model.predict(x)) !== bits(copy.predict(x))) throw new Broken("a saved model predicts otherwise");
    return "the same";
  },
  sameState(before: Uint8Array, after: Uint8Array): string {
    if (bits(before) !== bits(after)) throw new Broken("what was restored is another state");
    return "the same";
  },
};

/** What is wrong with an error that a line ended with. */
function wrongError(error: unknown): string | undefined {
  if (error instanceof Broken) return error.message;
  if ((error as Error).name === "AbortError") return undefined;
  const fault = faultOf(error, NAMES)?.replace(/begin with .*? or .*: (?=.)/, "begin with a name: ");
  return (
    fault &&
    `${fault}\n${String((error as Error).stack)
      .split("\n")
      .slice(1, 6)
      .join("\n")}`
  );
}

/** Runs a program. Gives what each line ended with, and the first fault. */
async function runLines(
  lines: readonly Line[],
  on: On,
): Promise<{ readonly transcript: readonly string[]; readonly fault: string | undefined }> {
  const v: Variables = {};
  const transcript: string[] = [];
  for (const { text, kind } of lines) {
    const before = markOf(v);
    let end: string;
    let refused: unknown;
    try {
      const names = ["w", "f", "v", "on", ...Object.keys(HELPERS)];
      // eslint-disable-next-line typescript/no-implied-eval -- programs are texts
      const call = new Function(...names, `return (async () => { ${text} })()`) as (
        ...args: unknown[]
      ) => Promise<unknown>;
      end = digestOf(await call(w, files, v, on, ...Object.values(HELPERS)));
    } catch (error) {
      refused = error;
      end = `${(error as Error).constructor.name} ${(error as Error).message}`;
      const fault = wrongError(error);
      if (fault !== undefined) return { transcript, fault: `${text}\n${fault}` };
    }
    const after = markOf(v);
    transcript.push(`${end} ${v.model?.fingerprint()} ${v.trainer?.updates}`);
    if (kind === "makes") {
      if (refused) break; // nothing to go on with
      continue;
    }
    // gradients are what these are about; a pass whose loss isn't finite has begun with them
    const looksAtGradients = /zeroGradients|backward/.test(text) || refused instanceof w.NonFiniteError;
    const whole = (mark: string): string => (looksAtGradients ? mark.split(" ").slice(0, 6).join(" ") : mark);
    if (refused && kind !== "trains" && whole(before) !== whole(after) && !/; (?:return|v)/.test(text))
      return { transcript, fault: `${text}\nwas refused (${end}), but changed something` };
    if (v.model?.inTraining) return { transcript, fault: `${text}\nended, but the model is still in training` };
    if (!refused && kind === "looks" && whole(before) !== whole(after))
      return { transcript, fault: `${text}\nonly looks, but changed something` };
  }
  return { transcript, fault: undefined };
}

/** What is wrong with a program: within a run, or between two. */
async function faultIn(
  lines: readonly Line[],
  core: w.Core,
  threads: boolean,
): Promise<{ readonly fault: string | undefined; readonly refused: number }> {
  const first = await runLines(lines, { core });
  const refused = first.transcript.filter((line) => /^\w*Error /.test(line)).length;
  if (first.fault !== undefined) return { fault: first.fault, refused };
  const second = await runLines(lines, threads ? { threads: 3 } : { core });
  const other = second.transcript.findIndex((line, i) => line !== first.transcript[i]);
  if (second.fault !== undefined)
    return { fault: `${threads ? "on three threads" : "again"}: ${second.fault}`, refused };
  if (other < 0) return { fault: undefined, refused };
  const how = threads ? "with three threads" : "when it runs again";
  return {
    fault: `ends otherwise ${how}: ${lines[other]!.text}\n${first.transcript[other]}\n${second.transcript[other]}`,
    refused,
  };
}

/** Leaves out lines as long as the same is wrong. */
async function shortest(
  lines: readonly Line[],
  core: w.Core,
  threads: boolean,
  fault: string,
): Promise<readonly Line[]> {
  let short = lines;
  for (let i = lines.length - 1; i >= 0; i--) {
    const without = short.filter((line) => line !== lines[i]);
    if (without.length > 0 && kindOf((await faultIn(without, core, threads)).fault) === kindOf(fault)) short = without;
  }
  return short;
}

/** The line that it is about, and the first letters of what is wrong. */
const kindOf = (fault: string | undefined): string | undefined => fault?.replace(/^(.*\n.{0,60})[^]*/, "$1");

const textOf = (lines: readonly Line[], threads: boolean): string =>
  [
    'import * as w from "wasmgrad";',
    'import * as f from "wasmgrad/files";',
    `const v = {}, on = { threads: ${threads ? 3 : 1} };`,
    ...lines.map(({ text }) => (/^(?:return|const)/.test(text) ? `await (async () => { ${text} })();` : text)),
  ].join("\n");

export const programs: Fuzzer = {
  name: "programs",
  what: "the whole API: models, trainers and calls in any order, twice or on three threads",
  inTests: 500,
  each: 50,
  async prepare() {
    const { core } = await w.sequential({ input: 1 }, w.dense(1)); // memory is shared: an engine has room for few
    return async (draw) => {
      const lines = anyProgram(draw);
      const threads = draw.chance(0.01);
      const { fault, refused } = await faultIn(lines, core, threads);
      if (fault === undefined) return { fault, refused: refused > 0, input: () => "" };
      const short = await shortest(lines, core, threads, fault);
      const first = (await faultIn(short, core, threads)).fault ?? fault;
      return { fault: first, refused: true, input: () => textOf(short, threads) };
    };
  },
};
