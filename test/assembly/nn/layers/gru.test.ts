import { gruCell } from "../../../../src/nn/layers/gru.ts";
import { recurrentTests } from "../../../support/recurrents.ts";

recurrentTests(gruCell, ({ biasIh, biasHh }, units, input, state, [h]) => {
  const ofInput = (k: number) => input(k).plus(biasIh![k]!);
  const ofState = (k: number) => state(k).plus(biasHh![k]!);
  return [
    h!.map((before, j) => {
      const r = ofInput(j).plus(ofState(j)).sigmoid();
      const z = ofInput(units + j).plus(ofState(units + j)).sigmoid(); // prettier-ignore
      const n = ofInput(2 * units + j).plus(r.times(ofState(2 * units + j))).tanh(); // prettier-ignore
      return z.rest().times(n).plus(z.times(before));
    }),
  ];
});

recurrentTests(
  { ...gruCell, ...gruCell.resetBefore },
  ({ bias }, units, input, state, [h]) => {
    const sum = (j: number) => input(j).plus(bias![j]!).plus(state(j));
    const kept = h!.map((before, j) => sum(j).sigmoid().times(before));
    return [
      h!.map((before, j) => {
        const z = sum(units + j).sigmoid();
        const n = input(2 * units + j).plus(bias![2 * units + j]!).plus(state(2 * units + j, kept)).tanh(); // prettier-ignore
        return z.rest().times(n).plus(z.times(before));
      }),
    ];
  },
  "gru, reset before the product",
);
