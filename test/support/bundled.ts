// Projects of users whose tools bundle the packed library, and the pages that they make, in a real browser.
import { exec, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import type { Browser, Page } from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { browserPath, openBrowser } from "./browsers.ts";
import { codeIn } from "./documents.ts";
import { project } from "./packed.ts";
import { serve, type Server } from "./server.ts";

const root = join(import.meta.dirname, "../..");

/** What pages run: see the files. */
const PROGRAMS = join(root, "test/package/bundlers/programs");

const textOf = (file: string): string => readFileSync(join(PROGRAMS, file), "utf8");

export type Results = Readonly<Record<string, object>>;

/** A way to bundle the programs, as a page. */
export interface Bundling {
  /** Makes the page; files of an earlier way are still there. Default: there is nothing to make. */
  readonly build?: (folder: string) => unknown;
  /** Serves the page; default: the folder `dist` as it is. */
  readonly serve?: (folder: string, isolated: boolean) => Promise<Server>;
  /** Where the page is; default `/index.html`. */
  readonly page?: (isolated: boolean) => string;
  /** The user's worker imports `wasmgrad/single`: why it must. */
  readonly singleWorker?: string;
  /** Programs that can't be run, and why not. */
  readonly without?: Readonly<Record<string, string>>;
  /** More to be tested on the page, by what it is. */
  readonly also?: Readonly<Record<string, (page: Page, expected: Results, folder: string) => Promise<void>>>;
  /** Does it make one file of everything? Otherwise a page fetches what it needs alone. */
  readonly single?: boolean;
}

export interface BundledProject {
  /** Of its folder. */
  readonly name: string;
  /** Does it take long? Then it is run with LONG=1 alone. */
  readonly long?: boolean;
  /** The tools, with exact versions. */
  readonly packages: readonly string[];
  /** Files besides the programs: configuration, a page of its own. */
  readonly files?: Readonly<Record<string, string>>;
  /** What is in its package.json besides; default `{ type: "module" }`. */
  readonly manifest?: object;
}

/** The programs besides the smallest, and their files. */
const OTHERS = {
  everything: "everything.js",
  threads: "threads.js",
  offPage: "offPage.js",
  own: "own.js",
  required: "required.cjs",
  readme: "readme.js",
} as const;

/** A page's entry: `run(name)` runs a program. All but the smallest are fetched when they are first run, if the tool can split. */
function mainOf({ without = {} }: Bundling): string {
  const named = Object.entries(OTHERS).filter(([name]) => without[name] === undefined);
  const lines = named.map(([name, file]) => `  ${name}: async () => outcome(await import("./${file}")),\n`);
  return `import { run as dense } from "./dense.js";

// README's program exports nothing; it has run, and written to the page
const outcome = ({ run, default: commonJs }) => (run ?? commonJs?.run ?? (() => document.body.textContent))();
const programs = {
  dense,
${lines.join("")}};

globalThis.run = (name) => programs[name]();
`;
}

/** The user's worker. */
const workerOf = ({ singleWorker }: Bundling): string =>
  singleWorker
    ? `${textOf("dense.js").replace('"wasmgrad"', '"wasmgrad/single"')}\nrun().then((result) => postMessage(result));\n`
    : textOf("worker.js");

/** What the programs give in Node. */
export const nodeResults = async (folder: string): Promise<Results> =>
  JSON.parse(await shell(folder, "node node.js")) as Results;

/** Runs commands as users would, one a line, and gives what they print. */
export const shell = (folder: string, commands: string): Promise<string> =>
  new Promise((resolve, reject) => {
    exec(commands, { cwd: folder, env: environment(), maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${commands} failed:\n${stdout}\n${stderr}`));
      else resolve(stdout);
    });
  });

/** Without what the test runner says of itself, and what tools would send home. */
const environment = (): NodeJS.ProcessEnv => {
  const { NODE_ENV: _, VITEST: __, ...others } = process.env;
  return { ...others, NEXT_TELEMETRY_DISABLED: "1", NO_COLOR: "1" };
};

/** A port that is free now. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

/** Starts a server of the project's, which is given a port by `args`, and waits until it answers. */
export async function start(
  folder: string,
  program: string,
  args: (port: number) => readonly string[],
): Promise<Server> {
  const port = await freePort();
  const child = spawn(process.execPath, [join(folder, program), ...args(port)], {
    cwd: folder,
    env: environment(),
    stdio: ["ignore", "pipe", "pipe"],
    detached: true, // with the processes that it starts
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (said += String(text)));
  const url = `http://127.0.0.1:${port}`;
  const end = Date.now() + 240_000;
  while (
    !(await fetch(url).then(
      ({ status }) => status < 500,
      () => false,
    ))
  ) {
    if (child.exitCode !== null || Date.now() > end) throw new Error(`${program} does not answer:\n${said}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    url,
    close: () => {
      try {
        process.kill(-child.pid!);
      } catch {
        // it has ended
      }
    },
  };
}

/** A file's name within the library that only some programs need. */
const RARE = /threads|worker|convolution|sequence|activations|files|datasets|matrix|models|\bmpi/;

/**
 * Tests that the pages that a tool makes do what the programs do in Node, bit by bit.
 *
 * @param made the project that all the ways share
 * @param ways how the tool can be used
 */
export function describeBundled(made: BundledProject, ways: Readonly<Record<string, Bundling>>): void {
  const missing = !process.env["CI"] && browserPath("chrome") === undefined;
  describe.skipIf(missing || (made.long && !process.env["LONG"]))(made.name, () => {
    let folder: string;
    let expected: Results;
    let browser: Browser;

    beforeAll(async () => {
      folder = userProject(made);
      expected = await nodeResults(folder);
      expect(expected).toMatchObject({ threads: { threads: 2 }, offPage: { worker: true } });
      browser = await openBrowser("chrome");
    }, 300_000);
    afterAll(() => browser?.close());

    for (const [title, way] of Object.entries(ways)) {
      describe(title, () => {
        const can = (name: string) => test.skipIf(way.without?.[name] !== undefined);
        beforeAll(async () => {
          writeFileSync(join(folder, "main.mjs"), mainOf(way));
          writeFileSync(join(folder, "worker.js"), workerOf(way));
          await way.build?.(folder);
        }, 300_000);

        describe("without headers", () => {
          const page = visit(way, false);
          can("dense")("trains, and fetches nothing that it doesn't need", async () => {
            expect(await page.run("dense")).toEqual(expected["dense"]);
            if (!way.single) expect(page.fetched.filter((file) => RARE.test(file))).toEqual([]);
          });
          can("everything")("has all kinds of layers, files, data sets, models, matrices", async () => {
            expect(await page.run("everything")).toEqual(expected["everything"]);
          });
          can("threads")("has one thread, and the reason", async () => {
            const threads = {
              ...expected["threads"],
              threads: 1,
              reason: expect.stringContaining("headers") as string,
            };
            expect(await page.run("threads")).toEqual(threads);
          });
          can("offPage")("fit trains in a worker, without headers", async () => {
            expect(await page.run("offPage")).toEqual(expected["offPage"]);
          });
          can("own")(
            `trains in a module worker of the user's${way.singleWorker ? ", with wasmgrad/single" : ""}`,
            async () => {
              expect(await page.run("own")).toEqual(expected["dense"]);
            },
          );
          can("required")("trains in a CommonJS module", async () => {
            expect(await page.run("required")).toEqual(expected["dense"]);
          });
          for (const [what, check] of Object.entries(way.also ?? {}))
            test(what, () => check(page.opened(), expected, folder));
          // it replaces what the page has
          can("readme")("README's program shows what it comes to", async () => {
            expect(await page.run("readme")).toEqual(expected["readme"]);
          });
        });

        describe("isolated", () => {
          const page = visit(way, true);
          can("threads")("has two threads", async () => {
            expect(await page.run("threads")).toEqual(expected["threads"]);
          });
        });
      });
    }

    /** Opens the page before the tests of a group. */
    function visit(way: Bundling, isolated: boolean) {
      const fetched: string[] = [];
      const errors: string[] = [];
      let server: Server;
      let page: Page;
      beforeAll(async () => {
        server = way.serve ? await way.serve(folder, isolated) : await serve(join(folder, "dist"), { isolated });
        page = await browser.newPage();
        page.on("request", (request) => fetched.push(new URL(request.url()).pathname));
        page.on("pageerror", (error) => errors.push(String(error)));
        await page.goto(`${server.url}${way.page?.(isolated) ?? "/index.html"}`);
        await page.waitForFunction("globalThis.run !== undefined");
        expect(await page.evaluate("crossOriginIsolated")).toBe(isolated);
      }, 300_000);
      afterAll(async () => {
        await page?.close();
        server?.close();
        expect(errors).toEqual([]);
      });
      const opened = () => page;
      return { fetched, opened, run: (name: string) => page.evaluate(`run(${JSON.stringify(name)})`) };
    }
  });
}

/** A project with the programs, and the tools installed. */
export function userProject({ name, packages, files = {}, manifest }: BundledProject): string {
  const folder = project(name.toLowerCase().replaceAll(/\W+/g, "-"), packages, manifest);
  cpSync(PROGRAMS, folder, { recursive: true });
  writeFileSync(join(folder, "readme.js"), codeIn("README.md", "In a page", "js"));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

/** Puts a page that loads a script into an empty folder `dist`. */
export function emptyPage(folder: string, tag = '<script type="module" src="./main.js"></script>'): void {
  rmSync(join(folder, "dist"), { recursive: true, force: true });
  mkdirSync(join(folder, "dist"));
  writeFileSync(
    join(folder, "dist/index.html"),
    `<!doctype html>\n<meta charset="utf-8" />\n<link rel="icon" href="data:," />\n${tag}\n`,
  );
}
