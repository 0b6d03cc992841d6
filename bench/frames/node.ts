// The same training in Node: `node --import tsx bench/frames/node.ts "MLP 128" 4` prints what came of it as JSON.
import { type JobName, train } from "./training.ts";

const [name, seconds] = process.argv.slice(2);
console.log(JSON.stringify(await train(name as JobName, false, Number(seconds))));
