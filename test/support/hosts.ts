// Two hosts on one machine: network namespaces of Linux, joined by one cable, that share nothing but the disk and the processors.
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { installed } from "./programs.ts";

const NETWORK = "10.98.0";
/** What their namespaces are called: wasmgrad-PROCESS-HOST. */
const NAME = /^wasmgrad-(\d+)-[12]\b/;

export interface Hosts {
  readonly addresses: readonly [string, string];
  /** In the notation of routers: what both have an address in. */
  readonly network: string;
  /** The words before a command that run it on the first one. */
  readonly onFirst: readonly string[];
  /** A program that is called as ssh is, with a host's address and a command's words. */
  readonly agent: string;
  remove(): void;
}

const ip = (...words: readonly string[]): string => execFileSync("ip", words, { encoding: "utf8" });

/** Removes those whose process has ended without doing so. */
function removeStale(): void {
  for (const line of ip("netns", "list").split("\n")) {
    const [name, pid] = NAME.exec(line) ?? [];
    if (name && !existsSync(`/proc/${pid}`)) ip("netns", "del", name);
  }
}

/** A command that runs in the namespace of a host, whose name is `hostname` to it alone. */
const wordsFor = (namespace: string, host: string): string[] =>
  `ip netns exec ${namespace} unshare --uts sh -c`.split(" ").concat(`hostname ${host}; exec "$0" "$@"`);

/**
 * Makes `host-1` and `host-2`.
 *
 * @throws {Error} if the user isn't root, or iproute2 isn't installed
 */
export function twoHosts(): Hosts {
  if (process.getuid?.() !== 0) throw new Error("network namespaces need root: run this test as root, as CI does");
  if (!installed("ip")) throw new Error("ip isn't installed; Debian: apt-get install iproute2");
  removeStale();
  const namespaces = [1, 2].map((host) => `wasmgrad-${process.pid}-${host}`);
  const folder = mkdtempSync(join(tmpdir(), "wasmgrad-hosts-"));
  const remove = (): void => {
    const there = ip("netns", "list").split("\n").map((line) => line.split(" ")[0]); // prettier-ignore
    for (const name of namespaces) if (there.includes(name)) ip("netns", "del", name);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    for (const name of namespaces) {
      ip("netns", "add", name);
      ip("-n", name, "link", "set", "lo", "up");
    }
    const [first, second] = namespaces as [string, string];
    ip(..."link add cable netns".split(" "), first, ..."type veth peer name cable netns".split(" "), second);
    namespaces.forEach((name, i) => {
      ip("-n", name, "addr", "add", `${NETWORK}.${i + 1}/24`, "dev", "cable");
      ip("-n", name, "link", "set", "cable", "up");
    });
    const agent = join(folder, "enter");
    // the words may be a command line of the shell, as for ssh
    writeFileSync(
      agent,
      `#!/bin/sh
while [ "\${1#-}" != "$1" ]; do shift; done
host=\${1##*.}
shift
exec ip netns exec "wasmgrad-${process.pid}-$host" unshare --uts sh -c "hostname host-$host; $*"
`,
    );
    chmodSync(agent, 0o755);
    return {
      addresses: [`${NETWORK}.1`, `${NETWORK}.2`],
      network: `${NETWORK}.0/24`,
      onFirst: wordsFor(first, "host-1"),
      agent,
      remove,
    };
  } catch (error) {
    remove();
    throw error;
  }
}
