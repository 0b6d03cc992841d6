// ONNX's node tests through the library's layers: each passes, or stands in missing.ts or different.ts with the reason.
import { describe, expect, test } from "vitest";
import { ARCHIVE, type Case, isThere, readCases } from "./archive.ts";
import { DIFFERENT } from "./different.ts";
import { Missing } from "./node.ts";
import { MISSING, NODE_TESTS } from "./missing.ts";
import { OPERATORS } from "./operators/index.ts";
import type { Tensor } from "./proto.ts";

/** Of the largest number of the expected tensor. The worst is at 3e-7. */
const TOLERANCE = 1e-6;

/** What moves numbers, or chooses among them: no rounding at all. */
const EXACT =
  "Clip Concat Flatten Gather GlobalMaxPool Identity MaxPool Pad Relu Reshape Transpose Upsample Dropout".split(" ");

/** Outputs that no layer gives: what a training keeps for its backward pass. */
const KEPT: Readonly<Record<string, readonly number[]>> = { LayerNormalization: [1, 2], Dropout: [1] };

type Given = readonly (Tensor | undefined)[];

async function run(entry: Case): Promise<Given | Missing> {
  try {
    if (entry.other) throw new Missing("sequences and optional values");
    const mapping = OPERATORS[entry.node.operator];
    if (!mapping) throw new Missing("all of it");
    return await mapping(entry);
  } catch (error) {
    if (error instanceof Missing) return error;
    throw error;
  }
}

/** What is wrong with the numbers; empty: nothing. */
function problems({ expected, node }: Case, given: Given, tolerance: number): string[] {
  return expected.flatMap((tensor, i) => {
    if (!tensor || KEPT[node.operator]?.includes(i)) return [];
    const own = given[i];
    if (!own) return [`output ${i} isn't given`];
    if (String(own.shape) !== String(tensor.shape)) return [`output ${i} is [${own.shape}], not [${tensor.shape}]`];
    const numbers = Array.from(tensor.data);
    const bound = tolerance * numbers.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
    const at = numbers.findIndex((value, k) => !(own.data[k] === value || Math.abs(own.data[k]! - value) <= bound));
    return at < 0 ? [] : [`output ${i}, number ${at}: got ${own.data[at]}, expected ${numbers[at]}`];
  });
}

const required = Boolean(process.env["CI"]);

describe("ONNX's node tests", () => {
  if (!required && !isThere()) {
    test.skip(`are not at ${ARCHIVE}`, () => {});
    return;
  }
  const cases = readCases();
  const passed: string[] = [];
  const differ: string[] = [];
  const missing: Record<string, Record<string, string[]>> = {};

  test.each(cases)("$name", async (entry) => {
    const { name, node } = entry;
    const given = await run(entry);
    if (given instanceof Missing) {
      const { message } = given;
      ((missing[node.operator] ??= {})[message] ??= []).push(name);
      const listed = MISSING[node.operator]?.[message] ?? [];
      expect(listed, `what missing.ts lists of ${node.operator} for want of: ${message}`).toContain(name);
      return;
    }
    const found = problems(entry, given, EXACT.includes(node.operator) ? 0 : TOLERANCE);
    const different = DIFFERENT[node.operator]?.[name];
    if (different) {
      differ.push(name);
      expect(found, `no difference any more: ${different.reason}`).not.toEqual([]);
      const tolerance = different.tolerance ?? TOLERANCE;
      expect(problems(entry, different.asThere(given, entry), tolerance), `more than: ${different.reason}`).toEqual([]);
    } else {
      expect(found).toEqual([]);
      passed.push(name);
    }
  });

  test("that can't be said are those of the list, and no others", () => {
    expect(missing).toEqual(MISSING);
    const counts: Record<string, number> = {};
    for (const { node } of cases) counts[node.operator] = (counts[node.operator] ?? 0) + 1;
    expect(counts).toEqual(NODE_TESTS);
    const listed = Object.values(MISSING).flatMap((reasons) => Object.values(reasons).flat());
    console.log(
      `ONNX's node tests: ${passed.length} of ${cases.length} pass, ${listed.length} can't be said, ${differ.length} differ as they should`,
    );
    expect(differ.toSorted()).toEqual(Object.values(DIFFERENT).flatMap(Object.keys).toSorted());
    expect(passed.length + listed.length + differ.length).toBe(cases.length);
  });
});
