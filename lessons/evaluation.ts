// Who repays a loan, and how good the answer is.
import {
  adam,
  binaryCrossEntropy,
  dense,
  type Layer,
  type Model,
  relu,
  sequential,
  sigmoid,
  Trainer,
} from "../src/index.ts";
import { kFold, split, type Table } from "../src/data.ts";
import { type Numbers, numbersOf } from "./columns.ts";
import type { Scored } from "./scores.ts";

/** What is predicted, and the answer that counts as yes. */
export const STATUS = "Status";
export const BAD = "bad";

/** The borrowers, divided; each part has its share of bad ones. */
export interface Borrowers {
  readonly train: Table;
  /** To choose by. */
  readonly validation: Table;
  readonly test: Table;
}

const SEED = 1;

/** Divides the 4,454 rows. */
export function divide(credit: Table): Borrowers {
  const by = { by: "stratified", target: STATUS, seed: SEED } as const;
  const { train, validation, test } = split(credit, { ...by, validation: 0.2, test: 0.3 });
  return { train, validation: validation!, test: test! };
}

/** How many of the rows are bad. */
export function countBad(rows: Table): number {
  const { codes, words } = rows.column(STATUS);
  return codes!.filter((code) => words![code] === BAD).length;
}

/** A model that gives a chance of "bad" for each row. */
export interface Judge {
  readonly model: Model;
  readonly numbers: Numbers;
  /** What it says of rows. */
  score(rows: Table): Scored;
}

/** One neuron on standardized inputs, trained on the full batch: logistic regression. */
export const logistic = (rows: Table): Promise<Judge> => judge(rows, [], { learningRate: 0.05, epochs: 200 });

/** Two wide hidden layers, trained for long. */
export const wideNetwork = (rows: Table): Promise<Judge> =>
  judge(rows, [64, 64], { learningRate: 0.01, epochs: 100, batchSize: 128 });

interface Training {
  readonly learningRate: number;
  readonly epochs: number;
  /** Default: all rows. */
  readonly batchSize?: number;
}

async function judge(rows: Table, hidden: readonly number[], training: Training): Promise<Judge> {
  const numbers = numbersOf(rows, STATUS, BAD);
  const model = await learn(numbers.read(rows), numbers.features.length, hidden, training);
  return {
    model,
    numbers,
    score(part) {
      const { x, y } = numbers.read(part);
      return { a: model.predict(x), y };
    },
  };
}

async function learn(
  data: { x: Float32Array; y: Float32Array },
  inputs: number,
  hidden: readonly number[],
  { learningRate, epochs, batchSize = data.y.length }: Training,
): Promise<Model> {
  const layers: Layer[] = hidden.flatMap((units) => [dense(units), relu()]);
  const model = await sequential({ input: inputs, seed: SEED }, ...layers, dense(1), sigmoid());
  const trainer = new Trainer(model, { loss: binaryCrossEntropy(), optimizer: adam({ learningRate }) });
  await trainer.fit(data, { epochs, batchSize, progress: false, warnings: false });
  return model;
}

/** Logistic regression and its test, for each of `k` parts of the rows. */
export async function folds(credit: Table, k: number): Promise<Scored[]> {
  const scores: Scored[] = [];
  for (const { train, test } of kFold(credit, k, { by: "stratified", target: STATUS, seed: SEED })) {
    scores.push((await logistic(train)).score(test));
  }
  return scores;
}

/** What comes of a column that knows the answer. */
export interface Leak {
  /** On rows for testing that have the column. */
  readonly tested: Scored;
  /** On the same rows as they are on the day on which the loan is asked for: no letter has been sent. */
  readonly used: Scored;
}

/**
 * Logistic regression with one more column, whether a reminder was sent. It is made up: of the bad borrowers every tenth has had none,
 * of the good ones every fiftieth one.
 */
export async function leak({ train, test }: Borrowers): Promise<Leak> {
  const numbers = numbersOf(train, STATUS, BAD);
  const inputs = numbers.features.length + 1;
  const read = (rows: Table, sent: boolean): { x: Float32Array; y: Float32Array } => {
    const { x, y } = numbers.read(rows);
    const reminders = remindersOf(y);
    const wider = new Float32Array(y.length * inputs);
    for (let row = 0; row < y.length; row++) {
      wider.set(x.subarray(row * (inputs - 1), (row + 1) * (inputs - 1)), row * inputs);
      wider[row * inputs + inputs - 1] = sent ? reminders[row]! : 0;
    }
    return { x: wider, y };
  };
  const model = await learn(read(train, true), inputs, [], { learningRate: 0.05, epochs: 200 });
  const score = (sent: boolean): Scored => {
    const { x, y } = read(test, sent);
    return { a: model.predict(x), y };
  };
  return { tested: score(true), used: score(false) };
}

function remindersOf(y: Float32Array): number[] {
  const seen = [0, 0];
  return Array.from(y, (bad) => {
    const nth = ++seen[bad]!;
    return bad === 1 ? Number(nth % 10 !== 0) : Number(nth % 50 === 0);
  });
}
