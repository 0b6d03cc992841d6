// wasmgrad/matrix: the core's matrix product on typed arrays, with element-wise operations, transposes and sums.
import { Workspace } from "./runtime/arena.ts";
import {
  checkBoolean,
  checkKeys,
  checkKind,
  checkNumbers,
  checkWhole,
  isObject,
  kindOf,
  valueText,
} from "./util/check.ts";
import { type Core, createCore } from "./runtime/core.ts";
import { gemmScratchBytes } from "./runtime/coreFunctions.ts";

/** A row-major matrix: element (r, c) is data[r columns + c]. */
export interface Matrix {
  /** How many rows there are. */
  readonly rows: number;
  /** Numbers per row. */
  readonly columns: number;
  /** Consecutive rows. */
  readonly data: Float32Array;
}

let core: Core | undefined;

/** Loads the core; `matmul` needs it. Calling it again does nothing. */
export async function init(): Promise<void> {
  core ??= await createCore("matrix.init");
}

/**
 * A matrix of the given numbers, row by row.
 *
 * @throws {RangeError} if there are not rows times columns of them
 * @example const a = matrix(2, 3, [1, 2, 3, 4, 5, 6]);
 */
export function matrix(rows: number, columns: number, data: ArrayLike<number>): Matrix {
  checkWhole("matrix", "rows", rows);
  checkWhole("matrix", "columns", columns);
  checkNumbers("matrix", "data", data);
  if (data.length !== rows * columns) {
    throw new RangeError(`matrix: ${rows} x ${columns} needs ${rows * columns} numbers, got ${data.length}`);
  }
  return { rows, columns, data: kindOf(data) === "Float32Array" ? (data as Float32Array) : Float32Array.from(data) };
}

/** Refuses what isn't a matrix, or was put together by hand with another count of numbers than its sizes say. */
function checkMatrix(where: string, name: string, value: Matrix): void {
  const holds = isObject(value) && kindOf(value.data) === "Float32Array";
  checkKind(holds, where, name, "a matrix such as matrix(2, 2, [1, 2, 3, 4])", value);
  const { rows, columns, data } = value;
  checkWhole(where, `the rows of ${name}`, rows);
  checkWhole(where, `the columns of ${name}`, columns);
  if (data.length === rows * columns) return;
  throw new RangeError(
    `${where}: ${name} must be a matrix whose data has rows times columns numbers, got ${rows} x ${columns} and ${data.length}`,
  );
}

const sizeText = ({ rows, columns }: Matrix): string => `${rows} x ${columns}`;

/**
 * The product of two matrices in float32: a b, or with either transposed. Each element is summed in the order of the inner
 * index, so the bits don't depend on the sizes or the engine.
 *
 * @param options.transposeA use a's transpose; default false
 * @param options.transposeB use b's transpose; default false
 * @throws {Error} before `init`
 * @throws {RangeError} if the inner sizes differ, or a matrix's data has another length than its sizes say
 * @example
 * import { init, matmul, matrix } from "wasmgrad/matrix";
 * await init();
 * const c = matmul(matrix(2, 3, [1, 2, 3, 4, 5, 6]), matrix(3, 1, [1, 0, -1])); // [-2, -2]
 */
export function matmul(a: Matrix, b: Matrix, options: { transposeA?: boolean; transposeB?: boolean } = {}): Matrix {
  if (!core) throw new Error("matmul: the core is not loaded yet; `await init()` first");
  checkKeys("matmul", options, ["transposeA", "transposeB"]);
  checkMatrix("matmul", "a", a);
  checkMatrix("matmul", "b", b);
  const { transposeA = false, transposeB = false } = options;
  checkBoolean("matmul", "transposeA", transposeA);
  checkBoolean("matmul", "transposeB", transposeB);
  const [m, k] = transposeA ? [a.columns, a.rows] : [a.rows, a.columns];
  const [inner, n] = transposeB ? [b.columns, b.rows] : [b.rows, b.columns];
  if (k !== inner) {
    throw new RangeError(
      `matmul: the inner sizes must be equal, but a${transposeA ? " transposed" : ""} is ${m} x ${k} and b${transposeB ? " transposed" : ""} is ${inner} x ${n}`,
    );
  }
  const { arena, exports } = core;
  const workspace = new Workspace(arena, "matmul");
  try {
    const allocate = (floats: number): number => workspace.allocate(floats * 4, "the matrices");
    const [pa, pb, pc, zero] = [
      allocate(a.data.length),
      allocate(b.data.length),
      allocate(m * n),
      allocate(n + 8),
    ] as const;
    const scratch = workspace.allocate(gemmScratchBytes(core, [m, n, k]), "the scratch memory");
    arena.write(pa, a.data);
    arena.write(pb, b.data);
    const [aRow, bRow, cRow] = [a.columns * 4, b.columns * 4, n * 4] as const;
    exports.gemm(transposeA, transposeB, m, n, k, pa, aRow, pb, bRow, pc, cRow, zero, 0, scratch);
    return { rows: m, columns: n, data: arena.read(pc, m * n) };
  } finally {
    workspace.free();
  }
}

/**
 * a + b, element by element.
 *
 * @throws {TypeError | RangeError} if one isn't a matrix, or the sizes differ
 * @example
 * import { add, matrix } from "wasmgrad/matrix";
 * add(matrix(1, 2, [1, 2]), matrix(1, 2, [3, 4])); // [4, 6]
 */
export function add(a: Matrix, b: Matrix): Matrix {
  checkMatrix("add", "a", a);
  checkMatrix("add", "b", b);
  if (a.rows !== b.rows || a.columns !== b.columns) {
    throw new RangeError(`add: the sizes must be equal, got ${sizeText(a)} and ${sizeText(b)}`);
  }
  return { ...a, data: a.data.map((value, i) => value + b.data[i]!) };
}

/**
 * factor a. `scale(matrix(1, 2, [1, 2]), 3)` is [3, 6].
 *
 * @throws {TypeError | RangeError} if a isn't a matrix, or the factor no number
 */
export function scale(a: Matrix, factor: number): Matrix {
  checkMatrix("scale", "a", a);
  checkKind(typeof factor === "number", "scale", "factor", "a number", factor);
  return { ...a, data: a.data.map((value) => value * factor) };
}

/**
 * a with rows and columns exchanged.
 *
 * @throws {TypeError | RangeError} if it isn't a matrix, or its data has another length than its sizes say
 */
export function transpose(a: Matrix): Matrix {
  checkMatrix("transpose", "a", a);
  const { rows, columns } = a;
  const data = new Float32Array(a.data.length);
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) data[c * rows + r] = a.data[r * columns + c]!;
  return { rows: columns, columns: rows, data };
}

/**
 * The sum of all elements; over the rows (axis 0: one number per column) or the columns (axis 1: one per row), as float64 sums in
 * the order of the elements.
 *
 * @throws {TypeError | RangeError} if a isn't a matrix, or the axis is neither
 * @example
 * import { matrix, sum } from "wasmgrad/matrix";
 * sum(matrix(2, 2, [1, 2, 3, 4])); // 10
 */
export function sum(a: Matrix): number;
export function sum(a: Matrix, axis: 0 | 1): Float32Array;
export function sum(a: Matrix, axis?: 0 | 1): number | Float32Array {
  checkMatrix("sum", "a", a);
  if (axis === undefined) return a.data.reduce((total, value) => total + value, 0);
  if (axis !== 0 && axis !== 1) throw new RangeError(`sum: axis must be 0 or 1, got ${valueText(axis)}`);
  const totals = new Float64Array(axis === 0 ? a.columns : a.rows);
  a.data.forEach((value, i) => {
    const index = axis === 0 ? i % a.columns : Math.floor(i / a.columns);
    totals[index]! += value;
  });
  return Float32Array.from(totals);
}
