// A model from a file, as a run of the Play page: dense layers on two inputs. Of anything else it is said what it is.
import { modelFromBytes } from "wasmgrad/files";
import type { Text } from "../shell/text.ts";
import { EXPECTED, kindOfFile, looksLikeModel } from "./fileKind.ts";
import { ACTIVATIONS, type ActivationName, type HiddenLayer, LIMITS } from "./setup.ts";

export interface ReadModel {
  readonly layers: readonly HiddenLayer[];
  readonly outputs: number;
  /** The last layer squeezes its sum into 0 to 1. */
  readonly squeezed: boolean;
  readonly dropout: number;
  /** All parameters in their order. */
  readonly weights: Float32Array;
}

const problem = (en: string, zh: string): { readonly problem: Text } => ({
  problem: { en: `${en} ${EXPECTED.en}`, zh: `${zh}${EXPECTED.zh}` },
});

/** Reads a model's file; the problem says what the file is, and what is expected. */
export async function readModel(name: string, bytes: Uint8Array): Promise<ReadModel | { readonly problem: Text }> {
  if (!looksLikeModel(bytes)) {
    const kind = kindOfFile(bytes);
    return problem(
      `${name} is ${kind ? kind.en : "no model and no table"}; it is left alone.`,
      `${name} 是${kind ? kind.zh : "别的文件，既不是模型也不是表格"}，没有打开。`,
    );
  }
  let model;
  try {
    model = await modelFromBytes(bytes);
  } catch (error) {
    const { message } = error as Error;
    return problem(`${name} could not be read as a model: ${message}.`, `${name} 不能作为模型读取：${message}。`);
  }
  const summary = model.summary().layers;
  const types = summary.map(({ type }) => type);
  const [inputs] = model.inputShape;
  if (model.inputShape.length !== 1 || inputs !== 2) {
    const shape = model.inputShape.join(" × ");
    return problem(
      `${name} takes inputs of ${shape} numbers (${types.slice(0, 4).join(", ")} …): the plane has 2.`,
      `${name} 的输入有 ${shape} 个数（${types.slice(0, 4).join("、")}……），而平面只有 2 个。`,
    );
  }
  const layers: { units: number; activation: ActivationName }[] = [];
  const names = Object.values(ACTIVATIONS) as string[];
  let dropout = 0;
  let pending = false;
  let softmax = false;
  for (const [i, { type, output }] of summary.entries()) {
    if (type === "dense") {
      layers.push({ units: output[0]!, activation: "linear" });
      pending = true;
    } else if (names.includes(type) && pending) {
      layers.at(-1)!.activation = type as ActivationName;
      pending = false;
    } else if (type === "softmax" && i === summary.length - 1) softmax = true;
    else if (type === "dropout") dropout = Number(model.layers[i]?.options?.["rate"] ?? 0);
    else {
      return problem(`${name} has a layer that isn't shown here, ${type}.`, `${name} 含有此处不能显示的层：${type}。`);
    }
  }
  const output = layers.pop();
  const plain = output && (output.activation === "linear" || (output.activation === "sigmoid" && output.units === 1));
  const wanted = [...layers, ...(output ? [output] : [])].reduce(
    (sum, { units }, i, all) => sum + units * ((all[i - 1]?.units ?? 2) + 1),
    0,
  );
  if (!output || !plain || output.units > 6 || wanted !== model.parameterCount || layers.length > LIMITS.layers) {
    return problem(
      `${name} ends in ${output ? `${output.units} units${plain ? "" : ` with ${output.activation}`}` : "no dense layer"} and has ${model.parameterCount} parameters: that is no net of dense layers with biases and 1 to 6 outputs.`,
      `${name} 的末层${output ? `有 ${output.units} 个单元${plain ? "" : `（${output.activation}）`}` : "不是全连接层"}，共 ${model.parameterCount} 个参数：这不是带偏置、1 到 6 个输出的全连接网络。`,
    );
  }
  const weights = new Float32Array(model.parameterCount);
  let at = 0;
  for (const parameter of model.parameters()) {
    weights.set(parameter.get(), at);
    at += parameter.size;
  }
  return { layers, outputs: output.units, squeezed: output.activation === "sigmoid" && !softmax, dropout, weights };
}
