// Finds the formula of a traced tensor: by the record that wrote it, its layer, the loss or the optimizer.
import type { ModelNode } from "../../graph/layer.ts";
import type { PlacedParameter } from "../../graph/parameter.ts";
import { type Shape, sizeOf } from "../../util/shape.ts";
import { type Expression, numeral } from "../expression.ts";
import type { StepText } from "../terms.ts";
import type { Origin, Recorded, Trace, TracedTensor, TracedUpdate } from "../trace.ts";
import { ACTIVATIONS, type ActivationFormula } from "./activations.ts";
import { type LossFormula, LOSSES } from "./losses.ts";
import { adjusted, elementwise, leaf, matrixOf, sizesOf, symbol, symbolsOf, withNamed } from "./operands.ts";
import { OPTIMIZERS, type OptimizerOptionValues } from "./optimizers.ts";
import { type Names, parse } from "./parse.ts";
import { MORE, type StepTexts, TEXTS, unknown } from "./texts.ts";

/** What a step is made of. */
export interface Sketch {
  readonly part: "forward" | "loss" | "backward" | "update";
  readonly kind: string;
  readonly texts: StepTexts;
  /** Sentences that are said besides. */
  readonly more?: readonly StepText[];
  /** Words for what stands in braces in the texts. */
  readonly words: Readonly<Record<string, string>>;
  /** What it is computed from, where there is no expression to tell. */
  readonly inputs: readonly (TracedTensor | undefined)[];
  readonly expression?: Expression | undefined;
  readonly short?: Expression | undefined;
  /** The shape in which the formula sees the result; default its own. */
  readonly view?: Shape;
  /** What is computed on the way, with its tensor. */
  readonly lines?: readonly (readonly [TracedTensor, Sketch])[];
}

/** What the formulas of a loss and of its gradient are made of. */
interface LossParts {
  readonly formula: LossFormula;
  /** The output as a matrix. */
  readonly view: Shape;
  read(text: string): Expression;
  /** In front of a sample's loss, and behind the sum. */
  readonly weight: string;
  readonly divisor: string;
}

/** What the texts call a layer: its number and its function. */
function wordsOf({ layer, outputName, textbookNames }: ModelNode): Record<string, string> {
  const numbered = Object.values(textbookNames)[0] ?? outputName;
  return { layer: /\d*$/.exec(numbered)![0], name: layer.type };
}

/** An activation's formula, if it is written out. */
function activationOf({ layer: { type, options } }: ModelNode): ActivationFormula | undefined {
  const { approximate, low, high } = options;
  const bound = high === undefined ? "low" : low === undefined ? "high" : ""; // of clip, the one that is there
  return ACTIVATIONS[`${type} ${typeof approximate === "string" ? approximate : bound}`] ?? ACTIVATIONS[type];
}

const isTrained =
  (node: ModelNode) =>
  (parameter: PlacedParameter, i: number): boolean =>
    parameter.trained && !node.specs[i]!.owner;

/** The formulas of a trace. */
export class Sketches {
  readonly #trace: Trace;
  readonly #recorded: Recorded;

  constructor(trace: Trace) {
    this.#trace = trace;
    this.#recorded = trace.recorded;
  }

  /** What a tensor of the step is made of. */
  of(tensor: TracedTensor): Sketch {
    const origin = this.#recorded.origins.get(tensor)!;
    const { kernel, node, words } = origin;
    if (!node) return kernel.endsWith("Loss") ? this.#loss(tensor, origin) : this.#sum(tensor, words);
    if (kernel === `${node.layer.kernel}Forward` && tensor.name === node.outputName) {
      return this.#forward(tensor, node, words);
    }
    return kernel === "addForward" ? this.#sum(tensor, words) : this.#backward(tensor, node, origin);
  }

  #at(address: number | undefined): TracedTensor | undefined {
    return address ? this.#recorded.places.get(address) : undefined;
  }

  /** Gradients of one value, from several readers. */
  #sum({ shape }: TracedTensor, words: readonly number[]): Sketch {
    const inputs = [this.#at(words[0]), this.#at(words[4])];
    const parts = inputs.flatMap((input) => (input ? [elementwise(input, shape)] : []));
    const expression: Expression | undefined = parts.length === 2 ? { op: "add", parts } : undefined;
    return { part: "backward", kind: "sum", texts: TEXTS.sum, words: {}, inputs, expression };
  }

  #forward(tensor: TracedTensor, node: ModelNode, words: readonly number[]): Sketch {
    const { layer, index } = node;
    const { type } = layer;
    const [x, fifth] = [this.#at(words[0]), this.#at(words[4])];
    const parameters = node.parameters.map((p) => this.#at(p.address));
    const base = { part: "forward", kind: type, words: wordsOf(node), inputs: [x, ...parameters] } as const;
    if (!x) return { ...base, texts: unknown("layer") };
    const view = matrixOf(tensor);
    if (type === "dense") {
      const [w, b] = parameters as [TracedTensor, TracedTensor?];
      const names: Names = { x: leaf(x, matrixOf(x, w.shape[0])), w: leaf(w), ...(b && { b: leaf(b, b.shape, [-1]) }) };
      const expression = parse(b ? "x @ w + b" : "x @ w", names, sizesOf(view));
      return { ...base, texts: b ? TEXTS.dense : TEXTS.denseWithoutBias, view, expression };
    }
    const activation = activationOf(node);
    if (activation) {
      const texts = { ...TEXTS.activation, says: activation.says };
      const isLast = index === this.#recorded.nodes.length - 1;
      const expression = this.#activation(activation.forward, activation, node, { z: leaf(x, view) }, view);
      return { ...base, texts: isLast ? { ...TEXTS.answer, says: activation.says } : texts, view, expression };
    }
    const { shape } = tensor;
    const names: Names = { x: elementwise(x, shape), ...symbolsOf(layer.options) };
    if (type === "dropout" && fifth) {
      const expression = parse("x * mask / (1 - rate)", { ...names, mask: elementwise(fifth, shape) }, sizesOf(view));
      return { ...base, texts: TEXTS.dropout, expression };
    }
    if (type === "add" && fifth) {
      return { ...base, texts: TEXTS.add, expression: { op: "add", parts: [names["x"]!, elementwise(fifth, shape)] } };
    }
    return { ...base, texts: unknown("layer") };
  }

  #activation(text: string, formula: ActivationFormula, { layer }: ModelNode, tensors: Names, view: Shape): Expression {
    const sizes = sizesOf(view);
    const names = { ...tensors, ...symbolsOf(layer.options), ...symbolsOf(formula.symbols ?? {}) };
    return parse(text, withNamed(names, formula.named, sizes), sizes);
  }

  #backward(tensor: TracedTensor, node: ModelNode, { words, address }: Origin): Sketch {
    const { layer } = node;
    const { type } = layer;
    const [x, y, , dy, fifth] = words.slice(0, 5).map((a) => this.#at(a));
    const at = node.parameters.findIndex((p) => p.slot + this.#recorded.gradientOffset === address);
    const parameter = node.parameters[at];
    const parameters = node.parameters.map((p) => this.#at(p.address));
    const kind = `${type}.${parameter ? parameter.local : "input"}`;
    const base = { part: "backward", kind, words: wordsOf(node), inputs: [x, dy, ...parameters] } as const;
    const none: Sketch = { ...base, texts: unknown("layer") };
    if (!x || !y || !dy) return none;
    if (type === "dense" && !node.shares) {
      const [w] = parameters as [TracedTensor];
      const [nIn, nOut] = w.shape as [number, number];
      const names: Names = { x: leaf(x, matrixOf(x, nIn)), w: leaf(w), dz: leaf(dy, matrixOf(dy, nOut)) };
      const sizes = { rows: sizeOf(dy.shape) / nOut, columns: nOut };
      if (!parameter) {
        const view = matrixOf(tensor, nIn);
        return { ...base, texts: TEXTS.inputGradient, view, expression: parse("dz @ T(w)", names, sizes) };
      }
      const isWeight = parameter.local === "weight";
      const texts = isWeight ? TEXTS.weightGradient : TEXTS.biasGradient;
      const expression = parse(isWeight ? "T(x) @ dz" : "sumRows(dz)", names, sizes);
      const penalty = node.specs[at]!.regularizer;
      if (!penalty) return { ...base, texts, expression };
      const slope = PENALTIES[penalty.regularizer]?.slope;
      if (!slope) return { ...base, texts, more: [MORE.unwrittenPenalty] };
      const own = parse(slope, { w: elementwise(parameters[at]!), λ: symbol("λ", penalty.options.lambda) }, sizes);
      return { ...base, texts, more: [MORE.penalty], expression: { op: "add", parts: [expression, own] } };
    }
    const activation = activationOf(node);
    if (activation) {
      const view = matrixOf(y);
      const tensors: Names = { z: leaf(x, view), a: leaf(y, view), da: leaf(dy, view) };
      const expression = this.#activation(activation.backward, activation, node, tensors, view);
      const short = type === "sigmoid" ? this.#shortOf(dy) : undefined;
      return { ...base, kind: `${type}.gradient`, texts: TEXTS.activationGradient, view, expression, short };
    }
    const grad = elementwise(dy, tensor.shape);
    if (type === "dropout" && fifth) {
      const names: Names = { dy: grad, mask: elementwise(fifth, tensor.shape), ...symbolsOf(layer.options) };
      const expression = parse("dy * mask / (1 - rate)", names, { rows: 1, columns: 1 });
      return { ...base, texts: TEXTS.dropoutGradient, expression };
    }
    return type === "add" ? { ...base, texts: TEXTS.addGradient, expression: grad } : none;
  }

  /** (a - y) / m, where a sigmoid follows the textbook's cross-entropy. */
  #shortOf(da: TracedTensor): Expression | undefined {
    const origin = this.#recorded.origins.get(da)!;
    const { loss } = this.#recorded;
    if (loss.type !== "binaryCrossEntropy" || origin.node || !origin.kernel.endsWith("Loss")) return undefined;
    const parts = this.#lossParts(origin);
    if (!parts?.formula.slope.startsWith("-y / a")) return undefined;
    return parts.read(`${parts.weight}(a - y)${parts.divisor}`);
  }

  #lossParts({ words }: Origin): LossParts | undefined {
    const { loss, labels, rows } = this.#recorded;
    const { type, reduction, options } = loss;
    const [a, y] = words.slice(0, 2).map((address) => this.#at(address));
    if (!a || !y) return undefined;
    const given = (name: string): TracedTensor | undefined => this.#trace.given.find((t) => t.name === name);
    const [c, s] = [given("classWeights"), given("sampleWeights")];
    const steps = type === "sequenceCrossEntropy";
    const byVector = steps || type === "cosineSimilarity";
    const columns = byVector ? a.shape.at(-1)! : sizeOf(a.shape) / rows;
    const view = [sizeOf(a.shape) / columns, columns];
    // a sample's weight counts for each of its steps: that isn't written out
    if (byVector && s && view[0]! > rows) return undefined;
    const formula = LOSSES[type]?.({ options, labels, weighted: c !== undefined, a: a.values, y: y.values, columns });
    if (!formula) return undefined;
    const perLabel = labels || steps;
    let m = 0;
    for (let i = 0; i < view[0]!; i++) {
      const label = perLabel ? y.values[i]! : 0;
      m += label < 0 ? 0 : (s ? s.values[i]! : 1) * (c && perLabel ? c.values[label]! : 1);
    }
    if (m === 0) return undefined;
    const names: Names = {
      a: leaf(a, view),
      y: perLabel ? leaf(y, view.slice(0, 1), [0]) : leaf(y, view),
      j: { op: "place", index: "j" },
      n: symbol("n", columns),
      m: symbol("m", m),
      ...symbolsOf(options),
      ...(c && { c: leaf(c, c.shape, [-1]) }),
      ...(s && { s: leaf(s, s.shape, [0]) }),
      ...(Array.isArray(options["clamp"]) && symbolsOf({ low: options["clamp"][0], high: options["clamp"][1] })),
    };
    const byElement = loss.each === "elements" && !byVector && columns > 1 && reduction === "mean";
    const sizes = sizesOf(view);
    const all = withNamed(names, formula.named, sizes);
    return {
      formula,
      view,
      read: (text) => parse(text, all, sizes),
      weight: s ? "s * " : "",
      divisor: reduction === "sum" ? "" : byElement ? " / (m * n)" : " / m",
    };
  }

  #loss(tensor: TracedTensor, origin: Origin): Sketch {
    const { loss, labels, nodes } = this.#recorded;
    const { type } = loss;
    const isValue = tensor.shape.length === 0;
    const inputs = origin.words.slice(0, 2).map((address) => this.#at(address));
    const base = {
      part: isValue ? "loss" : "backward",
      kind: isValue ? type : `${type}.gradient`,
      words: { name: type },
      inputs,
    } as const;
    const parts = this.#lossParts(origin);
    if (!parts) return { ...base, texts: unknown("loss") };
    const { formula, view, read, weight, divisor } = parts;
    const more = [
      ...(formula.says ? [formula.says] : []),
      ...(labels ? [MORE.labels] : []),
      ...(this.#trace.given.some(({ name }) => name === "sampleWeights") ? [MORE.weights] : []),
    ];
    if (!isValue) {
      const expression = read(`${weight}(${formula.slope})${divisor}`);
      return { ...base, texts: TEXTS.lossGradient, more, view, expression };
    }
    const { each, perRow, negative } = formula;
    const sum = `${perRow ? "sumEach" : "sumAll"}(${weight}(${each}))`;
    const value = read(`${negative ? "-" : ""}${sum}${divisor}`);
    const penalties = nodes.flatMap((node) =>
      node.specs.flatMap(({ regularizer, owner }, i) =>
        regularizer && !owner ? [{ regularizer, w: this.#at(node.parameters[i]!.address)! }] : [],
      ),
    );
    const added = penalties.map(({ regularizer, w }) => {
      const penalty = PENALTIES[regularizer.regularizer];
      return (
        penalty &&
        parse(penalty.value, { w: leaf(w), λ: symbol("λ", regularizer.options.lambda) }, sizesOf(matrixOf(w)))
      );
    });
    const unwritten = { ...base, texts: TEXTS.loss, more: [MORE.unwrittenPenalty] };
    if (nodes.some(({ layer }) => layer.type === "activityPenalty")) return unwritten;
    if (added.length === 0) return { ...base, texts: TEXTS.loss, more, view: [], expression: value };
    const known = added.flatMap((e) => (e ? [e] : []));
    if (known.length < added.length) return unwritten;
    const expression: Expression = { op: "add", parts: [value, ...known] };
    return { ...base, texts: TEXTS.loss, more: [...more, MORE.penalty], view: [], expression };
  }

  /** The steps of the update: the parameters in their order, each with the optimizer's lines. */
  update(update: TracedUpdate): (readonly [TracedTensor, Sketch])[] {
    const { nodes, optimizer, gradientOffset } = this.#recorded;
    const parameters = nodes
      .toReversed()
      .flatMap((node) => node.parameters.filter(isTrained(node)).map((p) => ({ node, p })));
    const places = parameters.map(({ p }) => ({ w: this.#at(p.address)!, g: this.#at(p.slot + gradientOffset) }));
    const gradients = places.flatMap(({ g }) => (g ? [g] : []));
    const perParameter = 2 * optimizer.states.length;
    return parameters.map(({ node, p }, at) => {
      const states = update.states.slice(at * perParameter, (at + 1) * perParameter);
      const { w, g } = places[at]!;
      const words = { ...wordsOf(node), name: optimizer.type };
      const base = { part: "update", kind: optimizer.type, words, inputs: [w, g, ...states] } as const;
      const { rate, decays } = optimizer.ruleOf?.(p) ?? { rate: 1, decays: true };
      const options = { ...optimizer.options, ...(!decays && { weightDecay: 0 }) } as OptimizerOptionValues;
      // one of the user's may have any name
      const formula = optimizer.kernel === "custom" ? undefined : OPTIMIZERS[optimizer.type]?.(options);
      const tensor = update.tensors[at]!;
      if (!formula || !g) return [tensor, { ...base, texts: unknown("optimizer") }] as const;
      const texts = { ...TEXTS.update, says: formula.says };
      const constraint = p.constraint?.kernel;
      const sizes = { rows: 1, columns: 1 };
      const { g: gradient, more } = adjusted(optimizer, decays, w, g, gradients);
      const names = withNamed(
        {
          w: elementwise(w),
          g: gradient,
          ...symbolsOf({ η: update.learningRate * rate, t: update.count, ...formula.symbols }),
          ...Object.fromEntries(
            optimizer.states.flatMap(({ name }, i) => [
              [name, elementwise(states[2 * i]!)],
              [`${name}'`, elementwise(states[2 * i + 1]!)],
            ]),
          ),
        },
        formula.named,
        sizes,
      );
      const lines = optimizer.states.map(({ name }, i) => {
        const kind = `${optimizer.type}.${name}`;
        const expression = parse(formula.states[name]!, names, sizes);
        return [states[2 * i + 1]!, { ...base, kind, texts: TEXTS.state, expression }] as const;
      });
      const moved = parse(formula.parameter, names, sizes);
      if (constraint === undefined) return [tensor, { ...base, texts, more, expression: moved, lines }] as const;
      if (constraint !== "nonNegConstraint") {
        return [tensor, { ...base, texts, more: [...more, MORE.unwrittenConstraint], lines }] as const;
      }
      const expression: Expression = { op: "call", name: "max", of: [moved, numeral(0)] };
      return [tensor, { ...base, texts, more: [...more, MORE.constraint], expression, lines }] as const;
    });
  }
}

/** What penalties add to the loss, and to the gradient. */
const PENALTIES: Readonly<Record<string, { readonly value: string; readonly slope: string }>> = {
  l1: { value: "λ * sumAll(abs(w))", slope: "λ * sign(w)" },
  l2: { value: "λ * sumAll(w^2)", slope: "2 * λ * w" },
};
