// W8 for the library: a training step, and the smallest page with a dense network.
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { bundleSizes } from "../../test/support/sizes.ts";
import { type Result, result } from "../measure.ts";
import { overBareNode } from "../start.ts";
import { START } from "../tasks.ts";

const FIRST_STEP = `
import { dense, meanSquaredError, sequential, sgd, Trainer } from ${JSON.stringify(pathToFileURL(resolve("build/index.js")).href)};
const model = await sequential({ input: 2 }, dense(1));
new Trainer(model, { loss: meanSquaredError(), optimizer: sgd() }).step([[0, 1]], [1]);
`;

export async function start(): Promise<Result[]> {
  // what is loaded later, such as threads, isn't counted, for the peers neither
  const page = (await bundleSizes()).find(({ entry }) => entry === "a minimal dense program")!;
  return [overBareNode(FIRST_STEP, "build/bench/start"), result(START.download, "bytes", [page.gzipped])];
}
