// Text -> its next character: a network reads novels by Jane Austen letter by letter, and goes on by itself.
//
//   npx tsx examples/programs/characters.ts         about five minutes
//   npx tsx examples/programs/characters.ts 0.05    with a twentieth of the text
//
// Two million characters (Debian's package r-cran-janeaustenr, 2 MB, MIT licence; the texts are in the public domain). The text is cut into
// 32 streams that are read side by side, 64 characters a step. The layer is stateful: what it remembers goes on from step to step, so
// that it sees the whole of its stream. Then it is asked one character at a time, and its own choice is what it reads next.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { inflateSync, unzipSync } from "node:zlib";
import { adam, cosineDecay, dense, dropout, embedding, gru, sequenceCrossEntropy, sequential, stepper, Trainer } from "wasmgrad"; // prettier-ignore
import { vocabulary } from "wasmgrad/datasets";
import { debianPackage } from "./packages.ts";

const share = Number(process.argv[2] ?? 1);
const STREAMS = 32;
const STEPS = 64;
const EPOCHS = 4;

/** The novels. R keeps them in one file, each compressed by itself; another says where each begins, and how long it is. */
function novels(): string[] {
  const files = join(debianPackage("r-cran-janeaustenr"), "usr/lib/R/site-library/janeaustenr/data/Rdata");
  const index = unzipSync(readFileSync(`${files}.rdx`));
  const all = readFileSync(`${files}.rdb`);
  const texts: string[] = [];
  const PAIR = Buffer.from("0000000d00000002", "hex"); // two integers
  for (let at = index.indexOf(PAIR); at >= 0; at = index.indexOf(PAIR, at + 1)) {
    const [start, length] = [index.readInt32BE(at + 8), index.readInt32BE(at + 12)];
    const data = inflateSync(all.subarray(start + 4, start + length));
    // a head of 27 bytes, how many lines there are, and each with 4 bytes of flags and its length
    const lines: string[] = [];
    let place = 31;
    for (let left = data.readInt32BE(27); left > 0; left--) {
      const size = data.readInt32BE(place + 4);
      lines.push(data.toString("utf8", place + 8, place + 8 + size));
      place += 8 + size;
    }
    texts.push(lines.join("\n"));
  }
  return texts;
}
const text = Array.from(novels().join("\n")).slice(0, Math.ceil(2_000_000 * share));
const learned = text.slice(0, 0.9 * text.length);
const unseen = text.slice(learned.length);
const characters = vocabulary([learned]);

/** x and y: row r of step s is piece s of stream r, and the characters that come next. */
function streams(from: readonly string[]) {
  const codes = characters.encode(from);
  const pieces = Math.floor((codes.length - 1) / STREAMS / STEPS);
  const piece = (row: number, shift: number): Int32Array => {
    const start = ((row % STREAMS) * pieces + Math.floor(row / STREAMS)) * STEPS + shift;
    return codes.subarray(start, start + STEPS);
  };
  const rows = Array.from({ length: pieces * STREAMS }, (_, row) => row);
  return { x: rows.map((row) => piece(row, 0)), y: rows.map((row) => piece(row, 1)) };
}

const model = await sequential(
  { input: [STEPS], seed: 1 },
  embedding(characters.size, 32),
  gru(224, { returnSequences: true, stateful: true }),
  dropout(0.1),
  dense(characters.size),
);
const data = streams(learned);
const trainer = new Trainer(model, {
  loss: sequenceCrossEntropy(),
  optimizer: adam({ learningRate: 4e-3, clipGlobalNorm: 1 }),
  schedule: cosineDecay({ period: (EPOCHS * data.x.length) / STREAMS }),
});
await trainer.fit(data, { epochs: EPOCHS, batchSize: STREAMS, shuffle: false });
const { loss } = await trainer.evaluate(streams(unseen), { batchSize: STREAMS });

/** What it writes after a beginning: each character is drawn by the chances that it gives, likelier ones a little more often. */
const reader = stepper(model);
let state = 1;
function write(beginning: string, length: number): string {
  reader.resetStates();
  let chances = new Float32Array();
  const read = (code: number): void =>
    void (chances = reader.probabilities([code]).map((chance) => chance * Math.sqrt(chance)));
  characters.encode(beginning).forEach(read);
  const written: number[] = [];
  while (written.length < length) {
    state = (state * 48271) % 2147483647;
    let left = (state / 2147483647) * chances.reduce((sum, chance) => sum + chance, 0);
    const drawn = chances.findIndex((chance) => (left -= chance) < 0);
    written.push(drawn);
    read(drawn);
  }
  return beginning + characters.decode(written);
}
console.log(write("It is a truth universally acknowledged, that", 300));
console.log(
  `${(loss / Math.LN2).toFixed(3)} bits per character of ${unseen.length} that it has not seen; fingerprint ${model.fingerprint()}`,
);
