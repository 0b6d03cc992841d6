// What a file may ask for: in proportion to the file itself, in work, memory, nesting, and the length of messages.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, test, vi } from "vitest";
import { modelFromBytes, modelToBytes, readSafetensors, writeSafetensors } from "../../src/files.ts";
import * as w from "../../src/index.ts";
import { expectRefusal, refuses } from "../support/refusals.ts";

/** A file with an architecture and no tensors. */
const fileOf = (layers: unknown, more: object = {}): Uint8Array =>
  writeSafetensors([], {
    format: "wasmgrad",
    version: "1",
    model: typeof layers === "string" ? layers : JSON.stringify({ input: [4], seed: 0, layers, ...more }),
  });
const layer = (type: string, options: object = {}, name = "a"): object => ({ type, name, options });
const load =
  (...args: Parameters<typeof fileOf>) =>
  (): Promise<w.Model> =>
    modelFromBytes(fileOf(...args), { name: "f" });

const nested = (depth: number, type = "residual"): string =>
  `{"input":[4],"seed":0,"layers":[${`{"type":"${type}","options":{},"inner":[`.repeat(depth)}${JSON.stringify(layer("relu"))}${"]}".repeat(depth)}]}`;

/** Chains of [x, shared x], 2^levels layers. */
function doubled(levels: number): unknown[] {
  let layers: unknown[] = [{ ...layer("relu"), shared: 0 }];
  for (let i = 1; i <= levels; i++) {
    layers = [{ type: "chain", options: {}, inner: [...layers, { shared: i - 1 }], shared: i }];
  }
  return layers;
}

describe("names and shapes come first", () => {
  refuses([
    [load([layer("dense", { units: 2e8 })]), Error, "f: parameter a.weight is missing; the file has none"],
    [load([layer("dense", { units: 2 ** 52 })]), Error, /^f: .*(?:parameter a\.weight is missing|units)/],
    [
      load([layer("lstm", { units: 512 })], { input: [4, 3] }),
      Error,
      "f: parameter a.weightIh is missing; the file has none",
    ],
    [
      load([layer("embedding", { vocabulary: 1.6e7, width: 64 })]),
      Error,
      "f: parameter a.weight is missing; the file has none",
    ],
    [
      load([layer("groupNorm", { groups: 7 })], { input: [3e8] }),
      Error,
      /^f: groupNorm \(layer 1, "a"\): groups must divide the channels, got 7 groups of 300000000 channels; 1, 2, 3, 4, 5, .* would fit$/,
    ],
    [load([layer("attention", { heads: 7, memory: "x" })]), Error, /^f: /],
    [
      load([{ type: "chain", options: {}, inner: [] }]),
      Error,
      "f: the architecture has no layer that computes anything",
    ],
  ]);

  test("no memory is taken for parameters that the file doesn't have", async () => {
    const { core } = await w.sequential({ input: 1 }, w.dense(1));
    const before = [core.arena.used, core.arena.memory.buffer.byteLength];
    const bytes = fileOf([layer("dense", { units: 1e6 })]);
    await expectRefusal(() => modelFromBytes(bytes, { name: "f", core }), Error, /parameter a\.weight is missing/);
    expect([core.arena.used, core.arena.memory.buffer.byteLength]).toEqual(before);
  });

  test("a model that is read computes no initial values, and its layers keep no copy of the weights", async () => {
    const model = await w.sequential(
      { input: [5, 4], seed: 1 },
      w.bidirectional(w.lstm(3, { returnSequences: true })),
      w.timeDistributed(w.dense(6), w.tanh()),
      w.gru(8),
      w.residual(w.shared(w.chain(w.dense(8), w.batchNorm()))),
    );
    const { core } = await w.sequential({ input: 1 }, w.dense(1));
    const allocate = vi.spyOn(core.arena, "allocate");
    const again = await modelFromBytes(modelToBytes(model), { core });
    expect(allocate.mock.calls.map(([, , what]) => what)).toEqual(["the model's parameters"]);
    allocate.mockRestore();
    expect(again.fingerprint()).toBe(model.fingerprint());
    for (const { layer: each } of again.nodes) expect(each.weights?.size ?? 0).toBe(0);
    // they can be layers of another model, with initial values of its own
    const other = await w.sequential({ input: [5, 4], seed: 9 }, ...again.layers);
    const fresh = await w.sequential({ input: [5, 4], seed: 9 }, ...model.layers);
    expect(other.fingerprint()).toBe(fresh.fingerprint());
  });
});

describe("shared layers", () => {
  refuses([
    [
      load(doubled(13)),
      Error,
      /^f: its shared layers make 16383 layers, but an architecture of \d+ bytes may have at most 10\d\d$/,
    ],
    [load(doubled(60)), Error, /^f: its shared layers make \d{19} layers, but an architecture of \d+ bytes may/],
  ]);

  test("that are used often in a model's own code can be read again: the text is as long as it has to be", async () => {
    let all: w.Layer = w.shared(w.dense(2));
    for (let i = 0; i < 11; i++) all = w.shared(w.chain(all, all));
    const model = await w.sequential({ input: 2 }, all);
    const bytes = modelToBytes(model);
    const text = readSafetensors(bytes).metadata["model"]!;
    expect(text.length).toBe(40 * (2 ** 12 - 1 - 1000));
    expect((await modelFromBytes(bytes)).fingerprint()).toBe(model.fingerprint());
    const short = writeSafetensors(readSafetensors(bytes).tensors, {
      ...readSafetensors(bytes).metadata,
      model: text.trim(),
    });
    await expectRefusal(() => modelFromBytes(short), Error, /its shared layers make 4095 layers/);
  });
});

describe("many", () => {
  test("layers, at the top and within a composite: more than a call can have arguments", async () => {
    const many = [{ ...layer("relu"), shared: 0 }, ...Array.from({ length: 150_000 }, () => ({ shared: 0 }))];
    // a text as long as so many layers need
    const roomy = (layers: unknown): string => JSON.stringify({ input: [4], seed: 0, layers }).padEnd(40 * 150_010);
    expect((await load(roomy(many))()).nodes.length).toBe(many.length);
    const refused = load(
      roomy([{ type: "residual", options: {}, inner: [...many, layer("dense", { units: 2 }, "b")] }]),
    );
    await expectRefusal(refused, Error, /^f: add \(layer 150003\): residual adds what goes in/);
    for (const [type, options] of Object.entries({ timeDistributed: {}, from: { value: "x" } })) {
      const inner = [...many, layer("nothing", {}, "b")];
      await expectRefusal(
        load(roomy([{ type, options, inner }])),
        Error,
        /^f: layer 1\.150002: unknown layer "nothing"/,
      );
      await expectRefusal(
        load(roomy([{ type, options, inner: many }])),
        Error,
        /^f: .*(?:timeDistributed takes steps|from: no input)/,
      );
    }
  }, 300_000);

  // each layer after it would be checked and named axis by axis: 350 kB took 20 seconds
  test("axes are refused", async () => {
    const shape = [...Array.from({ length: 1e5 }, () => 1), 4];
    const message = "reshape: shape may have at most 32 axes, got 100001";
    await expectRefusal(load([layer("reshape", { shape })]), Error, `f: layer 1: ${message}`);
    expect(() => w.reshape(shape)).toThrow(new RangeError(message));
    const input = "f: sequential: input may have at most 32 axes, got 100001";
    await expectRefusal(load([layer("relu")], { input: shape }), Error, input);
    expect(w.reshape(shape.slice(-32)).type).toBe("reshape");
  });
});

describe("nesting", () => {
  const tooDeep = (depth: number): RegExp => new RegExp(`^f: layer 1(?:\\.1){${depth}} is nested too deep; `);

  test("of 199 composites, from code and in a file", async () => {
    expect((await load(nested(199))()).outputShape).toEqual([4]);
    let all: w.Layer = w.relu();
    for (let i = 0; i < 199; i++) all = w.chain(all);
    const model = await w.sequential({ input: 4 }, all);
    expect((await modelFromBytes(modelToBytes(model))).nodes.length).toBe(1);
  });

  test("of more is refused, by reading and by writing", async () => {
    for (const type of ["residual", "chain", "unknown"]) {
      for (const depth of [200, 3000, 100_000]) await expectRefusal(load(nested(depth, type)), Error, tooDeep(199));
    }
    let all: w.Layer = w.relu();
    for (let i = 0; i < 300; i++) all = w.chain(all);
    const model = await w.sequential({ input: 4 }, all);
    const message = "modelToBytes: a file can hold composites nested up to 200 deep; this model has more";
    expect(() => modelToBytes(model)).toThrow(message);
  });

  test("of options and of the whole", async () => {
    const deep = `${"[".repeat(1e5)}${"]".repeat(1e5)}`;
    const dense = `{"input":[4],"seed":0,"layers":[{"type":"dense","name":"a","options":{"units":${deep}}}]}`;
    await expectRefusal(load(dense), Error, /^f: layer 1 has an option "units" that is no value/);
    await expectRefusal(load(deep), Error, "f: the architecture in the metadata has no layers");
    await expectRefusal(load(`{"layers":[${deep}]}`), Error, /^f: layer 1 of the architecture must have a type/);
    const input = dense.replace("[4]", deep).replace(/"units":\[+\]+/, '"units":3');
    await expectRefusal(load(input), Error, /^f: sequential: input\[0\] must be a whole number/);
  });
});

describe("long names", () => {
  const long = "x".repeat(1e6);
  const cut = `"${"x".repeat(80)}..."`;
  const known = (what: string): RegExp =>
    new RegExp(`^f: layer 1: unknown ${what} "x{80}\\.\\.\\."\\. Known: [\\w, ]+`);
  refuses([
    [load([layer(long)]), Error, known("layer")],
    [load([layer("dense", { units: 3, kernelInitializer: { initializer: long } })]), Error, known("initializer")],
    [load([layer("dense", { units: 3, kernelRegularizer: { regularizer: long } })]), Error, known("regularizer")],
    [load([layer("dense", { units: 3, kernelConstraint: { constraint: long } })]), Error, known("constraint")],
    [load([layer("dense", { units: long })]), Error, `f: layer 1: dense: units must be a whole number of 1 or more, got ${cut}`],
    [load([layer("dense", { units: 3 }, long)]), Error, `f: parameter ${cut} is missing; the file has none`],
    [load([layer("relu", {}, long), layer("dense", { units: 0.5 })]), Error, /^f: layer 2: dense: units/],
    [load([layer("relu")], { link: long }), RangeError, `f: link must be one of identity, sigmoid, softmax, exp, sign, got ${cut}`],
  ]); // prettier-ignore

  test("no message is long, nor its causes; control characters are written out", async () => {
    for (const name of [long, `${"\u001b[2J\u202e\n".repeat(50)}`]) {
      for (const layers of [
        [layer("relu", {}, name), layer("relu", {}, name)],
        [layer("reshape", { shape: [5] }, name)],
        [{ type: "from", options: { value: name }, inner: [] }],
        [layer("dense", { [name]: 3 })],
        [layer("lstm", { units: 3, lengths: name })],
      ]) {
        const error = await load(layers)().then(
          () => undefined,
          (thrown: unknown) => thrown,
        );
        expect(error).toBeInstanceOf(Error);
        // eslint-disable-next-line no-control-regex
        expect((error as Error).message).not.toMatch(/[\u0000-\u001f\u202e]/);
        for (let at = error as Error | undefined; at; at = at.cause as Error | undefined) {
          expect(at.message.length).toBeLessThan(3100);
        }
      }
    }
  });
});

describe("entries of another form", () => {
  const form = "f: layer 1 of the architecture must have a type, a name and options";
  const option = (name: string): string =>
    `f: layer 1 has an option "${name}" that is no value, array of values, or initializer with options`;
  const two = [layer("lstm", { units: 2 }, "p"), layer("lstm", { units: 2 }, "q")];
  refuses([
    [load([{ ...layer("chain"), inner: 5 }]), Error, form],
    [load([{ ...layer("chain"), inner: {} }]), Error, form],
    [load([{ ...layer("relu"), options: [] }]), Error, form],
    [load([[layer("relu")]]), Error, form],
    [load([{ ...layer("relu"), frozen: "no" }]), Error, "f: layer 1 of the architecture has a frozen that is not true"],
    [load([{ ...layer("relu"), shared: {} }]), Error, "f: layer 1 of the architecture has a shared that is no whole number"],
    [load([{ type: "chain", name: {}, options: {}, inner: [] }]), Error, "f: layer 1 of the architecture has a name that is no string"],
    [load([layer("permute", { order: [{}] })]), Error, option("order")],
    [load([layer("relu", { name: { toString: 1 } })]), Error, option("name")],
    [load([layer("dense", { units: 1, kernelInitializer: { initializer: ["zeros"] } })]), Error, "f: layer 1: the name of the initializer must be a string, got an array of 1"],
    [load([layer("dense", { units: 1, kernelInitializer: { initializer: "zeros", options: null } })]), Error, "f: layer 1: the options of the initializer must be an object, got null"],
    [load([{ type: "outputs", options: {}, inner: [] }]), Error, "f: layer 1: outputs: the layers must be one or more, got an array of 0"],
    [load([{ type: "outputs", options: { names: ["a", "a"] }, inner: two }]), Error, "f: layer 1: outputs: names must be 2 different names, got an array of 2"],
    [load([{ type: "outputs", options: { names: "ab" }, inner: two }]), Error, 'f: layer 1: outputs: names must be 2 different names, got the string "ab"'],
    [load([{ type: "bidirectional", options: {}, inner: two.slice(1) }]), Error, "f: layer 1: bidirectional: the layers must be two, forward and backward, got an array of 1"],
    [load([{ type: "bidirectional", options: { name: 5 }, inner: two }]), Error, "f: layer 1: bidirectional: name must be a string, got number 5"],
    [load([{ type: "bidirectional", options: {}, inner: [layer("relu"), layer("relu", {}, "b")] }]), Error, "f: layer 1: bidirectional: the layer must be a recurrent layer such as lstm(64), got an object (relu)"],
  ]); // prettier-ignore
});

describe("time and memory are in proportion to the file", () => {
  const folder = mkdtempSync(join(tmpdir(), "wasmgrad-bounds-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const header = (entries: string): Uint8Array => {
    const model = JSON.stringify(JSON.stringify({ input: [4], seed: 0, layers: [layer("relu")] }));
    const text = `{"__metadata__":{"format":"wasmgrad","version":"1","model":${model}}${entries}}`;
    const bytes = new TextEncoder().encode(text);
    const file = new Uint8Array(8 + bytes.length);
    new DataView(file.buffer).setUint32(0, bytes.length, true);
    file.set(bytes, 8);
    return file;
  };
  const empty = (name: string | number): string => `,"${name}":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}`;
  const HOSTILE: Readonly<Record<string, () => Uint8Array>> = {
    "dense of 2e8 units": () => fileOf([layer("dense", { units: 2e8 })]),
    "lstm of 20,000 units": () => fileOf([layer("lstm", { units: 20_000 })], { input: [4, 3] }),
    "divisors of 3e8": () => fileOf([layer("groupNorm", { groups: 7 })], { input: [3e8] }),
    "divisors of 2^53": () => fileOf([layer("selfAttention", { heads: 7 })], { input: [4, 2 ** 53 - 1] }),
    "shared layers, 2^30": () => fileOf(doubled(30)),
    "nested 50,000 deep": () => fileOf(nested(50_000)),
    "a type of 1 MB": () => fileOf([layer("x".repeat(1e6))]),
    "a name of 10 MB": () => fileOf([layer("dense", { units: 3 }, "x".repeat(1e7))]),
    "an input of 1e5 axes": () => fileOf([layer("dense", { units: 3 })], { input: Array.from({ length: 1e5 }, () => 9) }),
    "30,000 layers": () => fileOf(Array.from({ length: 30_000 }, (_, i) => layer("relu", {}, `relu${i}`))),
    "50,000 uses of a layer": () =>
      fileOf([{ ...layer("relu"), shared: 0 }, ...Array.from({ length: 50_000 }, () => ({ shared: 0 }))]),
    "1,000 uses of a layer": () =>
      fileOf([{ ...layer("relu"), shared: 0 }, ...Array.from({ length: 999 }, () => ({ shared: 0 }))]),
    "100,000 empty tensors": () => header(Array.from({ length: 1e5 }, (_, i) => empty(i)).join("")),
    "100,000 tensors of one name": () => header(empty("a").repeat(1e5)),
    "a tensor named __proto__": () => header(empty("__proto__")),
    "metadata of 20 MB": () => writeSafetensors([], { ...readSafetensors(header("")).metadata, more: "x".repeat(2e7) }),
    "a header of 2^63 bytes": () => new Uint8Array(20).fill(0x7f),
  }; // prettier-ignore

  test("peak memory of a process that reads them", () => {
    const files = Object.entries(HOSTILE).map(([name, make], i) => {
      const bytes = make();
      const path = join(folder, `${i}.safetensors`);
      writeFileSync(path, bytes);
      return { name, path, size: bytes.length };
    });
    const library = pathToFileURL(join(import.meta.dirname, "../../build/files.js")).href;
    const code = `
      import { loadModel } from ${JSON.stringify(library)};
      const peak = () => process.resourceUsage().maxRSS * 1024;
      const before = peak();
      const said = await loadModel(process.argv[1]).then(() => "read", (error) => error.message);
      console.log(JSON.stringify({ more: peak() - before, said: said.slice(0, 1000) }));`;
    for (const { name, path, size } of files) {
      const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", code, path], {
        encoding: "utf8",
      });
      expect(stderr, name).toBe("");
      const { more, said } = JSON.parse(stdout) as { more: number; said: string };
      if (said !== "read") expect(said, name).toMatch(new RegExp(`^${path}: `));
      // 64 MB for the library, its core and the engine's garbage; 150 bytes for each one of the file, as SECURITY.md says
      expect(more, `${name}: ${more} bytes for ${size}`).toBeLessThan(64e6 + 150 * size);
    }
  }, 300_000);
});

describe("options that versions before don't know are in files only where they are used", () => {
  test.each<[name: string, without: w.Layer, withThem: w.Layer, keys: readonly string[]]>([
    ["gru", w.gru(2), w.gru(2, { reverse: true, resetAfter: false }), ["reverse", "resetAfter"]],
    ["hardSigmoid", w.hardSigmoid(), w.hardSigmoid({ offset: 0.4 }), ["offset"]],
    ["lstm", w.lstm(2), w.lstm(2, { reverse: true }), ["reverse"]],
    ["selu", w.selu(), w.selu({ alpha: 1, scale: 2 }), ["alpha", "scale"]],
    ["simpleRnn", w.simpleRnn(2), w.simpleRnn(2, { reverse: true }), ["reverse"]],
    ["bidirectional", w.bidirectional(w.lstm(2)), w.lstm(2, { reverse: true }), ["reverse"]],
    ["upsample2d", w.upsample2d(2), w.upsample2d(2, { interpolation: "bilinear" }), ["interpolation"]],
  ])("%s", async (name, without, withThem, keys) => {
    const input = name === "upsample2d" ? [2, 2, 1] : [3, 4];
    const textOf = async (one: w.Layer): Promise<string> =>
      new TextDecoder().decode(modelToBytes(await w.sequential({ input }, one)));
    const [before, after] = [await textOf(without), await textOf(withThem)];
    for (const key of keys) {
      expect(before).not.toContain(`\\"${key}\\":`);
      expect(after).toContain(`\\"${key}\\":`);
    }
    // and they come back
    const model = await w.sequential({ input, seed: 3 }, withThem);
    const x = Float32Array.from({ length: 12 }, (_, i) => i / 7 - 1).slice(
      0,
      input.reduce((a, b) => a * b),
    );
    expect((await modelFromBytes(modelToBytes(model))).predict(x)).toEqual(model.predict(x));
  });
});
