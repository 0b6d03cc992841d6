// Makes the layers of the steps: a flat list, in which a step that doesn't go on from the one before it begins with `from`.
import type { Layer } from "../../../../graph/layer.ts";
import { concatOutputs } from "../../../../nn/composites/outputs.ts";
import { fromOf } from "../../../../nn/composites/from.ts";
import { frozen } from "../../../../nn/composites/frozen.ts";
import { chainOf } from "../../../../nn/composites/composite.ts";
import { identity } from "../../../../nn/layers/identity.ts";
import { atNode } from "../nodeErrors.ts";
import type { MadeLayers } from "../told.ts";
import type { WorkGraph, WorkNode } from "../workGraph.ts";
import { Names } from "./names.ts";
import { layOut } from "./steps.ts";
import type { Emitted, Ref, Step, Use } from "./types.ts";

/** What is needed for it. */
export interface Emission {
  readonly graph: WorkGraph;
  readonly steps: readonly Step[];
  readonly outputs: readonly Use[];
  /** The model's inputs have names: there are several. */
  readonly inputs: readonly Ref[];
  readonly trainable: boolean;
  /** Names that are taken; default none. */
  readonly names?: Names;
}

/** The steps that the outputs depend on. */
export function liveSteps(steps: readonly Step[], outputs: readonly Use[]): Step[] {
  const live = new Set<Step>();
  const open = outputs.map(({ ref }) => ref.step);
  for (let step = open.pop(); open.length > 0 || step; step = open.pop()) {
    if (!step || live.has(step)) continue;
    live.add(step);
    open.push(...step.uses.map(({ ref }) => ref.step));
  }
  return steps.filter((step) => live.has(step));
}

/** Makes the layers. */
export function emit({ graph, steps, outputs, inputs, trainable, names = new Names() }: Emission): Emitted {
  const live = liveSteps(steps, outputs);
  const several = inputs.length > 1;
  const named = namedRefs(live, outputs, inputs[0]!);
  const nameOf = new Map<Ref, string>();
  const weights = new Map<string, Float32Array>();
  const layers: Layer[] = [];
  const all: MadeLayers[] = [];
  for (const input of inputs) {
    const name = names.take(input.input!, "input");
    nameOf.set(input, name);
    if (!several && named.has(input)) layers.push(identity({ name }));
  }
  let current = inputs[0]!;
  const goTo = (ref: Ref): void => {
    if (ref !== current) layers.push(fromOf(nameOf.get(ref)!, []));
    current = ref;
  };
  /** The layers that go on from a value, as a branch or as one layer of the list. */
  const reach = (use: Use): readonly Layer[] => {
    const more = layOut(use);
    return use.ref === current ? more : [fromOf(nameOf.get(use.ref)!, more)];
  };
  const emitStep = (step: Step): void => {
    const { uses, branches, outputs: given } = step;
    const called = new Map<Use, string>();
    const first = branches === 0 ? 1 : branches;
    for (const each of uses.slice(first)) {
      const more = layOut(each);
      if (more.length === 0) continue;
      const name = names.take(`${nameOf.get(each.ref)!}.laid`, "value");
      layers.push(fromOf(nameOf.get(each.ref)!, [...more.slice(0, -1), withName(more.at(-1)!, name)]));
      called.set(each, name);
      current = NOTHING;
    }
    if (branches === 0) {
      goTo(uses[0]!.ref);
      layers.push(...layOut(uses[0]!));
    } else if (!uses.slice(0, branches).some(({ ref }) => ref === current)) goTo(uses[0]!.ref);
    const name = names.take(step.hint, step.kind.toLowerCase());
    const own = new Set<string>();
    const told: MadeLayers[] = [];
    const made = step.make({
      name,
      branch: (at) => reach(uses[at]!),
      nameOf: (at) => called.get(uses[at]!) ?? nameOf.get(uses[at]!.ref)!,
      outputName(at) {
        const ref = given[at]!;
        if (!nameOf.has(ref)) nameOf.set(ref, names.take(`${name}.${at + 1}`, "value"));
        return nameOf.get(ref)!;
      },
      names,
      trainable: trainable && !step.frozen,
      take(inner) {
        told.push(...inner.made);
        for (const [key, values] of inner.weights) {
          own.add(key);
          weights.set(key, values);
        }
        inner.weights.clear();
      },
      set(key, values) {
        own.add(key);
        weights.set(key, values);
      },
    });
    all.push(...(told.length > 0 ? told : [{ node: step.node, layers: made, parameters: [...own] }]));
    const ready = made.map((layer) => (own.size > 0 ? withWeights(layer, weights) : layer));
    const kept = trainable && !step.frozen ? ready : ready.map((layer) => (own.size > 0 ? frozen(layer) : layer));
    const last = kept.at(-1)!;
    if (!named.has(given[0]!)) layers.push(...kept);
    else if (last.type === "bidirectional") {
      // its own name is that of what it gives
      nameOf.set(given[0]!, name);
      layers.push(...kept);
    } else if (last.name !== undefined && !last.inner) {
      nameOf.set(given[0]!, last.name);
      layers.push(...kept);
    } else {
      const outputName = kept.some((layer) => layer.name === name) ? names.take(`${name}.out`, "value") : name;
      nameOf.set(given[0]!, outputName);
      layers.push(...kept, identity({ name: outputName }));
    }
    current = given[0]!;
  };
  const owners: (WorkNode | undefined)[] = layers.map(() => undefined);
  const owned = (node: WorkNode | undefined): void => {
    while (owners.length < layers.length) owners.push(node);
  };
  for (const step of live) {
    atNode(graph, step.node, () => emitStep(step));
    owned(step.node);
  }
  const emitOutputs = (): void => {
    if (outputs.length > 1) {
      layers.push(concatOutputs(outputs.map((each) => chainOf("chain", reach(each)))));
      return;
    }
    goTo(outputs[0]!.ref);
    layers.push(...layOut(outputs[0]!));
  };
  const end = outputs[0]!.ref.step?.node;
  if (end) atNode(graph, end, emitOutputs);
  else emitOutputs();
  if (layers.length === 0) layers.push(identity());
  owned(end);
  return { layers, owners, weights, made: all };
}

/** No value is this one. */
const NOTHING: Ref = { shape: [], step: undefined };

/** Values that are read by name: those that a step doesn't find where the one before it ends. */
function namedRefs(live: readonly Step[], outputs: readonly Use[], input: Ref): ReadonlySet<Ref> {
  const named = new Set<Ref>();
  let current = input;
  const read = (ref: Ref): void => {
    if (ref !== current) named.add(ref);
  };
  for (const { uses, branches, outputs: given } of live) {
    const first = branches === 0 ? 1 : branches;
    const others = uses.slice(first);
    others.forEach(({ ref }) => named.add(ref));
    if (others.some((each) => layOut(each).length > 0)) current = NOTHING;
    const before = uses.slice(0, first);
    if (before.every(({ ref }) => ref !== current)) {
      read(before[0]!.ref);
      current = before[0]!.ref;
    }
    before.forEach(({ ref }) => read(ref));
    current = given[0]!;
  }
  outputs.forEach(({ ref }) => read(ref));
  return named;
}

const withName = (layer: Layer, name: string): Layer => Object.freeze<Layer>({ ...layer, name });

const withWeights = (layer: Layer, weights: ReadonlyMap<string, Float32Array>): Layer =>
  Object.freeze<Layer>({ ...layer, weights });
