// What constraints refuse.
import { describe, expect, test } from "vitest";
import * as w from "../../../src/index.ts";
import { type Refusal, refuses } from "../../support/refusals.ts";

const wrong =
  (make: (...values: never[]) => unknown, ...values: unknown[]): (() => unknown) =>
  () =>
    make(...(values as never[]));

describe("constraints", () => {
  test("say their options, for files", () => {
    expect(w.maxNorm().options).toEqual({ limit: 2 });
    expect(w.maxNorm(3, { axis: [0, 1] }).options).toEqual({ limit: 3, axis: [0, 1] });
    expect(w.unitNorm({ axis: 1 }).options).toEqual({ axis: 1 });
    expect(w.nonNeg().options).toEqual({});
    for (const make of [w.maxNorm, w.unitNorm, w.nonNeg] as ((options: object) => w.Constraint)[]) {
      const { constraint, options } = make({});
      expect(make(options).args([3, 4], "w")).toEqual(make({}).args([3, 4], "w"));
      expect(constraint).toBe(make.name);
    }
  });

  refuses([
    [wrong(w.maxNorm, 0), RangeError, "maxNorm: limit must be above 0, got 0"],
    [wrong(w.maxNorm, "2"), TypeError, 'maxNorm: limit must be above 0, got "2"'],
    [wrong(w.maxNorm, { maximum: 2 }), TypeError, 'maxNorm: unknown option "maximum". Known: limit, axis'],
    [wrong(w.unitNorm, { axes: 1 }), TypeError, 'unitNorm: unknown option "axes". Known: axis'],
    ...([(axis: never) => w.maxNorm({ axis }), (axis: never) => w.unitNorm({ axis })] as const).flatMap(
      (make, i): Refusal[] => {
        const name = i === 0 ? "maxNorm" : "unitNorm";
        return [
          [wrong(make, -1), RangeError, `${name}: axis must be a whole number of 0 or more, got -1`],
          [wrong(make, [0, 0.5]), RangeError, `${name}: axis[1] must be a whole number of 0 or more, got 0.5`],
          [wrong(make, []), RangeError, `${name}: axis must be one axis or neighbouring ones in their order, got []`],
          [
            wrong(make, [0, 2]),
            RangeError,
            `${name}: axis must be one axis or neighbouring ones in their order, got [0, 2]`,
          ],
          [
            () => make(2 as never).args([3, 4], "dense1.weight"),
            RangeError,
            `${name}: dense1.weight is 3x4 and has no axis 2`,
          ],
        ];
      },
    ),
  ]);
});
