// The line of a terminal that says what a training is at: it is overwritten, and gone in the end.
import type { TableStage, TrainTableOptions } from "../../src/data.ts";
import { dim, number } from "../draw.ts";
import { columns, width } from "../layout.ts";

/** What it says of the stages after the network's training. */
const STAGES: Readonly<Record<Exclude<TableStage, "network">, string>> = {
  baselines: "comparing with simple models ...",
  rows: "training on fewer rows, to see whether more would help ...",
  folds: "cross-validating ...",
  importance: "asking what each column is worth ...",
};
/** Milliseconds between two lines. */
const INTERVAL = 100;

/** A line in a terminal. */
export interface StatusLine {
  /** Shows a text, cut where the terminal is too narrow. */
  show(text: string): void;
  /** Leaves an empty line to write on. */
  clear(): void;
}

/** The line, where there is a terminal. */
export function statusLine(shows: boolean): StatusLine {
  let shown = false;
  return {
    show(text) {
      if (!shows) return;
      const most = columns() - 1;
      process.stdout.write(`\r\x1b[2K${dim(width(text) > most ? `${text.slice(0, most - 1)}…` : text)}`);
      shown = true;
    },
    clear() {
      if (shown) process.stdout.write("\r\x1b[2K");
      shown = false;
    },
  };
}

/** What `trainTable` is told for it. `epochs`: how many there are at most, once it is known. */
export function progressOf(
  line: StatusLine,
): Required<Pick<TrainTableOptions, "onStage" | "callbacks">> & { epochs(): number } {
  let best = { loss: Infinity, epoch: 0 };
  let last = 0;
  let most = Infinity;
  return {
    epochs: () => most,
    onStage: (stage) => line.show(stage === "network" ? "training ..." : STAGES[stage]),
    callbacks: [
      {
        onTrainBegin: ({ epochs }) => void (most = epochs),
        onEpochEnd(epoch, logs) {
          const loss = logs["validationLoss"] ?? logs.loss;
          if (loss < best.loss) best = { loss, epoch };
          const now = performance.now();
          if (now - last < INTERVAL) return;
          last = now;
          line.show(
            `epoch ${epoch + 1} of at most ${most}   loss ${number(logs.loss)}   on validation rows ${number(loss)}, best ${number(best.loss)} in epoch ${best.epoch + 1}`,
          );
        },
      },
    ],
  };
}
