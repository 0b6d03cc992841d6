// Composites against plain float64 loops and against equal models built by other means; what they refuse.
import { describe, expect, test } from "vitest";
import * as w from "../../../src/index.ts";
import { sizeOf } from "../../../src/util/shape.ts";
import { expectSameBits } from "../../support/bits.ts";
import { affine, columnSums, each, type Rows, rowsOf, times, transposed } from "../../support/plain.ts";
import { expectEqualPlans, expectRightGradients } from "../../support/plans.ts";
import { refuses } from "../../support/refusals.ts";
import { normal } from "../../support/seeded.ts";

const named = (model: w.Model): ((name: string) => w.Parameter) => {
  const all = new Map(model.parameters().map((p) => [p.name, p] as const));
  return (name) => all.get(name)!;
};

/** Parameters with numbers of their own, biases too. */
async function filled(options: w.ModelOptions, ...layers: readonly w.Layer[]): Promise<w.Model> {
  const model = await w.sequential(options, ...layers);
  model.parameters().forEach((p, i) => p.set(normal(p.size, { seed: 50 + i, deviation: 0.7 })));
  return model;
}

/** An array of holes: what looks through all of them takes minutes. */
const holes: never[] = [];
holes.length = 4e9;

const close = (actual: ArrayLike<number>, expected: Rows, name: string): void => {
  const flat = expected.flat();
  expect(actual.length, name).toBe(flat.length);
  flat.forEach((value, i) =>
    expect(Math.abs(actual[i]! - value), `${name}[${i}]`).toBeLessThan(2e-5 * Math.max(1, Math.abs(value))),
  );
};

/** dx, dw and db of y = x w + b. */
const affineGradients = (x: Rows, weight: Rows, dy: Rows) => ({
  dx: times(dy, transposed(weight)),
  dw: times(transposed(x), dy),
  db: [columnSums(dy)],
});

describe("residual", () => {
  test("y = x + f(x), against float64", async () => {
    const model = await filled({ input: 5 }, w.residual(w.dense(7), w.tanh(), w.dense(5)));
    const p = named(model);
    const [w1, w2] = [rowsOf(p("dense1.weight").get(), 7), rowsOf(p("dense2.weight").get(), 5)];
    const x = rowsOf(normal(15, { seed: 1 }), 5);
    const dy = rowsOf(normal(15, { seed: 2 }), 5);
    const a = each(affine(x, w1, p("dense1.bias").get()), Math.tanh);
    const y = each(x, (v, f) => v + f, affine(a, w2, p("dense2.bias").get()));
    close(model.forward(x.flat()), y, "y");
    const second = affineGradients(a, w2, dy);
    const first = affineGradients(
      x,
      w1,
      each(second.dx, (g, v) => g * (1 - v * v), a),
    );
    const dx = model.backward(dy.flat());
    close(
      dx,
      each(first.dx, (g, d) => g + d, dy),
      "dx",
    );
    close(p("dense1.weight").gradient(), first.dw, "dw1");
    close(p("dense1.bias").gradient(), first.db, "db1");
    close(p("dense2.weight").gradient(), second.dw, "dw2");
    close(p("dense2.bias").gradient(), second.db, "db2");
  });

  test("in residuals, with dropout inside: the same bits in every plan", async () => {
    const inside = w.residual(w.dense(4), w.dropout(0.4), w.relu());
    const model = await filled({ input: 4, seed: 3 }, w.residual(inside, w.residual(inside, w.tanh())), w.dropout(0.2));
    expect(Object.keys(await expectEqualPlans(model)).length).toBe(4);
  });

  test("around nothing but a name, a shape or an activation", async () => {
    const x = normal(12, { seed: 1 });
    for (const [inner, factor] of [
      [w.identity(), 2],
      [w.reshape([4]), 2],
      [w.residual(w.identity()), 3],
    ] as const) {
      const model = await w.sequential({ input: 4 }, w.residual(inner));
      const y = x.map((v) => factor * v);
      close(model.forward(x), [[...y]], "y");
      close(model.predict(x), [[...y]], "y");
      close(model.backward(x), [[...y]], "dx");
    }
    const model = await w.sequential({ input: 4 }, w.residual(w.relu()));
    expect([...model.predict([[-1, 2, -3, 4]])]).toEqual([-1, 4, -3, 8]);
    model.forward([[-1, 2, -3, 4]]);
    expect([...model.backward([[1, 1, 1, 1]])]).toEqual([1, 2, 1, 2]);
  });

  test("of images, with batchNorm", async () => {
    const model = await w.sequential(
      { input: [5, 4, 2], seed: 2 },
      w.conv2d(3, { kernelSize: 3, padding: "same" }),
      w.residual(w.conv2d(3, { kernelSize: 3, padding: "same" }), w.batchNorm(), w.relu()),
      w.relu(),
      w.flatten(),
      w.dense(2),
    );
    await expectEqualPlans(model);
    expectRightGradients(
      await w.sequential(
        { input: [4, 3, 2], seed: 2 },
        w.residual(w.conv2d(2, { kernelSize: 2, padding: "same" }), w.batchNorm(), w.tanh()),
        w.flatten(),
        w.dense(2),
      ),
    );
  });
});

describe("add", () => {
  test("sums branches, against float64", async () => {
    const model = await filled(
      { input: 5 },
      w.add([w.dense(3), [w.dense(3), w.tanh()], w.dense(3, { useBias: false })]),
    );
    const p = named(model);
    const weights = [1, 2, 3].map((i) => rowsOf(p(`dense${i}.weight`).get(), 3));
    const x = rowsOf(normal(10, { seed: 1 }), 5);
    const dy = rowsOf(normal(6, { seed: 2 }), 3);
    const a = each(affine(x, weights[1]!, p("dense2.bias").get()), Math.tanh);
    const ends = [affine(x, weights[0]!, p("dense1.bias").get()), a, times(x, weights[2]!)];
    close(
      model.forward(x.flat()),
      ends.reduce((sum, end) => each(sum, (v, e) => v + e, end)),
      "y",
    );
    const dys = [dy, each(dy, (g, v) => g * (1 - v * v), a), dy];
    const all = dys.map((g, i) => affineGradients(x, weights[i]!, g));
    close(
      model.backward(dy.flat()),
      all.map(({ dx }) => dx).reduce((sum, dx) => each(sum, (v, d) => v + d, dx)),
      "dx",
    );
    all.forEach(({ dw }, i) => close(p(`dense${i + 1}.weight`).gradient(), dw, `dw${i + 1}`));
  });

  test("of x and f(x) is a residual, bit by bit", async () => {
    const f = [w.dense(6), w.relu(), w.dense(6)];
    const models = [w.residual(...f), w.add([f, []])].map((layer) =>
      filled({ input: 6, seed: 1 }, w.dense(6), layer, w.dense(1)),
    );
    const [a, b] = await Promise.all(models.map(async (model) => expectEqualPlans(await model)));
    expect(b).toEqual(a);
  });

  test("of the same thing many times", async () => {
    const model = await w.sequential({ input: 3 }, w.add([[], [], [], w.add([[], []])]));
    expect([...model.forward([[1, 2, -3]])]).toEqual([5, 10, -15]);
    expect([...model.backward([[1, 10, 100]])]).toEqual([5, 50, 500]);
    await expectEqualPlans(await w.sequential({ input: 3 }, w.dense(3), w.add([[], w.relu(), []]), w.dense(1)));
  });
});

describe("concat", () => {
  test("puts branches side by side, along any axis, against float64", async () => {
    const [rows, shape] = [2, [2, 3, 4]];
    const x = normal(rows * sizeOf(shape), { seed: 1 });
    for (const axis of [0, 1, 2, -1, -2, -3]) {
      const at = axis < 0 ? axis + 3 : axis;
      const tripled = w.add([[], [], []]);
      const model = await w.sequential({ input: shape }, w.concat([[], tripled, w.relu()], { axis }));
      const expectedShape = shape.with(at, shape[at]! * 3);
      expect(model.outputShape).toEqual(expectedShape);
      const behind = sizeOf(shape.slice(at));
      const y: number[] = [];
      for (let from = 0; from < x.length; from += behind) {
        const part = Array.from(x.slice(from, from + behind));
        y.push(...part, ...part.map((v) => Math.fround(Math.fround(v + v) + v)), ...part.map((v) => Math.max(v, 0)));
      }
      expectSameBits(model.forward(x), Float32Array.from(y), `y along ${axis}`);
      expectSameBits(model.predict(x), Float32Array.from(y), `y along ${axis}`);
      const dy = normal(y.length, { seed: 2 });
      const dx = model.backward(dy);
      for (let i = 0; i < x.length; i++) {
        const block = 3 * behind * Math.floor(i / behind) + (i % behind);
        const expected = dy[block]! + 3 * dy[block + behind]! + (x[i]! > 0 ? dy[block + 2 * behind]! : 0);
        expect(dx[i], `dx[${i}] along ${axis}`).toBeCloseTo(expected, 5);
      }
    }
  });

  test("of dense layers is a wider dense layer, bit by bit", async () => {
    const joined = await filled({ input: 9 }, w.concat([w.dense(3), w.dense(5), w.dense(1)]));
    const wide = await w.sequential({ input: 9 }, w.dense(9));
    const parts = joined.parameters().map((p) => rowsOf(p.get(), p.shape.at(-1)!));
    const [weight, bias] = wide.parameters();
    const beside = (a: Rows[]): number[] => a[0]!.flatMap((_, r) => a.flatMap((rows) => [...rows[r]!]));
    weight!.set(beside(parts.filter((_, i) => i % 2 === 0)));
    bias!.set(beside(parts.filter((_, i) => i % 2 === 1)));
    const x = normal(7 * 9, { seed: 1 });
    const dy = normal(7 * 9, { seed: 2 });
    expectSameBits(joined.forward(x), wide.forward(x), "y");
    close(joined.backward(dy), [[...wide.backward(dy)]], "dx");
    expectSameBits(
      Float32Array.from(beside([0, 2, 4].map((i) => rowsOf(joined.parameters()[i]!.gradient(), parts[i]![0]!.length)))),
      weight!.gradient(),
      "dw",
    );
  });

  test("with dropout inside, in composites, and with empty branches: the same bits in every plan", async () => {
    const inside = w.concat([[w.dense(2), w.dropout(0.4)], [], [w.relu(), w.dropout(0.3)]]);
    await expectEqualPlans(
      await filled({ input: 3, seed: 3 }, w.dense(4), inside, w.residual(w.dense(10)), w.dense(2)),
    );
    await expectEqualPlans(await filled({ input: 3, seed: 3 }, w.concat([[], inside]), w.dense(2)));
    await expectEqualPlans(await filled({ input: 3, seed: 3 }, w.dense(3), w.concat([[], []]), w.dropout(0.5)));
    expectRightGradients(await filled({ input: 3, seed: 3 }, w.dense(3), w.concat([inside, [], w.tanh()])));
  });
});

describe("chain and from", () => {
  test("a chain is its layers, bit by bit", async () => {
    const plain = await filled({ input: 4, seed: 1 }, w.dense(5), w.relu(), w.dropout(0.3), w.dense(2));
    const chainOf = await filled(
      { input: 4, seed: 1 },
      w.chain(w.chain(w.dense(5), w.relu()), w.chain(w.dropout(0.3), w.dense(2))),
    );
    expect(await expectEqualPlans(chainOf)).toEqual(await expectEqualPlans(plain));
  });

  test("from goes on from an earlier layer", async () => {
    const skipping = await filled(
      { input: 4, seed: 1 },
      w.dense(4, { name: "first" }),
      w.relu(),
      w.dense(4),
      w.add([[], w.from("first")]),
    );
    const p = named(skipping);
    const x = rowsOf(normal(8, { seed: 1 }), 4);
    const first = affine(x, rowsOf(p("first.weight").get(), 4), p("first.bias").get());
    const relu = each(first, (v) => Math.max(v, 0));
    const second = affine(relu, rowsOf(p("dense2.weight").get(), 4), p("dense2.bias").get());
    close(
      skipping.predict(x.flat()),
      each(first, (v, s) => v + s, second),
      "y",
    );
    await expectEqualPlans(skipping);
  });

  test("a densely connected block", async () => {
    const grow = (name: string): w.Layer => w.chain(w.concat([[], [w.dense(3), w.tanh()]]), w.identity({ name }));
    const model = await filled(
      { input: 4, seed: 1 },
      w.identity({ name: "start" }),
      grow("a"),
      grow("b"),
      w.concat([[], w.from("a", w.dense(2)), w.from("start", w.dropout(0.3))]),
      w.dense(2),
    );
    expect(model.summary().layers.find((l) => l.name === "join3")!.output).toEqual([16]);
    await expectEqualPlans(model);
    expectRightGradients(model);
  });
});

describe("shared", () => {
  test("has one weight, and the gradients of its uses are summed: a recurrence by hand, against float64", async () => {
    const step = w.shared(w.dense(3));
    const model = await filled({ input: 3 }, step, w.tanh(), step, w.tanh(), step);
    const [weight, bias] = model.parameters();
    expect(model.parameters().length).toBe(2);
    const W = rowsOf(weight!.get(), 3);
    const b = bias!.get();
    const inputs: number[][][] = [rowsOf(normal(6, { seed: 1 }), 3)];
    let y: number[][] = [];
    for (let t = 0; t < 3; t++) {
      y = affine(inputs[t]!, W, b);
      inputs.push(each(y, Math.tanh));
    }
    close(model.forward(inputs[0]!.flat()), y, "y");
    let dy = rowsOf(normal(6, { seed: 2 }), 3);
    const dx = model.backward(dy.flat());
    let dw: number[][] = [0, 1, 2].map(() => [0, 0, 0]);
    let db: number[][] = [[0, 0, 0]];
    for (let t = 2; t >= 0; t--) {
      const part = affineGradients(inputs[t]!, W, dy);
      dw = each(dw, (sum, v) => sum + v, part.dw);
      db = each(db, (sum, v) => sum + v, part.db);
      dy = t === 0 ? part.dx : each(part.dx, (g, a) => g * (1 - a * a), inputs[t]!);
    }
    close(dx, dy, "dx");
    close(weight!.gradient(), dw, "dw");
    close(bias!.gradient(), db, "db");
  });

  test("its gradient is the sum of those of layers that only have equal weights", async () => {
    const step = w.shared(w.dense(4));
    const once = await filled({ input: 4 }, step, w.tanh(), step, w.dense(1));
    const apart = await w.sequential({ input: 4 }, w.dense(4), w.tanh(), w.dense(4), w.dense(1));
    const [weight, bias, head, headBias] = once.parameters().map((p) => p.get());
    apart.parameters().forEach((p, i) => p.set([weight!, bias!, weight!, bias!, head!, headBias!][i]!));
    const x = normal(12, { seed: 1 });
    expectSameBits(once.forward(x), apart.forward(x), "y");
    expectSameBits(once.backward([1, 2, 3]), apart.backward([1, 2, 3]), "dx");
    const gradients = apart.parameters().map((p) => p.gradient());
    const sum = gradients[0]!.map((g, i) => g + gradients[2]![i]!);
    close(once.parameters()[0]!.gradient(), [[...sum]], "dw");
  });

  test("composites: the layers inside, each in its place", async () => {
    const d = w.dense(3);
    // the same value twice within a shared composite is two layers, each of which is the same in the second use
    const block = w.shared(w.chain(d, w.residual(w.tanh(), d)));
    const model = await filled({ input: 3, seed: 4 }, block, w.relu(), block, d, w.dense(1));
    expect(model.parameters().map((p) => p.name)).toEqual([
      "dense1.weight",
      "dense1.bias",
      "dense2.weight",
      "dense2.bias",
      "dense5.weight",
      "dense5.bias",
      "dense6.weight",
      "dense6.bias",
    ]);
    await expectEqualPlans(model);
    const smooth = w.shared(w.chain(w.dense(3), w.residual(w.tanh(), w.dense(3))));
    expectRightGradients(await filled({ input: 3, seed: 4 }, smooth, w.tanh(), smooth, w.dense(1)));
  });

  test("in shared ones, with statistics and masks of their own", async () => {
    const inner = w.shared(w.dense(4));
    const outer = w.shared(w.chain(inner, w.batchNorm(), w.dropout(0.4), inner));
    const model = await filled({ input: 4, seed: 4 }, outer, inner, w.relu(), outer);
    expect(model.parameters().map((p) => p.name)).toEqual([
      "dense1.weight",
      "dense1.bias",
      "batchNorm1.gamma",
      "batchNorm1.beta",
      "batchNorm1.runningMean",
      "batchNorm1.runningVariance",
    ]);
    model
      .parameters()
      .find((p) => p.name === "batchNorm1.runningVariance")!
      .set([1, 1, 1, 1]);
    await expectEqualPlans(model);
  });

  test("that a layer is shared says nothing of other uses of the layer in it", async () => {
    const d = w.dense(3);
    const model = await w.sequential({ input: 3 }, d, w.shared(d), w.shared(w.chain(d)));
    expect(model.parameters().length).toBe(6);
  });
});

describe("frozen", () => {
  const models: Readonly<Record<string, readonly w.Layer[]>> = {
    "the option of dense": [w.dense(4, { trainable: false, kernelRegularizer: w.l2(0.1) }), w.tanh(), w.dense(1)],
    "a layer": [w.dense(4), w.tanh(), w.frozen(w.dense(3)), w.tanh(), w.dense(1)],
    "the first layers": [w.frozen(w.chain(w.dense(4), w.dropout(0.2), w.dense(4))), w.dense(1)],
    "the last layer": [w.dense(4), w.relu(), w.frozen(w.dense(1))],
    "a residual": [w.dense(4), w.frozen(w.residual(w.dense(4), w.layerNorm())), w.dense(1)],
    "a branch": [w.concat([w.frozen(w.dense(3)), w.dense(2)]), w.dense(1)],
    "a shared layer": (() => {
      const step = w.shared(w.frozen(w.dense(5)));
      return [step, w.tanh(), w.dense(5), step, w.dense(1)];
    })(),
    "batchNorm in a composite": [w.dense(4), w.frozen(w.chain(w.dense(3), w.batchNorm())), w.dense(1)],
  };
  for (const [name, layers] of Object.entries(models)) {
    test(`${name}: the same bits after training, no gradient, and the same gradients for the others`, async () => {
      const model = await filled({ input: 5, seed: 6 }, ...layers);
      model.parameters().forEach((p) => p.name.endsWith("Variance") && p.set(p.get().map(() => 1)));
      const still = model.parameters().filter((p) => !p.trained);
      expect(still.length).toBeGreaterThan(0);
      await expectEqualPlans(model);
      const before = still.map((p) => p.get());
      const moving = model.parameters().filter((p) => p.trained);
      const start = moving.map((p) => p.get());
      const x = normal(60, { seed: 1 });
      const y = normal(12, { seed: 2 });
      const optimizer = w.adamw({ learningRate: 0.01, weightDecay: 0.1, clipGlobalNorm: 1 });
      const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer });
      await trainer.fit({ x, y }, { epochs: 3, batchSize: 4 });
      still.forEach((p, i) => expectSameBits(p.get(), before[i]!, p.name));
      moving.forEach((p, i) => expect(p.get(), p.name).not.toEqual(start[i]));
      model.zeroGradients();
      model.forward(x);
      model.backward(y);
      for (const p of still) expect(p.gradient().every((g) => g === 0)).toBe(true);
    });
  }

  test("gradients that pass through are those of the same model that isn't frozen", async () => {
    const build = (freeze: (layer: w.Layer) => w.Layer): Promise<w.Model> =>
      filled({ input: 4, seed: 1 }, w.dense(4), freeze(w.residual(w.dense(4), w.tanh())), w.dense(1));
    const [free, frozen] = [await build((layer) => layer), await build(w.frozen)];
    const all = await expectEqualPlans(free);
    const { "dense2.weight": _w, "dense2.bias": _b, ...others } = all;
    expect(await expectEqualPlans(frozen)).toEqual(others);
  });

  test("batchNorm within frozen composites uses its running statistics, also for one row", async () => {
    const model = await filled({ input: 3, seed: 1 }, w.frozen(w.chain(w.dense(2), w.batchNorm())), w.dense(1));
    model
      .parameters()
      .find((p) => p.name === "batchNorm1.runningVariance")!
      .set([2, 3]);
    const x = normal(3, { seed: 2 });
    expectSameBits(model.forward(x), model.predict(x));
  });

  test("everything: training changes nothing", async () => {
    const model = await w.sequential({ input: 3 }, w.frozen(w.chain(w.dense(4), w.relu(), w.dense(1))));
    const before = model.fingerprint();
    const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.adam() });
    await trainer.fit({ x: normal(9, { seed: 1 }), y: [1, 2, 3] });
    expect(model.fingerprint()).toBe(before);
    model.forward(normal(3, { seed: 1 }));
    expect(model.backward([1]).some((g) => g !== 0)).toBe(true);
  });
});

describe("what is refused", () => {
  const make =
    (...layers: readonly w.Layer[]) =>
    (): Promise<w.Model> =>
      w.sequential({ input: [2, 4] }, ...layers);
  refuses([
    [() => w.residual(), RangeError, "residual: the layers must be at least 1, got 0"],
    [() => w.chain(), RangeError, "chain: the layers must be at least 1, got 0"],
    [
      () => w.residual(w.dense as never),
      TypeError,
      "residual: the layers must be layers such as dense(10), got the function dense; call it: dense()",
    ],
    [
      () => w.chain(w.dense(2), null as never),
      TypeError,
      "chain: the layers must be layers such as dense(10), got null",
    ],
    [() => w.shared(3 as never), TypeError, "shared: the argument must be layers such as dense(10), got number 3"],
    [() => w.frozen([] as never), TypeError, /^frozen: the argument must be layers such as dense\(10\), got /],
    [() => w.from(3 as never), TypeError, "from: the first argument must be a name, got number 3"],
    [
      () => w.from("a", "b" as never),
      TypeError,
      'from: the layers must be layers such as dense(10), got the string "b"',
    ],
    ...(["concat", "add"] as const).flatMap((name) => [
      [() => w[name]([[]]), RangeError, `${name}: two branches or more are needed, got 1`] as const,
      [() => w[name](holes), TypeError, `${name}: branch 1 must be layers such as dense(10), got undefined`] as const,
      [
        () => w[name]([w.relu(), holes]),
        TypeError,
        `${name}: branch 2 must be layers such as dense(10), got undefined`,
      ] as const,
      [
        () => w[name](w.dense(3) as never),
        TypeError,
        `${name}: the branches must be an array such as [[dense(4)], [dense(4)]], got an object (dense)`,
      ] as const,
      [
        () => w[name]([w.dense(3), [w.relu(), w.tanh as never]]),
        TypeError,
        `${name}: branch 2 must be layers such as dense(10), got the function tanh; call it: tanh()`,
      ] as const,
    ]),
    [() => w.concat([[], []], { axis: 0.5 }), TypeError, "concat: axis must be a whole number, got number 0.5"],
    [() => w.concat([[], []], { dim: 0 } as never), TypeError, 'concat: unknown option "dim". Known: axis'],
    [
      make(w.residual(w.dense(3), w.relu())),
      RangeError,
      "add (layer 3): residual adds what goes in to what its layers make of it, so they must keep the shape, " +
        "but they make 2x3 of 2x4; end with a layer that gives 2x4",
    ],
    [
      make(w.add([[], w.relu(), w.dense(3)])),
      RangeError,
      "add (layer 4): add: all branches must give the same shape, but branch 1 gives 2x4 and branch 3 2x3",
    ],
    [
      make(w.concat([w.dense(3), w.flatten()])),
      RangeError,
      "join (layer 3): concat joins along axis -1, so its branches must agree on the other axes, " +
        "but branch 1 gives 2x3 and branch 2 8",
    ],
    [
      make(w.concat([w.dense(3), []], { axis: 0 })),
      RangeError,
      "join (layer 2): concat joins along axis 0, so its branches must agree on the other axes, " +
        "but branch 1 gives 2x3 and branch 2 2x4",
    ],
    [
      make(w.concat([[], []], { axis: 2 })),
      RangeError,
      "join (layer 1): concat joins along axis 2, but the first branch gives 2x4",
    ],
    [
      make(w.concat([[], []], { axis: -3 })),
      RangeError,
      "join (layer 1): concat joins along axis -3, but the first branch gives 2x4",
    ],
    [
      make(w.dense(3, { name: "a" }), w.relu(), w.from("b")),
      RangeError,
      'from: no input and no layer before it is called "b"; there are a',
    ],
    [
      make(w.dense(3), w.from("dense1")),
      RangeError,
      'from: no input and no layer before it is called "dense1"; none has a name; inputs({ ... }) gives them names',
    ],
    [
      make(w.dense(3, { name: "a" }), w.dense(2), w.relu(), w.from("a")),
      RangeError,
      "sequential: nothing uses the output of relu (layer 3); leave it out",
    ],
    [
      make(w.residual(w.dense(4, { name: "a" })), w.concat([w.dense(4, { name: "a" }), []])),
      RangeError,
      'sequential: two layers are called "a"; names must differ',
    ],
    [
      () => {
        const step = w.shared(w.dense(3));
        return w.sequential({ input: 2 }, step, step);
      },
      RangeError,
      "dense (layer 2): weight must be 3x3, but it is weight of dense (layer 1), which is 2x3",
    ],
  ]);
});
