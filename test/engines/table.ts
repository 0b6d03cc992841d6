// What ran where, and what came out.

export interface Row {
  readonly engine: string;
  readonly version: string;
  readonly work: string;
  readonly hash: string;
  readonly way: string;
  readonly threads: number;
}

/** Characters of a line's last column. */
const WIDTH = 80;

/** Rows that differ in the way or in the threads alone become one. */
export class Table {
  private readonly groups = new Map<string, { cells: readonly string[]; ways: Map<string, number[]> }>();
  private readonly absent: string[] = [];

  add({ engine, version, work, hash, way, threads }: Row): void {
    const cells = [engine, version, work, hash];
    const group = this.groups.get(cells.join("\n")) ?? { cells, ways: new Map<string, number[]>() };
    this.groups.set(cells.join("\n"), group);
    group.ways.set(way, [...(group.ways.get(way) ?? []), threads]);
  }

  missing(engine: string): void {
    this.absent.push(engine);
  }

  text(): string {
    const rows = [["engine", "version", "work", "hash", "started (with so many threads)"]];
    let last: readonly string[] = [];
    for (const { cells, ways } of this.groups.values()) {
      const again = cells[0] === last[0] && cells[1] === last[1];
      const first = [...(again ? ["", ""] : cells.slice(0, 2)), ...cells.slice(2)];
      const all = [...ways].map(([way, threads]) => `${way} (${threads.join(" ")})`);
      linesOf(all).forEach((line, i) => rows.push([...(i === 0 ? first : ["", "", "", ""]), line]));
      last = cells;
    }
    const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
    const lines = rows.map((row) => row.map((cell, i) => cell.padEnd(widths[i]!)).join("  ").trimEnd()); // prettier-ignore
    if (this.absent.length > 0) lines.push(`not installed, left out: ${this.absent.join(", ")}`);
    return lines.join("\n");
  }
}

/** The parts, as many per line as fit. */
function linesOf(parts: readonly string[]): string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + part.length + 2 <= WIDTH) lines[lines.length - 1] = `${line}, ${part}`;
    else lines.push(part);
  }
  return lines;
}
