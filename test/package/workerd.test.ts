// Cloudflare's workerd, by miniflare, which needs a newer Node than the oldest that the library supports. It compiles no WebAssembly
// while a program runs: binaries are modules of the program's.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { beforeAll, describe, expect, test } from "vitest";
import { nodePath } from "../support/nodes.ts";
import { project } from "../support/packed.ts";
import { expectedOutcomes, type Outcomes, writePrograms } from "../support/userPrograms.ts";

const long = process.env["LONG"] !== undefined;

const BINARIES = ["core", "activations", "convolution", "sequence", "extra"];

/** The worker: /?run=everything&given=core,convolution */
const WORKER = `
  ${BINARIES.map((name) => `import ${name} from "wasmgrad/${name}.wasm";`).join("\n")}
  import { useCore } from "wasmgrad";
  import { attempt } from "./attempt.js";
  const binaries = { ${BINARIES.join(", ")} };
  export default {
    async fetch(request) {
      const asked = new URL(request.url).searchParams;
      if (asked.has("given")) {
        const { core, ...others } = Object.fromEntries(asked.get("given").split(",").map((name) => [name, binaries[name]]));
        useCore(core, others);
      }
      return Response.json(await attempt(asked.get("run"), {}, asked.has("worker") ? { worker: true } : {}));
    },
  };`;

/** Starts it with a compatibility date, asks, and prints the answers. */
const ASK = `
  import { readFileSync } from "node:fs";
  import { Miniflare } from "miniflare";
  const [compatibilityDate, flags, ...queries] = process.argv.slice(2);
  const compatibilityFlags = flags ? [flags] : [];
  const binary = (name) => ({
    type: "CompiledWasm", path: \`\${name}.wasm\`, contents: readFileSync(\`node_modules/wasmgrad/build/\${name}.wasm\`),
  });
  const main = { type: "ESModule", path: "main.js", contents: readFileSync("bundle.js") };
  const worker = new Miniflare({ compatibilityDate, compatibilityFlags, modules: [main, ...${JSON.stringify(BINARIES)}.map(binary)] });
  const answers = [];
  for (const query of queries) answers.push(await (await worker.dispatchFetch("http://localhost/?" + query)).json());
  await worker.dispose();
  console.log(JSON.stringify(answers));`;

describe("workerd", () => {
  let folder: string;
  let right: Outcomes;

  beforeAll(async () => {
    folder = project("workerd", ["miniflare@4.20260730.0"]);
    writePrograms(folder);
    right = await expectedOutcomes(folder);
    writeFileSync(join(folder, "main.js"), WORKER);
    writeFileSync(join(folder, "ask.mjs"), ASK);
    await build({
      entryPoints: [join(folder, "main.js")],
      bundle: true,
      format: "esm",
      outfile: join(folder, "bundle.js"),
      platform: "browser",
      conditions: ["workerd", "worker", "browser"],
      logLevel: "error",
      plugins: [
        {
          name: "binaries are modules beside the bundle",
          setup: (b) =>
            b.onResolve({ filter: /\.wasm$/ }, ({ path }) => ({ path: `./${path.split("/").at(-1)}`, external: true })),
        },
      ],
    });
  }, 300_000);

  // MessageChannel is there from 2025-08 on
  for (const [date, flag] of [
    ["2025-06-01", ""],
    ["2025-09-01", ""],
    ["2025-09-01", "nodejs_compat"],
  ] as const) {
    test.skipIf(!long && flag !== "")(`with the compatibility date ${date} ${flag}`, () => {
      const queries = [
        "run=xor",
        "run=everything",
        "run=xor&given=core",
        "run=everything&given=core",
        "run=everything&given=core,activations,convolution,sequence",
        "run=everything&given=core,activations,convolution,sequence,extra",
        "run=own&given=core",
        "run=xor&given=core&worker",
      ];
      const printed = execFileSync(nodePath(24), ["ask.mjs", date, flag, ...queries], {
        cwd: folder,
        encoding: "utf8",
      });
      const rule =
        "the page's Content-Security-Policy (or the platform) does not let WebAssembly be compiled; its script-src must allow " +
        "'wasm-unsafe-eval'";
      const cause = expect.stringContaining("disallowed by embedder") as unknown;
      const refused = (name: string): object => ({
        error: `${name}.wasm: ${rule}; where that can't be, hand over binaries compiled elsewhere: useCore`,
        cause,
      });
      const reason = expect.any(String) as unknown;
      expect(JSON.parse(printed)).toEqual([
        refused("core"),
        refused("core"),
        { value: right.xor },
        refused("convolution"),
        refused("extra"),
        { value: right.everything },
        {
          error: `customLayer, customLoss, customMetric, customOptimizer: ${rule}; functions of JavaScript need it, with useCore as without`,
          cause,
        },
        { value: { ...right.xor, backend: { ...right.xor.backend, reason } } },
      ]);
    });
  }
});
