// Text -> reply: to a line of a Chinese poem, the line that follows it.
//
//   npx tsx examples/programs/couplets.ts          about five minutes, and a download of 85 MB
//   npx tsx examples/programs/couplets.ts 0.1      with a tenth of the couplets
//   npx tsx examples/programs/couplets.ts 0.001    with 300 poems alone, of a package of half a megabyte
//
// The couplets of 57,000 poems of the Tang dynasty (npm package chinese-poetry, MIT licence; the 300 are in Debian's fortunes-zh), with
// five or seven characters a side: 大漠孤煙直，長河落日圓. There is no single right reply. So what is told is how well the network foresees
// each character of real ones, in bits (n bits: as unsure as among 2 to the n equally likely), and whether its own have the right length.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { adam, attention, bidirectional, concat, cosineDecay, dense, dropout, embedding, from, gru, inputs, layerNorm, pick, sequenceCrossEntropy, sequential, tanh, tiedDense, Trainer } from "wasmgrad"; // prettier-ignore
import { vocabulary } from "wasmgrad/datasets";
import { debianPackage, npmPackage } from "./packages.ts";

const share = Number(process.argv[2] ?? 1);
const SIDE = 7;
const SAID = SIDE + 1; // and the end
const WIDTH = 128;
const UNITS = 160;
const [BATCH, EPOCHS] = share < 0.01 ? [16, 5] : [64, 1];

/** Lines of verse, as they are printed: two sides, and signs between and after them. */
function lines(): string[] {
  if (share < 0.01) {
    const file = join(debianPackage("fortunes-zh"), "usr/share/games/fortunes/tang300");
    return readFileSync(file, "utf8").split("\n");
  }
  const folder = join(npmPackage("chinese-poetry@2.0.1", "dist/quantangshi"), "dist/quantangshi");
  const numbers = readdirSync(folder).flatMap((file) => /^poet\.tang\.(\d+)\.json$/.exec(file)?.[1] ?? []);
  return numbers
    .toSorted((a, b) => Number(a) - Number(b))
    .flatMap((n) => JSON.parse(readFileSync(join(folder, `poet.tang.${n}.json`), "utf8")) as { paragraphs: string[] }[])
    .flatMap(({ paragraphs }) => paragraphs);
}
const couplets = new Map<string, { first: string; second: string }>();
for (const line of lines()) {
  const [, first, second] = /^(\p{Script=Han}+)，(\p{Script=Han}+)[。？！]$/u.exec(line) ?? [];
  const length = first === undefined ? 0 : Array.from(first).length;
  if ((length === 5 || length === 7) && Array.from(second!).length === length) couplets.set(line, { first: first!, second: second! }); // prettier-ignore
}
const all = [...couplets.values()];
/** A small generator, so that runs repeat. */
let state = 1;
const random = (below: number): number => (state = (state * 48271) % 2147483647) % below;
for (let i = all.length - 1; i > 0; i--) {
  const j = random(i + 1);
  [all[i], all[j]] = [all[j]!, all[i]!];
}
const unseen = all.slice(0, Math.min(2000, Math.ceil(all.length / 10)));
const learned = all.slice(unseen.length).slice(0, share < 0.01 ? all.length : Math.ceil(all.length * share));

const characters = vocabulary(
  learned.flatMap(({ first, second }) => [first, second]),
  { size: 4000, marks: ["<begin>", "<end>"] },
);
const END = characters.indexOf("<end>");

const given = inputs({ line: SIDE, lengths: 1, mask: SIDE, said: SAID });
/** Rows of x: lines, and what has been said in reply. */
const rows = (some: typeof all, said: readonly Int32Array[]) =>
  given.join({
    line: some.map(({ first }) => characters.encode(first, { length: SIDE })),
    lengths: some.map(({ first }) => Array.from(first).length),
    mask: some.map(({ first }) => Array.from({ length: SIDE }, (_, i) => Number(i < Array.from(first).length))),
    said,
  });
/** What has been said before each character of a reply. */
const before = ({ second }: { second: string }): Int32Array =>
  characters.encode(["<begin>", ...second], { length: SAID });
/** The characters of a reply and its end, after which nothing counts. */
const labels = ({ second }: { second: string }): Int32Array =>
  characters.encode([...second, "<end>"], { length: SAID }).map((index) => (index === characters.padding ? -1 : index));

const model = await sequential(
  { input: given, seed: 1 },
  from("line", embedding(characters.size, WIDTH)),
  dropout(0.1),
  bidirectional(gru(UNITS / 2, { returnSequences: true, lengths: "lengths", name: "read" })),
  pick({ index: 0 }), // where the layer that goes backward has read the whole line
  dense(UNITS),
  tanh({ name: "start" }),
  from("said", embedding(characters.size, WIDTH, { name: "characters" })),
  dropout(0.1),
  gru(UNITS, { returnSequences: true, initialState: "start" }),
  concat([[attention({ memory: "read", heads: 2, keyMask: "mask" })], []]),
  dense(WIDTH),
  layerNorm(),
  dropout(0.1),
  tiedDense({ to: "characters" }), // the same table gives characters their numbers, and numbers their characters
);
const trainer = new Trainer(model, {
  loss: sequenceCrossEntropy(),
  optimizer: adam({ learningRate: 3e-3, clipGlobalNorm: 1 }),
  schedule: cosineDecay({ period: EPOCHS * Math.ceil(learned.length / BATCH) }),
});
await trainer.fit(
  { x: rows(learned, learned.map(before)), y: learned.map(labels) },
  { epochs: EPOCHS, batchSize: BATCH },
);

// the end after so many characters is no art: it isn't counted
const { loss } = await trainer.evaluate({
  x: rows(unseen, unseen.map(before)),
  y: unseen.map((each) => labels(each).map((label) => (label === END ? -1 : label))),
});

/** Replies to lines, character by character: the likeliest that it knows, given what it has said itself. */
function reply(some: typeof all): string[] {
  const said = some.map(() => characters.encode(["<begin>"], { length: SAID }));
  const open = new Set(said.keys());
  for (let i = 0; i < SAID; i++) {
    const logits = model.predict(rows(some, said));
    for (const row of open) {
      const at = (row * SAID + i) * characters.size;
      const chances = logits.subarray(at, at + characters.size).fill(-Infinity, 0, END); // no padding, and nothing unknown
      const next = chances.indexOf(Math.max(...chances));
      if (next === END) open.delete(row);
      else if (i + 1 < SAID) said[row]![i + 1] = next;
    }
  }
  return said.map((codes) => characters.decode(codes));
}
const asked = unseen.slice(0, 200);
const replies = reply(asked);
asked.slice(0, 8).forEach(({ first, second }, i) => console.log(`${first}，${replies[i]}。  (in the poem: ${second})`));
const fitting = asked.filter(({ first }, i) => Array.from(replies[i]!).length === Array.from(first).length).length;
console.log(
  `${(loss / Math.LN2).toFixed(2)} bits per character of ${unseen.length} couplets that it has not seen; ` +
    `${((100 * fitting) / asked.length).toFixed(1)} % of its replies have the right length; fingerprint ${model.fingerprint()}`,
);
