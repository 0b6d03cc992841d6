// Pages under a Content-Security-Policy that is sent with all files, so that workers have it too.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { project } from "../support/packed.ts";
import { openAny, present } from "../support/pages.ts";
import { serve } from "../support/server.ts";
import { byPath, expectedOutcomes, type Outcomes, writePrograms } from "../support/userPrograms.ts";

const required = Boolean(process.env["CI"]);
const long = process.env["LONG"] !== undefined;

const WASM = "script-src 'self' 'wasm-unsafe-eval'";
const one = { binary: "strict", threads: 1, worker: false, reason: "one thread was asked for" };

let folder: string;
let right: Outcomes;

beforeAll(async () => {
  folder = project("csp");
  writePrograms(folder);
  right = await expectedOutcomes(folder);
  writePrograms(folder, byPath);
}, 300_000);

for (const name of long ? (["chrome", "firefox", "webkit"] as const) : (["chrome"] as const)) {
  describe.skipIf(!required && !present(name))(`a page with a policy in ${name}`, () => {
    const browser = { current: undefined as Awaited<ReturnType<typeof openAny>> | undefined };
    beforeAll(async () => {
      browser.current = await openAny(name);
    }, 300_000);
    afterAll(() => browser.current?.close());

    async function outcome(policy: string, query: string): Promise<unknown> {
      const server = await serve(folder, { policy, everywhere: true, isolated: true });
      try {
        return await browser.current!.outcome(`${server.url}/page.html?${query}`);
      } finally {
        server.close();
      }
    }

    test("'wasm-unsafe-eval' is enough for everything, in the page and in a worker of its own", async () => {
      expect(await outcome(WASM, "run=everything")).toEqual({ value: right.everything });
      expect(await outcome(WASM, "run=own")).toEqual({ value: right.own });
      const all = `default-src 'self'; ${WASM}`;
      expect(await outcome(all, "run=everything&own")).toEqual({ value: right.everything });
    });

    for (const source of ["'self'", "blob:"]) {
      test(`worker-src ${source} is enough for threads and for a training in a worker`, async () => {
        const policy = `${WASM}; worker-src ${source}`;
        const { value } = (await outcome(policy, "run=everything&threads=2")) as { value: object };
        expect(value).toEqual({ ...right.everything, backend: { binary: "threads", threads: 2, worker: false } });
        expect(await outcome(policy, "run=xor&worker")).toEqual({
          value: { ...right.xor, backend: { ...one, worker: true } },
        });
      });
    }

    test("without workers there is one thread, and training is on the page, with the reason", async () => {
      const policy = `${WASM}; worker-src 'none'`;
      const reason = expect.stringMatching(/Content-Security-Policy.*worker-src/) as unknown;
      for (const query of ["threads=2", "worker"]) {
        expect(await outcome(policy, `run=xor&${query}`), query).toEqual({
          value: { ...right.xor, backend: { ...one, reason } },
        });
      }
    });

    test("where scripts' addresses must be trusted types, training is on the page, with the reason", async () => {
      const policy = `${WASM}; require-trusted-types-for 'script'`;
      expect(await outcome(policy, "run=everything")).toEqual({ value: right.everything });
      const reason = expect.stringMatching(/no worker could be started: .*(?:TrustedScriptURL|CSP)/) as unknown;
      expect(await outcome(policy, "run=xor&worker")).toEqual({
        value: { ...right.xor, backend: { ...one, reason } },
      });
    });

    test("a policy that allows no WebAssembly is named by the error, with what to do", async () => {
      const cause = expect.stringMatching(/CSP|Content Security/) as unknown;
      const rule =
        "the page's Content-Security-Policy (or the platform) does not let WebAssembly be compiled; its script-src must allow " +
        "'wasm-unsafe-eval'";
      // WebKit compiles what it then refuses to run, wherever it was compiled
      const refused = (binary: string): object =>
        name === "webkit"
          ? { error: `sequential: ${rule}; in this browser useCore needs that, too`, cause }
          : {
              error: `${binary}.wasm: ${rule}; where that can't be, hand over binaries compiled elsewhere: useCore`,
              cause,
            };
      for (const policy of ["script-src 'self'", "default-src 'self'"]) {
        for (const query of ["run=xor", "run=everything", "run=xor&own", "run=xor&worker"])
          expect(await outcome(policy, query), `${policy} ${query}`).toEqual(refused("core"));
        expect(await outcome(policy, "run=xor&threads=2"), policy).toEqual(refused("threads"));
      }
    });
  });
}
