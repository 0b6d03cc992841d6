// Why a graph of an ONNX file can't become a model.
import { valueText } from "../../util/check.ts";

/** Where in the graph, and what would work. */
export interface OnnxPlace {
  /** The node's name, or its first output if it has none. */
  readonly node?: string | undefined;
  /** Its operator, with the domain before it if that isn't ONNX's own. */
  readonly operator?: string | undefined;
  /** The version of the operators. */
  readonly opset?: number | undefined;
  /** The attribute that it is about. */
  readonly attribute?: string | undefined;
}

/** What a file's graph says has no model: an operator that isn't known, an attribute, a shape. */
export class OnnxGraphError extends Error {
  /** Distinguishes it from other errors. */
  override readonly name = "OnnxGraphError";
  /** The node's name, or its first output if it has none. */
  readonly node: string | undefined;
  /** Its operator, with the domain before it if that isn't ONNX's own. */
  readonly operator: string | undefined;
  /** The version of the operators in the file. */
  readonly opset: number | undefined;
  /** The attribute that it is about. */
  readonly attribute: string | undefined;
  /** What is wrong, and what would work: the message without the place. */
  readonly reason: string;

  /** Takes what messages call the file, what is wrong, and where. */
  constructor(file: string, reason: string, { node, operator, opset, attribute }: OnnxPlace = {}) {
    const place = [
      attribute === undefined ? "" : `attribute ${attribute}`,
      operator === undefined ? "" : `node ${valueText(node)} (${operator}, opset ${opset})`,
    ].filter(Boolean);
    super(`${[file, ...place].join(", ")}: ${reason}`);
    this.node = node;
    this.operator = operator;
    this.opset = opset;
    this.attribute = attribute;
    this.reason = reason;
  }
}
