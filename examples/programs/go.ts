// Board -> next move: a network guesses where a professional plays next in a game of Go.
//
//   npx tsx examples/programs/go.ts         about four minutes
//   npx tsx examples/programs/go.ts 0.02    two hundredths of the training, tested on as much of the data
//
// The data are 587 games from Japanese title matches (Debian's package goban-original-games, 198 kB, GPL-2+), 127,000 positions. 60 games
// are kept to be tested with. A board can be turned and mirrored in eight ways, and the best move turns with it: each position that is
// learned from comes in one of them, by chance.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { adam, type Batch, batches, batchNorm, conv2d, cosineDecay, flatten, relu, sequential, softmaxCrossEntropy, topKAccuracy, Trainer } from "wasmgrad"; // prettier-ignore
import { debianPackage } from "./packages.ts";

const share = Number(process.argv[2] ?? 1);
const SIZE = 19;
const POINTS = SIZE * SIZE;
const PLANES = 4;
const TEST_GAMES = 60;

/** The moves of a game in SGF, point by point: -1 where somebody passes. Of variations, the first is what was played. */
function movesOf(sgf: string): number[] {
  const moves: number[] = [];
  // a property's name and its values, such as B[pd]; a variation ends with a parenthesis
  for (const [property] of sgf.matchAll(/[A-Z]+(?:\s*\[(?:\\.|[^\]\\])*\])+|\)/g)) {
    if (property === ")") break;
    const move = /^[BW]\s*\[([a-s]?)([a-s]?)/.exec(property);
    if (move) moves.push(move[2] ? SIZE * (move[2].charCodeAt(0) - 97) + move[1]!.charCodeAt(0) - 97 : -1);
  }
  return moves;
}

/** The points beside each one. */
const neighbours = Array.from({ length: POINTS }, (_, point) => {
  const column = point % SIZE;
  const beside = [point - SIZE, point + SIZE];
  if (column > 0) beside.push(point - 1);
  if (column < SIZE - 1) beside.push(point + 1);
  return beside.filter((other) => other >= 0 && other < POINTS);
});

/** The stones that are connected to one, if they have no free point beside them; otherwise none. */
function captured(board: Uint8Array, stone: number): number[] {
  const group = [stone];
  for (const member of group) {
    for (const beside of neighbours[member]!) {
      if (board[beside] === 0) return [];
      if (board[beside] === board[stone] && !group.includes(beside)) group.push(beside);
    }
  }
  return group;
}

/** What a game gives to learn from: before each move the board, 1 for stones of whoever is to move and 2 for the other's, and the last move. */
interface Position {
  readonly board: Uint8Array;
  readonly last: number;
  readonly move: number;
}
function positionsOf(moves: readonly number[]): Position[] {
  const positions: Position[] = [];
  let board = new Uint8Array(POINTS);
  let last = -1;
  for (const move of moves) {
    if (move >= 0) {
      positions.push({ board, last, move });
      board = board.slice();
      board[move] = 1;
      for (const beside of neighbours[move]!) {
        if (board[beside] === 2) for (const stone of captured(board, beside)) board[stone] = 0;
      }
    }
    last = move;
    board = board.map((owner) => (owner === 0 ? 0 : 3 - owner)); // as the other player sees it
  }
  return positions;
}

/** Where each point goes when the board is turned and mirrored: eight ways, the first of which leaves it as it is. */
const ways = Array.from({ length: 8 }, (_, way) =>
  Array.from({ length: POINTS }, (__, point) => {
    let [row, column] = [Math.floor(point / SIZE), point % SIZE];
    if (way & 1) row = SIZE - 1 - row;
    if (way & 2) column = SIZE - 1 - column;
    return way & 4 ? SIZE * column + row : SIZE * row + column;
  }),
);

/** Planes of the player's stones, the other's, free points, and the last move; the move itself is the label. */
function toBatch(positions: readonly Position[], wayOf: () => number): Batch {
  const x = new Uint8Array(positions.length * POINTS * PLANES);
  const y = positions.map(({ board, last, move }, row) => {
    const way = ways[wayOf()]!;
    for (const [point, owner] of board.entries()) {
      const start = PLANES * (POINTS * row + way[point]!);
      x[start + (owner === 0 ? 2 : owner - 1)] = 1;
      if (point === last) x[start + 3] = 1;
    }
    return way[move]!;
  });
  return { x, y };
}

const folder = join(debianPackage("goban-original-games"), "usr/share/goban");
const texts = readdirSync(folder).toSorted().map((file) => movesOf(readFileSync(join(folder, file), "latin1"))); // prettier-ignore
const games = [...new Map(texts.map((moves) => [moves.slice(0, 40).join(), moves])).values()]; // some are there twice
const isTest = (game: number): boolean => game % 9 === 0 && game < 9 * TEST_GAMES;
const seen = games.filter((_, game) => !isTest(game)).flatMap(positionsOf);
const unseen = games.filter((_, game) => isTest(game)).flatMap(positionsOf);

const steps = Math.ceil(1500 * share);
const model = await sequential(
  { input: [SIZE, SIZE, PLANES], seed: 1 },
  conv2d(40, { kernelSize: 5, padding: "same", useBias: false }),
  batchNorm(),
  relu(),
  conv2d(40, { kernelSize: 3, padding: "same", useBias: false }),
  batchNorm(),
  relu(),
  conv2d(40, { kernelSize: 3, padding: "same", useBias: false }),
  batchNorm(),
  relu(),
  conv2d(1, { kernelSize: 3, padding: "same" }),
  flatten(),
);
const trainer = new Trainer(model, {
  loss: softmaxCrossEntropy(),
  optimizer: adam({ learningRate: 3e-3 }),
  schedule: cosineDecay({ period: steps }),
  metrics: [topKAccuracy({ k: 1 }), topKAccuracy({ k: 5 })],
});
const learned = batches(function* (_, random) {
  for (let step = 0; step < steps; step++) {
    const positions = Array.from({ length: 64 }, () => seen[random.integer(seen.length)]!);
    yield toBatch(positions, () => random.integer(8));
  }
});
await trainer.fit(learned);
const asked = unseen.filter((_, row) => row % Math.ceil(1 / share) === 0);
const tested = batches(function* () {
  for (let start = 0; start < asked.length; start += 256) yield toBatch(asked.slice(start, start + 256), () => 0);
});
const figures = await trainer.evaluate(tested);
console.log(`${games.length} games; learned from 64 of ${seen.length} positions in each of ${steps} steps`);
console.log(
  `the professional's move in ${asked.length} positions of ${TEST_GAMES} other games: the first guess in ${(100 * figures.top1Accuracy).toFixed(1)} %, one of five in ${(100 * figures.top5Accuracy).toFixed(1)} %`,
);
console.log(`fingerprint ${model.fingerprint()}`);
