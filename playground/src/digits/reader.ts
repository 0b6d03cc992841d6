// What both workers of the digits page do: keep networks, tell the page of them, and read digits.
import { activations, type Model, samples } from "wasmgrad";
import { modelToBytes } from "wasmgrad/files";
import { centred } from "./centre.ts";
import { isPolicy } from "../shell/policy.ts";
import type { FromWorker, LayerInfo, NetworkInfo, ToWorker, Trouble } from "./messages.ts";

export const SIZE = 784;
const DIGITS = 10;

export const say = (message: FromWorker, transfer: Transferable[] = []): void => postMessage(message, { transfer });

/** The networks that can read: a training has one of its own, which passes by hand would disturb. */
const models = new Map<NetworkInfo["origin"], Model>();

/** Keeps a network, and tells the page of its weights as they are now. */
export function show(model: Model, origin: NetworkInfo["origin"], fileName = ""): void {
  models.set(origin, model);
  const { input, layers: all, parameters } = model.summary();
  const values = model.parameters();
  const inRow = all.length === model.layers.length && model.layers.every(({ inner }) => inner === undefined);
  const layers = all.map(({ name, type, output }, i): LayerInfo => {
    const own = values.filter((parameter) => parameter.name.startsWith(`${name}.`));
    return {
      name,
      type,
      options: plain(model.layers[i]?.options ?? {}),
      input: all[i - 1]?.output ?? input,
      output,
      parameters: Object.fromEntries(own.map((parameter) => [parameter.name.slice(name.length + 1), parameter.get()])),
    };
  });
  const network = { origin, fileName, layers: inRow ? layers : [], parameters, fingerprint: model.fingerprint() };
  say({ says: "network", network });
}

/** Options without what a message can't hold, such as a function. */
const plain = (options: object): Record<string, unknown> =>
  JSON.parse(JSON.stringify(options)) as Record<string, unknown>;

/** Reads a digit. */
function see({ origin, digit, of }: Extract<ToWorker, { do: "see" }>): void {
  const pixels = "drawn" in digit ? centred(digit.drawn) : digit.pixels;
  const model = models.get(origin);
  if (!model || !pixels || pixels.every((ink) => ink === 0)) {
    say({ says: "seen", seen: { pixels: pixels ?? new Uint8Array(SIZE) } });
    return;
  }
  const x = samples(pixels, [SIZE], { scale: 1 / 255 });
  const chances = chancesOf(model.probabilities(x));
  const chosen = of ?? chances.indexOf(Math.max(...chances));
  const gradient = gradientOf(model, x, chosen);
  const values = activations(
    model,
    x,
    model.summary().layers.map(({ name }) => name),
  );
  say({ says: "seen", seen: { pixels, result: { chances, of: chosen, gradient, values } } });
}

/** How the output of a digit changes with each pixel; undefined where the network can't be trained on a single image, as with batchNorm. */
function gradientOf(model: Model, x: ReturnType<typeof samples>, digit: number): Float32Array | undefined {
  // a training pass would move running statistics
  const kept = model.parameters().filter(({ trained }) => !trained);
  const before = kept.map((parameter) => parameter.get());
  try {
    model.forward(x);
    return model.backward(Float32Array.from({ length: DIGITS }, (_, i) => (i === digit ? 1 : 0)));
  } catch {
    return undefined;
  } finally {
    for (const [i, parameter] of kept.entries()) parameter.set(before[i]!);
  }
}

/** Of a file whose model has no softmax: what it gives, as chances. */
function chancesOf(outputs: Float32Array): Float32Array {
  const sum = outputs.reduce((total, v) => total + v, 0);
  if (outputs.every((v) => v >= 0) && Math.abs(sum - 1) < 1e-3) return outputs;
  const most = Math.max(...outputs);
  // shown only: it reaches no memory of the library's
  // oxlint-disable-next-line no-restricted-properties
  const powers = outputs.map((v) => Math.exp(v - most));
  const total = powers.reduce((all, v) => all + v, 0);
  return powers.map((v) => v / total);
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Answers the page's messages; those that `answer` doesn't know are about networks that are kept. */
export function listen(
  answer: (message: ToWorker) => unknown,
  troubleOf: (error: unknown) => Trouble = () => "other",
): void {
  addEventListener("message", async ({ data }: MessageEvent<ToWorker>) => {
    try {
      if (data.do === "see") see(data);
      else if (data.do === "export") say({ says: "exported", bytes: modelToBytes(models.get(data.origin)!) });
      else await answer(data);
    } catch (error) {
      const text = `${messageOf(error)} ${String((error as Error).cause ?? "")}`;
      const trouble = /memory|allocat/i.test(text) ? "memory" : isPolicy(text) ? "webassembly" : troubleOf(error);
      say({ says: "trouble", trouble, detail: messageOf(error) });
    }
  });
}
