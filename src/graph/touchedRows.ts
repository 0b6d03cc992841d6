// Tables of which a batch reads a few rows: records that work on the rows alone that have a gradient. assembly/nn/optimizers/gradientRows.ts
// has the layout of the notes that say which these are.
import type { TouchedRows } from "./parameter.ts";

/** Bytes before the numbers of the groups. */
const HEAD = 16;

/** Rows that fill whole vectors of four numbers together: kernels of updates work on those. */
export const groupOf = (width: number): number => (width % 4 === 0 ? 1 : width % 2 === 0 ? 2 : 4);

/** The notes of a table of so many rows of so many numbers. */
export function touchedRows(rows: number, width: number): TouchedRows {
  const group = groupOf(width);
  const groupBytes = 4 * width * group;
  return {
    bytes: HEAD + 5 * Math.ceil(rows / group),
    add({ core, records }, kernel, bytes, notes, args) {
      const first = args(0);
      const common = { touched: notes, groupBytes, bytes };
      if (kernel === "gradientZero") {
        return records.add("gradientRowsZero", 1, { ...common, g: first["g"]!, program: first["program"]! });
      }
      // the addresses after p, g, program and factor that go along with the table's: the optimizer's states
      const next = Object.values(args(groupBytes)).slice(4);
      const states = Object.values(first)
        .slice(4)
        .filter((word, i) => typeof word === "number" && word !== next[i]).length;
      const header = { innerKernel: core.kernel(kernel), innerBytes: 0, innerFlags: 0, innerPerRow: 0 };
      records.add("gradientRows", 1, { ...common, states, ...header, ...first });
    },
  };
}
