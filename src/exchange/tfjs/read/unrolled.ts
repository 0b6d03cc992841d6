// Recurrent layers whose activations aren't those of our kernels, step by step: as layers that share their weights.
import { dense } from "../../../nn/layers/dense.ts";
import { pick } from "../../../nn/layers/pick.ts";
import { reshape } from "../../../nn/layers/reshape.ts";
import { slice } from "../../../nn/layers/slice.ts";
import { concat } from "../../../nn/composites/concat.ts";
import { from } from "../../../nn/composites/from.ts";
import type { Layer } from "../../../graph/layer.ts";
import { activationOf } from "./activations.ts";
import type { Own, Source, Value } from "./flow.ts";
import { operate } from "./merge.ts";
import type { Call } from "./reader.ts";
import type { Cell } from "./cell.ts";
import { affine } from "./shapes.ts";

/** Values side by side, on their last axis. */
export function concatLast({ reader, where }: Call, values: readonly Value[], hint: string): Value {
  const { shape } = values[0]!;
  const total = values.reduce((sum, value) => sum + value.shape.at(-1)!, 0);
  return reader.flow.join(where, undefined, values, [...shape.slice(0, -1), total], hint, (names) => [
    concat(names.map((name) => from(name))),
  ]);
}

/** Vectors as the steps of a sequence. */
function sequence({ reader, where }: Call, values: readonly Value[], hint: string): Value {
  const [units] = values[0]!.shape as [number];
  const shape = [values.length, units];
  if (values.length === 1) return reader.flow.unary(where, values[0]!, [reshape(shape)], hint);
  return reader.flow.join(where, undefined, values, shape, hint, (names) => [
    concat(
      names.map((name) => from(name, reshape([1, units]))),
      { axis: 0 },
    ),
  ]);
}

/** The steps from the last one to the first. */
export function reversed(call: Call, value: Value): Value {
  const { reader, where, name } = call;
  const steps = value.shape[0]!;
  reader.flow.count(where, 2 * steps);
  const all = Array.from({ length: steps }, (_, i) =>
    reader.flow.unary(where, value, [pick({ index: steps - 1 - i })], `${name}/step${i}`),
  );
  return sequence(call, all, `${name}/reversed`);
}

/** What a cell puts out, computed by its definition. */
export function unrolled(
  call: Call,
  cell: Cell,
  input: Value,
  initial: readonly Value[],
  name: string,
  sources: Readonly<Record<string, Source>>,
): { readonly y: Value; readonly states: readonly Value[] } {
  const { reader, where, key } = call;
  const { flow } = reader;
  const { units, type, resetAfter, returnSequences, returnState, reverse, options } = cell;
  const steps = input.shape[0]!;
  if (cell.stateful)
    throw call.config.odd(
      "stateful",
      `must be false with activations ${cell.activation} and ${cell.recurrentActivation}`,
    );
  const layer = (suffix: string, kernel: "kernel" | "recurrent", outputs: number, all: Record<string, Source>): Own => {
    const keys = Object.entries(options).flatMap(([option, value]): (readonly [string, unknown])[] => {
      if (option === "trainable" || option.startsWith("bias")) return [[option, value]];
      return option.startsWith(kernel) ? [[option.replace(/^recurrent/, "kernel"), value]] : [];
    });
    const own = Object.fromEntries(keys);
    return flow.own(
      `${key}|${suffix}`,
      `${name}/${suffix}`,
      (called) => dense(outputs, { ...own, useBias: "bias" in all, name: called }),
      all,
    );
  };
  const on = (value: Value, items: readonly (Layer | Own)[], hint: string): Value =>
    flow.unary(where, value, items, `${name}/${hint}`);
  const act = (value: Value, activation: string, hint: string): Value => {
    const one = activationOf(activation);
    return one ? on(value, [one], hint) : value;
  };
  const gate = (value: Value, i: number, hint: string, count = 1): Value =>
    value.shape[0] === count * units ? value : on(value, [slice({ from: i * units, to: (i + count) * units })], hint);
  const { weightIh, weightHh, bias, biasIh, biasHh } = sources as Record<string, Source>;
  const columns = weightIh!.shape[1]!;
  const inputs = on(
    input,
    [layer("kernel", "kernel", columns, { weight: weightIh!, bias: (biasIh ?? bias)! })],
    "inputs",
  );
  // of a gru that resets before the product, the candidate's weights are a product of their own
  const split = type === "gru" && !resetAfter;
  const hidden = (): Own =>
    layer("recurrent", "recurrent", columns, { weight: weightHh!, ...(biasHh && { bias: biasHh }) });
  const gates = (): Own =>
    layer("recurrentGates", "recurrent", 2 * units, { weight: columnsOf(weightHh!, units, 0, 2) });
  const candidate = (): Own =>
    layer("recurrentCandidate", "recurrent", units, { weight: columnsOf(weightHh!, units, 2, 3) });
  let h = initial[0];
  let c = initial[1];
  if (!h && resetAfter) {
    // zeros, whose product has the bias
    const first = on(inputs, [pick({ index: 0 }), slice({ from: 0, to: units })], "start");
    h = on(first, affine(call, [units], 0, 0, "zeros"), "zeros");
  }
  const all: Value[] = [];
  for (let i = 0; i < steps; i++) {
    const t = reverse ? steps - 1 - i : i;
    const x = on(inputs, [pick({ index: t })], `input${t}`);
    const sum = (a: Value, b: Value | undefined, hint: string): Value =>
      b ? operate(call, "add", [a, b], `${name}/${hint}${t}`) : a;
    const product = (a: Value, b: Value, hint: string): Value =>
      operate(call, "multiply", [a, b], `${name}/${hint}${t}`);
    if (type === "simpleRnn") {
      h = act(sum(x, h && on(h, [hidden()], `recurrent${t}`), "sum"), cell.activation, `h${t}`);
    } else if (type === "lstm") {
      const z = sum(x, h && on(h, [hidden()], `recurrent${t}`), "sum");
      const opened = act(gate(z, 0, `in${t}`, 2), cell.recurrentActivation, `gates${t}`);
      const fresh = product(gate(opened, 0, `i${t}`), act(gate(z, 2, `g${t}`), cell.activation, `new${t}`), "taken");
      c = sum(fresh, c && product(gate(opened, 1, `f${t}`), c, "kept"), "c");
      const shown = act(gate(z, 3, `out${t}`), cell.recurrentActivation, `o${t}`);
      h = product(shown, act(c, cell.activation, `shown${t}`), "h");
    } else {
      const before: Value | undefined = h;
      const product0 = before && !split ? on(before, [hidden()], `recurrent${t}`) : undefined;
      const inner = split
        ? before && on(before, [gates()], `recurrent${t}`)
        : product0 && gate(product0, 0, `inner${t}`, 2);
      // without a state before, there is nothing to reset
      const opened = before ? gate(x, 0, `in${t}`, 2) : gate(x, 1, `in${t}`);
      const rz = act(sum(opened, inner, "sum"), cell.recurrentActivation, `rz${t}`);
      const z = before ? gate(rz, 1, `z${t}`) : rz;
      const reset = (state: Value): Value => product(gate(rz, 0, `r${t}`), state, "reset");
      let other: Value | undefined;
      if (before && split) other = on(reset(before), [candidate()], `candidate${t}`);
      else if (product0) other = reset(gate(product0, 2, `state${t}`));
      const n: Value = act(sum(gate(x, 2, `xn${t}`), other, "candidate"), cell.activation, `n${t}`);
      // n + z (h - n)
      const change: Value = before ? operate(call, "subtract", [before, n], `${name}/change${t}`) : n;
      const moved = product(z, change, "part");
      h = before ? sum(n, moved, "h") : operate(call, "subtract", [n, moved], `${name}/h${t}`);
    }
    all.push(h);
  }
  const ordered = reverse ? all.toReversed() : all;
  const states = returnState ? [h!, ...(type === "lstm" ? [c!] : [])] : [];
  return { y: returnSequences ? sequence(call, ordered, name) : h!, states };
}

/** Some columns of a weight: gates from `first` to before `end` of each row. */
function columnsOf(source: Source, units: number, first: number, end: number): Source {
  const [rows, columns] = source.shape as [number, number];
  const shape = [rows, (end - first) * units];
  if (!("weight" in source)) return source;
  const pickColumns = (numbers: Float32Array): Float32Array => {
    const given = source.to ? source.to(numbers) : numbers;
    const picked = new Float32Array(rows * shape[1]!);
    for (let row = 0; row < rows; row++) {
      picked.set(given.subarray(row * columns + first * units, row * columns + end * units), row * shape[1]!);
    }
    return picked;
  };
  return { ...source, shape, to: pickColumns };
}
