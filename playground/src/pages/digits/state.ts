// What the digits page keeps in its URL.
import { digitFrom, digitText } from "../../digits/digitText.ts";
import { ALL, FIRST, NETS, OPTIMIZERS, type Training } from "../../digits/settings.ts";
import { choice, numeric, type Setting, State } from "../../shell/state.ts";

/** A three of MNIST's test images, so that there is something to see at once. */
const FIRST_DIGIT =
  "AJRj_v7-_tl2KQATsvf9_f39_f2MABJA9P3QsbE3Y_35XAARE6WzGQADRf39bQAYRf35XwAXDZn9jwAXOfD9_VkAFQZv9_394ykAFB_k_f39_f3dWAATI_39_f39_f38zjAAERzNzc1SRES8_f3iMwAXOqf9_eAkABcDsP39OgAZrf3dJQAYaP39SwAXKeP9_UsAFAw_jOL9_e45ABEpKpnB_f39_dlWAA8DHZ77_f39_f3oZg0AEBB0uv39_eN0cQBf";

const digit: Setting<Uint8Array> = { initial: digitFrom(FIRST_DIGIT)!, read: digitFrom, write: digitText };
const layer: Setting<string> = { initial: "", read: (text) => text, write: (name) => name };
/** The digit whose output the gradient is of: null where it is the likeliest one. */
const gradientOf: Setting<number | null> = {
  initial: null,
  read: (text) => (/^\d$/.test(text) ? Number(text) : undefined),
  write: (number) => (number === null ? "" : String(number)),
};

export const state = new State({
  net: choice(NETS, "lenet", true),
  images: numeric(FIRST.train, { least: 64, most: ALL.train, integer: true }),
  epochs: numeric(5, { least: 1, most: 50, integer: true }),
  batch: numeric(64, { least: 1, most: 1024, integer: true }),
  opt: choice(OPTIMIZERS, "adam"),
  lr: numeric(0.001, { least: 1e-6, most: 1e6 }),
  seed: numeric(1, { least: 0, most: Number.MAX_SAFE_INTEGER, integer: true }),
  layer,
  of: gradientOf,
  digit,
});

/** The training that the settings say. */
export const training = (): Training => ({
  net: state.get("net"),
  images: state.get("images"),
  epochs: state.get("epochs"),
  batch: state.get("batch"),
  optimizer: state.get("opt"),
  rate: state.get("lr"),
  seed: state.get("seed"),
});
