// A layer as it is in the lists of model.json.
import { isRecord } from "../../../util/check.ts";
import { jsonText, refuse } from "./config.ts";

/** A layer as it is in a list of layers. */
export interface LayerData {
  readonly className: string;
  readonly config: unknown;
  readonly name: string;
}

/** The class, configuration and name of an entry. */
export function layerData(entry: unknown, where: string): LayerData {
  if (!isRecord(entry))
    throw refuse(where, `a layer must be an object of class_name and config, got ${jsonText(entry)}`);
  const className = entry["class_name"] ?? entry["className"];
  const { config } = entry;
  if (typeof className !== "string") throw refuse(where, "the layer has no class_name");
  // the layers of an early Sequential are its config
  const own = isRecord(config) ? config["name"] : undefined;
  const name = entry["name"] ?? own ?? className;
  if (typeof name !== "string") throw refuse(where, `the layer's name must be a string, got ${jsonText(name)}`);
  return { className, config, name };
}

/** The layers of a Sequential, and the shape that it was built for. */
export function sequenceOf(
  data: LayerData,
  where: string,
): { readonly layers: readonly LayerData[]; readonly built: unknown } {
  const { config } = data;
  const list = Array.isArray(config) ? config : isRecord(config) ? config["layers"] : undefined;
  if (!Array.isArray(list)) throw refuse(where, "there is no list of layers");
  const layers = list.map((entry: unknown, i) => layerData(entry, `${where}: layers[${i}]`));
  return { layers, built: isRecord(config) ? config["build_input_shape"] : undefined };
}
