// What may differ from 0.1.0 without breaking a program: the words of errors, and calls that were refused and no longer are. The
// frozen tests are never edited; whoever corrects a message or allows more adds a line here.

type Rewording = readonly (readonly [then: string, now: string])[];

/** Words of 0.1.0's messages, and what stands in their place now. */
const REWORDED: Rewording = [
  [
    "must be 0 or more, got 1e+39, too large for float32",
    "must be 0 or more as a float32 from 1.1754944e-38 to 3.4028235e38, got 1e+39",
  ],
  // a promise is recognised by its `then`, and arrays are described by their kinds
  ["an object (Promise); await it first", "a promise; did you forget await?"],
  ["got an object (BigInt64Array)", "got a BigInt64Array of 1"],
  [
    "sampleWeights must be an array of numbers, got an object (DataView)",
    "sampleWeights must be an array of numbers, got a DataView of 8",
  ],
  [
    "the values must be an array of numbers, got an object (DataView)",
    "the values must be an array of numbers, got a DataView of 8",
  ],
  ["numbers, got an object (DataView)", "numbers, got a DataView of 1"],
  ["a Uint8Array, got an object (Float32Array)", "a Uint8Array, got a Float32Array of 8"],
  ["got an object (Float64Array)", "got a Float64Array of 2"],
  ["got an object (Uint8ClampedArray)", "got a Uint8ClampedArray of 2"],
  // likely slips are told their cures
  [
    "bytes must be a Uint8Array, got an object (ArrayBuffer)",
    "bytes must be a Uint8Array, got an object (ArrayBuffer); new Uint8Array(buffer) makes one",
  ],
  [
    "the file must be a Uint8Array, got an object (ArrayBuffer)",
    "the file must be a Uint8Array, got an object (ArrayBuffer); new Uint8Array(buffer) makes one",
  ],
  [
    "evaluate: the data must be { x, y }, got an array of 2",
    "evaluate: the data must be { x, y }, one object: evaluate({ x, y }, options), got an array of 2",
  ],
  [
    "the data must be { x, y }, got an array of 2",
    "the data must be { x, y }, one object: fit({ x, y }, options), got an array of 2",
  ],
  ["x has 2 rows but y has 1", "x has 2 rows, but y has 1; each row of x needs one of y"],
  ["x has 2 rows but y has 3", "x has 2 rows, but y has 3; each row of x needs one of y"],
  [
    "embedding: width must be a whole number of 1 or more, got undefined",
    "embedding: width must be a whole number of 1 or more, got undefined; did you mean embedding(3, 8)?",
  ],
  ...['y[0][0] must be a number, got the string "a"', 'y[0] must be a number, got the string "0"'].map(
    (then) => [then, `${then}; labelEncoder of wasmgrad/datasets makes labels of strings`] as const,
  ),
  [
    "2 or more, got 2x3; for one yes-or-no output use binaryCrossEntropyWithLogits",
    "2 or more, got 2x3; flatten() before the last dense layer makes one axis of several, sequenceCrossEntropy is for classes at every step",
  ],
  // what is inside of composites can be cut, too
  ["cut behind dense1, relu1, tanh1, add1, dense3", "cut behind dense1, relu1, tanh1, add1, inside, dense3"],
  ["; none has a name", "; none has a name; inputs({ ... }) gives them names"],
  [
    'one of valid, same, got "full"',
    'one of valid, same, got "full"; cells at each side are [top, bottom, left, right]',
  ],
  // mnist reads more
  [
    "mnist: from must be a directory or a URL, got an array of 1",
    'mnist: from[0] must be a File, got the string "data"',
  ],
  [
    "mnist: from must be a directory or a URL",
    "mnist: from must be a directory, a URL, the four files by their names, or a list of Files",
  ],
  ["sum: axis must be 0 or 1, got rows", 'sum: axis must be 0 or 1, got "rows"'],
  ["must have each axis from 0 once, at most 4 of them, got", "must have each axis from 0 once, such as [1, 0], got"],
  ["elu: alpha must be above 0", "elu: alpha must be a finite number"],
  // what a file says is quoted
  ["written in version 7 of the format", 'written in version "7" of the format'],
  // a name may be close to one of those that are new, and yet be that of a layer of the user's
  ['unknown layer "twice"\\. Known', 'unknown layer "twice"; did you mean "slice"\\? Known'],
  [
    "Known: \\w+(, \\w+)+$",
    "Known: \\w+(, \\w+)+\\. A layer of your own can't be made from a file: build the model in code, and copy the weights with " +
      "copyWeights\\(readSafetensors\\(bytes\\), model\\)$",
  ],
  // metrics that fit neither model nor loss are refused by the trainer, no longer by the first call
  ["fit: f1 needs", "Trainer: f1 needs"],
  ['fit: recall with average "binary"', 'Trainer: recall with average "binary"'],
  ["fit: precision needs", "Trainer: precision needs"],
  ["fit: logLoss needs", "Trainer: logLoss needs"],
  ["fit: rocAuc needs", "Trainer: rocAuc needs"],
  ["fit: topKAccuracy needs", "Trainer: topKAccuracy needs"],
  [
    "Trainer: precision needs one output a class, or a single one, got 2x3 yes-or-no outputs",
    "Trainer: precision compares classes, but meanSquaredError is a loss of numbers, and the model doesn't end with a sigmoid or softmax " +
      "that makes probabilities of them; use mae, rmse or r2, or a loss of classes such as softmaxCrossEntropy",
  ],
  [
    "Trainer: logLoss needs one output a class, or a single one, got 2 yes-or-no outputs",
    "Trainer: logLoss needs one output a class, got 2 yes-or-no outputs; use accuracy",
  ],
  // a trace also has what was given
  [
    "there are Z1, a1, Z2, loss, dZ2, dw2, db2, da1, dZ1, dw1, db1",
    "there are Z1, a1, Z2, loss, dZ2, dw2, db2, da1, dZ1, dw1, db1, and given x, y, w1, b1, w2, b2",
  ],
  // safetensors have numbers of every type
  [
    "F32, I32, U8 are read",
    "F32, I32, U8, F64, F16, BF16, F8_E4M3, F8_E5M2, I8, I16, I64, U16, U32, U64, BOOL are read",
  ],
  ["must be a Float32Array, an Int32Array or a Uint8Array, got", "must be a typed array of numbers, got"],
  // a model that was read has its layers already
  [
    "leave it out (model.probabilities applies it)",
    "leave it out (model.probabilities applies it); of a model that was read, " +
      'sequential({ input }, cut(model, "dense1")) does',
  ],
];

/** Examples that can't run any more, and why: where they stand, and the error. */
export const REFUSED: Readonly<Record<string, string>> = {};

/** The messages of calls that 0.1.0 refused and that are allowed now. */
const ALLOWED: readonly (string | RegExp)[] = [
  "elu: alpha must be above 0, got 0",
  "elu: alpha must be above 0, got -1",
  "permute: order must have each axis from 0 once, at most 4 of them, got [0, 1, 2, 3, 4]",
  // a file of others may have the name, so that it can be written, too
  'writeSafetensors: the name "__proto__" is used twice or has another meaning',
  // loops by hand need none
  "Trainer: loss must be a loss such as softmaxCrossEntropy(), got undefined",
  // several labels at once, and answers at every step
  /: f1 needs one output a class, or a single one, got 3 yes-or-no outputs$/,
  "evaluate: accuracy compares one answer a row, but the loss has a target at every step; leave it out and watch the loss",
  // a target of -1 counts nothing, as for sequenceCrossEntropy
  /^(?:confusionMatrix|classificationReport): labels must be whole numbers from 0 to 1, but targets\[1\] is -1$/,
  // what is inside of composites can be cut, too
  'cut: "inside" is inside of a composite, which can\'t be cut; a model can be cut behind dense1, relu1, tanh1, add1, dense3',
  // safetensors have numbers of every type
  /^f: tensor "x" has type (?:F64|BF16); F32, I32, U8 are read$/,
  'writeSafetensors: the data of "x" must be a Float32Array, an Int32Array or a Uint8Array, got an object (Float64Array)',
  // transposed convolutions can have gaps and groups
  /^conv2dTranspose: unknown option "dilation"/,
];

/** What can be chosen from grows: `Known: a, b` and `must be one of a, b, got`. */
const CHOICES = /(\bKnown: |\bmust be one of )(\w+(?:, \w+)*)(?=$|[\s,.;])/g;

interface Choices {
  readonly text: string;
  readonly lists: readonly (readonly string[])[];
}

/** A message without its lists of choices, and these. */
function choicesOf(message: string): Choices {
  const lists: string[][] = [];
  const text = message.replaceAll(CHOICES, (_, start: string, names: string) => {
    lists.push(names.split(", "));
    return `${start}...`;
  });
  return { text, lists };
}

/** Is a message of today the one that 0.1.0 gave, but for corrected words and longer lists of choices? */
export function sameMessage(actual: string, then: string | RegExp, rewording: Rewording = REWORDED): boolean {
  const reworded = (text: string): string => rewording.reduce((all, [old, now]) => all.replaceAll(old, now), text);
  if (then instanceof RegExp) return then.test(actual) || new RegExp(reworded(then.source), then.flags).test(actual);
  if (actual === then) return true;
  const [now, old] = [choicesOf(actual), choicesOf(reworded(then))];
  return now.text === old.text && old.lists.every((list, i) => list.every((name) => now.lists[i]!.includes(name)));
}

/** Is this a call of 0.1.0's that was refused, and no longer is? */
export const accepted = (then: string | RegExp): boolean =>
  ALLOWED.some((allowed) => (allowed instanceof RegExp ? allowed.test(String(then)) : allowed === then));
