// Recurrent layers of golden cases, with their initial states, lengths, and what they give besides their output.
import * as w from "../../../src/index.ts";
import { sizeOf } from "../../../src/util/shape.ts";
import type { Golden } from "../golden.ts";
import { type Entry, goldenKey, inputsOf, needed, singleEntry } from "./entry.ts";

const CELLS = { simple_rnn: w.simpleRnn, lstm: w.lstm, gru: w.gru } as const;

export const isRecurrent = (op: string): boolean => Object.hasOwn(CELLS, op) || op === BIDIRECTIONAL;

const BIDIRECTIONAL = "bidirectional_lstm";

/** Our options that name other inputs, and those inputs' names in a golden set. */
const OTHERS = { lengths: "lengths", initialState: "h0", initialCell: "c0" };

/** @param returnSequences in place of what the case says */
export function recurrentOf(entry: Entry, returnSequences = entry.config.flag("return_sequences", false)): w.Layer {
  const { type, config, name, others } = entry;
  const both = type === BIDIRECTIONAL;
  const [units] = needed(entry, both ? "fwd_weight_hh" : "weight_hh") as [number];
  config.describes("return_sequences");
  config.expect("units", units);
  config.expect("activation", "tanh");
  config.expect("gate_order", type === "gru" ? "rzn" : "ifgo");
  if (type === "gru") config.describes("reset_after");
  config.expect("initial_state", others.some((one) => /[hc]0$/.test(one)) ? "given" : "zero");
  config.expect("lengths", others.includes("lengths"));
  // each direction has its own initial states (fwd_h0), or both have the same one (h0)
  const options = (prefix: string): { units: number; returnSequences: boolean } => ({
    units,
    returnSequences,
    ...Object.fromEntries(
      Object.entries(OTHERS).flatMap(([option, input]) => {
        const found = [prefix + input, input].find((one) => others.includes(one));
        return found === undefined ? [] : [[option, found]];
      }),
    ),
  });
  if (type === "gru") return w.gru({ ...options(""), resetAfter: config.flag("reset_after", true) });
  if (!both) return CELLS[type as keyof typeof CELLS](options(""));
  const back = w.lstm({ ...options("bwd_"), name: `${name}.backward` });
  return w.bidirectional(w.lstm({ ...options("fwd_"), name }), back);
}

/** The slot of assembly/nn/layers/lstm.ts. */
const CELL_SLOT = 33;

/** A recurrent layer with its initial states and lengths, and its auxiliary outputs. */
export async function runRecurrent(golden: Golden): Promise<void> {
  const returnSequences = golden.config.flag("return_sequences", false);
  const [rows, steps] = golden.shape("input") as [number, number];
  const { io, x, names } = inputsOf(golden, "input", /^((fwd|bwd)_)?[hc]0$|^lengths$/);
  const others = names.filter((name) => name !== "input");
  const make = async (all: boolean): Promise<w.Model> => {
    const layer = recurrentOf(singleEntry(golden, others), all);
    const named = layer.kernel === undefined ? layer : { ...layer, name: "layer" };
    const model = await w.sequential({ input: io }, named);
    for (const p of model.parameters()) p.set(golden.get(goldenName(p)));
    return model;
  };
  const model = await make(returnSequences);
  golden.compare("output", model.forward(x));
  const gradients = io.split(model.backward(Float32Array.from(golden.get("grad_output"))));
  for (const name of names) if (name !== "lengths") golden.compare(`grad_${name}`, gradients[name]!);
  for (const p of model.parameters()) golden.compare(`grad_${goldenName(p)}`, p.gradient());
  golden.compare("output", model.predict(x));

  const other = returnSequences ? "h_last" : "sequence";
  if (golden.has(other)) golden.compare(other, (await make(!returnSequences)).predict(x));
  if (golden.has("c_last")) {
    // where the kernels keep the cells: after the last step
    const zeros = new Float32Array(rows * sizeOf(model.outputShape));
    const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd() });
    const { step } = trainer.trainerState.load("trace", x, zeros, undefined, "test");
    step.program.run(step.manual, rows);
    const ends = step.records
      .filter((r) => r.kernel === "lstmForward")
      .map(({ words, layer }) => {
        const units = model.nodes[layer]!.layer.options["units"] as number;
        const cells = model.core.arena.read(words[CELL_SLOT]! + 4 * steps * rows * units, rows * units);
        return (row: number): number[] => Array.from(cells.slice(row * units, (row + 1) * units));
      });
    const joined = Array.from({ length: rows }, (_, row) => ends.flatMap((cells) => cells(row)));
    golden.compare("c_last", joined.flat());
  }
  golden.finish();
}

const goldenName = ({ name }: { name: string }): string => goldenKey(name.slice(name.indexOf(".") + 1));
