// Files of a small model with their JSON changed, and what refuses them.
import { expect } from "vitest";
import { dense, type Model, relu, sequential } from "../../../src/index.ts";
import { fromLayersModel, type LayersModelError, toLayersModel } from "../../../src/tfjs.ts";

export type Json = Record<string, unknown>;
export type Files = Record<string, Uint8Array>;

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The files of a small model, their JSON changed. */
export async function files(change: (json: Json) => void = () => {}, model?: Model): Promise<Files> {
  const written = toLayersModel(model ?? (await sequential({ input: 3 }, dense(2, { name: "d" }), relu())));
  const json = JSON.parse(new TextDecoder().decode(written.files["model.json"])) as Json;
  change(json);
  return { ...written.files, "model.json": utf8(JSON.stringify(json)) };
}

export type Layer = { class_name: string; name?: string; config: Json; inbound_nodes?: unknown };

export const layersOf = (json: Json): Layer[] =>
  (json["modelTopology"] as { config: { layers: Layer[] } }).config.layers;
export const groupOf = (json: Json) => (json["weightsManifest"] as { paths: string[]; weights: Json[] }[])[0]!;

/** Refused, with an error of the kind that names the place. */
export async function refused(source: Files, where: string, reason: RegExp | string): Promise<void> {
  const error: unknown = await fromLayersModel(source).catch((caught: unknown) => caught);
  const { name, message, where: place, reason: why } = error as LayersModelError;
  expect(name).toBe("LayersModelError");
  expect(place).toBe(where);
  expect(why).toMatch(reason);
  expect(message).toBe(`fromLayersModel: ${place}: ${why}`);
}
