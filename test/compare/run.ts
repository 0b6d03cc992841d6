// npm run compare: random programs, through the library and through PyTorch.
import { Command } from "commander";
import { hasTorch } from "../support/torch.ts";
import { again, compare, draw, report } from "./compare.ts";
import { NAMES } from "./draw.ts";
import { PyTorch } from "./pytorch.ts";

const command = new Command()
  .name("npm run compare --")
  .description("Compares random programs with PyTorch: outputs, losses, gradients, and parameters after every update.")
  .option("--seed <n>", "of the first program; the next ones count on from it (default: the time)", Number)
  .option("--count <n>", "how many programs", Number, 1000)
  .option("--only <name>", "programs with this layer, loss or optimizer, such as lstm, huber or adamw")
  .parse();
const {
  seed = Math.trunc(Date.now() / 1000),
  count,
  only,
} = command.opts<{ seed?: number; count: number; only?: string }>();
for (const [name, value] of Object.entries({ seed, count })) {
  if (!Number.isSafeInteger(value) || value < 0) command.error(`--${name} must be an integer, 0 or more, got ${value}`);
}
if (only !== undefined && !NAMES.includes(only)) command.error(`--only: ${only} is none of ${NAMES.join(", ")}`);
if (!hasTorch()) command.error("PyTorch isn't there: apt-get install python3-torch");

const python = new PyTorch();
const counts = { programs: 0, values: 0, failed: 0, kinks: 0 };
for (let i = 0; i < count; i++) {
  counts.programs++;
  try {
    const made = await compare(await draw(seed + i, only), python);
    counts.values += made.values;
    if (made.differences.length === 0) continue;
    counts[made.atKink ? "kinks" : "failed"]++;
    console.log(report(made, only));
  } catch (error) {
    counts.failed++;
    console.log(`${again(seed + i, only)}\n  ${String(error)}`);
  }
}
python.end();
console.log(
  `${counts.programs} programs from seed ${seed}, ${counts.values} values: ${counts.failed} differ, ` +
    `${counts.kinks} more only where a gradient jumps`,
);
if (counts.failed > 0) process.exitCode = 1;
