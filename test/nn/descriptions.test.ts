// Descriptions of layers, losses, optimizers and metrics: values that nobody can change. Their defaults: test/defaults.test.ts.
import { describe, expect, test } from "vitest";
import * as w from "../../src/index.ts";

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
