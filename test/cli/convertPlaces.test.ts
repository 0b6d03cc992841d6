// What `convert` writes: OUT appears whole or not at all, and nothing else does.
import { spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { loadModel, saveModel } from "../../src/files.ts";
import { dense, sequential } from "../../src/index.ts";
import { fromLayersModel } from "../../src/tfjs.ts";
import { program } from "../support/commands.ts";
import { makePlace, putModel } from "../support/converting.ts";

const place = makePlace("convert-places");
const { folder, output, path, wasmgrad } = place;

beforeAll(async () => {
  await putModel(place);
  await saveModel(await sequential({ input: 1500, seed: 1 }, dense(1500)), path("large.safetensors"));
}, 60_000);

const readTheirs = (name: string) => fromLayersModel((file) => readFileSync(join(path(name), file)));

test("a file is replaced as a whole, its mode and a link to it stay", async () => {
  writeFileSync(path("kept.onnx"), "before");
  chmodSync(path("kept.onnx"), 0o640);
  symlinkSync("kept.onnx", path("link.onnx"));
  await output("net.safetensors link.onnx");
  expect(readFileSync(path("kept.onnx")).length).toBeGreaterThan(2000);
  expect(statSync(path("kept.onnx")).mode & 0o777).toBe(0o640);
  expect(readdirSync(folder).filter((name) => name.startsWith("."))).toEqual([]);
});

test("a model for TensorFlow.js is replaced: its folder has the new files alone, and what isn't its", async () => {
  mkdirSync(path("web"));
  writeFileSync(path("web/index.html"), "a page");
  writeFileSync(path("web/group1-shard1of1.bin"), "not the model's");
  await output("net.safetensors web/");
  expect(readdirSync(path("web")).toSorted()).toEqual([
    "group1-shard1of1-2.bin",
    "group1-shard1of1.bin",
    "index.html",
    "model.json",
  ]);
  expect(readFileSync(path("web/group1-shard1of1.bin"), "utf8")).toBe("not the model's");
  await output("other.safetensors web/model.json");
  expect(readdirSync(path("web")).toSorted()).toEqual([
    "group1-shard1of1-3.bin",
    "group1-shard1of1.bin",
    "index.html",
    "model.json",
  ]);
  const other = await loadModel(path("other.safetensors"));
  expect((await readTheirs("web")).fingerprint()).toBe(other.fingerprint());
});

test("shards that the old model.json says are elsewhere stay", async () => {
  mkdirSync(path("trap"));
  writeFileSync(path("precious.bin"), "stay");
  const manifest = [{ paths: ["../precious.bin", "/etc/none", "sub/x.bin", ".."], weights: [] }];
  writeFileSync(path("trap/model.json"), JSON.stringify({ modelTopology: {}, weightsManifest: manifest }));
  await output("net.safetensors trap/");
  expect(readFileSync(path("precious.bin"), "utf8")).toBe("stay");
});

test("killed at any time: what was there can be read, or what is new", async () => {
  await output("net.safetensors killed.web/");
  await output("net.safetensors killed.onnx");
  const before = readFileSync(path("killed.onnx"));
  const [old, large] = await Promise.all(["net", "large"].map((name) => loadModel(path(`${name}.safetensors`))));
  const known = [old!.fingerprint(), large!.fingerprint()];
  // parts of the time that it takes here: the first one is over before anything is written
  const begun = performance.now();
  await output("large.safetensors whole.onnx");
  const whole = performance.now() - begun;
  let ended = 0;
  for (const part of [0.2, 0.5, 0.65, 0.8, 0.95]) {
    for (const out of ["killed.web/", "killed.onnx"]) {
      const child = spawn(process.execPath, [program, "convert", "large.safetensors", out], {
        cwd: folder,
        stdio: "ignore",
      });
      const timer = setTimeout(() => child.kill("SIGKILL"), part * whole);
      const signal = await new Promise((done) => child.on("exit", (_, name) => done(name)));
      clearTimeout(timer);
      if (signal === "SIGKILL") ended++;
    }
    expect(known).toContain((await readTheirs("killed.web")).fingerprint());
    const now = readFileSync(path("killed.onnx"));
    expect(now.equals(before) || now.length > 9_000_000).toBe(true);
  }
  expect(ended).toBeGreaterThan(0);
});

test("a disk that is full: what was there stays, and nothing else is left", () => {
  const disk = path("disk");
  mkdirSync(disk);
  const script = `mount -t tmpfs -o size=3m tmpfs ${disk} && cd ${folder} && "$@" net.safetensors disk/m.onnx >/dev/null && "$@" net.safetensors disk/web/ >/dev/null &&
    cp disk/m.onnx before.onnx && for out in disk/m.onnx disk/web/ disk/new/; do "$@" large.safetensors $out && exit 9; done; cmp disk/m.onnx before.onnx && find disk -type f | sort && cp disk/web/* copied`;
  mkdirSync(path("copied"));
  const words = ["-rm", "sh", "-c", script, "sh", process.execPath, program, "convert"];
  const { status, stdout, stderr } = spawnSync("unshare", words, {
    encoding: "utf8",
    env: { ...process.env, COLUMNS: "200" },
  });
  if (status !== 0 && /unshare|mount/.test(stderr) && process.env["CI"] === undefined) return; // not allowed here
  expect(stderr.trimEnd().split("\n")).toEqual([
    "wasmgrad: convert: disk/m.onnx can't be written (ENOSPC)",
    expect.stringMatching(/^wasmgrad: convert: disk\/web\/group1-shard1of\d-?\d?\.bin can't be written \(ENOSPC\)$/),
    expect.stringMatching(/^wasmgrad: convert: disk\/new\/group1-shard1of\d\.bin can't be written \(ENOSPC\)$/),
  ]);
  expect(stdout.trimEnd().split("\n")).toEqual(["disk/m.onnx", "disk/web/group1-shard1of1.bin", "disk/web/model.json"]);
  expect(status).toBe(0);
});

test("a device is written to", async () => {
  const { code } = await wasmgrad("net.safetensors /dev/null --to onnx");
  expect(code).toBe(0);
  expect(existsSync("/dev/null")).toBe(true);
  expect(statSync("/dev/null").isCharacterDevice()).toBe(true);
});
