// Modules as files: in fresh processes of all versions of Node, in Deno and Bun, and in pages and workers of real browsers.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exportModule } from "../../../src/files.ts";
import { nodePath, NODE_VERSIONS, type NodeVersion } from "../../support/nodes.ts";
import { openAny, present } from "../../support/pages.ts";
import { runtimePath } from "../../support/runtimes.ts";
import { serve } from "../../support/server.ts";
import { NETWORKS, rowsFor } from "./models.ts";

const required = Boolean(process.env["CI"]);
const folder = join(import.meta.dirname, `../../../build/test/exportedModules-${process.pid}`);
const ROWS = 259;

const VERSIONS = [...(Object.keys(NODE_VERSIONS).map(Number) as NodeVersion[]), "Oldest"] as const;

/** Outputs as hexadecimal digits, and the first labels. */
type Outcome = Readonly<Record<string, readonly [bits: string, labels: readonly number[]]>>;

const hex = (values: Float32Array): string =>
  Array.from(new Uint8Array(values.buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");

const right: Record<string, readonly [string, readonly number[]]> = {};

beforeAll(async () => {
  mkdirSync(folder, { recursive: true });
  const calls: string[] = [];
  for (const [name, { make, whole }] of Object.entries(NETWORKS)) {
    const model = await make();
    const x = rowsFor(model, ROWS, whole);
    right[name] = [hex(model.predict(x)), [...model.classify(x)]];
    writeFileSync(join(folder, `${name}.mjs`), exportModule(model));
    writeFileSync(join(folder, `${name}.bin`), x);
    const numbers = `new Float32Array(await read("${name}.bin"))`;
    calls.push(
      `import * as ${name} from "./${name}.mjs";`,
      `const of_${name} = async (read) => { const x = ${numbers}; return [hex(${name}.predict(x)), [...${name}.classify(x)]]; };`,
    );
  }
  const names = Object.keys(NETWORKS);
  const program = [
    ...calls,
    `const hex = ${String(hex)};`,
    `export const outcomeOf = async (read) => ({ ${names.map((name) => `${name}: await of_${name}(read)`).join(", ")} });`,
  ];
  const fetched = `const read = async (name) => (await fetch(name)).arrayBuffer();`;
  const files: Readonly<Record<string, string>> = {
    "program.mjs": program.join("\n"),
    "process.mjs": `import { readFileSync } from "node:fs";
      import { outcomeOf } from "./program.mjs";
      const read = async (name) => Uint8Array.from(readFileSync(new URL(name, import.meta.url))).buffer;
      console.log(JSON.stringify(await outcomeOf(read)));`,
    "worker.mjs": `import { outcomeOf } from "./program.mjs"; ${fetched} postMessage(await outcomeOf(read));`,
    "page.mjs": `import { outcomeOf } from "./program.mjs"; import { load, predict } from "./mlp.mjs?loaded"; ${fetched}
      const worker = new Worker("worker.mjs", { type: "module" });
      const inWorker = new Promise((resolve) => { worker.onmessage = (event) => resolve(event.data); });
      await load();
      const loaded = predict(new Float32Array(784)).length;
      globalThis.outcome = { page: await outcomeOf(read), worker: await inWorker, loaded };`,
    "page.html": `<!doctype html><meta charset="utf-8"><script type="module" src="page.mjs"></script>`,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true }));

/** What a process prints. */
const outcomeOf = (program: string, ...args: string[]): Outcome =>
  JSON.parse(execFileSync(program, [...args, "process.mjs"], { cwd: folder, encoding: "utf8" })) as Outcome;

describe("in a process of its own", () => {
  test.each(VERSIONS)("Node %s", (version) => {
    expect(outcomeOf(nodePath(version))).toEqual(right);
  });

  test.each([
    ["deno", ["run", "--allow-read"]],
    ["bun", ["run"]],
  ] as const)("%s", (name, args) => {
    const program = runtimePath(name);
    if (!required && program === undefined) return;
    expect(outcomeOf(program!, ...args)).toEqual(right);
  });

  test("a file alone, in an empty folder", () => {
    const empty = join(folder, "empty");
    mkdirSync(empty);
    const text = `${readFileSync(join(folder, "mlp.mjs"), "utf8")}\nconsole.log(predict(new Uint8Array(784)).length);`;
    writeFileSync(join(empty, "file.mjs"), text);
    expect(execFileSync(process.execPath, ["file.mjs"], { cwd: empty, encoding: "utf8" })).toBe("10\n");
  });
});

describe.each(["chrome", "firefox"] as const)("in a page and in a worker of %s", (name) => {
  test.skipIf(!required && !present(name))(
    "the same bits",
    async () => {
      const server = await serve(folder);
      const browser = await openAny(name);
      try {
        const outcome = (await browser.outcome(`${server.url}/page.html`)) as { page: Outcome; worker: Outcome };
        expect(outcome).toEqual({ page: right, worker: right, loaded: 10 });
      } finally {
        await browser.close();
        server.close();
      }
    },
    120_000,
  );
});
