// What the tests of wasmgrad/web do in pages. They evaluate calls of these functions, which give values that JSON can hold.
import * as wasmgrad from "wasmgrad";
import { labelEncoder, mnist } from "wasmgrad/datasets";
import { modelToBytes } from "wasmgrad/files";
import * as web from "wasmgrad/web";
import * as pixels from "./noise.ts";

const { hash, VARIANTS } = pixels;
const { accuracy, adam, conv2d, dense, flatten, relu, sequential, softmaxCrossEntropy, Trainer } = wasmgrad;

/** The message of what is thrown, or "nothing". */
export async function refusal(action) {
  try {
    await action();
    return "nothing";
  } catch (error) {
    return error.message;
  }
}

/** Pixels that every browser makes alike. */
function noise(width, height, opaque) {
  return new ImageData(pixels.noise(width, height, opaque).data, width, height);
}

/** Hashes of the same ImageData, in every way. */
function pixelHashes() {
  const image = noise(61, 47);
  return VARIANTS.map((options) => hash(web.fromPixels(image, options).data));
}

function canvasOf(image) {
  const canvas = document.createElement("canvas");
  canvas.width = image.width;
  canvas.height = image.height;
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
}

/** Each kind of source of the same opaque pixels: the hash of its bytes. */
async function sources() {
  const image = noise(16, 12, true);
  const canvas = canvasOf(image);
  const offscreen = new OffscreenCanvas(16, 12);
  offscreen.getContext("2d").putImageData(image, 0, 0);
  const bitmap = await createImageBitmap(image);
  const picture = new Image();
  picture.src = canvas.toDataURL("image/png");
  await picture.decode();
  const all = { ImageData: image, canvas, OffscreenCanvas: offscreen, ImageBitmap: bitmap, picture };
  if (typeof VideoFrame === "function") all.VideoFrame = new VideoFrame(bitmap, { timestamp: 0 });
  const hashes = Object.entries(all).map(([name, source]) => [name, hash(web.fromPixels(source).data)]);
  all.VideoFrame?.close();
  return { ...Object.fromEntries(hashes), rows: web.fromPixels([image, canvas, bitmap]).rows };
}

/** Predictions of a convolution on a canvas' pixels, one row and a list of them. */
async function predictions() {
  const model = await sequential(
    { input: [28, 28, 1], seed: 3 },
    conv2d(4, { kernelSize: 3 }),
    relu(),
    flatten(),
    dense(10),
  );
  const image = noise(56, 56, true);
  const options = { channels: 1, size: [28, 28] };
  const rows = web.fromPixels([image, canvasOf(image)], options);
  return [
    hash(new Uint8Array(model.predict(web.fromPixels(image, options)).buffer)),
    [...model.classify(rows)],
    [...rows.shape],
  ];
}

async function pixelRefusals() {
  const empty = document.createElement("canvas");
  empty.width = 0;
  const closed = await createImageBitmap(noise(2, 2));
  closed.close();
  const broken = new Image();
  broken.src = "/nothing.png";
  await broken.decode().catch(() => {});
  return Promise.all(
    [
      empty,
      closed,
      document.createElement("video"),
      broken,
      new Image(),
      document.createElement("canvas").getContext("2d"),
      new Blob(["x"]),
      document.querySelectorAll("canvas"),
      document.body,
    ].map((source) => refusal(() => web.fromPixels(source))),
  );
}

/** A picture of another origin, which a canvas may show and a page may not read. */
async function tainted(url) {
  const picture = new Image();
  picture.src = url;
  await picture.decode();
  return refusal(() => web.fromPixels(picture));
}

/** A video made of what a canvas shows. */
async function video() {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 32;
  const context = canvas.getContext("2d");
  const element = document.createElement("video");
  element.muted = true;
  element.srcObject = canvas.captureStream(30);
  const timer = setInterval(() => {
    context.fillStyle = "rgb(255, 0, 0)";
    context.fillRect(0, 0, 32, 32);
  }, 20);
  try {
    await element.play();
    const { data, shape } = web.fromPixels(element, { size: [2, 2] });
    return [shape, [...data.subarray(0, 3)]];
  } finally {
    clearInterval(timer);
  }
}

const small = (seed) => sequential({ input: 6, seed }, dense(8), relu(), dense(3));

/** Saves, reads, replaces, lists and removes models in one of the browser's places. */
async function storage(scheme) {
  const model = await small(1);
  const url = `${scheme}://a model/with "any" name ✓`;
  await web.saveModel(model, url);
  const first = await web.loadModel(url);
  const other = await small(2);
  // of several calls for one name the last one counts
  await Promise.all([web.saveModel(model, url), web.saveModel(other, url)]);
  const second = await web.loadModel(url);
  const before = model.fingerprint();
  const saved = web.saveModel(model, `${scheme}://digits`);
  model.parameters()[0].set(new Float32Array(48)); // after the call: not in the file
  await saved;
  const third = await web.loadModel(`${scheme}://digits`);
  const list = await web.listModels();
  const wrong = {
    load: await refusal(() => web.loadModel(`${scheme}://digit`)),
    remove: await refusal(() => web.removeModel(`${scheme}://digit`)),
  };
  for (const each of list) await web.removeModel(each.url);
  wrong.none = await refusal(() => web.loadModel(`${scheme}://digits`));
  return {
    prints: [first, second, third].map((each) => each.fingerprint()),
    expected: [before, other.fingerprint(), before],
    list: list.map(({ url: place, bytes, saved: when }) => [place, bytes, Math.abs(Date.now() - when) < 600_000]),
    bytes: modelToBytes(other).length,
    left: (await web.listModels()).length,
    wrong,
  };
}

const versions = () => Promise.all([1, 2].map((seed) => sequential({ input: 800, seed }, dense(800))));

/** Saves two models of 2.6 MB in turns until the browser is killed. Gives their fingerprints once one is there. */
async function saveOnAndOn(url) {
  const models = await versions();
  await web.saveModel(models[0], url);
  (async () => {
    for (let i = 1; ; i++) await web.saveModel(models[i % 2], url);
  })();
  return models.map((model) => model.fingerprint());
}

/** What is there after that. */
async function left(url) {
  const list = await web.listModels();
  const model = await web.loadModel(url);
  return [model.fingerprint(), list.length];
}

/** A model that is too large for what the page may store: nothing is lost. Chromium's DevTools set the quota. */
async function full(scheme) {
  const url = `${scheme}://kept`;
  const kept = await small(1);
  await web.saveModel(kept, url);
  const large = await sequential({ input: 1000, seed: 1 }, dense(3000));
  const message = await refusal(() => web.saveModel(large, url));
  const rest = await web.loadModel(url);
  await web.removeModel(url);
  return { message, same: rest.fingerprint() === kept.fingerprint() };
}

async function withoutStorage() {
  Object.defineProperty(window, "indexedDB", { value: undefined, configurable: true });
  Object.defineProperty(navigator, "storage", { value: undefined, configurable: true });
  const model = await small(1);
  const texts = await Promise.all(["indexeddb://a", "opfs://a"].map((url) => refusal(() => web.saveModel(model, url))));
  const list = await web.listModels();
  delete window.indexedDB;
  delete navigator.storage;
  return { texts, list };
}

/** Files that the user chose: a model as File and as Blob, and what isn't one. */
async function chosenFiles() {
  const model = await small(1);
  const bytes = modelToBytes(model);
  const loaded = await Promise.all([
    web.loadModel(new File([bytes], "digits.safetensors")),
    web.loadModel(new Blob([bytes])),
    web.loadModel(URL.createObjectURL(new Blob([bytes]))),
  ]);
  const input = document.createElement("input");
  input.type = "file";
  return {
    same: loaded.every((each) => each.fingerprint() === model.fingerprint()),
    texts: await Promise.all(
      [
        () => web.loadModel(new File([bytes.subarray(0, 50)], "half.safetensors")),
        () => web.loadModel(input.files),
        () => web.loadModel(input.files[0]),
        () => web.loadModel("missing.safetensors"),
        () => web.loadModel("index.html"),
        () => web.loadModel("download://digits"),
        () => web.loadModel("localstorage://digits"),
      ].map(refusal),
    ),
  };
}

/** What a click on a link downloads. */
async function download() {
  const links = [];
  document.addEventListener("click", (event) => links.push(event.target), { capture: true });
  const click = HTMLAnchorElement.prototype.click;
  let bytes;
  HTMLAnchorElement.prototype.click = function () {
    bytes = fetch(this.href).then((response) => response.arrayBuffer());
    links.push(this.download);
    click.call(this);
  };
  const model = await small(1);
  await web.saveModel(model, "download://digits.safetensors");
  HTMLAnchorElement.prototype.click = click;
  const copy = await web.loadModel(new Blob([await bytes]));
  return [links[0], copy.fingerprint() === model.fingerprint()];
}

/** MNIST as a server, a file list and bytes give it. */
async function digits() {
  const names = [
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
  ];
  const byUrl = await mnist({ from: "mnist" });
  const packed = await mnist({ from: "/packed/" });
  const transfer = new DataTransfer();
  for (const name of names) {
    const blob = await (await fetch(`/packed/${name}.gz`)).blob();
    transfer.items.add(new File([blob], `${name}.gz`));
  }
  const byFiles = await mnist({ from: transfer.files });
  return {
    hashes: [byUrl, packed, byFiles].map(({ train, test }) =>
      hash([...train.x.data, ...train.y, ...test.x.data, ...test.y]),
    ),
    text: await refusal(() => mnist({ from: "/nowhere/" })),
  };
}

/** Trains with words as labels and a live curve. */
async function training() {
  web.defineElements();
  web.defineElements();
  const curve = document.createElement("wasmgrad-curve");
  document.body.append(curve);
  const animals = labelEncoder(["dog", "cat", "eel", "cat"]);
  const model = await sequential({ input: 6, seed: 1 }, dense(8), relu(), dense(3));
  const x = Array.from({ length: 30 }, (_, i) => Array.from({ length: 6 }, (__, j) => ((i * 7 + j * 3) % 11) / 11));
  const y = x.map((_, i) => animals.names[i % 3]);
  const trainer = new Trainer(model, { loss: softmaxCrossEntropy(), optimizer: adam(), metrics: [accuracy()] });
  const data = { x, y: animals.encode(y) };
  const options = { epochs: 5, validationSplit: 0.2, callbacks: [curve.callback] };
  await trainer.fit(data, options);
  await trainer.fit(data, options); // goes on
  await frame();
  const after = curve.shadowRoot.querySelector("figure").getAttribute("aria-label");
  const next = new Trainer(await small(5), { loss: softmaxCrossEntropy(), optimizer: adam() });
  await next.fit(data, { epochs: 2, callbacks: [curve.callback] });
  await frame();
  const labels = [...curve.shadowRoot.querySelectorAll("figure")].map((figure) => figure.getAttribute("aria-label"));
  curve.remove();
  return { after, labels, names: animals.decode(model.classify(x.slice(0, 3))).length };
}

const frame = () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));

/** An element, filled by `use` and drawn. */
async function drawnElement(tag, use) {
  web.defineElements();
  document.body.replaceChildren();
  const made = document.createElement(tag);
  document.body.append(made);
  use?.(made);
  await frame();
  await frame();
  return made;
}

Object.assign(window, {
  chosenFiles,
  digits,
  download,
  drawnElement,
  frame,
  full,
  left,
  saveOnAndOn,
  pixelHashes,
  pixelRefusals,
  predictions,
  refusal,
  sources,
  storage,
  tainted,
  training,
  video,
  web,
  withoutStorage,
  ready: true,
});
