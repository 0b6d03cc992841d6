// Text -> reply: how is an English word said? A network with attention learns it from a dictionary.
//
//   npx tsx examples/programs/spelling-to-sounds.ts         about five minutes
//   npx tsx examples/programs/spelling-to-sounds.ts 0.05    with a twentieth of the words
//
// 106,000 words of up to ten letters with their sounds (npm package cmu-pronouncing-dictionary, 1 MB, ISC licence; the dictionary is
// Carnegie Mellon University's, BSD licence): "enough" is IH N AH F. An encoder reads the letters in both directions. A decoder says one
// sound after the other; before each it looks at the letters again. In training it is told the right sounds so far. Afterwards it has
// only its own: it keeps the five best beginnings, and goes on with each, one step at a time (a beam).
import { join } from "node:path";
import { activations, adam, attention, bidirectional, concat, copyWeights, cosineDecay, dense, dropout, embedding, flatten, from, gru, inputs, logSoftmax, pick, sequenceCrossEntropy, sequential, tanh, Trainer } from "wasmgrad"; // prettier-ignore
import { vocabulary } from "wasmgrad/datasets";
import { npmPackage } from "./packages.ts";

const share = Number(process.argv[2] ?? 1);
const LETTERS = 10;
const SOUNDS = 12;
const UNITS = 128;
const BEAM = 5;
const EPOCHS = 4;
const BATCH = 128;

/** Words and their sounds, without the stress of vowels, in an order by chance. */
const folder = npmPackage("cmu-pronouncing-dictionary@3.0.0");
const { dictionary } = (await import(join(folder, "index.js"))) as { dictionary: Readonly<Record<string, string>> };
const words = Object.entries(dictionary)
  .map(([word, sounds]) => ({ word, sounds: sounds.replaceAll(/\d/g, "").split(" ") }))
  .filter(({ word, sounds }) => /^[a-z]{1,10}$/.test(word) && sounds.length < SOUNDS);
/** A small generator, so that runs repeat. */
let state = 1;
const random = (below: number): number => (state = (state * 48271) % 2147483647) % below;
for (let i = words.length - 1; i > 0; i--) {
  const j = random(i + 1);
  [words[i], words[j]] = [words[j]!, words[i]!];
}
const unseen = words.slice(0, Math.ceil(1000 * share));
const learned = words.slice(1000, 1000 + Math.ceil((words.length - 1000) * share));

const letters = vocabulary(learned.map(({ word }) => word));
const sounds = vocabulary(learned.map((each) => each.sounds), { by: "word", marks: ["<begin>", "<end>"] }); // prettier-ignore
const END = sounds.indexOf("<end>");

/** What the encoder reads: the letters, how many there are, and which of them the decoder may look at. */
const spelt = (some: readonly string[]) => ({
  letters: some.map((word) => letters.encode(word, { length: LETTERS })),
  lengths: some.map((word) => word.length),
  mask: some.map((word) => Array.from({ length: LETTERS }, (_, i) => Number(i < word.length))),
});

/** A decoder that goes on from the state `before`, and may name its last one. Its layers have names, by which weights are copied. */
const decoder = (before: string, after?: string) => [
  embedding(sounds.size, 32, { name: "sound" }),
  gru(UNITS, { returnSequences: true, initialState: before, name: "speaker", ...(after && { finalState: after }) }),
  concat([[attention({ memory: "read", heads: 1, keyMask: "mask", name: "look" })], []]),
  dense(UNITS, { name: "hidden" }),
  tanh(),
  dropout(0.2),
  dense(sounds.size, { name: "next" }),
];
const given = inputs({ letters: LETTERS, lengths: 1, mask: LETTERS, said: SOUNDS });
const model = await sequential(
  { input: given, seed: 1 },
  from("letters", embedding(letters.size, 32)),
  bidirectional(gru(UNITS / 2, { returnSequences: true, lengths: "lengths", name: "read" })),
  pick({ index: 0 }), // where the layer that goes backward has read the whole word
  dense(UNITS),
  tanh({ name: "start" }),
  from("said", ...decoder("start")),
);
const x = given.join({
  ...spelt(learned.map(({ word }) => word)),
  said: learned.map((each) => sounds.encode(["<begin>", ...each.sounds], { length: SOUNDS })),
});
// after the end nothing counts
const y = learned.map((each) =>
  sounds.encode([...each.sounds, "<end>"], { length: SOUNDS }).map((index) => (index === sounds.padding ? -1 : index)),
);
const trainer = new Trainer(model, {
  loss: sequenceCrossEntropy(),
  optimizer: adam({ learningRate: 3e-3, clipGlobalNorm: 1 }),
  schedule: cosineDecay({ period: EPOCHS * Math.ceil(learned.length / BATCH) }),
});
await trainer.fit({ x, y }, { epochs: EPOCHS, batchSize: BATCH });

// the decoder alone, of one step: it puts out the logarithms of each sound's chances, and its state
const one = inputs({ read: [LETTERS, UNITS], mask: LETTERS, state: UNITS, said: 1 });
const step = await sequential(
  { input: one },
  from("said", ...decoder("state", "after"), logSoftmax(), flatten()),
  concat([[], from("after")]),
);
copyWeights(model, step);

/** The sounds that the network finds likeliest for a word. */
function say(word: string): string[] {
  const { letters: spelling, lengths, mask } = spelt([word]);
  const row = given.join({ letters: spelling, lengths, mask, said: [new Int32Array(SOUNDS)] });
  const { read, start } = activations(model, row, ["read", "start"]);
  let beam = [{ said: [sounds.indexOf("<begin>")], score: 0, state: start! }];
  for (let i = 0; i < SOUNDS; i++) {
    const going = beam.filter(({ said }) => said.at(-1) !== END);
    if (going.length === 0) break;
    const out = step.predict(
      one.join({
        read: going.flatMap(() => Array.from(read!)),
        mask: going.map(() => mask[0]!),
        state: going.map((each) => each.state),
        said: going.map(({ said }) => said.at(-1)!),
      }),
    );
    const further = going.flatMap(({ said, score }, b) => {
      const at = b * (sounds.size + UNITS);
      const chances = Array.from(out.subarray(at, at + sounds.size));
      const after = out.slice(at + sounds.size, at + sounds.size + UNITS);
      return chances.map((chance, sound) => ({ said: [...said, sound], score: score + chance, state: after }));
    });
    const ended = beam.filter(({ said }) => said.at(-1) === END);
    beam = [...ended, ...further].toSorted((a, b) => b.score - a.score).slice(0, BEAM);
  }
  const text = sounds.decode(beam[0]!.said);
  return text === "" ? [] : text.split(" ");
}

/** How many sounds have to be put in, taken out or changed to make one of the other. */
function changes(a: readonly string[], b: readonly string[]): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  a.forEach((sound, i) => {
    const next = [i + 1];
    b.forEach((other, j) => next.push(Math.min(row[j + 1]! + 1, next[j]! + 1, row[j]! + (sound === other ? 0 : 1))));
    row = next;
  });
  return row[b.length]!;
}

const results = unseen.map((each) => ({ ...each, heard: say(each.word), wrong: 0 }));
for (const result of results) result.wrong = changes(result.heard, result.sounds);
const wrong = results.reduce((sum, result) => sum + result.wrong, 0);
const all = unseen.reduce((sum, each) => sum + each.sounds.length, 0);
for (const { word, heard, sounds: right } of results.slice(0, 10)) {
  console.log(`${word.padEnd(LETTERS)} ${heard.join(" ")}${heard.join() === right.join() ? "" : `, but it is ${right.join(" ")}`}`); // prettier-ignore
}
const wrongWords = results.filter((result) => result.wrong > 0).length;
console.log(
  `of ${unseen.length} words that it has not seen: ${((100 * wrong) / all).toFixed(1)} % of the sounds wrong, ` +
    `${((100 * wrongWords) / unseen.length).toFixed(1)} % of the words; fingerprint ${model.fingerprint()}`,
);
