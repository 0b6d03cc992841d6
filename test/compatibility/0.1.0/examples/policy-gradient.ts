// A policy gradient (REINFORCE): an agent learns to walk to a goal. npx tsx examples/policy-gradient.ts
//
// A corridor of eight cells; the agent starts in the middle, the goal is at the right end. Each step costs a little, the goal
// pays. The model gives the chances of "left" and "right"; the gradient of -advantage ln p(action) with respect to them is
// -advantage / p at the action taken, and 0 at the other.
import { adam, dense, meanSquaredError, sequential, softmax, tanh, Trainer } from "wasmgrad";

const CELLS = 8;
const START = 3;
const MOST_STEPS = 30;
const EPISODES = 300;

/** A small generator, so that runs repeat. */
let state = 7;
const random = (): number => (state = (state * 16807) % 2147483647) / 2147483647;

const policy = await sequential({ input: CELLS, seed: 3 }, dense(16), tanh(), dense(2), softmax());
const trainer = new Trainer(policy, { loss: meanSquaredError(), optimizer: adam({ learningRate: 0.02 }) });

const oneHot = (cell: number): number[] => Array.from({ length: CELLS }, (_, i) => (i === cell ? 1 : 0));

/** One walk: the cells, the actions, and what came after each of them. */
function walk(): { cells: number[]; actions: number[]; returns: number[] } {
  const cells: number[] = [];
  const actions: number[] = [];
  const rewards: number[] = [];
  let cell = START;
  while (cell !== CELLS - 1 && cells.length < MOST_STEPS) {
    const [left] = policy.predict([oneHot(cell)]);
    const action = random() < left! ? 0 : 1;
    cells.push(cell);
    actions.push(action);
    cell = Math.max(0, cell + (action === 0 ? -1 : 1));
    rewards.push(cell === CELLS - 1 ? 1 : -0.05);
  }
  let sum = 0;
  const returns = rewards.toReversed().map((reward) => (sum += reward)).toReversed(); // prettier-ignore
  return { cells, actions, returns };
}

let baseline = 0;
for (let episode = 1; episode <= EPISODES; episode++) {
  const { cells, actions, returns } = walk();
  const probabilities = policy.forward(cells.map(oneHot));
  // of -advantage ln p(action), with respect to the probabilities that the softmax gives
  const gradient = probabilities.map((p, i) => {
    const step = i >> 1;
    return actions[step] === (i & 1) ? -(returns[step]! - baseline) / p / cells.length : 0;
  });
  policy.zeroGradients();
  policy.backward(gradient);
  trainer.update();
  baseline += 0.1 * (returns[0]! - baseline);
  if (episode % 60 === 0) console.log(`episode ${episode}  steps ${cells.length}  return ${returns[0]!.toFixed(2)}`);
}

const right = Array.from({ length: CELLS - 1 }, (_, cell) => policy.predict([oneHot(cell)])[1]!);
console.log(`chance of going right in each cell: ${right.map((p) => p.toFixed(2)).join(" ")}`);
