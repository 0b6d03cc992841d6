#!/usr/bin/env node
// The command line: npx wasmgrad
import { commandOf, fitted, formatItem, lessonNames } from "./command.ts";
import { convert } from "./convert/convert.ts";
import { digits } from "./digits.ts";
import { bold, coloured } from "./draw.ts";
import { columns } from "./layout.ts";
import { lessons } from "./lessons/index.ts";
import { endFailed } from "./processes/failures.ts";
import { isStarted, takeTerminal } from "./processes/terminal.ts";
import { rankHere } from "./processes/together.ts";
import { resume } from "./resume.ts";
import { evaluate } from "./tables/evaluate.ts";
import { inspect } from "./tables/inspect.ts";
import { predict } from "./tables/predict.ts";
import { train } from "./tables/train.ts";
import { shown, type Voice, voice } from "./text.ts";
import { version } from "./version.ts";

takeTerminal();
// a reader that has seen enough, such as `head`, is no error
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  process.stderr.write(`wasmgrad: the output can't be written (${error.code})\n`);
  process.exit(1);
});
const write = (line: string): void => void process.stdout.write(`${shown(line, coloured)}\n`);

/** What is no result goes beside it. */
const say = (line: string): void => void process.stderr.write(fitted(`${shown(line, false)}\n`));

const program = commandOf(
  {
    digits: (options) => digits(options, write),
    resume: (folder, options) => resume(folder, options, write),
    train: (file, options) => train(file, options, write),
    predict: (model, file, options) => predict(model, file, options, say),
    evaluate: (model, file, options) => evaluate(model, file, options, write),
    convert: (input, output, options) => convert(input, output, options, write),
    inspect: (model, options) => inspect(model, options, write),
    lesson(name, { lang, image, algorithm }) {
      const speaker = voice(lang, write, bold);
      if (name === undefined) return listLessons(speaker);
      return lessons[name].play(speaker, { image: image === true, algorithm });
    },
    version() {
      write(version);
      process.exit(0);
    },
  },
  version,
);

/** The lessons, in the order in which they build on one another. */
function listLessons(speaker: Voice): void {
  const most = Math.max(...lessonNames.map((name) => name.length));
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
  if (isStarted()) await endFailed(rankHere(), error);
  process.stderr.write(fitted(`wasmgrad: ${shown((error as Error).message, false)}\n`));
  process.exitCode = 1;
}
