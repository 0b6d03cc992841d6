// Fuzzes the command line's arguments: they are understood as a program's options would be, or refused with a line that says why.
import { CommanderError } from "commander";
import { type Actions, commandOf, lessonNames } from "../../cli/command.ts";
import { DTYPES, LAYOUTS, TARGETS, WEIGHTS } from "../../cli/convert/options.ts";
import { networks } from "../../cli/digits.ts";
import type { Draw } from "./draw.ts";
import type { Fuzzer } from "./engine.ts";
import { changedText } from "./mutate.ts";

const WORDS = [
  ..."train predict evaluate inspect convert digits resume lesson help --help -h -v -V --version -- - auto newton gradient-descent en zh mlp lenet5 1 5 42".split(
    " ",
  ),
  ..."--model --epochs --seed --threads --save --no-save --checkpoints --lang --image --algorithm digits.safetensors".split(
    " ",
  ),
  ..."--target --task --test --validation --k-fold --layers --drop --type --split --group --time --horizon --costs --missing --decimal --out --report --no-out --no-report --json".split(
    " ",
  ),
  ..."--to --model --names --prefix --source --leave-others --input --opset --layout --dtype --weights --check --tolerance a.onnx dense1=fc.0 torch 1e-4".split(
    " ",
  ),
  ..."data.csv y auto series 0.2 64,32 none zip=category stratified 1,5".split(" "),
  ...lessonNames,
];

/** A right command line. */
function rightWords(draw: Draw): string[] {
  const some = (...words: readonly string[]): readonly string[] => (draw.chance(0.4) ? words : []);
  if (draw.chance(0.5)) {
    return [
      "digits",
      ...some("--model", draw.pick(networks)),
      ...some("--epochs", String(draw.from(1, 9))),
      ...some(`--seed=${draw.from(0, 9)}`),
      ...some("--threads", draw.pick(["auto", "1", "2"])),
      ...some("--save", "a.safetensors"),
      ...some("--no-save"),
      ...some("--checkpoints", "run"),
    ];
  }
  if (draw.chance(0.5)) {
    return [
      "train",
      "data.csv",
      "--target",
      "y",
      ...some("--task", draw.pick(["auto", "regression", "classification", "series"])),
      ...some("--test", draw.pick(["0.2", "12", "later.csv"])),
      ...some("--validation", draw.pick(["0.2", "12"])),
      ...some("--k-fold", String(draw.from(2, 9))),
      ...some("--layers", draw.pick(["64,32", "none", "8"])),
      ...some("--drop", "a,b"),
      ...some("--type", draw.pick(["zip=category", "day=date:dd/mm/yyyy"])),
      ...some("--missing", "n.v.,unknown"),
      ...some("--decimal", draw.pick([".", ","])),
      ...some("--split", draw.pick(["random", "stratified", "group", "time"])),
      ...some("--costs", "1,5"),
      ...some("--out", "a.safetensors"),
      ...some("--no-report"),
      ...some("--json"),
    ];
  }
  if (draw.chance(0.3)) {
    const [model, data] = ["a.safetensors", "data.csv"];
    return draw.pick([
      ["predict", model, data, ...some("--out", "b.csv")],
      ["evaluate", model, data, ...some("--costs", "1,5"), ...some("--json")],
      ["inspect", model, ...some("--json")],
    ]);
  }
  if (draw.chance(0.4)) {
    return [
      "convert",
      draw.pick(["a.onnx", "a.safetensors", "a.pt", "a.npz", "web"]),
      draw.pick(["b.onnx", "b.safetensors", "b.npz", "web/", "b.mjs"]),
      ...some("--to", draw.pick(TARGETS)),
      ...some("--model", "base.safetensors"),
      ...some("--names", draw.pick(["dense1=fc.0", "dense1=fc.0,dense2=fc.2"])),
      ...some("--prefix", "model."),
      ...some("--source", draw.pick(["torch", "wasmgrad"])),
      ...some("--leave-others"),
      ...some("--input", draw.pick(["28,28,1", "image=8,8,1"])),
      ...some("--opset", String(draw.from(13, 23))),
      ...some("--layout", draw.pick(LAYOUTS)),
      ...some("--dtype", draw.pick(DTYPES)),
      ...some("--weights", draw.pick(WEIGHTS)),
      ...some("--check", "in.npz", "--tolerance", "1e-4"),
      ...some("--json"),
      ...some("--lang", draw.pick(["en", "zh"])),
    ];
  }
  if (draw.chance(0.2)) return ["resume", "run", ...some("--threads", draw.pick(["auto", "1", "2"]))];
  return [
    "lesson",
    ...some(draw.pick(lessonNames)),
    ...some("--lang", draw.pick(["en", "zh"])),
    ...some("--image"),
    ...some("--algorithm", draw.pick(["newton", "gradient-descent"])),
  ];
}

function changedWords(draw: Draw, words: string[]): string[] {
  const at = draw.int(words.length + 1);
  const odd = (): string =>
    draw.call([() => draw.pick(WORDS), () => draw.text(), () => String(draw.number()), () => `--${draw.text()}`]);
  draw.call<unknown>([
    () => words.splice(at, 0, odd()),
    () => words.splice(at, 1, odd()),
    () => words.splice(at, 1),
    () => words.splice(at, 0, ...words),
    () => words.splice(at, 1, changedText(draw, words[at] ?? "")),
    () => words.push(...words.splice(0, at)),
  ]);
  return words;
}

const isWhole = (value: unknown, least: number): boolean => Number.isSafeInteger(value) && (value as number) >= least;

/** What is wrong with options that were understood. */
const actions = (found: (fault: string | undefined) => void): Actions => ({
  digits: ({ model, epochs, seed, threads, save, checkpoints }) => {
    const holds =
      networks.includes(model) &&
      (epochs === undefined || isWhole(epochs, 1)) &&
      isWhole(seed, 0) &&
      (threads === "auto" || isWhole(threads, 1)) &&
      (save === false || typeof save === "string") &&
      (checkpoints === undefined || (typeof checkpoints === "string" && checkpoints !== ""));
    found(holds ? undefined : `understood as ${JSON.stringify({ model, epochs, seed, threads, save, checkpoints })}`);
  },
  resume: (folder, { threads }) => {
    const holds =
      typeof folder === "string" &&
      folder !== "" &&
      (threads === undefined || threads === "auto" || isWhole(threads, 1));
    found(holds ? undefined : `understood as ${JSON.stringify({ folder, threads })}`);
  },
  train: (file, options) => {
    const { target, layers, epochs, validation, test, kFold, seed, out, report, costs } = options;
    const isShare = (value: unknown): boolean =>
      value === undefined || (typeof value === "number" && value > 0 && (value < 1 || isWhole(value, 1)));
    const isPath = (value: unknown): boolean => value === undefined || value === false || typeof value === "string";
    const holds =
      typeof file === "string" &&
      typeof target === "string" &&
      (layers === undefined || layers.every((units) => isWhole(units, 1))) &&
      (epochs === undefined || isWhole(epochs, 1)) &&
      isShare(validation) &&
      (typeof test === "string" || isShare(test)) &&
      (kFold === undefined || isWhole(kFold, 2)) &&
      (costs === undefined || (costs.length === 2 && costs.every((cost) => cost >= 0))) &&
      isWhole(seed, 0) &&
      isPath(out) &&
      isPath(report);
    found(holds ? undefined : `understood as ${JSON.stringify(options)}`);
  },
  predict: (model, file, { out }) => {
    const holds = [model, file].every((path) => typeof path === "string") && (out === undefined || out !== "");
    found(holds ? undefined : `understood as ${JSON.stringify({ model, file, out })}`);
  },
  evaluate: (model, file, { costs, json }) => {
    const holds = [undefined, true].includes(json) && (costs === undefined || costs.length === 2);
    found(holds ? undefined : `understood as ${JSON.stringify({ model, file, costs, json })}`);
  },
  inspect: (model, { json }) => found([undefined, true].includes(json) ? undefined : `understood as ${model}`),
  convert: (input, output, options) => {
    const { to, names = {}, input: sizes = {}, opset, layout, dtype, weights, tolerance, source, lang } = options;
    const among = (value: string | undefined, all: readonly string[]): boolean =>
      value === undefined || all.includes(value);
    const holds =
      [input, output].every((path) => typeof path === "string") &&
      among(to, TARGETS) &&
      among(layout, LAYOUTS) &&
      among(dtype, DTYPES) &&
      among(weights, WEIGHTS) &&
      among(source, ["torch", "wasmgrad"]) &&
      among(lang, ["en", "zh"]) &&
      Object.entries(names).every(([layer, module]) => layer !== "" && typeof module === "string") &&
      Object.values(sizes).every((shape) => shape.every((size) => isWhole(size, 1))) &&
      (opset === undefined || isWhole(opset, 1)) &&
      (tolerance === undefined || (tolerance >= 0 && Number.isFinite(tolerance)));
    found(holds ? undefined : `understood as ${JSON.stringify(options)}`);
  },
  lesson: (name, { lang, image, algorithm }) => {
    const holds =
      (name === undefined || lessonNames.includes(name)) &&
      ["en", "zh"].includes(lang) &&
      (image === undefined || image === true) &&
      ["newton", "gradient-descent"].includes(algorithm);
    found(holds ? undefined : `understood as ${JSON.stringify({ name, lang, image, algorithm })}`);
  },
  version: () => {
    found(undefined);
    throw new CommanderError(0, "version", "the process ends here");
  },
});

export const command: Fuzzer = {
  name: "command",
  what: "the command's arguments",
  inTests: 2000,
  prepare: () => async (draw) => {
    let words = rightWords(draw);
    for (let count = draw.from(0, 3); count > 0; count--) words = changedWords(draw, words);
    // no program can be given half a character, or a zero
    words = words.map((word) => word.replaceAll(/[\0\ud800-\udfff]/gu, ""));
    if (words.length === 0) words = ["help"]; // what the program does then
    let fault: string | undefined;
    let ran = 0;
    let said = "";
    const found = (wrong: string | undefined): void => {
      ran++;
      fault ??= wrong;
    };
    const program = commandOf(actions(found), "1.2.3");
    for (const each of [program, ...program.commands]) {
      each
        .exitOverride()
        .configureOutput({ writeOut: (text) => void (said += text), writeErr: (text) => void (said += text) });
    }
    let refused = false;
    try {
      await program.parseAsync(words, { from: "user" });
    } catch (error) {
      if (!(error instanceof CommanderError)) fault ??= `threw ${String(error)}`;
      else if (error.exitCode !== 0) {
        refused = true;
        if (!/^(?:error: \S|Usage: )/.test(said)) fault ??= `refused with ${JSON.stringify(said)}`;
      } else if (said === "" && ran === 0) fault ??= "says nothing";
    }
    if (ran > 1 || (ran > 0 && refused)) fault ??= "ran, and was refused";
    return { fault, refused, input: () => JSON.stringify(words) };
  },
};
