// `explain`: what each step of a trace computes, as a formula, for the whole tensor and for each of its numbers.
import { checkKind, isNumbers } from "../util/check.ts";
import { type Shape, shapeText } from "../util/shape.ts";
import { elementOf, type Expression, placesOf, walk } from "./expression.ts";
import { type Sketch, Sketches } from "./formulas/sketch.ts";
import { type Language, type StepText, type Term, termsOf } from "./terms.ts";
import type { Trace, TracedTensor } from "./trace.ts";
import { evaluate, substituted } from "./values.ts";

/** A step of a trace: how one tensor follows from others. */
export interface Step {
  /** The tensor that it computes: Z1, a1, loss, dw1, w1'. */
  readonly name: string;
  /** Which part of a training step it belongs to. */
  readonly part: "forward" | "loss" | "backward" | "update";
  /** What it does: dense, sigmoid, binaryCrossEntropy, sgd; of gradients dense.weight, dense.bias, sigmoid.gradient, ... */
  readonly kind: string;
  /** Name of the layer; undefined for the loss and its gradient. */
  readonly layer: string | undefined;
  /** The tensors that it is computed from, by their names, in the order of the formula. */
  readonly operands: readonly string[];
  /** The same, as tensors. */
  readonly inputs: readonly TracedTensor[];
  /** Sizes of its axes. */
  readonly shape: Shape;
  /** The values that the library computed. */
  readonly tensor: TracedTensor;
  /** A heading in a few words. */
  readonly title: StepText;
  /** A sentence or two. */
  readonly says: StepText;
  /** The formula of the whole tensor on one line: `dZ1 = da1 * a1 * (1 - a1)`. */
  readonly formula: StepText;
  /** The same as a tree; undefined where the formula is not written out. */
  readonly expression: Expression | undefined;
  /** A shorter form of the same, where there is one: dZ2 = (a2 - y) / m. */
  readonly short: Expression | undefined;
  /** What is computed on the way: an update's states of the optimizer, such as Adam's m and v. */
  readonly lines: readonly Step[];
  /** The formula of one number; tensors have an index, a letter where a sum runs over it. Undefined without an expression. */
  element(index: readonly number[]): Expression | undefined;
  /** The formula of one number with its values filled in, and sums written out. Undefined without an expression. */
  substituted(index: readonly number[]): Expression | undefined;
  /** The same as pieces in reading order; none without an expression. */
  terms(index: readonly number[]): Term[];
  /** One number again, from the values that are filled in, in float64; undefined without an expression. */
  recompute(index: readonly number[]): number | undefined;
  /** One number as the library computed it. */
  value(index: readonly number[]): number;
}

/**
 * How each tensor of a trace follows from others: its operands, its formula, and for each number the formula with that number's
 * values. In the order of the trace, and then of its update. A step whose formula isn't written out (convolutions, recurrent
 * layers, one's own) has operands and a sentence, and no `expression`.
 *
 * @param trace what `trace` gave; with `{ update: true }` the steps of the update are there, too
 * @throws {TypeError} if it isn't a trace
 * @example
 * for (const step of explain(trace(trainer, x, y))) {
 *   console.log(step.formula.en); // dw2 = a1ᵀ dZ2
 *   const last = step.shape.map((size) => size - 1);
 *   console.log(step.terms(last).map((term) => term.text).join(""), "=", step.value(last));
 * }
 */
export function explain(trace: Trace): readonly Step[] {
  const isTrace = typeof trace?.recorded?.origins?.get === "function";
  checkKind(isTrace, "explain", "the first argument", "a trace, as trace(trainer, x, y) gives", trace);
  const sketches = new Sketches(trace);
  return [
    ...trace.tensors.map((tensor) => stepOf(tensor, sketches.of(tensor))),
    ...(trace.update ? sketches.update(trace.update).map(([tensor, sketch]) => stepOf(tensor, sketch)) : []),
  ];
}

/** Texts one after another, with the words in their braces. */
function worded(words: Sketch["words"], first: StepText, more: readonly StepText[] = []): StepText {
  const fill = (sentence: string): string => sentence.replace(/\{(\w+)\}/g, (_, word: string) => words[word] ?? "");
  const all = [first, ...more];
  return { en: fill(all.map(({ en }) => en).join(" ")), zh: fill(all.map(({ zh }) => zh).join("")) };
}

/** Puts a step together. */
function stepOf(tensor: TracedTensor, sketch: Sketch): Step {
  const { name, shape, values, layer } = tensor;
  const { expression, short, view = shape, texts, words, more, lines = [] } = sketch;
  const inputs: TracedTensor[] = [];
  const add = (input: TracedTensor | undefined): void => void (input && !inputs.includes(input) && inputs.push(input));
  if (expression) walk(expression, (part) => part.op === "tensor" && add(part.tensor));
  else sketch.inputs.forEach(add);
  const offset = (index: readonly number[]): number => offsetOf(tensor, index);
  const element = (index: readonly number[]): Expression | undefined => {
    const at = offset(index);
    return expression && elementOf(expression, placesOf(view, at));
  };
  const filled = (index: readonly number[]): Expression | undefined => {
    const one = element(index);
    return one && substituted(one);
  };
  return Object.freeze<Step>({
    name,
    part: sketch.part,
    kind: sketch.kind,
    layer,
    operands: inputs.map((input) => input.name),
    inputs,
    shape,
    tensor,
    title: worded(words, texts.title),
    says: worded(words, texts.says, more),
    formula: { en: lineOf(name, sketch, "en"), zh: lineOf(name, sketch, "zh") },
    expression,
    short,
    lines: lines.map(([line, made]) => stepOf(line, made)),
    element,
    substituted: filled,
    terms(index) {
      const one = filled(index);
      return one ? termsOf(one) : [];
    },
    recompute(index) {
      const one = filled(index);
      return one && evaluate(one);
    },
    value: (index) => values[offset(index)]!,
  });
}

/** The formula on one line; of parts with a name of their own, what they stand for. */
function lineOf(name: string, { expression, short, texts, more = [] }: Sketch, language: Language): string {
  if (!expression) return (more.at(-1) ?? texts.says)[language];
  const text = (e: Expression): string =>
    termsOf(e, language)
      .map((term) => term.text)
      .join("")
      .replaceAll("−", "-");
  const right = [expression, ...(short ? [short] : [])].map(
    (e) => ` = ${e.op === "sum" && e.along === "rows" ? SUMMED[language](text(e.of)) : text(e)}`,
  );
  const named = new Map<string, string>();
  walk(expression, (part) => part.op === "named" && named.set(part.name, text(part.of)));
  const where = [...named].map(([part, meaning]) => `, ${part} = ${meaning}`);
  return (name === "loss" ? "L" : name) + right.join("") + where.join("");
}

const SUMMED = {
  en: (text: string) => `sum of ${text} over the samples`,
  zh: (text: string) => `${text} 对样本求和`,
};

/** Where a number stands. Refuses an index that there isn't. */
function offsetOf({ name, shape }: TracedTensor, index: readonly number[]): number {
  checkKind(isNumbers(index), "explain", `the index in ${name}`, "an array of numbers", index);
  const fits =
    index.length === shape.length &&
    shape.every((size, i) => Number.isInteger(index[i]) && index[i]! >= 0 && index[i]! < size);
  if (!fits) {
    const last = shape.map((size) => size - 1).join(", ");
    const rule = shape.length === 0 ? "it is one number, whose index is []" : `indices go up to [${last}]`;
    throw new RangeError(`explain: ${name} is ${shapeText(shape)}: ${rule}, got [${Array.from(index).join(", ")}]`);
  }
  return index.reduce((at, i, axis) => at * shape[axis]! + i, 0);
}
