import { simpleRnnCell } from "../../../../src/nn/layers/simpleRnn.ts";
import { recurrentTests } from "../../../support/recurrents.ts";

recurrentTests(simpleRnnCell, ({ bias }, units, input, state) => [
  Array.from({ length: units }, (_, j) => input(j).plus(state(j)).plus(bias![j]!).tanh()),
]);
