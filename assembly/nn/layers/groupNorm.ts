import { DX, DY, float, integer, perRow, pointer, X, Y } from "../../runtime/record";
import { beginChannels, channelsBackward, channelStatistics, scaleChannels, sumChannels } from "./channels";

const GAMMA: usize = 4;
const D_GAMMA: usize = 5;
const BETA: usize = 6;
const D_BETA: usize = 7;
/** Channels: the last axis. */
const N: usize = 8;
const GROUPS: usize = 9;
/** Numbers of a tile: see channels.ts. */
const TILE: usize = 10;
const EPSILON: usize = 11;
/** Address of the mean and 1 / deviation of each group of each row, two float32. */
const STATISTICS: usize = 12;
const SCRATCH: usize = 13;

/** y = gamma (x - mean) / sqrt(variance + epsilon) + beta, by row and group of channels; the variance divides by their number. */
export function groupNormForward(record: usize, rows: u32): void {
  const n = <usize>integer(record, N);
  const groups = <usize>integer(record, GROUPS);
  const numbers = <usize>perRow(record);
  const bytes = numbers << 2;
  const epsilon = <f64>float(record, EPSILON);
  const gamma = pointer(record, GAMMA);
  const beta = pointer(record, BETA);
  let x = pointer(record, X);
  let y = pointer(record, Y);
  let statistics = pointer(record, STATISTICS);
  beginChannels(n, n / groups, integer(record, TILE), pointer(record, SCRATCH));
  for (; rows > 0; rows--, x += bytes, y += bytes, statistics += groups << 3) {
    sumChannels(x, bytes);
    channelStatistics(<f64>(numbers / groups), epsilon, statistics);
    scaleChannels(x, y, bytes, statistics, gamma, beta);
  }
}

/** see: Wu, He, "Group normalization", 2018 */
export function groupNormBackward(record: usize, rows: u32): void {
  const n = <usize>integer(record, N);
  const groups = <usize>integer(record, GROUPS);
  const numbers = <usize>perRow(record);
  const bytes = numbers << 2;
  const count = <f64>(numbers / groups);
  const gamma = pointer(record, GAMMA);
  const dGamma = pointer(record, D_GAMMA);
  const dBeta = pointer(record, D_BETA);
  let x = pointer(record, X);
  let dx = pointer(record, DX);
  let dy = pointer(record, DY);
  let statistics = pointer(record, STATISTICS);
  beginChannels(n, n / groups, integer(record, TILE), pointer(record, SCRATCH));
  for (; rows > 0; rows--, x += bytes, dy += bytes, statistics += groups << 3) {
    channelsBackward(x, dx, dy, bytes, count, statistics, gamma, dGamma, dBeta, false);
    if (dx) dx += bytes;
  }
}
