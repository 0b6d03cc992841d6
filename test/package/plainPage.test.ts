// A page without a bundler and without an import map: it imports the library's files by their paths. So does its own worker.
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { project } from "../support/packed.ts";
import { openAny, present } from "../support/pages.ts";
import { serve } from "../support/server.ts";
import { byPath, expectedOutcomes, type Outcomes, writePrograms } from "../support/userPrograms.ts";

const required = Boolean(process.env["CI"]);
const long = process.env["LONG"] !== undefined;

const one = { binary: "strict", threads: 1, worker: false, reason: "one thread was asked for" };

let folder: string;
let right: Outcomes;

beforeAll(async () => {
  folder = project("plainPage");
  writePrograms(folder);
  right = await expectedOutcomes(folder);
  writePrograms(folder, byPath);
}, 300_000);

for (const name of long ? (["chrome", "firefox", "webkit"] as const) : (["chrome"] as const)) {
  describe.skipIf(!required && !present(name))(`a plain page in ${name}`, () => {
    const browser = { current: undefined as Awaited<ReturnType<typeof openAny>> | undefined };
    beforeAll(async () => {
      browser.current = await openAny(name);
    }, 300_000);
    afterAll(() => browser.current?.close());

    /** The outcome of page.html with a query, and the paths that were asked for. */
    async function outcome(
      query: string,
      { isolated = false, refused }: { isolated?: boolean; refused?: string } = {},
    ): Promise<{ value: unknown; paths: string[] }> {
      const paths: string[] = [];
      const refuse = (path: string): boolean => {
        const first = !paths.includes(path);
        paths.push(path);
        return first && path.endsWith(`/${refused}`);
      };
      const server = await serve(folder, { isolated, refuse });
      try {
        return { value: await browser.current!.outcome(`${server.url}/page.html?${query}`), paths };
      } finally {
        server.close();
      }
    }

    test("the minimal program, which asks for nothing that it doesn't use", async () => {
      const { value, paths } = await outcome("run=xor");
      expect(value).toEqual({ value: right.xor });
      const files = paths.filter((path) => path.startsWith("/node_modules")).map((path) => basename(path));
      expect(files).toContain("library.js");
      const later = fetchedLater();
      expect(later).toEqual(expect.arrayContaining(["convolution.binary.js", "threads.js", "threads.binary.js"]));
      // a fit looks for what may be a mistake, and measures the loss for it
      expect(files.filter((file) => later.includes(file)).toSorted()).toEqual(["evaluate.js", "warnings.js"]);
      // the same question finds those of a program that uses them
      const all = (await outcome("run=everything")).paths.map((path) => basename(path));
      expect(later.filter((file) => all.includes(file))).toContain("convolution.binary.js");
    });

    test("a file that the server doesn't give at first is named, and asked for again", async () => {
      for (const binary of ["convolution", "sequence", "activations"]) {
        const query = "run=everything&twice";
        const [first, second] = (await outcome(query, { refused: `${binary}.binary.js` })).value as unknown[];
        const error = expect.stringMatching(
          new RegExp(
            `^sequential: ${binary}\\.binary\\.js, which has the kernels of this model, could not be loaded ` +
              `\\(TypeError: .+\\); see that the network is there and that the server has the file, .* make the model again`,
          ),
        ) as unknown;
        const cause = expect.stringMatching(/module/) as unknown;
        expect(first).toEqual({ error, cause });
        // Firefox asks for a module once, and then says what came of it, until the page is loaded again
        expect(second).toEqual(name === "firefox" ? { error, cause } : { value: right.everything });
      }
    });

    for (const where of ["", "&own"]) {
      const place = where === "" ? "the page" : "a module worker of its own";
      test(`something of each entry, in ${place}`, async () => {
        expect((await outcome(`run=everything${where}`)).value).toEqual({ value: right.everything });
        expect((await outcome(`run=own${where}`)).value).toEqual({ value: right.own });
      });

      test(`two threads where the page is isolated, in ${place}`, async () => {
        const { value } = await outcome(`run=everything&threads=2${where}`, { isolated: true });
        expect(value).toEqual({
          value: { ...right.everything, backend: { binary: "threads", threads: 2, worker: false } },
        });
      });
    }

    for (const where of ["", "&own"]) {
      test(`a training in a worker, from ${where === "" ? "the page" : "a module worker of its own"}`, async () => {
        const { value } = await outcome(`run=xor&worker${where}`);
        expect(value).toEqual({ value: { ...right.xor, backend: { ...one, worker: true } } });
      });
    }

    test("the library from another origin, as from a content delivery network", async () => {
      const network = await serve(folder, { open: true });
      try {
        writePrograms(folder, (entry) => network.url + byPath(entry));
        expect((await outcome("run=everything")).value).toEqual({ value: right.everything });
        // a worker's file must be of the page's origin; so it runs from its source
        const off = { value: { ...right.xor, backend: { ...one, worker: true } } };
        expect((await outcome("run=xor&worker")).value).toEqual(off);
        const { value } = (await outcome("run=everything&threads=2", { isolated: true })).value as { value: object };
        expect(value).toEqual({ ...right.everything, backend: { binary: "threads", threads: 2, worker: false } });
      } finally {
        network.close();
        writePrograms(folder, byPath);
      }
    });

    test("one thread, with the reason, where it isn't", async () => {
      const { value } = await outcome("run=everything&threads=2");
      const reason = expect.stringMatching(/not isolated/) as unknown;
      expect(value).toEqual({ value: { ...right.everything, backend: { ...one, reason } } });
    });
  });
}

/** The files of the package that are imported when they are first used. */
function fetchedLater(): string[] {
  const build = join(folder, "node_modules/wasmgrad/build");
  const scripts = readdirSync(build).filter((file) => file.endsWith(".js") && !/^(?:cli|report)\.js$/.test(file));
  return scripts.flatMap((file) =>
    [...readFileSync(join(build, file), "utf8").matchAll(/import\("\.\/([\w.]+)"\)/g)].map(([, name]) => name!),
  );
}
