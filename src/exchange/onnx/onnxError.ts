// Why a graph of an ONNX file can't become a model.
import { valueText, writtenOut } from "../../util/check.ts";

/** Longest reason: it may hold names of the file. */
const MOST_LETTERS = 2000;

/** A name of the file, the beginning of a long one. */
const shortened = (name: string): string => (name.length > 80 ? `${name.slice(0, 80)}...` : name);

/** A reason, written out, with the beginnings of long names. */
function shortReason(reason: string): string {
  const text = writtenOut(reason.replaceAll(/([^\s"]{80})[^\s"]+/g, "$1..."));
  return text.length > MOST_LETTERS ? `${text.slice(0, MOST_LETTERS)}...` : text;
}

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
      attribute === undefined ? "" : `attribute ${shortened(attribute)}`,
      operator === undefined ? "" : `node ${valueText(node)} (${shortened(operator)}, opset ${opset})`,
    ].filter(Boolean);
    const text = shortReason(reason);
    super(`${writtenOut(`${file}: ${place.length > 0 ? `${place.join(", ")}: ` : ""}`)}${text}`);
    this.node = node;
    this.operator = operator;
    this.opset = opset;
    this.attribute = attribute;
    this.reason = text;
  }
}
