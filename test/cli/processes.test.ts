// `--processes` as users run it: real processes that mpirun starts, of each MPI that is on this machine.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"; // prettier-ignore
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { endCommand, type Outcome, program, rooms, runCommand } from "../support/commands.ts";

const all = mkdtempSync(join(tmpdir(), "wasmgrad-processes-"));
afterAll(() => rmSync(all, { recursive: true }));

/** Where the command is run. */
let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(all, "test-"));
  // few rows: the updates of simple models, too, are made together
  writeFileSync(join(cwd, "rooms.csv"), rooms.split("\n").slice(0, 41).join("\n"));
});

/** A folder in which a program of so many lines of shell is called mpirun. */
function folderOf(name: string, lines: string): string {
  const folder = join(all, name);
  mkdirSync(folder);
  writeFileSync(join(folder, "mpirun"), `#!/bin/sh\n${lines}\n`);
  chmodSync(join(folder, "mpirun"), 0o755);
  return folder;
}

const isThere = (file: string): boolean => spawnSync(file, ["--version"]).error === undefined;
/** The kinds of MPI, and a path on which mpirun is theirs. */
const kinds = (["openmpi", "mpich"] as const).filter((kind) => isThere(`mpirun.${kind}`));
const paths = new Map(
  kinds.map((kind) => [kind, `${folderOf(kind, `exec mpirun.${kind} "$@"`)}:${process.env["PATH"]}`]),
);
const [first] = kinds;

interface How {
  readonly kind?: (typeof kinds)[number] | undefined;
  readonly variables?: NodeJS.ProcessEnv;
  readonly input?: string;
  readonly look?: (out: string) => NodeJS.Signals | undefined;
}
const run = (args: string, { kind = first, variables, ...how }: How = {}): Promise<Outcome> =>
  runCommand(args.split(" "), {
    cwd,
    ...how,
    variables: { ...(kind ? { PATH: paths.get(kind)! } : {}), ...variables },
  });

async function output(args: string, how: How = {}): Promise<string> {
  const { code, out, err } = await run(args, how);
  expect(err).toBe("");
  expect(code).toBe(0);
  return out;
}

/** What is refused before a rank is started. */
async function refusal(args: string, how: How = {}): Promise<string> {
  const { code, out, err } = await run(args, how);
  expect(out).toBe("");
  expect(code).toBe(1);
  return err;
}

const fingerprint = (out: string): string => /Fingerprint {2}([0-9a-f]{16})/.exec(out)![1]!;
const TRAIN = "train rooms.csv --target rent --epochs 3 --layers 4";
const DIGITS = "digits --epochs 1 --no-save";

test("in CI there are both kinds of MPI", () => {
  if (process.env["CI"]) expect(kinds).toEqual(["openmpi", "mpich"]);
});

describe.skipIf(first === undefined)("a training on several processes", () => {
  test("of digits has the bits of one process with --processes, and says so", async () => {
    const one = await output(`${DIGITS} --processes 1`);
    expect(one).toMatch(/on 1 process of one thread$/m);
    expect(one).toMatch(/Fingerprint {2}[0-9a-f]{16} {2}the same in every engine and for any number of processes, for seed 42$/m); // prettier-ignore
    const report = (out: string): string => out.replace(/^Trained .*$/m, "");
    for (const kind of kinds) {
      const two = await output(`${DIGITS} --processes 2`, { kind });
      expect(two).toMatch(/^Trained {2}1 epoch in [\d.]+ s, [\d,]+ samples\/s on 2 processes of one thread$/m);
      expect(report(two), kind).toBe(report(one));
    }
    const three = await output(`${DIGITS} --processes 3 --threads 2`);
    expect(three).toMatch(/on 3 processes of 2 threads$/m);
    expect(report(three)).toBe(report(one));
  });

  test("on a table writes the same model and report, once", async () => {
    const models: Buffer[] = [];
    const said: string[] = [];
    for (const processes of [1, 2, 3]) {
      said.push(await output(`${TRAIN} --processes ${processes} --out a.safetensors --report a.html`));
      expect(readdirSync(cwd).toSorted()).toEqual(["a.html", "a.safetensors", "rooms.csv"]);
      models.push(readFileSync(join(cwd, "a.safetensors")));
    }
    const same = (out: string): string =>
      out.replace(/--processes \d/, "").replace(/\([^()]*\swith\s+all\s+comparisons\)/, "");
    expect(said.map(same)).toEqual(said.map(() => same(said[0]!)));
    expect(said[1]).toMatch(/the same on every machine and for any number of processes, for seed 1$/m);
    expect(said[1]).toMatch(/^Again {2}npx wasmgrad train .* --processes 2 --out a\.safetensors --report a\.html$/m);
    expect(models[2]!.length).toBe(models[1]!.length);
  });

  test("as JSON prints one document", async () => {
    const of = async (processes: number): Promise<Record<string, unknown>> =>
      JSON.parse(await output(`${TRAIN} --processes ${processes} --json --no-out --no-report`)) as never;
    const { command, ...one } = await of(1);
    expect(command).toContain("--processes 1");
    expect(await of(2)).toEqual({ ...one, command: String(command).replace("--processes 1", "--processes 2") });
  });

  test.each(kinds)("%s: Ctrl-C ends all, and another number of processes goes on with the same bits", async (kind) => {
    const words = "digits --epochs 2 --processes 2 --checkpoints run".split(" ");
    const { code, out, err } = await endCommand(words, "SIGINT", {
      cwd,
      variables: { PATH: paths.get(kind)! },
      run: join(cwd, "run"),
      after: 500,
      late: (its) => its.code === 0 || /after the last epoch|Test accuracy/.test(its.out),
    });
    expect(err).toBe("");
    expect(out).toMatch(/^Stopped (?:in epoch [12] of 2, after [\d,]+ updates?|before the first update)\. To go on: npx wasmgrad resume run$/m); // prettier-ignore
    expect(code).toBe(130);
    const { options } = JSON.parse(readFileSync(join(cwd, "run/run.json"), "utf8")) as {
      options: Record<string, unknown>;
    };
    expect(options["processes"]).toBe(2);
    const resumed = await output("resume run --processes 3", { kind });
    expect(resumed).toMatch(/on 3 processes of one thread$/m);
    // as it was begun
    const again = await output("resume run", { kind });
    expect(again).toMatch(/nothing was left to do$/m);
    expect(fingerprint(again)).toBe(fingerprint(resumed));
    expect(fingerprint(await output("digits --epochs 2 --no-save --processes 1"))).toBe(fingerprint(resumed));
    expect(readdirSync(cwd).toSorted()).toEqual(["digits.safetensors", "rooms.csv", "run"]);
  });

  test.each(kinds)("%s: what is wrong for all ranks is told once, as one process tells it", async (kind) => {
    const alone = await refusal("train rooms.csv --target rant");
    expect(alone).toMatch(/^wasmgrad: train: --target: rooms\.csv has no column "rant"/);
    expect(await refusal("train rooms.csv --target rant --processes 2", { kind })).toBe(alone);
    const folder = "train rooms.csv --target rent --out none/a.safetensors";
    expect(await refusal(`${folder} --processes 2`, { kind })).toBe(await refusal(folder));
  });

  test.each(kinds)("%s: a rank that is killed ends the others; it is said which, and how to go on", async (kind) => {
    const digits = "digits --epochs 50 --no-save --processes 2 --checkpoints run";
    const child = spawn(process.execPath, [program, ...digits.split(" ")], {
      cwd,
      env: { ...process.env, PATH: paths.get(kind)!, NO_COLOR: "1", FORCE_COLOR: "", COLUMNS: "200" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let [out, err] = ["", ""];
    child.stdout.on("data", (chunk: Buffer) => void (out += String(chunk)));
    child.stderr.on("data", (chunk: Buffer) => void (err += String(chunk)));
    const code = new Promise((resolve) => child.on("close", resolve));
    const began = (): boolean => existsSync(join(cwd, "run/run.json"));
    while (!began() && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 20));
    const ranks = descendants(child.pid!).filter(({ command }) => command.includes("cli.js"));
    const second = ranks.find(({ pid }) => /(?:OMPI_COMM_WORLD_RANK|PMI_RANK)=1\0/.test(readFileSync(`/proc/${pid}/environ`, "latin1"))); // prettier-ignore
    process.kill(second!.pid, "SIGKILL");
    expect(await code).toBe(1);
    expect(err).toBe("wasmgrad: digits: rank 1 was killed by signal 9, as a system does that runs out of memory, and all others ended with it\n"); // prettier-ignore
    expect(out).toMatch(
      /\nStopped, kept as it was (?:before the first update|in epoch \d+ of 50, after [\d,]+ updates?)\. To go on: npx wasmgrad resume run\n$/,
    );
    expect(out).not.toContain("BAD TERMINATION");
  });

  test("a terminal gets its progress line, and its colours", async () => {
    const words = [process.execPath, program, ..."digits --epochs 2 --no-save --processes 2".split(" ")].join(" ");
    for (const kind of kinds) {
      const env = {
        ...process.env,
        PATH: paths.get(kind)!,
        NO_COLOR: undefined,
        FORCE_COLOR: undefined,
        TERM: "xterm",
      };
      const { stdout } = spawnSync("script", ["-qec", `stty cols 90; ${words}`, "/dev/null"], { cwd, env, input: "" });
      const lines = String(stdout).split(/\r?\n/);
      const epochs = lines.filter((line) => line.includes("epoch 2/2"));
      expect(epochs, kind).toHaveLength(1);
      expect(epochs[0]!.split("\r").at(-1)).toMatch(/━ .*loss [\d.]+ {2}accuracy [\d.]+/);
      expect(String(stdout)).toContain("\u001b[1mFingerprint");
    }
  });

  test("on hosts: as many as there are to be are started on each", async () => {
    // an agent in the place of ssh that starts its command here
    const agent = join(all, "agent");
    writeFileSync(agent, '#!/bin/sh\nwhile [ "$1" != "${1#-}" ]; do shift; done\nshift\nexec sh -c "$*"\n');
    chmodSync(agent, 0o755);
    const one = await output(`${DIGITS} --processes 1`);
    for (const kind of kinds) {
      const variables = { OMPI_MCA_plm_rsh_agent: agent, HYDRA_LAUNCHER_EXEC: agent, OMPI_MCA_btl: "tcp,self" };
      const { code, out } = await run(`${DIGITS} --processes 3 --hosts localhost,127.0.0.2`, { kind, variables });
      expect(code, kind).toBe(0);
      expect(out).toMatch(/on 3 processes of one thread$/m);
      expect(fingerprint(out)).toBe(fingerprint(one));
    }
  });

  describe.each(kinds)("%s: hosts that can't be reached are told in one line, and mpirun ends", (kind) => {
    const need = '; "ssh %s true" must ask for no password, and so for each host; Node, the package and the data must be at the same paths there\n'; // prettier-ignore
    test.each([
      [
        "localhost,lost",
        "ssh: connect to host lost port 22: Connection refused",
        "host lost can't be reached by ssh (Connection refused)",
        "lost",
      ],
      [
        "slow,localhost,lost",
        "Host key verification failed.",
        "one of slow, localhost, lost can't be reached by ssh (Host key verification failed)",
        "slow",
      ],
    ])("%s: %s", async (hosts, said, text, example) => {
      // in the place of ssh: says so of one host, waits for another, and reaches all others here
      const agent = join(cwd, "agent");
      const reached = '*) shift; exec sh -c "$*"';
      const cases = `case $1 in lost) echo '${said}' >&2; exit 255;; slow) exec sleep 5;; ${reached};; esac`;
      writeFileSync(agent, `#!/bin/sh\nwhile [ "$1" != "\${1#-}" ]; do shift; done\n${cases}\n`);
      chmodSync(agent, 0o755);
      const variables = { OMPI_MCA_plm_rsh_agent: agent, HYDRA_LAUNCHER_EXEC: agent };
      const err = await refusal(`${DIGITS} --processes 3 --hosts ${hosts}`, { kind, variables });
      expect(err).toBe(`wasmgrad: digits: ${text}${need.replace("%s", example)}`);
    }); // prettier-ignore

    test.skipIf(!isThere("ssh"))("as ssh itself says it", async () => {
      const err = await refusal(`${DIGITS} --processes 2 --hosts a.invalid,b.invalid`, { kind });
      const told =
        /^wasmgrad: digits: host ([ab]\.invalid) can't be reached by ssh \(Could not resolve hostname \1: [^()]+\)/;
      expect(err).toMatch(told);
      expect(err.split("\n")).toEqual([expect.stringContaining("at the same paths there"), ""]);
    });
  });

  test("ranks that the user's own mpirun has started train together, too", async () => {
    const one = await output(`${DIGITS} --processes 1`);
    const root = { OMPI_ALLOW_RUN_AS_ROOT: "1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: "1" };
    const env = { ...process.env, ...root, PATH: paths.get(first!)!, NO_COLOR: "1", FORCE_COLOR: "", COLUMNS: "100" };
    const out = execFileSync("mpirun", ["-np", "2", process.execPath, program, ...DIGITS.split(" ")], { cwd, env });
    expect(fingerprint(String(out))).toBe(fingerprint(one));
    const more = [..."-np 2".split(" "), process.execPath, program, ...DIGITS.split(" "), "--processes", "3"];
    const { stderr, status } = spawnSync("mpirun", more, { cwd, env });
    expect(status).toBe(1);
    expect(String(stderr)).toContain("wasmgrad: digits: --processes is 3, but mpirun has started 2; leave --processes out\n"); // prettier-ignore
  });
});

describe("refused in words", () => {
  test.each([
    [
      `${DIGITS} --processes 9`,
      "digits: --processes may be at most 8, since an update has 8 passes to share out, got 9; more cores are used by --threads",
    ],
    [`${DIGITS} --hosts a,b`, "digits: --hosts needs --processes: how many there are on all of them, such as 2"],
    [
      `${DIGITS} --hosts a,b --processes 1`,
      "digits: --hosts has 2 hosts for 1 process; give --processes 2 or more, or fewer hosts",
    ],
    [
      "train - --target rent --processes 2",
      "train: --processes: every process reads the rows itself, but the standard input can be read only once; put the rows into a file",
    ],
    [
      "train rooms.csv --target rent --test - --processes 2",
      "train: --processes: every process reads the rows itself, but the standard input can be read only once; put the rows into a file",
    ],
  ])("%s", async (args, text) => {
    expect(await refusal(args, { input: "" })).toBe(`wasmgrad: ${text}\n`);
  });

  test.each(["a,,b", "a,a", "a:2", "-x", ""])("hosts %j", async (hosts) => {
    const { code, err } = await runCommand(["digits", "--processes", "2", `--hosts=${hosts}`], { cwd });
    expect(code).toBe(1);
    expect(err).toContain("It must be the names of hosts, each once, with commas between them, such as node1,node2.");
  });

  test("without mpirun, and with one that is neither Open MPI nor MPICH", async () => {
    const bare = join(all, "bare");
    mkdirSync(bare);
    symlinkSync(process.execPath, join(bare, "node"));
    const missing = await refusal(`${DIGITS} --processes 2`, { variables: { PATH: bare } });
    expect(missing).toBe(
      "wasmgrad: digits: --processes 2 needs mpirun, which isn't on this machine; install Open MPI or MPICH (Debian: apt-get install openmpi-bin; macOS: brew install open-mpi)\n",
    );
    const other = folderOf("other", "echo Other MPI 1.0");
    const odd = await refusal(`${DIGITS} --processes 2`, { variables: { PATH: other } });
    expect(odd).toBe(
      'wasmgrad: digits: --processes 2: mpirun must be of Open MPI or MPICH (Debian: apt-get install openmpi-bin; macOS: brew install open-mpi), but "mpirun --version" says "Other MPI 1.0"\n',
    );
  });

  test("a training that was begun without --processes", async () => {
    await output(`${TRAIN} --checkpoints run --no-out --no-report`);
    expect(await refusal("resume run --processes 2")).toBe(
      "wasmgrad: resume: the training in run was begun without --processes, and goes on in one process alone: its updates have other bits; leave out --processes and --hosts\n",
    );
  });
});

/** The processes that a process has started, and those have. */
function descendants(pid: number): { readonly pid: number; readonly command: string }[] {
  const table = String(execFileSync("ps", ["-eo", "pid=,ppid=,args="], { env: process.env })).split("\n");
  const rows = table.map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line)).filter((row) => row !== null);
  const below = (parent: number): { pid: number; command: string }[] =>
    rows.flatMap(([, own, its, command]) =>
      Number(its) === parent ? [{ pid: Number(own), command: command! }, ...below(Number(own))] : [],
    );
  return below(pid).filter(({ command }) => !command.startsWith("mpirun") && !command.startsWith("/bin/sh"));
}
