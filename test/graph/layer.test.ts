// What descriptions are made of: bits for records, text for messages, and values that nobody can change.
import { describe, expect, test } from "vitest";
import * as w from "../../src/index.ts";
import { f32, f64 } from "../../src/runtime/record.ts";
import { whereText } from "../../src/graph/layer.ts";
import { shapeText, sizeOf } from "../../src/util/shape.ts";

describe("bits", () => {
  test("of a float32", () => {
    expect([f32(0), f32(-0), f32(1), f32(0.1), f32(Infinity)]).toEqual([
      0, 0x80000000, 0x3f800000, 0x3dcccccd, 0x7f800000,
    ]);
  });

  test("of a float64, lower half first", () => {
    expect(f64(1)).toEqual([0, 0x3ff00000]);
    expect(f64(0.1)).toEqual([0x9999999a, 0x3fb99999]);
  });
});

describe("words", () => {
  test("a layer and its place", () => {
    expect(whereText(w.dense(3), 0)).toBe("dense (layer 1)");
    expect(whereText(w.relu({ name: "head" }), 2)).toBe('relu (layer 3, "head")');
  });

  test("shapes", () => {
    expect([shapeText([28, 28, 1]), shapeText([784]), shapeText([])]).toEqual(["28x28x1", "784", "()"]);
    expect([sizeOf([28, 28, 1]), sizeOf([7]), sizeOf([])]).toEqual([784, 7, 1]);
  });
});

describe("descriptions", () => {
  const all: readonly { readonly type: string; readonly options: object }[] = [
    w.dense(3),
    w.dropout(0.5),
    w.flatten(),
    w.reshape([2]),
    w.relu(),
    w.softmax(),
    w.elu(),
    w.softmaxCrossEntropy(),
    w.huber(),
    w.adam(),
    w.sgd(),
    w.accuracy(),
    w.f1(),
    w.mae(),
    w.rocAuc(),
    w.topKAccuracy(),
  ];
  for (const description of all) {
    test(`of ${description.type} are frozen`, () => expect(Object.isFrozen(description)).toBe(true));
  }

  test("take their number or an object of options alike", () => {
    const plain = (value: object): unknown => JSON.parse(JSON.stringify(value));
    expect(plain(w.dense(3, { name: "a", useBias: false }))).toEqual(
      plain(w.dense({ units: 3, name: "a", useBias: false })),
    );
    expect(plain(w.dropout(0.5, { name: "a" }))).toEqual(plain(w.dropout({ rate: 0.5, name: "a" })));
    expect(plain(w.reshape([2, 3], { name: "a" }))).toEqual(plain(w.reshape({ shape: [2, 3], name: "a" })));
    expect(w.l1(0.5)).toEqual(w.l1({ lambda: 0.5 }));
  });

  test("don't follow an array that is changed later", () => {
    const shape = [2, 3];
    const layer = w.reshape(shape);
    shape[0] = 7;
    expect(layer.options).toEqual({ shape: [2, 3] });
  });
});

describe("defaults", () => {
  for (const [description, options] of [
    [w.leakyRelu(), { slope: 0.01 }],
    [w.elu(), { alpha: 1 }],
    [w.hardSigmoid(), { slope: 1 / 6 }],
    [w.gelu(), { approximate: "none" }],
    [w.huber(), { delta: 1, reduction: "mean" }],
    [w.hinge(), { margin: 1, reduction: "mean" }],
    [w.klDivergence(), { reduction: "batchMean" }],
    [w.binaryCrossEntropy(), { clamp: "log", reduction: "mean" }],
    [w.binaryCrossEntropyWithLogits(), { positiveWeight: 1, reduction: "mean" }],
    [w.softmaxCrossEntropy(), { classWeights: undefined, labelSmoothing: 0, reduction: "mean" }],
    [w.topKAccuracy(), { k: 5 }],
    [w.sgd(), { learningRate: 0.01, momentum: 0, nesterov: false, weightDecay: 0, l1: 0 }],
    [w.adam(), { learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, amsgrad: false, weightDecay: 0 }],
    [w.adamw(), { learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01 }],
    [w.rmsprop(), { learningRate: 0.01, rho: 0.99, epsilon: 1e-8, momentum: 0, centered: false }],
    [w.adagrad(), { learningRate: 0.01, epsilon: 1e-10, initialAccumulator: 0 }],
    [w.adadelta(), { learningRate: 1, rho: 0.9, epsilon: 1e-6 }],
  ] as const) {
    test(`of ${description.type}`, () => expect(description.options).toMatchObject(options));
  }
});
