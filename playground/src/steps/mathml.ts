// Formulas as MathML, which browsers draw and screen readers read, from the library's trees.
import type { Condition, Expression, Index } from "wasmgrad";
import { html, mathml, nothing, type TemplateResult } from "lit";
import { value as figure } from "../look/numbers.ts";
import { NAME } from "./names.ts";
import { lettersOf, partsOf, tensorsIn } from "./trees.ts";

type Part = TemplateResult | typeof nothing | string;

const mi = (text: string, upright = text.length > 1): TemplateResult =>
  upright ? mathml`<mi mathvariant="normal">${text}</mi>` : mathml`<mi>${text}</mi>`;
const mo = (text: string): TemplateResult => mathml`<mo>${text}</mo>`;
const mn = (text: string): TemplateResult => mathml`<mn>${text}</mn>`;
const bracket = (text: string, form: "prefix" | "postfix"): TemplateResult =>
  mathml`<mo form=${form} stretchy="false" lspace="0" rspace="0">${text}</mo>`;
const row = (...parts: Part[]): TemplateResult => mathml`<mrow>${parts}</mrow>`;
const thin = mathml`<mspace width="0.17em"></mspace>`;

/** A tensor's name: Z₁, dw₂, w₁′. */
export function nameMath(name: string): TemplateResult {
  if (name === "loss") return mi("L");
  const [, of, d, letters, digits, primes] = NAME.exec(name) ?? [];
  if (!letters) return mi(name);
  const base = mi(letters);
  const numbered = digits ? mathml`<msub>${base}<mn>${digits}</mn></msub>` : base;
  const whole = d ? row(mi("d", true), numbered) : numbered;
  const mark = primes ? mo("′".repeat(primes.length)) : undefined;
  if (of) return mark ? mathml`<msubsup>${mi(of)}${whole}${mark}</msubsup>` : mathml`<msub>${mi(of)}${whole}</msub>`;
  return mark ? mathml`<msup>${whole}${mark}</msup>` : whole;
}

const ADD = 1;
const TIMES = 2;
const ATOM = 4;

const RELATIONS = { ">": ">", "<": "<", ">=": "≥", "<=": "≤" } as const;

/** A formula's right side; of words, those of the language. */
export function expressionMath(
  expression: Expression,
  words: { readonly if: string; readonly else: string },
): TemplateResult {
  const whole = !tensorsIn(expression).some(({ index }) => index !== undefined && !index.includes("·"));
  const enclosed = (needed: boolean, inner: TemplateResult): TemplateResult =>
    needed ? row(mo("("), inner, mo(")")) : inner;
  const place = (index: Index): TemplateResult =>
    typeof index === "number"
      ? mn(String(index + 1))
      : typeof index === "string"
        ? index === "·"
          ? mo("·")
          : mi(index)
        : write(index, 0, true);
  const places = (index: readonly Index[]): Part[] => [
    bracket("[", "prefix"),
    ...index.flatMap((one, i) =>
      i > 0 ? [mathml`<mo separator="true" lspace="0" rspace="0.12em">,</mo>`, place(one)] : [place(one)],
    ),
    bracket("]", "postfix"),
  ];
  const sumOf = (letters: readonly string[]): TemplateResult =>
    mathml`<munder><mo largeop="true" movablelimits="false" lspace="0" rspace="0.1em">∑</mo><mrow>${letters.flatMap((letter, i) => (i > 0 ? [mo(","), mi(letter)] : [mi(letter)]))}</mrow></munder>`;
  const needsTimes = (before: Expression, after: Expression): boolean =>
    !whole || after.op === "number" || (before.op === "number" && after.op !== "symbol" && after.op !== "tensor");
  const write = (e: Expression, holds: number, first: boolean): TemplateResult => {
    switch (e.op) {
      case "number":
        return e.symbol === undefined ? enclosed(e.value < 0 && !first, mn(figure(e.value))) : symbol(e.symbol);
      case "symbol":
        return symbol(e.name);
      case "tensor": {
        const name = nameMath(e.name);
        if (e.index && e.index.length > 0) return row(name, ...places(e.index));
        return e.transposed && !e.index ? mathml`<msup>${name}<mi mathvariant="normal">T</mi></msup>` : name;
      }
      case "place":
        // what a label is compared with: classes are counted from 0
        return typeof e.index === "number" ? mn(String(e.index)) : place(e.index);
      case "add":
        return enclosed(
          holds > ADD,
          row(
            ...e.parts.flatMap((part, i) =>
              part.op === "negative" && i > 0
                ? [mo("−"), write(part.of, TIMES, false)]
                : i > 0
                  ? [mo("+"), write(part, ADD, false)]
                  : [write(part, ADD, true)],
            ),
          ),
        );
      case "negative":
        return enclosed(!first, row(mathml`<mo form="prefix">−</mo>`, write(e.of, TIMES, false)));
      case "hadamard":
        return enclosed(
          holds > TIMES,
          row(
            ...e.parts.flatMap((part, i) =>
              i > 0 ? [mo("∘"), write(part, TIMES, false)] : [write(part, TIMES, first)],
            ),
          ),
        );
      case "times":
        return enclosed(
          holds > TIMES,
          row(
            ...e.parts.flatMap((part, i) => {
              const factor = write(part, TIMES, first && i === 0);
              if (i === 0) return [factor];
              if (part.op === "call" && part.name !== "is") return [thin, factor];
              return needsTimes(e.parts[i - 1]!, part) ? [mo("·"), factor] : [thin, factor];
            }),
          ),
        );
      case "matmul":
        return enclosed(holds > TIMES, row(write(e.left, TIMES, first), thin, write(e.right, TIMES, false)));
      case "divide":
        return mathml`<mfrac>${row(write(e.top, 0, true))}${row(write(e.bottom, 0, true))}</mfrac>`;
      case "power":
        return mathml`<msup>${row(write(e.base, ATOM, false))}${row(write(e.exponent, 0, true))}</msup>`;
      case "sum": {
        const letters = lettersOf(e);
        // what is summed ends where the line ends, or a sign comes: products need no parentheses, sums do
        return enclosed(holds > TIMES, row(sumOf(letters), write(e.of, TIMES, false)));
      }
      case "call":
        return call(e.name, e.of);
      case "pick":
        return row(write(e.of, ATOM, first), bracket("[", "prefix"), write(e.label, 0, true), bracket("]", "postfix"));
      case "cases":
        return row(
          mathml`<mo form="prefix" stretchy="true">{</mo>`,
          mathml`<mtable columnalign="left left" rowspacing="0.2em">${e.cases.map(
            ({ when, value: then }) =>
              mathml`<mtr><mtd>${write(then, 0, true)}</mtd><mtd><mtext>${words.if} </mtext>${when.map(
                (condition, i) => (i > 0 ? row(mo(","), compare(condition)) : compare(condition)),
              )}</mtd></mtr>`,
          )}<mtr><mtd>${write(e.otherwise, 0, true)}</mtd><mtd><mtext>${words.else}</mtext></mtd></mtr></mtable>`,
        );
      case "named":
        return mi(e.name, false);
    }
  };
  const symbol = (name: string): TemplateResult => {
    const [, letter, digits] = /^(\p{L}\p{M}*)(\d+)$/u.exec(name) ?? [];
    return letter ? mathml`<msub>${mi(letter)}<mn>${digits}</mn></msub>` : mi(name);
  };
  const call = (name: string, of: readonly Expression[]): TemplateResult => {
    const [first] = of as [Expression];
    const list = of.flatMap((part, i) => (i > 0 ? [mo(","), write(part, 0, true)] : [write(part, 0, true)]));
    if (name === "exp") return mathml`<msup><mi>e</mi><mrow>${write(first, 0, true)}</mrow></msup>`;
    if (name === "sqrt") return mathml`<msqrt>${write(first, 0, true)}</msqrt>`;
    if (name === "abs") return row(mo("|"), ...list, mo("|"));
    if (name === "is") return row(mo("["), write(first, 0, true), mo("="), write(of[1]!, 0, true), mo("]"));
    const plain = first.op === "tensor" && of.length === 1 && name === "log";
    return row(mi(name, true), plain ? thin : nothing, ...(plain ? list : [mo("("), ...list, mo(")")]));
  };
  const compare = ({ left, relation, right }: Condition): TemplateResult =>
    row(write(left, 0, true), mo(RELATIONS[relation]), write(right, 0, true));
  return write(expression, 0, true);
}

/** Parts that have a name of their own, each with what it stands for. */
function namedIn(e: Expression): Extract<Expression, { op: "named" }>[] {
  return e.op === "named" ? [e] : partsOf(e).flatMap(namedIn);
}

/** A whole formula: name, places, "=", and the expressions that are equal. */
export function formulaMath(
  name: string,
  index: readonly number[] | undefined,
  sides: readonly Expression[],
  words: { readonly if: string; readonly else: string },
): TemplateResult {
  const left = row(
    nameMath(name),
    ...(index && index.length > 0
      ? [
          bracket("[", "prefix"),
          ...index.flatMap((i, k) =>
            k > 0
              ? [mathml`<mo separator="true" lspace="0" rspace="0.12em">,</mo>`, mn(String(i + 1))]
              : [mn(String(i + 1))],
          ),
          bracket("]", "postfix"),
        ]
      : []),
  );
  const named = new Map(sides.flatMap(namedIn).map((part) => [part.name, part.of]));
  const math = (inner: TemplateResult): TemplateResult =>
    html`<math display="inline" displaystyle="true">${mathml`<mrow>${inner}</mrow>`}</math>`;
  return html`${math(row(left, ...sides.flatMap((side) => [mo("="), expressionMath(side, words)])))}${[...named].map(
    ([part, of]) =>
      html`<span class="soft">,&ensp;</span>${math(row(mi(part, false), mo("="), expressionMath(of, words)))}`,
  )}`;
}
