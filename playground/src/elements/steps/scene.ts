// What <wasmgrad-steps> shows at the moment: its parts draw it.
import type { Step } from "wasmgrad";
import type { Text } from "../../shell/text.ts";
import type { FixedRows, RowsChoice } from "../../steps/nets.ts";
import type { Session } from "../../steps/session.ts";
import type { Arrow, Look } from "../../steps/walk.ts";
import type { Attention } from "./attention.ts";

/** A number that a formula names, by the places along its tensor's axes. */
export interface Place {
  readonly name: string;
  readonly index: readonly number[];
}

export interface Scene {
  readonly session: Session;
  readonly look: Look;
  /** The number of the arrow, from 1; 0: what is given. */
  readonly at: number;
  readonly arrow: Arrow | undefined;
  /** The step whose number is looked at. */
  readonly step: Step | undefined;
  /** The rows that are shown: those of the next update. */
  readonly rows: FixedRows;
  readonly choice: RowsChoice;
  readonly attention: Attention;
  readonly columnwise: boolean;
  /** Numbers are to be guessed. */
  readonly veiled: boolean;
  /** So is the one that is looked at. */
  readonly hidden: boolean;
  /** The operand that is pointed at in the formula. */
  readonly pointed: Place | undefined;
  readonly note: Text | undefined;
  readonly t: (text: Text) => string;
}
