import { lstmCell } from "../../../../src/nn/layers/lstm.ts";
import { recurrentTests } from "../../../support/recurrents.ts";

recurrentTests(lstmCell, ({ bias }, units, input, state, [, cell]) => {
  const gate = (block: number, j: number) => {
    const k = block * units + j;
    return input(k).plus(state(k)).plus(bias![k]!);
  };
  const c = cell!.map((before, j) => {
    const taken = gate(0, j).sigmoid().times(gate(2, j).tanh());
    return gate(1, j).sigmoid().times(before).plus(taken);
  });
  return [c.map((value, j) => gate(3, j).sigmoid().times(value.tanh())), c];
});
