import { describe, expect, test } from "vitest";
import { unknownText } from "../../src/util/suggest.ts";

describe("unknownText", () => {
  const known = ["learningRate", "momentum", "beta1", "beta2"];
  const text = (name: string, elsewhere = {}): string => unknownText("option", name, known, elsewhere);
  const rest = "Known: learningRate, momentum, beta1, beta2";

  test("suggests the name that takes the fewest changes", () => {
    expect(text("learning_rate")).toBe(`unknown option "learning_rate"; did you mean "learningRate"? ${rest}`);
    expect(text("LEARNINGRATE")).toBe(`unknown option "LEARNINGRATE"; did you mean "learningRate"? ${rest}`);
    expect(text("momentun")).toBe(`unknown option "momentun"; did you mean "momentum"? ${rest}`);
    expect(text("beta_2")).toBe(`unknown option "beta_2"; did you mean "beta2"? ${rest}`);
  });

  test("suggests a name that begins so", () => {
    expect(text("learn")).toBe(`unknown option "learn"; did you mean "learningRate"? ${rest}`);
  });

  test("suggests nothing where nothing is near", () => {
    expect(text("colour")).toBe(`unknown option "colour". ${rest}`);
    expect(text("x")).toBe(`unknown option "x". ${rest}`);
  });

  test("knows other libraries' names, in any spelling", () => {
    const elsewhere = { stepsize: "learningRate" };
    for (const name of ["stepsize", "step_size", "StepSize", "step size"]) {
      expect(text(name, elsewhere)).toBe(`unknown option "${name}"; did you mean "learningRate"? ${rest}`);
    }
  });

  test("cuts long names before they are compared and shown", () => {
    expect(text(`momentum${"m".repeat(1e7)}`)).toBe(`unknown option "momentum${"m".repeat(72)}...". ${rest}`);
    expect(text("m".repeat(80))).toBe(`unknown option "${"m".repeat(80)}". ${rest}`);
  });

  test("shows names as they are written, quotes and line breaks included", () => {
    expect(text('a"b\n')).toBe(`unknown option "a\\"b\\n". ${rest}`);
  });
});
