// docs/defaults.md says of every description's options what they are if they are not given.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import * as w from "../src/index.ts";

/** Where a description needs something to be made: all but that are defaults. */
const NEEDED: Readonly<Record<string, () => Described>> = {
  add: () => w.add([w.relu(), w.relu()]),
  attention: () => w.attention({ memory: "memory", heads: 1 }),
  average: () => w.average([w.relu(), w.relu()]),
  bidirectional: () => w.bidirectional(w.gru(1)),
  chain: () => w.chain(w.relu()),
  clip: () => w.clip(0),
  concat: () => w.concat([w.relu(), w.relu()]),
  constant: () => w.constant(1),
  conv1d: () => w.conv1d(1, { kernelSize: 1 }),
  conv1dTranspose: () => w.conv1dTranspose(1, { kernelSize: 1 }),
  conv2d: () => w.conv2d(1, { kernelSize: 1 }),
  conv2dTranspose: () => w.conv2dTranspose(1, { kernelSize: 1 }),
  dense: () => w.dense(1),
  depthwiseConv2d: () => w.depthwiseConv2d(1),
  divide: () => w.divide([w.relu(), w.relu()]),
  dot: () => w.dot([w.relu(), w.relu()]),
  dropout: () => w.dropout(0.5),
  embedding: () => w.embedding(1, 1),
  from: () => w.from("value"),
  frozen: () => w.frozen(w.relu()),
  gaussianNoise: () => w.gaussianNoise(1),
  groupNorm: () => w.groupNorm(1),
  gru: () => w.gru(1),
  lstm: () => w.lstm(1),
  matmul: () => w.matmul([w.relu(), w.relu()]),
  maximum: () => w.maximum([w.relu(), w.relu()]),
  multiply: () => w.multiply([w.relu(), w.relu()]),
  permute: () => w.permute([0]),
  pick: () => w.pick({ index: 0 }),
  rbf: () => w.rbf({ centres: [1], gamma: 1 }),
  repeatVector: () => w.repeatVector(1),
  reshape: () => w.reshape(1),
  residual: () => w.residual(w.relu()),
  selfAttention: () => w.selfAttention({ heads: 1 }),
  separableConv2d: () => w.separableConv2d(1, { kernelSize: 1 }),
  shared: () => w.shared(w.relu()),
  simpleRnn: () => w.simpleRnn(1),
  spatialDropout1d: () => w.spatialDropout1d(0.5),
  spatialDropout2d: () => w.spatialDropout2d(0.5),
  subtract: () => w.subtract([w.relu(), w.relu()]),
  tiedDense: () => w.tiedDense({ to: "layer" }),
  timeDistributed: () => w.timeDistributed(w.relu()),
  withState: () => w.withState(w.gru(1), {}),
};

/** Options that were needed above. */
const GIVEN =
  /^(?:units|filters|kernelSize|heads|memory|value|vocabulary|width|rate|deviation|order|centres|gamma|times|shape|to|numbers|low|index)$/;

interface Described {
  readonly options: Readonly<Record<string, unknown>>;
}

const groups = [
  "layers",
  "composites",
  "activations",
  "losses",
  "optimizers",
  "metrics",
  "regularizers",
  "constraints",
];
const modules = await Promise.all(
  groups.map((group) => import(`../src/nn/${group}/index.ts`) as Promise<Readonly<Record<string, unknown>>>),
);
/** They have no options, or none that may be left out. */
const WITHOUT = ["classificationReport", "confusionMatrix", "precisionRecallCurve", "rbfNorm", "rocCurve"];
const descriptions = new Map<string, Described>();
for (const [name, make] of modules.flatMap((module) => Object.entries(module))) {
  if (WITHOUT.includes(name)) continue;
  const made = (NEEDED[name] ?? (make as () => Described | undefined))();
  if (made?.options) descriptions.set(name, made);
}
for (const name of ["uniform", "normal", "orthogonal"] as const) descriptions.set(name, w[name]());

/** `slope: 1 / 6` and the like, for each name in a row's first column. */
const documented = new Map<string, Map<string, string>>();
const rows = readFileSync(join(import.meta.dirname, "../docs/defaults.md"), "utf8").matchAll(
  /^\| (`.*?|all) \| (.*) \|$/gm,
);
for (const [, names, text] of rows) {
  const found = [...text!.matchAll(/`(\w+): ([^`]+)`/g)].map(([, key, value]) => [key!, value!] as const);
  const rate = /^([\d.]+) \|/.exec(text!); // optimizers have a column of their own for it
  if (rate) found.push(["learningRate", rate[1]!]);
  const same = [...text!.matchAll(/\bas `(\w+)`/g)].flatMap(([, other]) => [...(documented.get(other!) ?? [])]);
  for (const [, name] of names!.matchAll(/`?(\w+)`?/g)) {
    documented.set(name!, new Map([...(documented.get(name!) ?? []), ...same, ...found]));
  }
}

/** The value that a text in the table stands for. */
function valueOf(text: string): unknown {
  const call = /^(\w+)\((.*)\)$/.exec(text);
  if (call) {
    const argument = call[2] === "" ? [] : [Number(call[2])];
    return (w as unknown as Readonly<Record<string, (...args: number[]) => Described>>)[call[1]!]!(...argument).options;
  }
  const quotient = /^(\d+) \/ (\d+)$/.exec(text);
  return quotient ? Number(quotient[1]) / Number(quotient[2]) : (JSON.parse(text) as unknown);
}

/** A description within another is its options; a size for both axes is one number. */
function plain(value: unknown): unknown {
  if (Array.isArray(value) && value.every((each) => each === value[0])) return value[0];
  return typeof value === "object" && value !== null && "options" in value ? value.options : value;
}

describe("docs/defaults.md", () => {
  test("was read", () => expect(documented.size).toBeGreaterThan(40));

  for (const [name, { options }] of descriptions) {
    const needed = (key: string): boolean => GIVEN.test(key) || (name === "groupNorm" && key === "groups");
    const own = Object.entries(options).filter(([key, value]) => value !== undefined && !needed(key));
    if (own.length === 0) continue;
    test(name, () => {
      const said = new Map([...(documented.get("all") ?? []), ...(documented.get(name) ?? [])]);
      for (const [key, value] of own) {
        expect([...said.keys()], `${name} has the default ${key}: ${JSON.stringify(value)}`).toContain(key);
        expect(plain(value), `${name}: ${key}`).toEqual(valueOf(said.get(key)!));
      }
    });
  }
});
