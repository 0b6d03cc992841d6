// Names of layers from those of weights and nodes.

/** Ends of weights' names that say which of a layer's parameters they are. */
const PARTS =
  /[./_](?:weight|bias|kernel|gamma|beta|scale|running_mean|running_var|weight_(?:ih|hh)_l\d+|bias_(?:ih|hh)_l\d+|in_proj_weight|in_proj_bias|[WRBw])(?:_quantized)?$/;

/** The layer that a weight is of, by its name; empty if that says nothing. */
export function hintOfWeight(name: string): string {
  if (name.startsWith("onnx::") || /^\d+$/.test(name) || name.startsWith("constant/")) return "";
  const layer = name.replace(PARTS, "");
  return layer === name && /^(?:weight|bias|W|R|B)$/.test(name) ? "" : legal(layer);
}

/** The layer that a node is of, by its name, such as `/encoder/layers.0/linear1/MatMul`. */
export function hintOfNode(name: string): string {
  const parts = name.split("/").filter(Boolean);
  if (!name.includes("/") || parts.length < 2) return "";
  return legal(parts.slice(0, -1).join("."));
}

/** Letters, digits, `_`, `-` and `.` alone; names that say little are left out. */
function legal(name: string): string {
  const plain = name.replaceAll(/[^A-Za-z0-9_.-]+/g, "_").replaceAll(/^[_.-]+|[_.-]+$/g, "");
  return plain.length > 80 ? plain.slice(-80) : plain;
}

/** Gives names that differ. */
export class Names {
  readonly #taken = new Set<string>();
  /** By a name's beginning: the number that comes next. */
  readonly #next = new Map<string, number>();

  /** A name like this one that isn't taken yet. */
  take(hint: string, otherwise: string): string {
    const first = hint || `${otherwise}1`;
    const start = hint ? `${hint}_` : otherwise;
    let name = first;
    let number = this.#next.get(start) ?? 2;
    while (this.#taken.has(name)) name = `${start}${number++}`;
    this.#next.set(start, number);
    this.#taken.add(name);
    return name;
  }
}
