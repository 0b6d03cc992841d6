// W8 for the library: a training step, and the smallest page with a dense network.
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { ENTRIES } from "../../test/support/sizes.ts";
import type { Result } from "../measure.ts";
import { download, overBareNode } from "../start.ts";

const FIRST_STEP = `
import { dense, meanSquaredError, sequential, sgd, Trainer } from ${JSON.stringify(pathToFileURL(resolve("build/index.js")).href)};
const model = await sequential({ input: 2 }, dense(1));
new Trainer(model, { loss: meanSquaredError(), optimizer: sgd() }).step([[0, 1]], [1]);
`;

export async function start(): Promise<Result[]> {
  return [overBareNode(FIRST_STEP, "build/bench/start"), await download(ENTRIES["a minimal dense program"]!, ".")];
}
