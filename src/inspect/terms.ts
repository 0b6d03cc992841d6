// Writes formulas as text, in reading order: for a terminal, and as the pieces from which a page makes a line that can be pointed at.
import { type Condition, type Expression, type Index, lettersOf, walk } from "./expression.ts";

/** Languages of what a step says. */
export type Language = "en" | "zh";

/** A text in English and Chinese. */
export type StepText = Readonly<Record<Language, string>>;

/** A piece of a formula. The pieces' texts one after another are the formula. */
export interface Term {
  /** As it is printed: `0.001714`, `·`, ` + `, `(`; numbers with four digits. */
  readonly text: string;
  /** The tensor that a number comes from: Z1, w1. */
  readonly operand?: string;
  /** Its place in that tensor, from 0, an entry for each axis. */
  readonly index?: readonly number[];
  /** What a formula calls a number that belongs to no tensor: η, m. */
  readonly symbol?: string;
  /** The number, of pieces that are one. */
  readonly value?: number;
}

/** How strongly the parts of an expression hold together. */
const ADD = 1;
const TIMES = 2;
const POWER = 3;
const ATOM = 4;

/** A number with four digits, and a true minus. */
export function figure(value: number): string {
  const size = Math.abs(value);
  const text =
    size > 0 && size < 1e-4 ? value.toExponential(3).replace(/\.?0+e/, "e") : String(Number(value.toPrecision(4)));
  return text.replaceAll("-", "−");
}

/** The pieces of a formula. */
export function termsOf(expression: Expression, language: Language = "en"): Term[] {
  const terms: Term[] = [];
  let [whole, filled] = [true, false];
  walk(expression, (part) => {
    if (part.op === "tensor" && part.index) whole = false;
    if (part.op === "tensor" && part.value !== undefined) filled = true;
  });
  const put = (text: string, more: Omit<Term, "text"> = {}): void => void terms.push({ text, ...more });
  const enclosed = (needed: boolean, first: boolean, print: (first: boolean) => void): void => {
    if (needed) put("(");
    print(needed || first);
    if (needed) put(")");
  };
  const listed = (parts: readonly Expression[], between: string, holds: number, first: boolean): void =>
    parts.forEach((part, i) => {
      // y log(a)
      if (i > 0) put(part.op === "call" && between === " * " ? " " : between);
      show(part, holds, first && i === 0);
    });
  /** `holds`: what is around it holds so strongly; `first`: it may begin with a minus. */
  const show = (e: Expression, holds: number, first: boolean): void => {
    switch (e.op) {
      case "number":
        return enclosed(e.value < 0 && !first, first, () =>
          put(figure(e.value), { value: e.value, ...(e.symbol !== undefined && { symbol: e.symbol }) }),
        );
      case "symbol":
        return put(e.name, { symbol: e.name, value: e.value });
      case "tensor": {
        const { name, value, index, transposed } = e;
        if (value !== undefined) {
          const more = { operand: name, index: index as readonly number[], value };
          return enclosed(value < 0 && !first, first, () => put(figure(value), more));
        }
        if (!index) return put(name === "loss" ? "L" : `${name}${transposed ? "ᵀ" : ""}`, { operand: name });
        return put(`${name}[${index.map(indexText).join(",")}]`, { operand: name });
      }
      case "place":
        return put(indexText(e.index));
      case "add":
        return enclosed(holds > ADD, first, (begins) =>
          e.parts.forEach((part, i) => {
            if (part.op === "negative" && i > 0) {
              put(" − ");
              show(part.of, TIMES, false);
            } else {
              if (i > 0) put(" + ");
              show(part, ADD, begins && i === 0);
            }
          }),
        );
      case "negative":
        return enclosed(!first, first, () => {
          put("−");
          show(e.of, TIMES, false);
        });
      case "hadamard":
        return enclosed(holds > TIMES, first, (begins) => listed(e.parts, " * ", TIMES, begins));
      case "times":
        return enclosed(holds > TIMES, first, (begins) => listed(e.parts, whole ? " " : "·", TIMES, begins));
      case "matmul":
        return enclosed(holds > TIMES, first, (begins) => listed([e.left, e.right], " ", TIMES, begins));
      case "divide":
        return enclosed(holds > TIMES, first, (begins) => {
          show(e.top, TIMES, begins);
          put(" / ");
          show(e.bottom, POWER, false);
        });
      case "power":
        show(e.base, ATOM, false);
        put("^");
        return show(e.exponent, ATOM, false);
      case "sum":
        put(`Σ_${lettersOf(e).join(",")} `);
        return show(e.of, TIMES, false);
      case "call": {
        const [before, between, after] =
          e.name === "abs" ? ["|", "", "|"] : e.name === "is" ? ["[", " = ", "]"] : [`${e.name}(`, ", ", ")"];
        put(before!);
        e.of.forEach((part, i) => {
          if (i > 0) put(between!);
          show(part, 0, true);
        });
        return put(after!);
      }
      case "pick":
        show(e.of, ATOM, first);
        put("[");
        show(e.label, 0, true);
        return put("]");
      case "cases":
        return enclosed(holds > 0, first, () => {
          const [when, and, next, otherwise] =
            language === "en" ? [" if ", " and ", ", ", " else "] : ["，若 ", " 且 ", "；", "；否则 "];
          e.cases.forEach(({ when: conditions, value }, i) => {
            if (i > 0) put(next!);
            show(value, 0, true);
            put(when!);
            conditions.forEach((condition, c) => {
              if (c > 0) put(and!);
              compare(condition);
            });
          });
          put(otherwise!);
          show(e.otherwise, 0, true);
        });
      case "named":
        // once its values are filled in, what it stands for is shown
        if (filled) return show(e.of, holds, first);
        return put(e.name);
    }
  };
  const compare = ({ left, relation, right }: Condition): void => {
    show(left, 0, true);
    put(` ${relation === ">=" ? "≥" : relation === "<=" ? "≤" : relation} `);
    show(right, 0, true);
  };
  show(expression, 0, true);
  return terms;
}

/** A place as books count, from 1; a class, which a label names, as it is called. */
function indexText(index: Index): string {
  if (typeof index === "number") return String(index + 1);
  return typeof index === "string" ? index : termsOf(index).map(({ text }) => text).join(""); // prettier-ignore
}
