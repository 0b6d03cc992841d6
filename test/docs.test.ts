// docs/api is what the doc comments say, and faults in comments and links are found: on a small project, and on this one.
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";

const root = join(import.meta.dirname, "..");
const folder = join(root, "build/test/reference");

/** Runs scripts/api/make.ts, which installs what it needs: the lines that it prints. */
function make(project: string, ...options: string[]): { readonly status: number | null; readonly lines: string[] } {
  const tsx = join(root, "node_modules/tsx/dist/cli.mjs");
  const args = [tsx, join(root, "scripts/api/make.ts"), project, ...options];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  return { status, lines: stderr.split("\n").filter((line) => line !== "") };
}

let makeReference: (project: string) => void;
let checkReference: (project: string) => string[];

beforeAll(async () => {
  expect(make(write("first"))).toEqual({ status: 0, lines: [] });
  // named at run time: what it imports is installed by now, but not part of this project
  const path = join(root, "scripts/api/reference.ts");
  ({ makeReference, checkReference } = (await import(path)) as {
    makeReference: typeof makeReference;
    checkReference: typeof checkReference;
  });
}, 300_000); // it may install a compiler

const SOURCES = {
  "package.json": JSON.stringify({
    name: "small",
    exports: {
      ".": { types: "./build/index.d.ts", default: "./build/index.js" },
      "./more": { types: "./build/more.d.ts", default: "./build/more.js" },
      "./package.json": "./package.json",
    },
  }),
  "tsconfig.build.json": JSON.stringify({
    compilerOptions: {
      strict: true,
      target: "ES2022",
      lib: ["ES2022"],
      module: "NodeNext",
      types: [],
      rootDir: "src",
      outDir: "build",
      allowImportingTsExtensions: true,
      rewriteRelativeImportExtensions: true,
    },
    include: ["src"],
  }),
  "src/index.ts": `// The public API.

// # Steps
// What goes forward.
export { step } from "./step.ts";
export type { Walk } from "./step.ts";

// # Walks
export { Walker } from "./walker.ts";
`,
  "src/step.ts": `/** Where a walk leads. */
export interface Walk {
  /** So far, in metres. */
  readonly length: number;
  /** @internal */
  readonly secret: string;
}

/** What every step has. */
interface Pace {
  /** Metres a second; default 1. */
  readonly speed?: number;
}

interface StepOptions extends Pace {
  /** Metres; default 0.7. */
  readonly length?: number;
}

type Side = "left" | "right";

/**
 * One step, as {@link Walker.go} makes many.
 *
 * @param side the foot
 * @param options.length metres, above 0
 * @returns how far it led
 * @throws {RangeError} if the length is 0 or less
 * @see Marey, "Le mouvement", 1894
 * @example step("left", { length: 0.5 })
 */
export function step(side: Side, options: StepOptions = {}): Walk {
  return { length: options.length ?? 0.7, secret: side };
}
`,
  "src/walker.ts": `import type { Walk } from "./step.ts";

/** Walks. */
export class Walker {
  /** @internal */
  hidden = 1;
  #steps = 0;

  /** Steps so far. */
  get steps(): number {
    return this.#steps;
  }

  /**
   * Goes on.
   *
   * @param walks where to
   */
  go(...walks: readonly Walk[]): void {
    this.#steps += walks.length;
  }
}
`,
  "src/more.ts": `// small/more: what else there is.

/** All that is left. */
export const rest = 1;

/** Another thing of the same name. */
export const step = 2;
`,
  "README.md": `# Small

See [how](docs/how.md#how-it-is-done), [the steps](docs/api/steps.md#step), [a site](https://example.org/x), [this](#small).

\`[no link](nowhere.md)\`
`,
  "docs/how.md": "# How\n\n## How it is `done`!\n\n[back](../README.md)\n",
};

/** Writes the small project, changed. */
function write(name: string, changes: readonly (readonly [file: string, from: string, to: string])[] = []): string {
  const own = join(folder, name);
  rmSync(own, { recursive: true, force: true });
  const texts = new Map(Object.entries(SOURCES));
  for (const [file, from, to] of changes) {
    const text = texts.get(file)!;
    expect(text).toContain(from);
    texts.set(
      file,
      text.replace(from, () => to),
    );
  }
  for (const [file, text] of texts) {
    mkdirSync(dirname(join(own, file)), { recursive: true });
    writeFileSync(join(own, file), text);
  }
  return own;
}

describe("the reference of a small project", () => {
  test("has no faults, and a page for every heading and entry", () => {
    const own = write("clean");
    makeReference(own);
    expect(checkReference(own)).toEqual([]);
    const page = (name: string): string => readFileSync(join(own, "docs/api", name), "utf8");
    expect(page("README.md")).toContain("| [Steps](steps.md) | `small` | What goes forward. |");
    expect(page("README.md")).toContain(
      "[rest](more.md#rest) ·\n[step](steps.md#step) (`small`) ·\n[step](more.md#step) (`small/more`) ·\n[Walk](steps.md#walk)",
    );
    expect(page("more.md")).toContain("Import from `small/more`:\n[rest](#rest) ·\n[step](#step)");
    expect(page("steps.md").split("\n").slice(1).join("\n")).toBe(`
# Steps

What goes forward.

Import from \`small\`:
[step](#step)

Types:
[Walk](#walk)

## step

\`\`\`ts
step(side: "left" | "right", options?: StepOptions): Walk
\`\`\`

One step, as [\`Walker.go\`](walks.md#walkergo) makes many.

| parameter | type | |
| --- | --- | --- |
| \`side\` | \`"left" \\| "right"\` | the foot |
| \`options.length?\` | \`number\` | metres, above 0 |
| \`options.speed?\` | \`number\` | Metres a second; default 1. |

**Returns** [\`Walk\`](#walk): how far it led

**Throws** \`RangeError\` if the length is 0 or less

**Example**

\`\`\`ts
step("left", { length: 0.5 })
\`\`\`

**See** Marey, "Le mouvement", 1894

## Walk

Where a walk leads.

| member | type | |
| --- | --- | --- |
| \`length\` | \`number\` | So far, in metres. |
`);
    expect(page("walks.md")).toContain("### Walker.go\n\n```ts\ngo(...walks: readonly Walk[]): void\n```");
    expect(page("walks.md")).not.toContain("hidden");
  });

  test("faults of comments and links are found, each in its line", () => {
    const own = write("faulty", [
      ["src/step.ts", "/** Where a walk leads. */\n", ""],
      ["src/step.ts", "  /** So far, in metres. */\n", ""],
      ["src/step.ts", "  /** Metres a second; default 1. */\n", ""],
      ["src/step.ts", "{@link Walker.go}", "{@link Walker.stop} {@link Runner}"],
      ["src/step.ts", "@param side", "@param foot"],
      ["src/step.ts", "@param options.length", "@param options.width"],
      ["src/step.ts", "@throws {RangeError}", "@throws RangeError"],
      ["src/step.ts", "@see", "see:"],
      ["src/step.ts", "@returns", "@return"],
      ["src/walker.ts", "/** Walks. */", "/** @see nobody */"],
      ["src/walker.ts", "  /** Steps so far. */\n", ""],
      ["src/walker.ts", "   * Goes on.\n   *\n", ""],
      ["src/more.ts", "All that is left.", "All that is left.\n * @param much how much\n"],
      ["README.md", "how.md#how-it-is-done", "how.md#done"],
      ["README.md", "steps.md#step", "stairs.md"],
      ["docs/how.md", "../README.md", "../../../outside.md"],
    ]);
    makeReference(own);
    const tags = "param, returns, throws, see, example, deprecated, internal, template";
    expect(checkReference(own).toSorted()).toEqual(
      [
        "src/step.ts:1: Walk has no doc comment",
        "src/step.ts:2: Walk.length has no doc comment",
        "src/step.ts:9: Pace.speed has no doc comment",
        "src/step.ts:29: {@link Walker.stop}: Walker has no stop",
        "src/step.ts:29: {@link Runner} leads to nothing that is exported",
        "src/step.ts:29: @param foot names no parameter; there are: side, options",
        "src/step.ts:29: @param options.width names no property of options",
        `src/step.ts:29: @return is no tag that the reference knows: ${tags}`,
        'src/step.ts:29: @throws is written as {RangeError} if ..., got "RangeError if the length is 0 or less"',
        "src/step.ts:29: a source is written as @see, not as see:",
        "src/walker.ts:4: Walker has no doc comment",
        "src/walker.ts:9: Walker.steps has no doc comment",
        "src/walker.ts:16: Walker.go has no doc comment",
        "src/more.ts:6: @param much, but what it stands at takes no parameters",
        "README.md:3: the link to docs/how.md#done is broken: docs/how.md has no heading with the anchor #done",
        "README.md:3: the link to docs/api/stairs.md is broken: there is no docs/api/stairs.md",
        "docs/how.md:5: the link to ../../../outside.md is broken: it leaves the project",
      ].toSorted(),
    );
  });

  test("pages that are not what the comments say are named, and made again", () => {
    const own = write("outdated");
    makeReference(own);
    const page = (name: string): string => join(own, "docs/api", name);
    writeFileSync(page("steps.md"), `${readFileSync(page("steps.md"), "utf8")}\nBy hand.\n`);
    rmSync(page("walks.md"));
    writeFileSync(page("old.md"), "# Old\n");
    const { status, lines } = make(own, "--check");
    expect(status).toBe(1);
    expect(lines.filter((line) => !line.includes("the link to"))).toEqual([
      "docs/api/old.md is no page any more; run `npm run docs`",
      "docs/api/steps.md is not what the doc comments say; run `npm run docs`",
      "docs/api/walks.md is missing; run `npm run docs`",
      expect.stringMatching(/^\d+ faults in the reference$/),
    ]);
    expect(lines).toContain(
      "docs/api/steps.md:19: the link to walks.md#walkergo is broken: there is no docs/api/walks.md",
    );
    makeReference(own);
    expect(checkReference(own)).toEqual([]);
  });

  test("sources with errors, such as without a build, are refused", () => {
    const own = write("broken", [
      ["src/more.ts", "export const rest = 1;", 'export { rest } from "../build/lost.js";'],
    ]);
    expect(() => checkReference(own)).toThrow(
      /^the sources have errors; is there a build \(`npm run build`\)\?\nsrc\/more\.ts\(4,22\): error TS2307: Cannot find module/,
    );
  });
});

test("docs/api is what `npm run docs` makes, and no comment or link is at fault", () => {
  expect(make(root, "--check")).toEqual({ status: 0, lines: [] });
});
