// What ran where, and what came out.

export interface Row {
  readonly engine: string;
  readonly version: string;
  readonly work: string;
  readonly way: string;
  readonly hash: string;
}

/** Rows that differ in the way alone become one. */
export class Table {
  private readonly groups = new Map<string, { cells: readonly string[]; ways: string[] }>();
  private readonly absent: string[] = [];

  add({ engine, version, work, hash, way }: Row): void {
    const cells = [engine, version, work, hash];
    const group = this.groups.get(cells.join("\n")) ?? { cells, ways: [] };
    this.groups.set(cells.join("\n"), group);
    group.ways.push(way);
  }

  missing(engine: string): void {
    this.absent.push(engine);
  }

  text(): string {
    const rows = [["engine", "version", "work", "hash", "started"]];
    let last: readonly string[] = [];
    for (const { cells, ways } of this.groups.values()) {
      const again = cells[0] === last[0] && cells[1] === last[1];
      rows.push([...(again ? ["", ""] : cells.slice(0, 2)), ...cells.slice(2), ways.join("; ")]);
      last = cells;
    }
    const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
    const lines = rows.map((row) => row.map((cell, i) => cell.padEnd(widths[i]!)).join("  ").trimEnd()); // prettier-ignore
    if (this.absent.length > 0) lines.push(`not installed, left out: ${this.absent.join(", ")}`);
    return lines.join("\n");
  }
}
