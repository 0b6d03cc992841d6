// Fuzzes pasted tables and dropped files: each becomes points or a run, or a sentence says why not.
import { csvOf, guessChoice, MOST_ROWS, pointsOf, readTable, unreadable } from "../../../playground/src/play/csv.ts";
import { kindOfFile, looksLikeModel } from "../../../playground/src/play/fileKind.ts";
import { readModel } from "../../../playground/src/play/readModel.ts";
import { modelToBytes } from "../../../src/files.ts";
import * as w from "../../../src/index.ts";
import type { Draw } from "../../fuzz/draw.ts";
import { bytesText, type Fuzzer } from "../../fuzz/engine.ts";
import { changedBytes, changedOften, changedText } from "../../fuzz/mutate.ts";

/** A table that is read as it is. */
function rightTable(draw: Draw): string {
  const delimiter = draw.pick([",", ";", "\t", " ", "|"]);
  const columns = draw.from(1, 5);
  const decimal = delimiter === "," ? "." : draw.pick([".", ","]);
  const cell = (k: number): string =>
    k === columns - 1 && draw.chance(0.9)
      ? draw.pick(["a", "b", "0", "1", "2"])
      : (draw.chance(0.95) ? draw.from(-100, 100) / 10 : draw.number()).toString().replace(".", decimal);
  const rows = draw.list(draw.pick([0, 1, 2, 5, 30]), () => draw.list(columns, cell).join(delimiter));
  if (draw.chance(0.5))
    rows.unshift(draw.list(columns, (k) => draw.pick([`x${k}`, "label", "class", ""])).join(delimiter));
  return rows.join(draw.pick(["\n", "\r\n", "\n\n"]));
}

export const tables: Fuzzer = {
  name: "tables",
  what: "tables that are pasted into the Play page",
  inTests: 3000,
  prepare: () => (draw) => {
    const right = rightTable(draw);
    const text = draw.chance(0.3) ? right : changedOften(draw, right, changedText);
    const input = (): string => JSON.stringify(text);
    if (unreadable(text)) return { fault: undefined, refused: true, input };
    try {
      const given = draw.chance(0.8)
        ? {}
        : {
            header: draw.chance(0.5),
            decimal: draw.pick([".", ","] as const),
            delimiter: draw.pick(["\t", ";", "|", ",", " "] as const),
          };
      const table = readTable(text, given);
      const choice = { ...guessChoice(table), normalise: draw.chance(0.5), leaveOut: draw.chance(0.7) };
      const outcome = pointsOf(table, choice);
      if ("problem" in outcome) {
        const { en, zh } = outcome.problem;
        return { fault: /undefined|NaN|\[object/.test(en + zh) ? en : undefined, refused: true, input };
      }
      const { x, y, names } = outcome.points;
      const finite = [...x, ...y].every(Number.isFinite);
      const labels = choice.task === "values" || y.every((label) => names[label] !== undefined);
      let fault =
        !finite || !labels || x.length !== 2 * y.length || y.length > MOST_ROWS
          ? "has points that can't be used"
          : undefined;
      // what is exported is read as the same
      const copy = readTable(csvOf(x, y, names));
      if (copy.rows.length !== y.length) fault ??= `is exported as ${copy.rows.length} rows in place of ${y.length}`;
      return { fault, refused: false, input };
    } catch (error) {
      return { fault: `threw ${String((error as Error).stack)}`, refused: false, input };
    }
  },
};

export const dropped: Fuzzer = {
  name: "dropped",
  what: "files that are dropped on the Play page as models",
  inTests: 800,
  each: 200,
  async prepare() {
    const files = [
      modelToBytes(await w.sequential({ input: 2, seed: 1 }, w.dense(3), w.tanh(), w.dropout(0.1), w.dense(1))),
      modelToBytes(await w.sequential({ input: 2, seed: 1 }, w.dense(3), w.softmax())),
      modelToBytes(await w.sequential({ input: [2, 2], seed: 1 }, w.gru(2), w.dense(2))),
    ];
    return async (draw) => {
      const file = draw.pick(files);
      const bytes = draw.chance(0.1)
        ? draw.bytes(draw.int(40))
        : draw.chance(0.1)
          ? file
          : changedOften(draw, file, changedBytes);
      const input = (): string => bytesText(bytes);
      try {
        void kindOfFile(bytes);
        const read = await readModel("a.safetensors", bytes);
        if (!("problem" in read))
          return { fault: looksLikeModel(bytes) ? undefined : "is no model, but was read", refused: false, input };
        const { en, zh } = read.problem;
        const odd = [en, zh].find((text) => /\[object|is not a function|Cannot read/.test(text));
        return { fault: odd, refused: true, input };
      } catch (error) {
        return { fault: `threw ${String((error as Error).stack)}`, refused: false, input };
      }
    };
  },
};
