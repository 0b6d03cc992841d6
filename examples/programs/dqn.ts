// Reward -> behaviour: a deep Q-network learns to balance a pole on a cart.
//
//   npx tsx examples/programs/dqn.ts         about ten seconds
//   npx tsx examples/programs/dqn.ts 0.1     a tenth of the training
//
// The cart is pushed to the left or to the right 50 times a second; each push until the pole falls, or the cart leaves the track, is worth
// 1, up to 500 (the rules of OpenAI Gym's CartPole-v1, where an average of 475 counts as solved). The network says what each push is worth
// in the end. It learns from steps it remembers, and takes what comes after them from a target network: a copy of itself that
// `copyWeights` renews now and then.
import { adam, copyWeights, dense, meanSquaredError, relu, sequential, Trainer } from "wasmgrad";

const share = Number(process.argv[2] ?? 1);
const DISCOUNT = 0.99;
const BATCH = 64;
const MOST_PUSHES = 500;

/** A small generator, so that runs repeat. */
let seed = 1;
const random = (): number => (seed = (seed * 48271) % 2147483647) / 2147483647;

/** Position and speed of the cart, angle and its speed of the pole. */
type State = readonly [position: number, speed: number, angle: number, turning: number];
const begin = (): State => [0, 0, 0, 0].map(() => 0.1 * random() - 0.05) as [number, number, number, number];
const isOver = ([position, , angle]: State): boolean => Math.abs(position) > 2.4 || Math.abs(angle) > Math.PI / 15;
/** A fiftieth of a second later (Barto, Sutton, Anderson, 1983). The sine is by its series, the same in every engine. */
function push([position, speed, angle, turning]: State, action: number): State {
  const square = angle * angle;
  const sin = angle * (1 - (square / 6) * (1 - square / 20));
  const cos = Math.sqrt(1 - sin * sin);
  const force = ((action === 1 ? 10 : -10) + 0.05 * turning * turning * sin) / 1.1;
  const twist = (9.8 * sin - cos * force) / (0.5 * (4 / 3 - (0.1 * cos * cos) / 1.1));
  const gain = force - (0.05 * twist * cos) / 1.1;
  return [position + 0.02 * speed, speed + 0.02 * gain, angle + 0.02 * turning, turning + 0.02 * twist];
}

const layers = () => [dense(64), relu(), dense(64), relu(), dense(2)];
const model = await sequential({ input: 4, seed: 1 }, ...layers());
const target = await sequential({ input: 4, seed: 1 }, ...layers());
const best = await sequential({ input: 4, seed: 1 }, ...layers());
const trainer = new Trainer(model, {
  loss: meanSquaredError(),
  optimizer: adam({ learningRate: 5e-4, clipGlobalNorm: 10 }),
});
const choose = (state: State, by = model): number => {
  const [left, right] = by.predict([state]);
  return left! > right! ? 0 : 1;
};
/** The mean number of pushes in so many games. */
function test(games: number, by = model): number {
  let pushes = 0;
  for (let game = 0; game < games; game++) {
    let state = begin();
    for (let i = 0; i < MOST_PUSHES && !isOver(state); i++, pushes++) state = push(state, choose(state, by));
  }
  return pushes / games;
}

const memory: { state: State; action: number; next: State }[] = [];
const steps = Math.ceil(50_000 * share);
let state = begin();
let pushes = 0;
let record = 0;
for (let step = 0; step < steps; step++) {
  const exploring = Math.max(0.05, 1 - step / (0.1 * steps));
  const action = random() < exploring ? Math.floor(2 * random()) : choose(state);
  const next = push(state, action);
  memory[step % 20_000] = { state, action, next };
  state = isOver(next) || ++pushes === MOST_PUSHES ? begin() : next;
  if (state !== next) pushes = 0;
  if (memory.length < 500) continue;

  const remembered = Array.from({ length: BATCH }, () => memory[Math.floor(memory.length * random())]!);
  const x = remembered.map((one) => one.state);
  const after = remembered.map((one) => one.next);
  const wanted = model.predict(x);
  // the network chooses what to do next, the target network says what that is worth (double Q-learning)
  const [chosen, worth] = [model.predict(after), target.predict(after)];
  for (const [row, one] of remembered.entries()) {
    const nextAction = chosen[2 * row]! > chosen[2 * row + 1]! ? 0 : 1;
    wanted[2 * row + one.action] = isOver(one.next) ? 0 : 1 + DISCOUNT * worth[2 * row + nextAction]!;
  }
  trainer.step(x, wanted);
  if (step % 100 === 0) copyWeights(model, target);
  if (step % 1000 === 999) {
    const mean = test(10);
    if (mean > record) {
      record = mean;
      copyWeights(model, best);
    }
    if (record === MOST_PUSHES) break;
  }
}
console.log(`${trainer.updates} updates; the pole stands for ${test(100, best).toFixed(0)} of ${MOST_PUSHES} pushes on average of 100 games`); // prettier-ignore
console.log(`fingerprint ${best.fingerprint()}`);
