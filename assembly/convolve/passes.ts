// The three passes over a batch: outputs, gradients of inputs, gradients of weights. All scratch memory is free again afterwards. The
// images are divided among threads; of the weights' gradients, which are sums over all images, the weights are.
import { channels, filters, giveBack, height, outHeight, outWidth, take, width } from "./geometry";
import { planInputs, planOutputs, runPlan } from "./plan";
import { planTaps, runTaps } from "./taps";
import { rangeBegin, rangeEnd } from "../runtime/threadRange";

/** Bytes of an input and of an output. */
function inputBytes(): usize {
  return (<usize>height * width * channels) << 2;
}
function outputBytes(): usize {
  return (<usize>outHeight * outWidth * filters) << 2;
}

/**
 * y = bias + the sums over windows of x.
 *
 * @param times 0; or how many filters of its own each channel has
 */
export function passOutputs(x: usize, w: usize, bias: usize, y: usize, times: i32, rows: u32): void {
  const mark = take(0);
  planOutputs(w, bias, times);
  const first = rangeBegin(rows, 1);
  x += first * inputBytes();
  y += first * outputBytes();
  for (let i = first; i < rangeEnd(rows, 1); i++, x += inputBytes(), y += outputBytes()) runPlan(x, y);
  giveBack(mark);
}

/** dx = bias + the sums over windows of dy, with the weights rotated by 180 degrees. */
export function passInputs(dy: usize, w: usize, bias: usize, dx: usize, times: i32, rows: u32): void {
  const mark = take(0);
  planInputs(w, bias, times);
  const each = times > 1 ? take(inputBytes() * times) : 0;
  const first = rangeBegin(rows, 1);
  dx += first * inputBytes();
  dy += first * outputBytes();
  for (let i = first; i < rangeEnd(rows, 1); i++, dx += inputBytes(), dy += outputBytes()) {
    runPlan(dy, each ? each : dx);
    if (each) sumGroups(each, times, dx);
  }
  giveBack(mark);
}

/** dw += the sums over images and windows of x dy. */
export function passWeights(x: usize, dy: usize, dw: usize, times: i32, rows: u32): void {
  const mark = take(0);
  planTaps(times);
  for (let i: u32 = 0; i < rows; i++, x += inputBytes(), dy += outputBytes()) runTaps(x, dy, dw);
  giveBack(mark);
}

/** Each number of an input = the sum of `times` neighbours. */
function sumGroups(from: usize, times: i32, to: usize): void {
  for (const end = to + inputBytes(); to < end; to += 4) {
    let sum: f32 = 0;
    for (let i = 0; i < times; i++, from += 4) sum += load<f32>(from);
    store<f32>(to, sum);
  }
}
