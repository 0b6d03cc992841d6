// What mpirun and the ssh that it starts say where hosts can't be reached, or a rank has died.

/** Why a host can't be reached; ssh doesn't always say which it was. */
export interface Unreachable {
  readonly host: string | undefined;
  readonly why: string;
}

/** How ssh says so. */
const SSH: readonly RegExp[] = [
  /^ssh: (?<why>Could not resolve hostname (?<host>[^:\s]+): .*)$/,
  /^ssh: connect to host (?<host>\S+) port \d+: (?<why>.*)$/,
  /^\S+@(?<host>[^:\s]+): (?<why>Permission denied \(.*\))\.?$/,
  /^Received disconnect from (?<host>\S+) port \d+:\d+: (?<why>.*)$/,
  /^(?<why>Host key verification failed)\.$/,
  /^[ks]\w+_exchange_identification: (?<why>.*)$/,
  /^(?<why>Connection (?:closed|reset|timed out)\b.*)$/,
];

/** What a line says of a host that can't be reached, if it does. */
export function unreachableIn(line: string): Unreachable | undefined {
  for (const rule of SSH) {
    const { why, host } = rule.exec(line.trim())?.groups ?? {};
    if (why !== undefined) return { host, why };
  }
}

/** One line: which hosts can't be reached, and what they need. */
export function unreachableText(hosts: readonly string[], found: readonly Unreachable[]): string {
  const by = new Map<string, string>();
  const place = ({ host }: Unreachable): number => hosts.indexOf(host ?? "");
  for (const one of found.toSorted((a, b) => place(a) - place(b))) {
    const name = one.host ?? (hosts.length === 1 ? hosts[0]! : `one of ${hosts.join(", ")}`);
    if (!by.has(name)) by.set(name, one.why);
  }
  // ssh says more after a line without a name
  const known = [...by].filter(([name], _, { length }) => length === 1 || !name.startsWith("one of "));
  const [first, ...others] = known.map(([name, why]) => ({ name, why }));
  const more = others.map(({ name, why }) => `, nor can ${name} (${why})`).join("");
  const example = hosts.includes(first!.name) ? first!.name : hosts[0]!;
  return (
    `${first!.name.startsWith("one of ") ? "" : "host "}${first!.name} can't be reached by ssh (${first!.why})${more}; ` +
    `"ssh ${example} true" must ask for no password, and so for each host; Node, the package and the data must be at the same paths there`
  );
}

/** A rank that a signal has ended. MPICH says which process it was, Open MPI which rank. */
export interface Death {
  rank?: number;
  pid?: number;
  signal?: number;
}

/** Adds what a line says of it. */
export function addDeath(death: Death, line: string): void {
  const [, rank, signal] = /noticed that process rank (\d+) .*exited on signal (\d+)/.exec(line) ?? [];
  if (rank !== undefined) Object.assign(death, { rank: Number(rank), signal: Number(signal) });
  const [, pid] = /^=\s+PID (\d+) RUNNING AT /.exec(line) ?? [];
  if (pid !== undefined) death.pid = Number(pid);
  const [, ended] = /^YOUR APPLICATION TERMINATED WITH THE EXIT STRING: .*\(signal (\d+)\)/.exec(line) ?? [];
  if (ended !== undefined) death.signal = Number(ended);
}

/** Is it a line around a box? */
const isEdge = (line: string): boolean => /^-{30,}$/.test(line);

/** Passes lines of Open MPI on, but for the boxes in which it says that ranks have ended: these are kept. It has warnings in such, too. */
export function apartFromEnds(pass: (line: string) => void, kept: string[]): (line: string) => void {
  let box: string[] | undefined;
  return (line) => {
    if (box) {
      box.push(line);
      if (!isEdge(line)) return;
      const isEnd = box.some((its) => /Primary job +terminated|noticed that process rank/.test(its));
      box.forEach((its) => (isEnd ? kept.push(its) : pass(its)));
      box = undefined;
    } else if (isEdge(line)) box = [line];
    else pass(line);
  };
}

/** Reads what is written by ranks of MPICH and passes it on, but for what its mpirun says at last of those that have ended: gives these lines. */
export function outputOf(stream: NodeJS.ReadableStream, pass: (text: string) => void): () => string[] {
  let rest = "";
  let ended = false;
  stream.setEncoding("utf8");
  stream.on("data", (chunk: string) => {
    rest += chunk;
    if (ended) return;
    const at = rest.search(/\n?={60,}\n= +BAD TERMINATION/);
    ended = at >= 0;
    // the end may be the beginning of it
    const till = ended ? at : rest.search(/\n?=+(?:\n[^\n]*)?$|$/);
    if (till > 0) pass(rest.slice(0, till));
    rest = rest.slice(till);
  });
  stream.on("end", () => {
    if (!ended && rest !== "") pass(rest);
  });
  return () => (ended ? rest.trim().split("\n") : []);
}
