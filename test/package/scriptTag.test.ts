// Pages of scripts without modules: the file for a script tag, and one script of a bundler's; over http, from file://, and in a worker.
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build, type Plugin } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { project } from "../support/packed.ts";
import { openAny, present } from "../support/pages.ts";
import { serve } from "../support/server.ts";
import { expectedOutcomes, type Outcomes, writePrograms } from "../support/userPrograms.ts";

const required = Boolean(process.env["CI"]);
const long = process.env["LONG"] !== undefined;

/** A script that runs what the address says, in the page or in a worker of its own that has the same scripts. */
const PROGRAM = `
  import { attempt } from "./attempt.js";

  if (typeof document === "undefined") addEventListener("message", async ({ data }) => postMessage(await attempt(...data)));
  else {
    const asked = new URL(location.href).searchParams;
    const what = [
      asked.get("run"),
      asked.has("threads") ? { threads: 2 } : {},
      asked.has("worker") ? { worker: true } : {},
    ];
    const inWorker = () =>
      new Promise((resolve) => {
        const worker = new Worker("worker.js");
        worker.onmessage = ({ data }) => resolve(data);
        worker.onerror = ({ message }) => resolve({ error: message });
        worker.postMessage(what);
      });
    globalThis.outcome = undefined;
    (asked.has("own") ? inWorker() : attempt(...what)).then((outcome) => (globalThis.outcome = outcome));
  }`;

/** All entries are the one global name. */
const fromGlobal: Plugin = {
  name: "the global name",
  setup(b) {
    b.onResolve({ filter: /^wasmgrad/ }, ({ path }) => ({ path, namespace: "global" }));
    b.onLoad({ filter: /.*/, namespace: "global" }, () => ({ contents: "module.exports = globalThis.wasmgrad;" }));
  },
};

let folder: string;
let right: Outcomes;

async function bundle(outfile: string, plugins: readonly Plugin[]): Promise<void> {
  await build({
    stdin: { contents: PROGRAM, resolveDir: folder },
    bundle: true,
    format: "iife",
    platform: "browser",
    outfile,
    plugins: [...plugins],
    logLevel: "error",
    logOverride: { "empty-import-meta": "silent" },
  });
}

/** Writes a page and its worker of the scripts. */
function writePage(place: string, scripts: readonly string[]): void {
  const tags = scripts.map((script) => `<script src="${script}"></script>`).join("\n");
  const head = '<!doctype html><meta charset="utf-8" /><link rel="icon" href="data:," />';
  writeFileSync(join(place, "page.html"), `${head}\n${tags}\n`);
  writeFileSync(join(place, "worker.js"), `importScripts(${scripts.map((script) => `"${script}"`).join(", ")});\n`);
}

beforeAll(async () => {
  folder = project("scriptTag");
  writePrograms(folder);
  right = await expectedOutcomes(folder);
  const tag = join(folder, "tag");
  const bundled = join(folder, "bundled");
  for (const place of [tag, bundled]) mkdirSync(place, { recursive: true });
  copyFileSync(join(folder, "node_modules/wasmgrad/build/wasmgrad.min.js"), join(tag, "wasmgrad.min.js"));
  await bundle(join(tag, "program.js"), [fromGlobal]);
  writePage(tag, ["wasmgrad.min.js", "program.js"]);
  await bundle(join(bundled, "program.js"), []);
  writePage(bundled, ["program.js"]);
}, 300_000);

for (const name of long ? (["chrome", "firefox", "webkit"] as const) : (["chrome"] as const)) {
  describe.skipIf(!required && !present(name))(`scripts without modules in ${name}`, () => {
    const browser = { current: undefined as Awaited<ReturnType<typeof openAny>> | undefined };
    beforeAll(async () => {
      browser.current = await openAny(name);
    }, 300_000);
    afterAll(() => browser.current?.close());

    for (const place of ["tag", "bundled"]) {
      const what = place === "tag" ? "the file for a script tag" : "a bundler's script";

      /** The outcomes of the page at an address, where threads and workers may be missing. */
      async function outcomes(page: string): Promise<void> {
        const of = (query: string): Promise<unknown> => browser.current!.outcome(`${page}?${query}`);
        expect(await of("run=xor")).toEqual({ value: right.xor });
        expect(await of("run=everything")).toEqual({ value: right.everything });
        expect(await of("run=own")).toEqual({ value: right.own });
        for (const query of ["worker", "threads=2"]) {
          const { value } = (await of(`run=xor&${query}`)) as { value: Outcomes["xor"] };
          expect(value).toEqual({ ...right.xor, backend: expect.any(Object) as unknown });
          const { threads, worker, reason } = value.backend as { threads: number; worker: boolean; reason?: string };
          console.log(
            `${name}, ${what}, ${page.slice(0, 4)}, ${query}: ${threads} threads, in a worker: ${worker}, ${reason}`,
          );
          if (threads === 1 && !worker) expect(reason).not.toBe("one thread was asked for");
        }
      }

      test(`${what}, over http`, async () => {
        const server = await serve(join(folder, place));
        try {
          await outcomes(`${server.url}/page.html`);
        } finally {
          server.close();
        }
      });

      test(`${what}, in a classic worker`, async () => {
        const server = await serve(join(folder, place));
        try {
          const of = (query: string): Promise<unknown> =>
            browser.current!.outcome(`${server.url}/page.html?own&${query}`);
          expect(await of("run=everything")).toEqual({ value: right.everything });
          expect(await of("run=own")).toEqual({ value: right.own });
        } finally {
          server.close();
        }
      });

      test(`${what}, from file://`, () => outcomes(pathToFileURL(join(folder, place, "page.html")).href));
    }
  });
}
