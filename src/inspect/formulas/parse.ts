// Formulas are written as text, `da * a * (1 - a)`, and read into trees.
import { type Condition, type Expression, isTensor, numeral } from "../expression.ts";

/** What a formula's names stand for. */
export type Names = Readonly<Record<string, Expression>>;

/** Numbers of rows and columns of the matrices in a formula. */
export interface Sizes {
  readonly rows: number;
  readonly columns: number;
}

/**
 * Reads a formula. `@` is the matrix product, `&` between conditions; `condition ? a : b`. Functions besides those of an
 * expression: T(x), the transpose; pick(z, y); sumRows, sumColumns and sumAll; `live(a + b)`, whose terms with a factor of 0 are
 * left out.
 */
export function parse(formula: string, names: Names, sizes: Sizes): Expression {
  const tokens = tokensOf(formula);
  let at = 0;
  const take = (token: string): boolean => tokens[at] === token && Boolean(++at);
  const must = (token: string): void => {
    if (!take(token)) throw new Error(`internal: ${formula}: ${token} expected, got ${tokens[at]}; please report this`);
  };
  const cases = (): Expression => {
    const first = sum();
    const relation = tokens[at] as Condition["relation"];
    if (!/^[<>]/.test(relation ?? "")) return first;
    const when: Condition[] = [];
    for (let left = first; ; left = sum()) {
      const between = tokens[at++] as Condition["relation"];
      when.push({ left, relation: between, right: sum() });
      if (!take("&")) break;
    }
    must("?");
    const value = sum();
    must(":");
    const rest = cases();
    const more = rest.op === "cases" ? rest : { cases: [], otherwise: rest };
    return { op: "cases", cases: [{ value, when }, ...more.cases], otherwise: more.otherwise };
  };
  const sum = (): Expression => {
    const parts = [product()];
    for (;;) {
      if (take("+")) parts.push(product());
      else if (take("-")) parts.push({ op: "negative", of: product() });
      else return parts.length === 1 ? parts[0]! : { op: "add", parts };
    }
  };
  const product = (): Expression => {
    let result = signed();
    for (;;) {
      if (take("*")) result = times(result, signed());
      else if (take("/")) result = { op: "divide", top: result, bottom: signed() };
      else if (take("@")) result = matmul(result, signed());
      else return result;
    }
  };
  const signed = (): Expression => (take("-") ? { op: "negative", of: signed() } : power());
  const power = (): Expression => {
    const base = atom();
    return take("^") ? { op: "power", base, exponent: signed() } : base;
  };
  const atom = (): Expression => {
    if (take("(")) {
      const inner = cases();
      must(")");
      return inner;
    }
    const token = tokens[at++] ?? "";
    if (/^\d/.test(token)) return numeral(Number(token));
    if (!take("(")) {
      const known = names[token];
      if (!known) throw new Error(`internal: ${formula}: nothing is called ${token}; please report this`);
      return known;
    }
    const of = [cases()];
    while (take(",")) of.push(cases());
    must(")");
    return call(token, of, sizes);
  };
  const tree = cases();
  if (at < tokens.length) must("the end");
  return tree;
}

function tokensOf(formula: string): string[] {
  // here: a bundler can't tell that an expression at the top has no effects, and would keep it in every page
  return Array.from(
    formula.matchAll(/\s*(\d+(?:\.\d+)?(?:e-?\d+)?|[\p{L}_][\p{L}\p{M}\w']*|>=|<=|[-+*/^@(),?:&<>])/gu),
    ([, token]) => token!,
  );
}

function times(left: Expression, right: Expression): Expression {
  const factors = [left, right].flatMap((e) => (e.op === "times" || e.op === "hadamard" ? e.parts : [e]));
  return { op: factors.filter(isTensor).length > 1 ? "hadamard" : "times", parts: factors };
}

function matmul(left: Expression, right: Expression): Expression {
  const flipped = left.op === "tensor" && left.transposed;
  const size = left.op === "tensor" ? left.view[flipped ? 0 : 1]! : 0;
  return { op: "matmul", left, right, letter: flipped ? "i" : "k", size };
}

function call(name: string, of: readonly Expression[], { rows, columns }: Sizes): Expression {
  const [first, second] = of as [Expression, Expression];
  switch (name) {
    case "T":
      return first.op === "tensor" ? { ...first, transposed: true, axes: [1, 0] } : first;
    case "pick":
      return { op: "pick", of: first, label: second };
    case "live":
      return first.op === "add" ? { ...first, live: true } : first;
    case "sumRows":
      return { op: "sum", along: "rows", over: [{ letter: "i", size: rows }], of: first };
    case "sumColumns":
      return { op: "sum", along: "columns", over: [{ letter: "k", size: columns }], of: first };
    case "sumAll":
      return {
        op: "sum",
        along: "all",
        over: [
          { letter: "i", size: rows },
          { letter: "j", size: columns },
        ],
        of: first,
      };
    // one number for each row
    case "sumEach":
      return { op: "sum", along: "all", over: [{ letter: "i", size: rows }], of: first };
    default:
      return { op: "call", name, of };
  }
}
