// Board -> next move: a network learns tic-tac-toe from perfect play, and is asked about positions that it has never seen.
//
//   npx tsx examples/programs/tic-tac-toe.ts        about 10 seconds
//   npx tsx examples/programs/tic-tac-toe.ts 0.1    a tenth of the training
//
// The data are all 4,520 positions in which somebody is to move, each with its best moves by minimax. Four of five are learned from; in the
// others the network's choice is looked up. In the end it plays a perfect player a thousand games, of which it can't win one.
import { adam, dense, relu, sequential, softmaxCrossEntropy, Trainer } from "wasmgrad";

const share = Number(process.argv[2] ?? 1);

/** Nine cells: 1 is whoever is to move, -1 the other, 0 nobody. */
type Board = readonly number[];

const LINES = ["012", "345", "678", "036", "147", "258", "048", "246"].map((line) => Array.from(line, Number));
const hasLost = (board: Board): boolean => LINES.some((line) => line.every((cell) => board[cell] === -1));
const freeCells = (board: Board): number[] => board.flatMap((owner, cell) => (owner === 0 ? [cell] : []));
/** The board after a move, as the other player sees it. */
const after = (board: Board, move: number): Board => board.map((owner, cell) => (cell === move ? -1 : 0 - owner));

/** What perfect play makes of each position, for whoever is to move: 1 won, 0 drawn, -1 lost. */
const values = new Map<string, number>();
function valueOf(board: Board): number {
  const key = board.join();
  const known = values.get(key);
  if (known !== undefined) return known;
  const moves = freeCells(board);
  const value = hasLost(board)
    ? -1
    : moves.length === 0
      ? 0
      : Math.max(...moves.map((move) => -valueOf(after(board, move))));
  values.set(key, value);
  return value;
}

/** The moves that keep what the position is worth. */
const bestMoves = (board: Board): number[] =>
  freeCells(board).filter((move) => -valueOf(after(board, move)) === valueOf(board));

valueOf(Array<number>(9).fill(0));
const positions = Array.from(values.keys(), (key) => key.split(",").map(Number)).filter(
  (board) => !hasLost(board) && board.includes(0),
);

/** A small generator, so that runs repeat. */
let state = 1;
const random = (below: number): number => (state = (state * 48271) % 2147483647) % below;
for (let i = positions.length - 1; i > 0; i--) {
  const j = random(i + 1);
  [positions[i], positions[j]] = [positions[j]!, positions[i]!];
}

/** Two planes: the cells of whoever is to move, and the other's. */
const planes = (board: Board): number[] => [1, -1].flatMap((who) => board.map((owner) => (owner === who ? 1 : 0)));
/** The same chance for each of the best moves. */
const chances = (board: Board): number[] => {
  const best = bestMoves(board);
  return board.map((_, cell) => (best.includes(cell) ? 1 / best.length : 0));
};

const learned = positions.slice(0, Math.floor(0.8 * positions.length));
const unseen = positions.slice(learned.length);
const model = await sequential({ input: 18, seed: 1 }, dense(256), relu(), dense(128), relu(), dense(9));
const trainer = new Trainer(model, {
  loss: softmaxCrossEntropy(),
  optimizer: adam({ learningRate: 2e-3, weightDecay: 1e-4 }),
});
await trainer.fit(
  { x: learned.map(planes), y: learned.map(chances) },
  { epochs: Math.ceil(60 * share), batchSize: 64 },
);

/** The free cell that the network likes best. */
function choose(board: Board): number {
  const scores = model.predict([planes(board)]);
  return freeCells(board).reduce((best, cell) => (scores[cell]! > scores[best]! ? cell : best));
}
const rightIn = (boards: readonly Board[]): string => {
  const right = boards.filter((board) => bestMoves(board).includes(choose(board)));
  return `${((100 * right.length) / boards.length).toFixed(1)} %`;
};

/** One game against perfect play, whose choice among equals is random: 0 drawn, -1 lost by the network. */
function play(networkBegins: boolean): number {
  let board: Board = Array<number>(9).fill(0);
  for (let networks = networkBegins; ; networks = !networks) {
    if (hasLost(board)) return networks ? -1 : 1;
    if (!board.includes(0)) return 0;
    const best = bestMoves(board);
    board = after(board, networks ? choose(board) : best[random(best.length)]!);
  }
}
const games = Array.from({ length: 1000 }, (_, i) => play(i % 2 === 0));

console.log(
  `a best move in ${rightIn(unseen)} of ${unseen.length} positions that it has not seen, ${rightIn(learned)} of the others`,
);
console.log(
  `against perfect play: ${games.filter((game) => game === 0).length} of 1000 drawn; fingerprint ${model.fingerprint()}`,
);
