// Operators of a kind.
import type { WorkNode } from "../workGraph.ts";
import type { Builder } from "./builder.ts";

/** What makes the steps of a node. */
export type Operator = (builder: Builder, node: WorkNode) => void;

/** Operators of a kind, by name. */
export type Family = Readonly<Record<string, Operator>>;
