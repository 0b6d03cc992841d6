import * as w from "../../../src/index.ts";
import type { Spec } from "./spec.ts";

const STEPS: w.Shape = [6, 4];

const steps = (says: string | undefined, ...make: (() => w.Layer)[]): Spec => ({
  ...(says === undefined ? {} : { says }),
  input: STEPS,
  layers: () => make.map((each) => each()),
});

/** Recurrent layers: what goes in and out of them. */
const recurrent = (make: typeof w.gru, more: readonly Spec[] = []): readonly Spec[] => [
  steps(undefined, () => make(5)),
  steps("all states", () => make(3, { returnSequences: true })),
  steps("reverse", () => make(3, { reverse: true })),
  steps("reverse, all states", () => make(3, { reverse: true, returnSequences: true })),
  {
    says: "lengths",
    input: { x: STEPS, lengths: 1 },
    whole: { lengths: [1, 6] },
    layers: () => [make(3, { lengths: "lengths" })],
  },
  {
    says: "lengths, all states",
    input: { x: STEPS, lengths: 1 },
    whole: { lengths: [1, 6] },
    layers: () => [make(3, { lengths: "lengths", returnSequences: true })],
  },
  {
    says: "lengths, reverse, all states",
    input: { x: STEPS, lengths: 1 },
    whole: { lengths: [1, 6] },
    layers: () => [make(3, { lengths: "lengths", returnSequences: true, reverse: true })],
  },
  {
    says: "states from elsewhere and to elsewhere",
    input: { x: STEPS, state: 3, lengths: 1 },
    whole: { lengths: [1, 6] },
    layers: () => [
      make(3, { initialState: "state", finalState: "last", returnSequences: true, lengths: "lengths" }),
      w.concat([w.flatten(), w.from("last", w.dense(2))]),
    ],
  },
  steps(
    "final state alone",
    () => make(3, { finalState: "last" }),
    () => w.concat([[], w.from("last")]),
  ),
  ...more,
];

const both = (says: string, make: () => w.Layer): Spec => steps(says, make);

/** What attention may be told by name: zeros and ones. */
const MASKS: Readonly<Record<string, number | w.Shape>> = { keyMask: 5, mask: [6, 5], masks: [2, 6, 5] };

/** `empty`: the mask that leaves out everything in the first row. */
function attends(
  says: string | undefined,
  options: Omit<Parameters<typeof w.attention>[0], "memory">,
  empty?: string,
): Spec {
  const named = Object.entries(MASKS).filter(([name]) => Object.values(options).includes(name));
  return {
    ...(says === undefined ? {} : { says }),
    input: { x: STEPS, text: [5, 3], ...Object.fromEntries(named) },
    whole: Object.fromEntries(named.map(([name]) => [name, [0, 1] as const])),
    ...(empty !== undefined && { first: { [empty]: 0 } }),
    layers: () => [w.attention({ memory: "text", ...options })],
  };
}

/** Layers on sequences. */
export const SEQUENCES: Readonly<Record<string, readonly Spec[]>> = {
  attention: [
    attends(undefined, { heads: 2 }),
    attends("causal, no bias", { heads: 1, causal: true, useBias: false }),
    attends("widths", { heads: 2, keyWidth: 2, valueWidth: 6 }),
    attends("keyMask", { heads: 2, keyMask: "keyMask" }, "keyMask"),
    attends("mask", { heads: 2, mask: "mask", causal: true }, "mask"),
    attends("masks of heads, scores", { heads: 2, mask: "masks", keyMask: "keyMask", scoreBias: "masks" }),
  ],
  avgPool1d: [
    steps(undefined, () => w.avgPool1d()),
    steps("padding, counted, ceilMode", () =>
      w.avgPool1d(3, { strides: 2, padding: [2, 0], countPadding: true, ceilMode: true }),
    ),
    steps("causal, dilation", () => w.avgPool1d(2, { dilation: 2, padding: "causal" })),
    steps("same", () => w.avgPool1d(3, { strides: 1, padding: "same" })),
  ],
  bidirectional: [
    both("lstm", () => w.bidirectional(w.lstm(3))),
    both("gru, all states", () => w.bidirectional(w.gru(3, { returnSequences: true }))),
    both("two cells", () => w.bidirectional(w.simpleRnn(2), w.gru(3, { resetAfter: false }))),
    {
      says: "lengths",
      input: { x: STEPS, lengths: 1 },
      whole: { lengths: [1, 6] },
      layers: () => [
        w.bidirectional(w.lstm(3, { returnSequences: true, lengths: "lengths", name: "both" })),
        w.pick({ index: "lastValid", lengths: "lengths" }),
      ],
    },
  ],
  conv1d: [
    steps(undefined, () => w.conv1d(4, { kernelSize: 3 })),
    steps("same, strides, no bias", () => w.conv1d(3, { kernelSize: 2, strides: 2, padding: "same", useBias: false })),
    steps("causal, dilation", () => w.conv1d(3, { kernelSize: 2, dilation: 3, padding: "causal" })),
    steps("padding, groups", () => w.conv1d(4, { kernelSize: 2, padding: [0, 4], groups: 2 })),
    steps(
      "two and a pool",
      () => w.conv1d(4, { kernelSize: 3 }),
      () => w.relu(),
      () => w.maxPool1d(2),
      () => w.conv1d(2, { kernelSize: 2 }),
      () => w.flatten(),
      () => w.dense(2),
    ),
  ],
  conv1dTranspose: [
    steps(undefined, () => w.conv1dTranspose(2, { kernelSize: 3 })),
    steps("causal, groups", () => w.conv1dTranspose(8, { kernelSize: 3, strides: 2, padding: "causal", groups: 4 })),
    steps("padding, outputPadding", () =>
      w.conv1dTranspose(3, { kernelSize: 4, strides: 3, padding: [1, 2], outputPadding: 2 }),
    ),
    steps("same", () => w.conv1dTranspose(3, { kernelSize: 3, strides: 2, padding: "same", useBias: false })),
  ],
  globalAvgPool1d: [steps(undefined, () => w.globalAvgPool1d())],
  globalMaxPool1d: [steps(undefined, () => w.globalMaxPool1d())],
  gru: recurrent(w.gru, [
    steps("reset before", () => w.gru(4, { resetAfter: false })),
    steps("reset before, reverse", () => w.gru(3, { resetAfter: false, reverse: true, returnSequences: true })),
  ]),
  lstm: recurrent(w.lstm, [
    {
      says: "cells from elsewhere and to elsewhere",
      input: { x: STEPS, state: 3, cell: 3 },
      layers: () => [
        w.lstm(3, { initialState: "state", initialCell: "cell", finalState: "h", finalCell: "c" }),
        w.concat([w.from("h"), w.from("c")]),
      ],
    },
    {
      says: "a cell alone",
      input: { x: STEPS, cell: 3 },
      layers: () => [w.lstm(3, { initialCell: "cell", finalCell: "c" }), w.concat([[], w.from("c")])],
    },
  ]),
  maxPool1d: [
    steps(undefined, () => w.maxPool1d()),
    steps("causal", () => w.maxPool1d(3, { strides: 2, padding: "causal" })),
    steps("padding, dilation, ceilMode", () =>
      w.maxPool1d(2, { strides: 3, dilation: 2, padding: [1, 1], ceilMode: true }),
    ),
  ],
  positionalEmbedding: [steps(undefined, () => w.positionalEmbedding())],
  repeatVector: [{ input: 3, layers: () => [w.repeatVector(4), w.dense(2)] }],
  selfAttention: [
    steps(undefined, () => w.selfAttention({ heads: 2 })),
    steps("causal, no bias", () => w.selfAttention({ heads: 1, causal: true, useBias: false })),
    steps("widths", () => w.selfAttention({ heads: 2, keyWidth: 6, valueWidth: 10 })),
    {
      says: "keyMask, scores of a layer",
      input: { x: STEPS, mask: 6 },
      whole: { mask: [0, 1] },
      first: { mask: 0 },
      layers: () => [
        w.dense(6, { name: "scores" }),
        w.from("x", w.selfAttention({ heads: 2, causal: true, keyMask: "mask", scoreBias: "scores" })),
      ],
    },
  ],
  simpleRnn: recurrent(w.simpleRnn),
  sinusoidalEmbedding: [steps(undefined, () => w.sinusoidalEmbedding())],
  spatialDropout1d: [steps(undefined, () => w.spatialDropout1d(0.4))],
  timeDistributed: [
    {
      input: [4, 5, 5, 2],
      layers: () => [
        w.timeDistributed(w.conv2d(3, { kernelSize: 2 }), w.relu(), w.maxPool2d(2), w.flatten(), w.dense(3)),
        w.gru(2),
      ],
    },
    { says: "norms", input: [3, 4, 2], layers: () => [w.timeDistributed(w.layerNorm(), w.instanceNorm())] },
    {
      says: "attention",
      input: [3, 4, 2],
      layers: () => [w.timeDistributed(w.selfAttention({ heads: 2 }), w.lstm(3))],
    },
  ],
  withState: [
    {
      input: { text: [5, 3], first: [1, 3], second: [1, 3] },
      layers: () => {
        const cell = w.shared(w.lstm(4));
        return [
          w.lstm(4, { finalState: "h0", finalCell: "c0" }),
          w.from(
            "first",
            w.withState(cell, { initialState: "h0", initialCell: "c0", finalState: "h1", finalCell: "c1" }),
          ),
          w.from("second", w.withState(cell, { initialState: "h1", initialCell: "c1" })),
        ];
      },
    },
    {
      says: "gru, all states",
      input: { x: STEPS, state: 3 },
      layers: () => [
        w.withState(w.gru(3, { returnSequences: true }), { initialState: "state", finalState: "last" }),
        w.concat([w.flatten(), w.from("last")]),
      ],
    },
  ],
};
