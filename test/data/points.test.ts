// Points in the plane: where they are, how many of each class, and the same bits everywhere (test/engines has the other engines).
import { describe, expect, test } from "vitest";
import * as datasets from "../../src/datasets.ts";
import * as w from "../../src/index.ts";
import { fingerprintOf, POINT_SETS } from "../support/points.ts";
import { refuses } from "../support/refusals.ts";

const { above, circles, curve, gate, gaussians, moons, spirals, xor } = datasets;
const wrong = <T>(value: unknown): T => value as T;

const rowsOf = ({ x, y }: datasets.Points): [x: number, y: number, label: number][] =>
  Array.from(y, (label, i) => [x[2 * i]!, x[2 * i + 1]!, label]);
const countsOf = ({ y, classes }: datasets.Points): number[] =>
  Array.from({ length: classes! }, (_, label) => y.filter((v) => v === label).length);

/** Sets of points by a seed. */
const SETS = { circles, moons, spirals, gaussians, xor, above: (o = {}) => above("sine", o) } as const;

/** Recorded once. A change here means that a seed's points changed, for everyone. */
const FINGERPRINTS: Readonly<Record<string, string>> = {
  circles: "b7a53ff9",
  "circles, small": "1309ad97",
  moons: "1abb455d",
  "moons, many": "a954a7af",
  spirals: "fc95fd42",
  "spirals, five": "d0aacf0e",
  gaussians: "b833a2aa",
  "gaussians, three": "07d7754e",
  xor: "8cfaf368",
  gate: "7889ef15",
  sine: "e2e3ba1a",
  cubic: "d7e4deb7",
  abs: "d62dfaac",
  curve: "7d6c944a",
};

test.each(Object.keys(POINT_SETS))("%s: the recorded bits", (name) => {
  expect(fingerprintOf([POINT_SETS[name]!(datasets)])).toBe(FINGERPRINTS[name]);
});

describe.each(Object.entries(SETS))("%s", (_name, make) => {
  test("has as many points of each class, in an order by the seed", () => {
    for (const rows of [2, 3, 7, 200, 201]) {
      const points = make({ rows, seed: 3 });
      expect([points.rows, points.inputs, points.classes]).toEqual([rows, 2, 2]);
      expect([points.x.length, points.y.length]).toEqual([2 * rows, rows]);
      expect(countsOf(points)).toEqual([Math.ceil(rows / 2), Math.floor(rows / 2)]);
    }
    const { y } = make({ rows: 200, seed: 3 });
    const changes = y.filter((label, i) => i > 0 && label !== y[i - 1]).length;
    expect(changes).toBeGreaterThan(60); // sorted by class there is 1, in turns there are 199
    expect(changes).toBeLessThan(140);
  });

  test("is the same for the same seed, another for another", () => {
    expect(make({ seed: 3 })).toEqual(make({ seed: 3 }));
    expect(make({ seed: 3, noise: 0.1 }).x).not.toEqual(make({ seed: 4, noise: 0.1 }).x);
    expect(make()).toEqual(make({ seed: 0, rows: 200 }));
  });

  test("keeps rows apart for a test, of all classes, each row once", () => {
    const whole = rowsOf(make({ rows: 101, seed: 2, noise: 0.1 }));
    for (const [apart, count] of [
      [0.25, 25],
      [30, 30],
      [1e-9, 1],
      [0.99, 100],
      [1, 1],
    ] as const) {
      const points = make({ rows: 101, seed: 2, noise: 0.1, test: apart });
      expect(points.test!.rows).toBe(count);
      expect(points.rows + points.test!.rows).toBe(101);
      for (const part of [points, points.test!]) {
        const [a, b] = countsOf(part);
        expect(Math.abs(a! - b!)).toBeLessThanOrEqual(1);
      }
      const all = [...rowsOf(points), ...rowsOf(points.test!)];
      expect(all.map(String).toSorted()).toEqual(whole.map(String).toSorted());
    }
    expect(make().test).toBeUndefined();
  });

  test("stays in the square from -1 to 1, but for noise", () => {
    expect(make({ noise: 0 }).x.every((v) => Math.abs(v) <= 1)).toBe(true);
    const far = make().x.filter((v) => Math.abs(v) > 1.3);
    expect(far.length).toBe(0);
  });

  test("noise is normal, and has the deviation that it says", () => {
    const [calm, noisy] = [make({ rows: 5000, seed: 1, noise: 0 }), make({ rows: 5000, seed: 1, noise: 0.3 })];
    const added = noisy.x.map((v, i) => v - calm.x[i]!);
    const mean = added.reduce((sum, v) => sum + v, 0) / added.length;
    const deviation = Math.sqrt(added.reduce((sum, v) => sum + v * v, 0) / added.length);
    expect(Math.abs(mean)).toBeLessThan((5 * 0.3) / Math.sqrt(10_000));
    expect(Math.abs(deviation / 0.3 - 1)).toBeLessThan(0.04);
    const within = added.filter((v) => Math.abs(v) < 0.3).length / added.length;
    expect(Math.abs(within - 0.6827)).toBeLessThan(0.025);
  });
});

describe("without noise the points are where the formulas say", () => {
  const close = (a: number, b: number): void => expect(Math.abs(a - b)).toBeLessThan(1e-6);

  test("circles: on two circles", () => {
    for (const [x, y, label] of rowsOf(circles({ noise: 0 }))) close(Math.hypot(x, y), label === 0 ? 0.8 : 0.4);
    for (const [x, y, label] of rowsOf(circles({ noise: 0, factor: 0.25 }))) {
      close(Math.hypot(x, y), label === 0 ? 0.8 : 0.2);
    }
  });

  test("moons: on two half circles, both ends included", () => {
    const all = rowsOf(moons({ noise: 0 }));
    for (const [x, y, label] of all) {
      const [cx, cy] = label === 0 ? [-0.3, -0.15] : [0.3, 0.15];
      close(Math.hypot(x - cx, y - cy), 0.6);
      expect(label === 0 ? y - cy : cy - y).toBeGreaterThan(-1e-6);
    }
    const xs = all.filter(([, , label]) => label === 0).map(([x]) => x);
    close(Math.min(...xs), -0.9);
    close(Math.max(...xs), 0.3);
  });

  test("spirals: the radius grows with the angle, and each class is the first one turned", () => {
    for (const [classes, turns] of [
      [2, 1.75],
      [3, 1],
      [5, 0.5],
    ] as const) {
      for (const [x, y, label] of rowsOf(spirals({ rows: 300, noise: 0, classes, turns }))) {
        const t = Math.hypot(x, y) / 0.9;
        const angle = 2 * Math.PI * (turns * t + label / classes);
        close(x, 0.9 * t * Math.cos(angle));
        close(y, 0.9 * t * Math.sin(angle));
      }
    }
  });

  test("gaussians: the centres of so many clusters", () => {
    const points = gaussians({ classes: 4, rows: 10, noise: 0 });
    expect(countsOf(points)).toEqual([3, 3, 2, 2]);
    const half = 0.5 * Math.SQRT1_2;
    const centres = [[half, half], [-half, half], [-half, -half], [half, -half]]; // prettier-ignore
    for (const [x, y, label] of rowsOf(points)) {
      close(x, centres[label]![0]!);
      close(y, centres[label]![1]!);
    }
  });

  test("xor: four clusters, as many points in each", () => {
    const all = rowsOf(xor({ rows: 40, noise: 0 }));
    for (const [x, y, label] of all) expect(label).toBe(Number(x > 0 !== y > 0));
    const clusters = all.map(([x, y]) => `${x} ${y}`);
    for (const cluster of ["0.5 0.5", "-0.5 -0.5", "0.5 -0.5", "-0.5 0.5"]) {
      expect(clusters.filter((c) => c === cluster).length).toBe(10);
    }
  });

  test("above: all over the square, class 1 above the curve", () => {
    const curves: [datasets.CurveFunction, (x: number) => number][] = [
      ["sine", (x) => 0.7 * Math.sin(Math.PI * x)],
      ["cubic", (x) => 2 * x ** 3 - x],
      ["abs", (x) => Math.abs(x) - 0.5],
      [(x) => 0.8 - x * x, (x) => 0.8 - x * x],
    ];
    for (const [f, same] of curves) {
      const all = rowsOf(above(f, { rows: 2000 }));
      for (const [x, y, label] of all) {
        if (Math.abs(y - same(x)) > 1e-6) expect(label).toBe(Number(y > same(x)));
      }
      const corners = new Set(all.map(([x, y]) => `${Math.round(2 * x)} ${Math.round(2 * y)}`));
      expect(corners.size).toBe(25);
    }
  });

  test("curve: values of the function at places that are evenly apart", () => {
    for (const [f, same] of [
      ["sine", (x: number) => 0.7 * Math.sin(Math.PI * x)],
      [(x: number) => x / 2, (x: number) => x / 2],
    ] as const) {
      const { x, y, inputs, classes } = curve(f, { rows: 41, noise: 0 });
      expect([inputs, classes]).toEqual([1, undefined]);
      expect(x.toSorted()).toEqual(Float32Array.from({ length: 41 }, (_, i) => i / 20 - 1));
      expect(x).not.toEqual(x.toSorted());
      x.forEach((v, i) => close(y[i]!, same(v)));
    }
    const part = curve("abs", { rows: 10, test: 3, seed: 1 });
    expect([part.rows, part.test!.rows]).toEqual([7, 3]);
    expect(curve("abs", { rows: 1, noise: 0 })).toEqual({ x: Float32Array.of(0), y: Float32Array.of(-0.5) });
  });
});

test("gates are truth tables", () => {
  const x = Float32Array.of(0, 0, 0, 1, 1, 0, 1, 1);
  const table = { and: [0, 0, 0, 1], or: [0, 1, 1, 1], xor: [0, 1, 1, 0], nand: [1, 1, 1, 0], nor: [1, 0, 0, 0] };
  for (const [name, y] of Object.entries(table)) {
    const made = gate(name as datasets.GateName);
    expect(made).toEqual({ x, y: Float32Array.from(y) });
    expect([made.rows, made.inputs, made.classes, made.test]).toEqual([4, 2, 2, undefined]);
  }
  const not = gate("not");
  expect(not).toEqual({ x: Float32Array.of(0, 1), y: Float32Array.of(1, 0) });
  expect([not.rows, not.inputs]).toEqual([2, 1]);
});

describe("are trained on as they are", () => {
  test("two classes with one output", async () => {
    const points = moons({ rows: 200, seed: 1, test: 0.25 });
    const model = await w.sequential({ input: points.inputs, seed: 1 }, w.dense(8), w.tanh(), w.dense(1));
    const trainer = new w.Trainer(model, {
      loss: w.binaryCrossEntropyWithLogits(),
      optimizer: w.adam({ learningRate: 0.03 }),
      metrics: [w.accuracy()],
    });
    const history = await trainer.fit(points, { epochs: 60, validationData: points.test });
    expect(history.validationAccuracy!.at(-1)).toBeGreaterThan(0.95);
    expect(await trainer.evaluate(points.test!)).toHaveProperty("accuracy");
    await trainer.fit(w.dataset(points)); // and kept in the core
    await trainer.fit({ ...points });
  });

  test("several classes with as many outputs, and values", async () => {
    const points = gaussians({ classes: 3, seed: 1, noise: 0.1 });
    const model = await w.sequential({ input: 2, seed: 1 }, w.dense(points.classes!));
    const options = { loss: w.softmaxCrossEntropy(), optimizer: w.adam({ learningRate: 0.1 }) };
    await new w.Trainer(model, options).fit(points, { epochs: 30 });
    const right = model.classify(points.x).filter((label, i) => label === points.y[i]).length;
    expect(right / points.rows).toBeGreaterThan(0.97);

    const line = curve("sine", { rows: 100, noise: 0 });
    const fitted = await w.sequential({ input: line.inputs, seed: 1 }, w.dense(16), w.tanh(), w.dense(1));
    const trainer = new w.Trainer(fitted, { loss: w.meanSquaredError(), optimizer: w.adam({ learningRate: 0.02 }) });
    await trainer.fit(line, { epochs: 100 });
    expect((await trainer.evaluate(line))["loss"]).toBeLessThan(0.01);
  });
});

describe("refused", () => {
  refuses([
    [() => moons(wrong(100)), TypeError, "moons: options must be an object, got number 100"],
    [() => moons(wrong(null)), TypeError, "moons: options must be an object, got null"],
    [
      () => moons(wrong({ samples: 100 })),
      TypeError,
      'moons: unknown option "samples". Known: rows, noise, seed, test',
    ],
    [() => circles({ rows: 1 }), RangeError, "circles: rows must be a whole number of 2 or more, got 1"],
    [() => circles({ rows: 2.5 }), RangeError, "circles: rows must be a whole number of 2 or more, got 2.5"],
    [() => circles({ rows: 2e6 }), RangeError, "circles: rows must be a whole number of at most 1048576, got 2000000"],
    [() => circles({ factor: 1 }), RangeError, "circles: factor must be from 0 up to but not including 1, got 1"],
    [() => xor({ noise: -0.1 }), RangeError, "xor: noise must be 0 or more, got -0.1"],
    [() => xor({ noise: 2e37 }), RangeError, "xor: noise must be at most 1e+37, got 2e+37"],
    [() => xor({ noise: wrong("0.1") }), TypeError, 'xor: noise must be 0 or more, got "0.1"'],
    [() => xor({ seed: -1 }), RangeError, "xor: seed must be a whole number from 0 to 2^53 - 1, got -1"],
    [() => xor({ seed: 0.5 }), RangeError, "xor: seed must be a whole number from 0 to 2^53 - 1, got 0.5"],
    [() => xor({ seed: wrong("1") }), RangeError, 'xor: seed must be a whole number from 0 to 2^53 - 1, got "1"'],
    [
      () => xor({ rows: 10, test: 10 }),
      RangeError,
      "xor: test must leave rows to train on, but 10 of 10 were to be kept apart",
    ],
    [
      () => xor({ rows: 10, test: 0.99 }),
      RangeError,
      "xor: test must leave rows to train on, but 10 of 10 were to be kept apart",
    ],
    [
      () => xor({ test: 1.5 }),
      RangeError,
      "xor: test, unless it is a share below 1, must be a whole number of 0 or more, got 1.5",
    ],
    [() => xor({ test: -1 }), RangeError, "xor: test must be 0 or more, got -1"],
    [() => spirals({ classes: 1 }), RangeError, "spirals: classes must be a whole number of 2 or more, got 1"],
    [
      () => spirals({ classes: 30, rows: 20 }),
      RangeError,
      "spirals: rows must be a whole number of 30 or more, got 20",
    ],
    [() => spirals({ turns: 0 }), RangeError, "spirals: turns must be above 0, got 0"],
    [() => spirals({ turns: 101 }), RangeError, "spirals: turns must be at most 100, got 101"],
    [() => gaussians({ classes: 0 }), RangeError, "gaussians: classes must be a whole number of 2 or more, got 0"],
    [() => gate(wrong("XOR")), RangeError, 'gate: name must be one of and, or, xor, nand, nor, not, got "XOR"'],
    [
      () => above(wrong("sin")),
      RangeError,
      'above: the curve, if it isn\'t a function, must be one of sine, cubic, abs, got "sin"',
    ],
    [() => above(() => NaN), RangeError, /^above: f\(-?0\.\d+\) must be a finite number, got NaN$/],
    [() => above(() => 2), RangeError, "above: there is no room above the curve in the square from -1 to 1; shift it"],
    [() => above(() => -2), RangeError, "above: there is no room below the curve in the square from -1 to 1; shift it"],
    [() => curve(() => wrong("1")), TypeError, 'curve: f(-1) must be a finite number, got "1"'],
    [() => curve("sine", { rows: 0 }), RangeError, "curve: rows must be a whole number of 1 or more, got 0"],
  ]);
});
