// Node, Deno and Bun: each task is done by a process of its own.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { ARM_VERSION, armNodePath, NODE_VERSIONS, nodePath, type NodeVersion } from "../support/nodes.ts";
import { executable, installed } from "../support/programs.ts";
import { runtimePath } from "../support/runtimes.ts";
import { type Engine, jscWay, v8Ways, type Way } from "./engine.ts";

const root = join(import.meta.dirname, "../..");
const script = join(root, "build/test/work.mjs");

/** One file for all: the work, without the library. */
export async function buildWork(): Promise<void> {
  const entryPoints = [join(import.meta.dirname, "process.ts")];
  await build({ entryPoints, outfile: script, bundle: true, packages: "external", format: "esm", logLevel: "error" });
}

interface Program {
  readonly name: string;
  readonly path: string | undefined;
  readonly ways: readonly Way[];
  readonly impossible: Way;
  readonly refusal: RegExp;
  /** Arguments in front of the way's and of the script. */
  readonly args?: readonly string[];
  readonly emulated?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  version(versions: Readonly<Record<string, string>>): string;
}

function engine({
  name,
  path,
  ways,
  impossible,
  refusal,
  args = [],
  env = {},
  emulated = false,
  version,
}: Program): Engine {
  return {
    name,
    pages: false,
    present: path !== undefined,
    ways,
    impossible,
    refusal,
    emulated,
    async run(way, tasks) {
      if (path === undefined) throw new Error(`${name} is not installed`);
      const all = [...args, ...(way.args ?? []), script, JSON.stringify(tasks)];
      const { stdout } = await promisify(execFile)(path, all, {
        cwd: root,
        env: { ...process.env, ...env, ...way.env },
        timeout: emulated ? EMULATED_TIMEOUT : 280_000,
      });
      const { versions, results } = JSON.parse(stdout.trimEnd().split("\n").at(-1)!) as {
        versions: Record<string, string>;
        results: unknown[];
      };
      return { version: version(versions), results };
    },
  };
}

const LONG = Boolean(process.env["LONG"]);

/** Milliseconds that the tasks of one process may take where the processor is emulated. */
export const EMULATED_TIMEOUT = LONG ? 3_600_000 : 900_000;

/** The ways of V8's compilers. Without `LONG` the versions between the oldest and the newest, whose compilers are like theirs, and Deno leave these out. */
const TIERS = ["Liftoff alone", "TurboFan alone", "without AVX", "without FMA"] as const;
const NEAR: readonly NodeVersion[] = [22, 24];

const v8 = (version: string): string => `V8 ${version.split(".").slice(0, 2).join(".")}`;

const nodes = (Object.keys(NODE_VERSIONS).map(Number) as NodeVersion[]).map((major) => {
  const path = nodePath(major);
  const names = NEAR.includes(major) && !LONG ? [] : TIERS;
  const same = (flags: readonly string[]): readonly string[] => flags;
  return engine({
    name: `Node ${major}`,
    path: executable(path) ? path : undefined,
    // Node 20 has no revectorizer
    ways: v8Ways(major === 20 ? names : [...names, "revectorized"], same),
    impossible: v8Ways(["impossible"], same)[0]!,
    refusal: /bad option: --no-such-flag/,
    version: (versions) => `${versions["node"]} (${v8(versions["v8"]!)})`,
  });
});

/** Debian's emulator, and its C library for ARM: packages qemu-user, lib{c6,stdc++6,gcc-s1,atomic1}-arm64-cross. */
const emulator = installed("qemu-aarch64");
const armLibraries = "/usr/aarch64-linux-gnu";

/** Real ARM needs no emulator: there the other engines are ARM's. */
const arm = engine({
  name: `ARM (Node ${ARM_VERSION.split(".")[0]})`,
  path: executable(armNodePath) && existsSync(armLibraries) ? emulator : undefined,
  emulated: true,
  args: ["-L", armLibraries, armNodePath],
  ways: v8Ways(["Liftoff alone", "TurboFan alone"], (flags) => flags, "arm64"),
  impossible: v8Ways(["impossible"], (flags) => flags, "arm64")[0]!,
  refusal: /bad option: --no-such-flag/,
  version: (versions) => `${versions["node"]} (${v8(versions["v8"]!)})`,
});

const denoFlags = (flags: readonly string[]): string[] => [`--v8-flags=${flags.join(",")}`];

const deno = engine({
  name: "Deno",
  path: runtimePath("deno"),
  args: ["run", "--quiet", "--allow-all", "--no-remote", "--no-lock"],
  env: { DENO_DIR: join(root, "build/runtimes/cache"), DENO_NO_UPDATE_CHECK: "1" },
  ways: v8Ways([...(LONG ? TIERS : []), "revectorized"], denoFlags),
  impossible: v8Ways(["impossible"], denoFlags)[0]!,
  refusal: /V8 did not recognize flag '--no-such-flag'/,
  version: (versions) => `${versions["deno"]} (${v8(versions["v8"]!)})`,
});

const bun = engine({
  name: "Bun",
  path: runtimePath("bun"),
  args: ["--no-install"],
  ways: [
    { ...jscWay("interpreter alone", "BUN_JSC_"), slow: true },
    jscWay("BBQ alone", "BUN_JSC_"),
    jscWay("OMG at once", "BUN_JSC_"),
  ],
  impossible: jscWay("impossible", "BUN_JSC_"),
  refusal: /invalid JSC environment variable\s+BUN_JSC_noSuchOption/,
  version: (versions) => `${versions["bun"]} (WebKit ${versions["webkit"]!.slice(0, 7)})`,
});

export const PROCESSES: readonly Engine[] = [...nodes, arm, deno, bun];
