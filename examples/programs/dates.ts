// Text -> text: dates as people write them become dates as computers do, such as "the 3rd of March 1998" 1998-03-03.
//
//   npx tsx examples/programs/dates.ts        less than a minute
//   npx tsx examples/programs/dates.ts 0.5    with half of the dates
//
// The dates are made here, of the years 1900 to 2099 in 18 ways of writing; those that are asked for in the end were not among them.
// An encoder reads the text in both directions. The decoder is unrolled: the same cell ten times, once for each sign of the answer.
// Before each it looks at the text with the state that it has come to (as in Bahdanau and others, 2014), and gets what it sees there.
import { accuracy, adam, attention, bidirectional, concat, cosineDecay, dense, embedding, from, gru, inputs, pick, reshape, sequenceCrossEntropy, sequential, shared, slice, tanh, Trainer, withState } from "wasmgrad"; // prettier-ignore
import { vocabulary } from "wasmgrad/datasets";

const share = Number(process.argv[2] ?? 1);
const LETTERS = 36;
const SIGNS = 10; // of 1998-03-03
const UNITS = 64;
const EPOCHS = 5;
const BATCH = 64;

const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"]; // prettier-ignore
const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/** A small generator, so that runs repeat. */
let state = 1;
const random = (below: number): number => (state = (state * 48271) % 2147483647) % below;

/** A date by chance, written in one of many ways, and what it is. */
function date(): { text: string; answer: string } {
  const when = new Date(Date.UTC(1900, 0, 1 + random(73_049)));
  const [year, m, d] = [when.getUTCFullYear(), when.getUTCMonth(), when.getUTCDate()];
  const [month, weekday] = [MONTHS[m]!, DAYS[when.getUTCDay()]!];
  const two = (number: number): string => String(number).padStart(2, "0");
  const ordinal = `${d}${["th", "st", "nd", "rd"][d % 100 > 10 && d % 100 < 14 ? 0 : d % 10] ?? "th"}`;
  const ways = [
    `the ${ordinal} of ${month} ${year}`,
    `the ${ordinal} of ${month}, ${year}`,
    `${d} ${month} ${year}`,
    `${d} ${month.slice(0, 3)} ${year}`,
    `${ordinal} ${month} ${year}`,
    `${month} ${d}, ${year}`,
    `${month} ${ordinal}, ${year}`,
    `${month.slice(0, 3)} ${d}, ${year}`,
    `${month.slice(0, 3)}. ${ordinal} ${year}`,
    `${weekday}, ${month} ${d}, ${year}`,
    `${weekday}, ${d} ${month} ${year}`,
    `${weekday.slice(0, 3)} ${d} ${month.slice(0, 3)} ${year}`,
    `${weekday} the ${ordinal} of ${month} ${year}`,
    `${d}.${m + 1}.${year}`,
    `${two(d)}.${two(m + 1)}.${year}`,
    `${d}-${month.slice(0, 3)}-${year}`,
    `${year}/${m + 1}/${d}`,
    `${year}年${m + 1}月${d}日`,
  ];
  const text = ways[random(ways.length)]!;
  return { text: random(4) === 0 ? text.toLowerCase() : text, answer: `${year}-${two(m + 1)}-${two(d)}` };
}
const learned = Array.from({ length: Math.ceil(10_000 * share) }, date);
const known = new Set(learned.map(({ answer }) => answer));
const unseen: typeof learned = [];
while (unseen.length < 500) {
  const one = date();
  if (!known.has(one.answer)) unseen.push(one);
}

const letters = vocabulary(learned.map(({ text }) => text));
const signs = vocabulary(["0123456789-"], { marks: ["<begin>"] });

const given = inputs({ text: LETTERS, lengths: 1, mask: LETTERS, said: SIGNS });
/** Rows of x: the texts, and what has been said of each answer. */
const rows = (dates: typeof learned, said: readonly Int32Array[]) =>
  given.join({
    text: dates.map(({ text }) => letters.encode(text, { length: LETTERS })),
    lengths: dates.map(({ text }) => text.length),
    mask: dates.map(({ text }) => Array.from({ length: LETTERS }, (_, i) => Number(i < text.length))),
    said,
  });

const look = shared(attention({ memory: "read", heads: 1, keyMask: "mask" }));
const cell = shared(gru(UNITS));
const times = Array.from({ length: SIGNS }, (_, t) => t);
const model = await sequential(
  { input: given, seed: 1 },
  from("said", embedding(signs.size, 16, { name: "before" })),
  from("text", embedding(letters.size, 24)),
  bidirectional(gru(UNITS / 2, { returnSequences: true, lengths: "lengths", name: "read" })),
  pick({ index: 0 }), // where the layer that goes backward has read the whole text
  dense(UNITS),
  tanh({ name: "state0" }),
  ...times.map((t) =>
    from(
      `state${t}`,
      reshape([1, UNITS]),
      concat([look, from("before", slice({ from: t, to: t + 1 }))]),
      withState(cell, { initialState: `state${t}`, finalState: `state${t + 1}` }),
    ),
  ),
  concat(
    times.map((t) => from(`state${t + 1}`, reshape([1, UNITS]))),
    { axis: 0 },
  ),
  dense(signs.size),
);
const answers = learned.map(({ answer }) => signs.encode(answer));
/** What stands before each sign of an answer: "<begin>", and all but its last sign. */
const shifted = (answer: Int32Array): Int32Array => Int32Array.of(signs.indexOf("<begin>"), ...answer.subarray(0, -1));
const trainer = new Trainer(model, {
  loss: sequenceCrossEntropy(),
  optimizer: adam({ learningRate: 3e-3, clipGlobalNorm: 1 }),
  schedule: cosineDecay({ period: EPOCHS * Math.ceil(learned.length / BATCH) }),
  metrics: [accuracy()],
});
await trainer.fit({ x: rows(learned, answers.map(shifted)), y: answers }, { epochs: EPOCHS, batchSize: BATCH });

/** The network's answers, sign by sign: each is told what it has said itself. */
function translate(dates: typeof learned): string[] {
  const said = dates.map(() => new Int32Array(SIGNS));
  for (const t of times) {
    const logits = model.predict(rows(dates, said.map(shifted)));
    said.forEach((answer, row) => {
      const at = (row * SIGNS + t) * signs.size;
      const chances = logits.subarray(at, at + signs.size);
      answer[t] = chances.indexOf(Math.max(...chances));
    });
  }
  return said.map((answer) => signs.decode(answer));
}
const found = translate(unseen);
unseen.slice(0, 10).forEach(({ text, answer }, i) => {
  console.log(`${text.padEnd(LETTERS)} ${found[i]}${found[i] === answer ? "" : `, but it is ${answer}`}`);
});
const percent = (count: number, of: number): string => `${((100 * count) / of).toFixed(1)} %`;
const right = unseen.filter(({ answer }, i) => found[i] === answer).length;
const rightSigns = unseen.flatMap(({ answer }, i) => Array.from(answer).filter((sign, k) => found[i]![k] === sign));
console.log(
  `of ${unseen.length} dates that it has not seen ${percent(right, unseen.length)} are right, of their signs ` +
    `${percent(rightSigns.length, unseen.length * SIGNS)}; fingerprint ${model.fingerprint()}`,
);
