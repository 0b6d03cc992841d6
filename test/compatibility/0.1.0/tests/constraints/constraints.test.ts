// What constraints refuse.
import { describe } from "vitest";
import * as w from "wasmgrad";
import { type Refusal, refuses } from "../../support/refusals.ts";

const wrong =
  (make: (...values: never[]) => unknown, ...values: unknown[]): (() => unknown) =>
  () =>
    make(...(values as never[]));

describe("constraints", () => {
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
        ];
      },
    ),
  ]);
});
