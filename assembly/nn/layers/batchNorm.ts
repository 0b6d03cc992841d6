import { HALT_STATE, PROGRAM_HALT } from "../../runtime/abi";
import { DX, DY, float, integer, perRow, pointer, X, Y } from "../../runtime/record";
import { beginChannels, channelsBackward, channelStatistics, channelSum, scaleChannels, sumChannels } from "./channels";

const GAMMA: usize = 4;
const D_GAMMA: usize = 5;
const BETA: usize = 6;
const D_BETA: usize = 7;
const RUNNING_MEAN: usize = 8;
const RUNNING_VARIANCE: usize = 9;
/** Channels: the last axis. */
const N: usize = 10;
/** Numbers of a tile: see channels.ts. */
const TILE: usize = 11;
const EPSILON: usize = 12;
/** The batch's share of the running statistics. */
const MOMENTUM: usize = 13;
/** 1: the batch's own statistics, which go into the running ones; 0: the running ones, which stay. */
const BATCH: usize = 14;
/** Address of the mean and 1 / deviation of each channel, two float32. */
const STATISTICS: usize = 15;
const SCRATCH: usize = 16;
const PROGRAM: usize = 17;

/** y = gamma (x - mean) / sqrt(variance + epsilon) + beta, by channel, over all but the last axis. */
export function batchNormForward(record: usize, rows: u32): void {
  const n = <usize>integer(record, N);
  const bytes = (<usize>rows * perRow(record)) << 2;
  const epsilon = <f64>float(record, EPSILON);
  const runningMean = pointer(record, RUNNING_MEAN);
  const runningVariance = pointer(record, RUNNING_VARIANCE);
  const statistics = pointer(record, STATISTICS);
  const x = pointer(record, X);
  beginChannels(n, 1, integer(record, TILE), pointer(record, SCRATCH));
  if (integer(record, BATCH)) {
    const count = <f64>((bytes >> 2) / n);
    sumChannels(x, bytes);
    channelStatistics(count, epsilon, statistics);
    const share = <f64>float(record, MOMENTUM);
    let finite = true;
    for (let c: usize = 0; c < n; c++) {
      const at = c << 2;
      if (!follow(runningMean + at, runningVariance + at, channelSum(c, 0), channelSum(c, 32), count, share))
        finite = false;
    }
    if (!finite) store<u32>(pointer(record, PROGRAM), HALT_STATE, PROGRAM_HALT);
  } else {
    for (let c: usize = 0; c < n; c++) {
      store<f32>(statistics + (c << 3), load<f32>(runningMean + (c << 2)));
      const variance = <f64>load<f32>(runningVariance + (c << 2));
      store<f32>(statistics + (c << 3), <f32>(1 / sqrt<f64>(variance + epsilon)), 4);
    }
  }
  scaleChannels(x, pointer(record, Y), bytes, statistics, pointer(record, GAMMA), pointer(record, BETA));
}

/**
 * Takes a batch into a channel's running statistics: new = (1 - share) old + share batch. The variance divides by count - 1; of one
 * number it is 0. A batch with a number that isn't finite is left out: its loss isn't finite either. Returns false if the batch is
 * finite, but its variance too large for float32.
 */
function follow(mean: usize, variance: usize, sum: f64, squares: f64, count: f64, share: f64): bool {
  if (!(abs(sum) < Infinity && squares < Infinity)) return true;
  const batchMean = sum / count;
  const batchVariance = max<f64>(squares - batchMean * sum, 0) / max<f64>(count - 1, 1);
  const oldMean = <f64>load<f32>(mean);
  const oldVariance = <f64>load<f32>(variance);
  store<f32>(mean, <f32>(oldMean + share * (batchMean - oldMean)));
  const newVariance = <f32>(oldVariance + share * (batchVariance - oldVariance));
  store<f32>(variance, newVariance);
  return newVariance < Infinity;
}

/** see: Ioffe, Szegedy, "Batch normalization", 2015 */
export function batchNormBackward(record: usize, rows: u32): void {
  const n = <usize>integer(record, N);
  const numbers = <usize>rows * perRow(record);
  beginChannels(n, 1, integer(record, TILE), pointer(record, SCRATCH));
  channelsBackward(
    pointer(record, X),
    pointer(record, DX),
    pointer(record, DY),
    numbers << 2,
    <f64>(numbers / n),
    pointer(record, STATISTICS),
    pointer(record, GAMMA),
    pointer(record, D_GAMMA),
    pointer(record, D_BETA),
    integer(record, BATCH) == 0,
  );
}
