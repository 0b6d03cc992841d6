// The command `digits`: trains a recogniser of handwritten digits on MNIST.
import { resolve } from "node:path";
import { setImmediate } from "node:timers/promises";
import {
  accuracy,
  adam,
  classificationReport,
  backend,
  type Model,
  oneCycle,
  sequential,
  softmaxCrossEntropy,
  Trainer,
} from "../src/index.ts";
import { type DigitSet, mnist } from "../src/datasets.ts";
import { saveModel } from "../src/files.ts";
import { lenet5, mlp } from "../src/models.ts";
import { beside, bold, dim, good, image, number, table } from "./draw.ts";
import { prose } from "./layout.ts";
import { type Part, PASSES, type ProcessOptions, together } from "./processes/together.ts";
import {
  checkedOptions,
  newRun,
  placeText,
  processRules,
  resumable,
  sayInterrupted,
  type Run,
  type RunFile,
  updatesText,
  wholeRule,
} from "./runs.ts";
import { summaryText } from "./summaryText.ts";
import { checkWritable } from "./writable.ts";

/**
 * The networks, and how each is trained: alone, and together with other processes, by updates of more images. The rate of lenet5 alone did best on
 * the last 10,000 of the images to learn from.
 */
const NETWORKS = {
  mlp: {
    ...mlp({ dropout: 0.1 }),
    epochs: 5,
    alone: { batchSize: 128, learningRate: 4e-3 },
    together: { batchSize: 64, accumulate: PASSES, learningRate: 1.2e-2 },
  },
  lenet5: {
    ...lenet5({ activation: "relu", pooling: "max" }),
    epochs: 3,
    alone: { batchSize: 64, learningRate: 6e-3 },
    together: { batchSize: 32, accumulate: PASSES, learningRate: 8e-3 },
  },
};
/** Their names. */
export const networks = Object.keys(NETWORKS);

/** Options of the command `digits`. */
export interface DigitsOptions extends ProcessOptions {
  readonly model: keyof typeof NETWORKS;
  /** Default: as many as the network needs. */
  readonly epochs?: number;
  readonly seed: number;
  readonly threads: number | "auto";
  /** Where the model is saved; false: nowhere. */
  readonly save: string | false;
  /** The folder that keeps the training, so that it can be resumed; default: it isn't kept. */
  readonly checkpoints?: string;
}

const MISREAD = 6;

/**
 * Trains a recogniser, prints how well it does, and saves it. Ctrl-C ends it between two steps, or when it is saved.
 *
 * @param resumed the training to go on with
 */
export function digits(options: DigitsOptions, write: (line: string) => void, resumed?: Run): Promise<void> {
  const { checkpoints, epochs = NETWORKS[options.model].epochs } = options;
  const work = async (part: Part): Promise<void> => {
    const run = resumed ?? (checkpoints === undefined ? undefined : await newRun("digits", checkpoints));
    await resumable(run, { epochs, ...part }, () => train({ ...options, epochs }, part, run));
  };
  return together("digits", options, write, work, () => sayInterrupted(resumed?.folder ?? checkpoints, epochs, write));
}

/** The options of a training that `digits` began. */
export const digitsOptions = (folder: string, file: RunFile): DigitsOptions =>
  checkedOptions<Omit<DigitsOptions, "checkpoints">>(folder, file, {
    model: [(value) => networks.includes(value as string), `one of ${networks.join(", ")}`],
    epochs: wholeRule(1),
    seed: wholeRule(0),
    threads: [(value) => value === "auto" || wholeRule(1)[0](value), `${wholeRule(1)[1]}, or "auto"`],
    save: [(value) => value === false || (typeof value === "string" && value !== ""), "a file's path, or false"],
    ...processRules,
  });

async function train(
  options: DigitsOptions & { readonly epochs: number },
  { group, isFirst, write, signal, stage }: Part,
  run: Run | undefined,
): Promise<void> {
  const say = (text: string): void => write(prose(text));
  const { epochs, seed, threads, save, hosts } = options;
  const { input, layers, ...its } = NETWORKS[options.model];
  const { batchSize, learningRate, ...passes } = group ? its.together : its.alone;
  const { accumulate = 1 } = passes as { readonly accumulate?: number };
  if (save !== false && isFirst) await checkWritable("digits", save);
  const { train: learn, test } = await mnist();
  await stage();
  const rows = learn.y.length;
  const model = await sequential({ input, seed, threads }, ...layers);
  say(
    `${bold("MNIST")}  ${rows.toLocaleString("en-US")} handwritten digits to learn from, ${test.y.length.toLocaleString("en-US")} to test with`,
  );
  write("");
  write(`${summaryText(model.summary())}\n`);
  const updates = epochs * Math.ceil(rows / (batchSize * accumulate));
  const trainer = new Trainer(model, {
    loss: softmaxCrossEntropy(),
    optimizer: adam({ learningRate }),
    schedule: oneCycle({ length: updates }),
    metrics: [accuracy()],
  });
  const left = updates - (run?.before?.step ?? 0);
  if (run?.before && left > 0) say(`${bold("Resumed")}  ${placeText(run.before, epochs)}\n`);
  // an absolute path: it may be resumed from another folder
  if (isFirst) {
    const kept = { model: options.model, epochs, seed, threads, save: save !== false && resolve(save) };
    await run?.begin({ ...kept, ...(group ? { processes: group.size } : {}), ...(hosts ? { hosts } : {}) });
  }
  const start = performance.now();
  const shared = group ? { accumulate, group } : {};
  const history = await trainer.fit(learn, { epochs, batchSize, signal, ...shared, ...run?.fitting });
  const seconds = (performance.now() - start) / 1000;
  if (!process.stdout.isTTY) {
    write(table(["epoch", "loss", "accuracy"], history.loss.map((loss, e) => [String(e + 1), number(loss), number(history["accuracy"]![e]!)]))); // prettier-ignore
  }
  await stage();
  if (!isFirst) return;
  write("");
  const predicted = model.classify(test.x);
  const report = classificationReport(test.y, predicted, 10);
  write(`${bold("Test accuracy")}  ${good(`${(report.accuracy * 100).toFixed(2)} %`)}\n`);
  write(
    table(
      ["digit", "precision", "recall", "F1", "images"],
      report.classes.map((c, digit) => [
        String(digit),
        ...[c.precision, c.recall, c.f1].map((metric) => metric.toFixed(4)),
        String(c.support),
      ]),
    ),
  );
  write("");
  say(`${bold("Confusion")}  ${dim("a row for each digit, a column for what it was taken for")}`);
  write("");
  write(
    table(
      ["", ...report.confusion.map((_, c) => String(c))],
      report.confusion.map((row, digit) => [
        String(digit),
        ...row.map((count, c) => (count === 0 ? dim("·") : c === digit ? good(String(count)) : String(count))),
      ]),
    ),
  );
  write(`\n${bold("Misread")}\n`);
  write(misread(model, test, predicted));
  const whole = left === updates;
  const rate = Math.round((whole ? rows * epochs : left * batchSize * accumulate) / seconds).toLocaleString("en-US");
  const { threads: count } = backend(model);
  const how = howText(count, group?.size);
  const speed = `in ${seconds.toFixed(1)} s, ${rate} samples/s on ${how}`;
  const here = whole ? ` ${speed}` : left > 0 ? `, the last ${updatesText(left)} ${speed}` : "; nothing was left to do";
  write("");
  say(`${bold("Trained")}  ${epochs} ${epochs === 1 ? "epoch" : "epochs"}${here}`);
  say(
    `${bold("Fingerprint")}  ${model.fingerprint()}  ${dim(`the same in every engine${group ? " and for any number of processes," : ""} for seed ${seed}`)}`,
  );
  if (save !== false) {
    await setImmediate();
    signal.throwIfAborted();
    await saveModel(model, save);
    write(`${bold("Saved")}  ${save}`);
  }
}

/** On what it was trained: "2 processes of one thread". */
function howText(threads: number, processes: number | undefined): string {
  const each = threads === 1 ? "one thread" : `${threads} threads`;
  return processes === undefined ? each : `${processes} ${processes === 1 ? "process" : "processes"} of ${each}`;
}

/** The first few digits that were read wrongly, drawn, with the two readings. */
function misread(model: Model, { x, y }: DigitSet, predicted: Int32Array): string {
  const wrong = Array.from(y.keys()).filter((r) => predicted[r] !== y[r]).slice(0, MISREAD); // prettier-ignore
  const pictures = wrong.map((r) => {
    const pixels = x.data.subarray(r * 784, (r + 1) * 784);
    const sure = model.probabilities(Float32Array.from(pixels, (byte) => byte * x.scale));
    const caption = `${y[r]}, read as ${predicted[r]} (${(sure[predicted[r]!]! * 100).toFixed(0)} %)`;
    return [...image(Float32Array.from(pixels, (byte) => byte / 255), 28), caption]; // prettier-ignore
  });
  return beside(...pictures);
}
