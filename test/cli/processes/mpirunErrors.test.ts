// What mpirun and ssh say, line by line: test/cli/processes.test.ts has them say it.
import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import {
  addDeath,
  apartFromEnds,
  type Death,
  outputOf,
  unreachableIn,
  unreachableText,
} from "../../../cli/processes/mpirunErrors.ts";

test.each([
  ["ssh: Could not resolve hostname a: Name or service not known\r", "a", "Could not resolve hostname a: Name or service not known"], // prettier-ignore
  ["ssh: connect to host 10.0.0.7 port 22: No route to host", "10.0.0.7", "No route to host"],
  ["ssh: connect to host a port 2222: Connection timed out", "a", "Connection timed out"],
  ["me@a.example.com: Permission denied (publickey,password).", "a.example.com", "Permission denied (publickey,password)"], // prettier-ignore
  ["Received disconnect from 10.0.0.7 port 22:2: Too many authentication failures", "10.0.0.7", "Too many authentication failures"], // prettier-ignore
  ["Host key verification failed.", undefined, "Host key verification failed"],
  ["kex_exchange_identification: Connection closed by remote host", undefined, "Connection closed by remote host"],
  ["Connection closed by 10.0.0.7 port 22", undefined, "Connection closed by 10.0.0.7 port 22"],
])("%j is of a host that can't be reached", (line, host, why) => {
  expect(unreachableIn(line)).toEqual({ host, why });
});

test.each([
  "Warning: Permanently added 'a' (ED25519) to the list of known hosts.",
  "bash: line 1: /usr/bin/orted: Permission denied",
  "bash: line 1: orted: command not found",
  "",
])("%j is something else", (line) => {
  expect(unreachableIn(line)).toBeUndefined();
});

const NEED = "must ask for no password, and so for each host; Node, the package and the data must be at the same paths there"; // prettier-ignore

test("hosts are told in their order, each once, and a line without a name where there is no other", () => {
  const [a, b, unnamed] = [{ host: "a", why: "x" }, { host: "b", why: "y" }, { host: undefined, why: "z" }]; // prettier-ignore
  expect(unreachableText(["a", "b"], [b, a, a])).toBe(
    `host a can't be reached by ssh (x), nor can b (y); "ssh a true" ${NEED}`,
  );
  expect(unreachableText(["a", "b"], [unnamed, b])).toBe(`host b can't be reached by ssh (y); "ssh b true" ${NEED}`);
  expect(unreachableText(["a", "b"], [unnamed])).toBe(`one of a, b can't be reached by ssh (z); "ssh a true" ${NEED}`);
  expect(unreachableText(["a"], [unnamed])).toBe(`host a can't be reached by ssh (z); "ssh a true" ${NEED}`);
});

const edge = "-".repeat(74);
const killed = "mpirun noticed that process rank 1 with PID 0 on node a exited on signal 9 (Killed).";

test("boxes of Open MPI: warnings are passed on, the ends of ranks are kept", () => {
  const passed: string[] = [];
  const kept: string[] = [];
  const take = apartFromEnds((line) => passed.push(line), kept);
  const warning = ["of a rank", "", edge, "WARNING: no network", edge, "of another"];
  const ends = [edge, "Primary job  terminated normally, but 1 process returned", edge, edge, killed, edge];
  [...warning, ...ends].forEach(take);
  expect(passed).toEqual(warning);
  expect(kept).toEqual(ends);
});

const box = `\n${"=".repeat(83)}\n=   BAD TERMINATION OF ONE OF YOUR APPLICATION PROCESSES\n=   PID 12 RUNNING AT a\n=   EXIT CODE: 9\nYOUR APPLICATION TERMINATED WITH THE EXIT STRING: Killed (signal 9)\n`; // prettier-ignore

test.each([1, 5, 80, 1000])("what MPICH writes to the output is kept, in pieces of %i letters, too", async (size) => {
  const passed: string[] = [];
  const stream = new PassThrough();
  const said = outputOf(stream, (text) => passed.push(text));
  const text = `epoch 1/2\repoch 2/2\n${"=".repeat(20)}\nof a rank\n`;
  for (let at = 0; at < (text + box).length; at += size) stream.write((text + box).slice(at, at + size));
  stream.end();
  await new Promise((resolve) => stream.on("end", resolve));
  expect(passed.join("").trimEnd()).toBe(text.trimEnd()); // the end of the line before it may be passed on alone
  expect(said()).toEqual(box.trim().split("\n"));
});

test("without it all is passed on, at once where a line isn't at its end", async () => {
  const passed: string[] = [];
  const stream = new PassThrough();
  const said = outputOf(stream, (text) => passed.push(text));
  stream.write("epoch 1/2");
  await new Promise((resolve) => setImmediate(resolve));
  expect(passed).toEqual(["epoch 1/2"]);
  stream.end(`\n${"=".repeat(80)}\n`);
  await new Promise((resolve) => stream.on("end", resolve));
  expect(passed.join("")).toBe(`epoch 1/2\n${"=".repeat(80)}\n`);
  expect(said()).toEqual([]);
});

test("which rank, or which process, a signal has ended", () => {
  const [open, mpich, failed]: Death[] = [{}, {}, {}];
  addDeath(open!, killed);
  expect(open).toEqual({ rank: 1, signal: 9 });
  for (const line of box.split("\n")) addDeath(mpich!, line);
  expect(mpich).toEqual({ pid: 12, signal: 9 });
  addDeath(failed!, "=   EXIT CODE: 3");
  expect(failed).toEqual({});
});
