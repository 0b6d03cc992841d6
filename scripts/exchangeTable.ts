// The tables of docs/exchange.md, from what the tests have found: which layers go which way, and what is said of the others.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Outcome, Outcomes } from "../test/exchange/outcomes.ts";

/** The ways of test/exchange/outcomes.ts, and the heads of their columns. */
const COLUMNS: Readonly<Record<string, string>> = {
  "to ONNX": "ONNX out",
  "back from ONNX": "and in",
  "to TensorFlow.js": "TensorFlow.js out",
  "back from TensorFlow.js": "and in",
  "weights by PyTorch's names, there and back": "PyTorch's weights",
  "to a module": "module",
  "safetensors, there and back": "safetensors",
};

const outcomes = (): Outcomes =>
  JSON.parse(readFileSync(join(import.meta.dirname, "../test/exchange/outcomes.json"), "utf8")) as Outcomes;

function cell({ of, refused }: Outcome): string {
  const passed = of - Object.keys(refused).length;
  if (passed === of) return "yes";
  return passed === 0 ? "no" : `${passed} of ${of}`;
}

/** Every layer with each way. */
export function exchangeTable(): string {
  const ways = Object.keys(COLUMNS);
  const rows = Object.entries(outcomes())
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([layer, found]) => [`\`${layer}\``, ...ways.map((way) => cell(found[way]!))]);
  return [["layer", ...Object.values(COLUMNS)], ["---", ...ways.map(() => "---")], ...rows]
    .map((row) => `| ${row.join(" | ")} |`)
    .join("\n");
}

/** What messages say of a model that no other's would: function, layer and its number. */
const OWN =
  /^\w+(?:: |, )(?:attribute \S+, )?(?:node "[^"]*" \((\w+), opset \d+\): )?(?:\w+ \(layer \d+, "[^"]*"\) |(?:\S+ )(?=has |resets |\(\w+\) is no layer))?/;

/** What isn't written or read, and what is said of it. */
export function exchangeRefusals(): string {
  // by what is said, whatever the numbers in it
  const reasons = new Map<string, { readonly way: string; readonly reason: string; readonly layers: Set<string> }>();
  const ways = [
    "to ONNX",
    "back from ONNX",
    "to TensorFlow.js",
    "back from TensorFlow.js",
    "weights by PyTorch's names, there and back",
  ];
  for (const way of ways) {
    for (const [layer, found] of Object.entries(outcomes())) {
      for (const message of Object.values(found[way]!.refused)) {
        // what isn't written doesn't come back
        if (way.startsWith("back") && Object.values(found[way.replace("back from", "to")]!.refused).includes(message))
          continue;
        const operator = OWN.exec(message)?.[1];
        const reason = `${operator === undefined ? "" : `${operator}: `}${message.replace(OWN, "").split("; ")[0]!.split(". ")[0]!}`;
        const key = `${way} ${reason.replaceAll(/-?\d[\d.]*/g, "0")}`;
        const known = reasons.get(key) ?? { way: way.replace(/,.*/, ""), reason, layers: new Set() };
        reasons.set(key, known);
        known.layers.add(layer);
      }
    }
  }
  const rows = [...reasons.values()].map(({ way, reason, layers }) => {
    const names = [...layers].toSorted().map((layer) => `\`${layer}\``);
    return `| ${way} | ${names.join(" ")} | ${reason} |`;
  });
  return ["| way | in models of | what is said |", "| --- | --- | --- |", ...rows].join("\n");
}
