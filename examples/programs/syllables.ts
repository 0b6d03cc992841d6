// Speech -> text: which syllable is said? A network hears Mandarin and writes it in bopomofo, letter by letter, with the tone.
//
//   npx tsx examples/programs/syllables.ts        about two minutes
//   npx tsx examples/programs/syllables.ts 0.05   with a twentieth of the recordings
//
// The data are 2,358 recordings of two speakers (Debian's package gcin-voice, 8 MB; one speaker CC-BY-3.0, the other LGPL-3), which are
// decoded by npm's @wasm-audio-decoders/ogg-vorbis (MIT). A fifth of them is kept to be tested with. Nobody says where in a recording a
// letter begins: `ctc` finds the times by itself, given their order.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { adam, bidirectional, conv1d, ctc, ctcDecode, ctcTargets, cosineDecay, dense, dropout, gru, relu, sequential, Trainer } from "wasmgrad"; // prettier-ignore
import { debianPackage, npmModule } from "./packages.ts";
import { joined, logMel, type Sound } from "./sound.ts";

const share = Number(process.argv[2] ?? 1);
const FRAMES = 60;
const BANDS = 40;

interface Decoder {
  readonly ready: Promise<void>;
  decodeFile(file: Uint8Array): Promise<{ channelData: Float32Array[]; sampleRate: number }>;
  reset(): Promise<void>;
}
const { OggVorbisDecoder } = await npmModule<{ OggVorbisDecoder: new () => Decoder }>("@wasm-audio-decoders/ogg-vorbis", "0.1.20"); // prettier-ignore
const decoder = new OggVorbisDecoder();
await decoder.ready;
async function decode(file: string): Promise<Sound> {
  const { channelData, sampleRate } = await decoder.decodeFile(readFileSync(file));
  await decoder.reset();
  return { samples: channelData[0]!, rate: sampleRate };
}

// a folder for each syllable: its letters and then the tone, which is 1 if it isn't said, and 5, the light one, if it is said to be 1
const folder = join(debianPackage("gcin-voice"), "usr/share/gcin-voice/ogg");
const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ogg")).toSorted(); // prettier-ignore

/** A small generator, so that runs repeat. */
let state = 1;
const random = (below: number): number => (state = (state * 48271) % 2147483647) % below;
for (let i = files.length - 1; i > 0; i--) {
  const j = random(i + 1);
  [files[i], files[j]] = [files[j]!, files[i]!];
}
const hear = logMel(44_100, FRAMES, BANDS, 8000);
const clips: { text: string; x: Float32Array }[] = [];
for (const file of files.slice(0, Math.ceil(files.length * share))) {
  const name = dirname(file);
  const text = /\d$/.test(name) ? name.replace("1", "5") : `${name}1`;
  clips.push({ text, x: hear(await decode(join(folder, file))) });
}
const learned = clips.slice(Math.ceil(clips.length / 5));
const unseen = clips.slice(0, Math.ceil(clips.length / 5));

/** All letters and tones; their classes count from 1, since 0 is the blank. */
const symbols = [...new Set(clips.flatMap(({ text }) => [...text]))].toSorted();
const classesOf = (text: string): number[] => Array.from(text, (symbol) => symbols.indexOf(symbol) + 1);
const MOST = 4;

const EPOCHS = 40;
const batchSize = Math.min(32, Math.ceil(learned.length / 30));
const model = await sequential(
  { input: [FRAMES, BANDS], seed: 1 },
  conv1d(96, { kernelSize: 5, padding: "same" }),
  relu(),
  dropout(0.2),
  conv1d(96, { kernelSize: 5, strides: 2, padding: "same" }),
  relu(),
  dropout(0.2),
  bidirectional(gru(64, { returnSequences: true })),
  dropout(0.2),
  dense(symbols.length + 1),
);
const trainer = new Trainer(model, {
  loss: ctc({ maxLabels: MOST }),
  optimizer: adam({ learningRate: 2e-3, clipGlobalNorm: 5 }),
  schedule: cosineDecay({ period: EPOCHS * Math.ceil(learned.length / batchSize) }),
});
const inputs = (of: typeof clips): Float32Array => joined(of.map(({ x }) => x));
const y = ctcTargets(learned.map(({ text }) => classesOf(text)), { maxLabels: MOST }); // prettier-ignore
await trainer.fit({ x: inputs(learned), y }, { epochs: EPOCHS, batchSize });

/** How many symbols have to be put in, left out or exchanged to make one text of another. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (const [i, symbol] of [...a].entries()) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++)
      next.push(Math.min(row[j]! + (symbol === b[j] ? 0 : 1), row[j + 1]! + 1, next[j]! + 1));
    row = next;
  }
  return row.at(-1)!;
}
const read = ctcDecode(model.predict(inputs(unseen)), { shape: model.outputShape }).map((labels) => labels.map((label) => symbols[label - 1]).join("")); // prettier-ignore
const wrong = unseen.reduce((sum, { text }, row) => sum + distance(text, read[row]!), 0);
const count = unseen.reduce((sum, { text }) => sum + text.length, 0);
const right = unseen.filter(({ text }, row) => text === read[row]).length;
console.log(
  unseen
    .slice(0, 8)
    .map(({ text }, row) => `${text} read as ${read[row]}`)
    .join(", "),
);
console.log(
  `${unseen.length} recordings: ${((100 * wrong) / count).toFixed(1)} % of the symbols wrong, ${((100 * right) / unseen.length).toFixed(1)} % of the syllables right`,
);
console.log(`fingerprint ${model.fingerprint()}`);
