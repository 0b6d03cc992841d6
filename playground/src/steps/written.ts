// A formula with its values in it, in pieces: a line that wraps and whose numbers can be pointed at, and a sentence to be heard.
import type { Condition, Expression, Index } from "wasmgrad";
import type { Language, Text } from "../shell/text.ts";
import { recompute } from "./trees.ts";
import { value } from "../look/numbers.ts";

/** A piece of the line. */
export interface Piece {
  readonly text: string;
  /** How it is read aloud, where that isn't its text: screen readers swallow signs. */
  readonly says?: Text;
  /** The tensor and the place that a number comes from. */
  readonly name?: string;
  readonly index?: readonly number[];
  /** Raised, as exponents are. */
  readonly raised?: boolean;
}

const SIGNS = {
  plus: { text: " + ", says: { en: " plus ", zh: " 加 " } },
  minus: { text: " − ", says: { en: " minus ", zh: " 减 " } },
  negative: { text: "−", says: { en: "minus ", zh: "负 " } },
  times: { text: " · ", says: { en: " times ", zh: " 乘 " } },
  over: { text: " / ", says: { en: " divided by ", zh: " 除以 " } },
  open: { text: "(", says: { en: "open ", zh: "左括号 " } },
  close: { text: ")", says: { en: " close", zh: " 右括号" } },
  squared: { text: "²", says: { en: " squared", zh: " 的平方" } },
} as const satisfies Record<string, Piece>;

const ADD = 1;
const TIMES = 2;
const POWER = 3;
const ATOM = 4;

/** A number as it is said: its minus is a word. */
export const numberWords = (v: number, language: Language): string =>
  value(v).replace("−", { en: "minus ", zh: "负 " }[language]).replace("e−", "e minus ");

/** The pieces of a formula whose values are filled in. */
export function written(expression: Expression): Piece[] {
  const pieces: Piece[] = [];
  const put = (piece: Piece): void => void pieces.push(piece);
  const enclosed = (needed: boolean, print: () => void): void => {
    if (needed) put(SIGNS.open);
    print();
    if (needed) put(SIGNS.close);
  };
  const raised = (print: () => void): void => {
    const from = pieces.length;
    print();
    for (let i = from; i < pieces.length; i++) pieces[i] = { ...pieces[i]!, raised: true };
  };
  const number = (v: number, more: Omit<Piece, "text"> = {}): void =>
    put({ text: value(v), says: { en: numberWords(v, "en"), zh: numberWords(v, "zh") }, ...more });
  const place = (index: Index): string => String(index);
  const show = (e: Expression, holds: number, first: boolean): void => {
    switch (e.op) {
      case "number":
      case "symbol":
        // what stands for many terms has words, not a number
        if (e.op === "symbol" && e.name.startsWith("…")) return put({ text: e.name, says: { en: e.name, zh: e.name } });
        return e.value < 0 && !first ? enclosed(true, () => number(e.value)) : number(e.value);
      case "tensor": {
        const v = e.value ?? NaN;
        const text = v < 0 && !first ? `(${value(v)})` : value(v);
        return put({
          text,
          says: { en: numberWords(v, "en"), zh: numberWords(v, "zh") },
          name: e.name,
          index: (e.index ?? []) as readonly number[],
        });
      }
      case "place":
        return put({ text: place(e.index) });
      case "add":
        return enclosed(holds > ADD, () =>
          e.parts.forEach((part, i) => {
            if (part.op === "negative" && i > 0) {
              put(SIGNS.minus);
              show(part.of, TIMES, false);
            } else {
              if (i > 0) put(SIGNS.plus);
              show(part, ADD, i === 0);
            }
          }),
        );
      case "negative":
        return enclosed(!first, () => {
          put(SIGNS.negative);
          show(e.of, TIMES, false);
        });
      case "times":
      case "hadamard":
        return enclosed(holds > TIMES, () =>
          e.parts.forEach((part, i) => {
            if (i > 0) put(SIGNS.times);
            show(part, TIMES, first && i === 0);
          }),
        );
      case "divide":
        return enclosed(holds > TIMES, () => {
          show(e.top, TIMES, first);
          put(SIGNS.over);
          show(e.bottom, POWER, false);
        });
      case "power":
        show(e.base, ATOM, false);
        if (e.exponent.op === "number" && e.exponent.value === 2) return put(SIGNS.squared);
        put({ text: "", says: { en: " to the power of ", zh: " 的次方 " } });
        return raised(() => show(e.exponent, 0, true));
      case "call":
        return call(e.name, e.of);
      case "cases": {
        // the case that holds, and why
        const fails = (c: Condition): boolean => !holdsNow(c);
        const found = e.cases.find(({ when }) => !when.some(fails));
        const reasons = found ? found.when : e.cases.map(({ when }) => opposite(when.find(fails)!));
        return enclosed(holds > 0, () => {
          show(found ? found.value : e.otherwise, 0, true);
          put({ text: " (", says: { en: ", because ", zh: "，因为 " } });
          reasons.forEach((condition, i) => {
            if (i > 0) put({ text: ", ", says: { en: " and ", zh: " 且 " } });
            compare(condition);
          });
          put({ text: ")", says: { en: "", zh: "" } });
        });
      }
      case "named":
        return show(e.of, holds, first);
      default:
        return put({ text: "?" });
    }
  };
  const call = (name: string, of: readonly Expression[]): void => {
    const list = (): void =>
      of.forEach((part, i) => {
        if (i > 0) put({ text: ", " });
        show(part, 0, true);
      });
    if (name === "exp") {
      put({ text: "e", says: { en: "e to the power of ", zh: "e 的幂，指数为 " } });
      return raised(list);
    }
    if (name === "abs" || name === "is") {
      const [before, after] = name === "abs" ? ["|", "|"] : ["[", "]"];
      put({ text: before!, says: name === "abs" ? { en: "the size of ", zh: "绝对值 " } : { en: "is ", zh: "是否 " } });
      of.forEach((part, i) => {
        if (i > 0) put({ text: " = ", says: { en: " equal to ", zh: " 等于 " } });
        show(part, 0, true);
      });
      return put({ text: after!, says: { en: "", zh: "" } });
    }
    const sign = name === "sqrt" ? "√" : `${name} `;
    put({
      text: sign,
      says: name === "sqrt" ? { en: "the root of ", zh: "根号 " } : { en: `${name} `, zh: `${name} ` },
    });
    const bare = of.length === 1 && (of[0]!.op === "tensor" || of[0]!.op === "number") && recomputeSign(of[0]!) >= 0;
    if (bare) return list();
    enclosed(true, list);
  };
  const compare = ({ left, relation, right }: Condition): void => {
    show(left, 0, true);
    const text = { ">": " > ", "<": " < ", ">=": " ≥ ", "<=": " ≤ " }[relation];
    const says = {
      ">": { en: " is above ", zh: " 大于 " },
      "<": { en: " is below ", zh: " 小于 " },
      ">=": { en: " is at least ", zh: " 不小于 " },
      "<=": { en: " is at most ", zh: " 不大于 " },
    }[relation];
    put({ text, says });
    show(right, 0, true);
  };
  show(expression, 0, true);
  return pieces;
}

const holdsNow = ({ left, relation, right }: Condition): boolean => {
  const [a, b] = [recompute(left).value, recompute(right).value];
  return relation === ">" ? a > b : relation === "<" ? a < b : relation === ">=" ? a >= b : a <= b;
};

const OPPOSITES = { ">": "<=", "<": ">=", ">=": "<", "<=": ">" } as const;
const opposite = (c: Condition): Condition => ({ ...c, relation: OPPOSITES[c.relation] });

const recomputeSign = (e: Expression): number => (e.op === "tensor" || e.op === "number" ? (e.value ?? 0) : 0);

/** The pieces as a sentence in a language. */
export const spoken = (pieces: readonly Piece[], language: Language): string =>
  pieces
    .map(({ text, says }) => (says ? says[language] : text))
    .join("")
    .replaceAll(/\s+/g, " ")
    .trim();
