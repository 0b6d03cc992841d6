// Tells gradients that are wrong from those next to a kink, where differences of the loss don't tell the gradient.

/** Steps of the search for kinks: the longest, and how many, each half of the one before. */
const LONGEST = 0.2;
const HALVINGS = 12;
/** Steps from which on the gradient may be between the slopes of a kink's sides; longer ones see too much of the curve. */
const NEAR = 0.0125;
/** So many times what slopes differ by is the most that kinks explain. */
const JUMPS = 2;
/** So many times the loss's noise, over the step, is the most that float32 leaves of a difference. */
const NOISES = 8;

const square = (x: number): number => x * x;

/** A place beside a parameter's value, and the loss there. */
type Place = readonly [distance: number, loss: number];

/** A number of the gradient next to a kink. */
export interface Kink {
  /** From the backward pass. */
  readonly analytic: number;
  /** What differences say on average. */
  readonly fair: number;
}

/** What a search for kinks finds. */
interface Judgement {
  readonly kink: boolean;
  readonly numeric: number;
  /** What is left of |analytic - numeric| after noise. */
  readonly excess: number;
  /** What steps of middle length say on average, whatever the analytic gradient is. */
  readonly fair: number;
}

/**
 * Is a gradient that no difference agrees with wrong, or is there a kink? The slopes of both sides and the central one agree where the
 * loss is smooth, so steps are halved until they do: there the gradient must be theirs. A curve's disagreement gets four times smaller
 * with each half, and one that doesn't is a kink's. With kinks about, slopes may agree by chance: the gradient is wrong only
 * if shorter steps, as long as noise allows, don't have it either, and it is between no step's slopes.
 *
 * @param allowed how far it may be from what differences say, besides their noise
 * @param floor noise that hides as much tells nothing any more
 */
export function judge(
  lossAt: (distance: number) => number,
  value: number,
  analytic: number,
  allowed: number,
  floor: number,
): Judgement {
  const unit = Math.max(1, Math.abs(value));
  const at = (distance: number): Place => {
    const moved = Math.fround(value + distance) - value;
    return [moved, lossAt(moved)];
  };
  const here = lossAt(0);
  const noise = noiseOf([-3, -2, -1, 0, 1, 2, 3].map((n) => at(n * 1e-5 * unit)));
  let [farRight, farLeft] = [at(LONGEST * unit), at(-LONGEST * unit)];
  let kink = false;
  let between = false;
  let before = Infinity;
  let agreed = 0; // steps in a row
  let sides: readonly number[] = [];
  let [fair, fairSteps] = [0, 0];
  let jump = 0; // the most that slopes differ by, and so about the most that kinks can move a difference
  let wrong: Omit<Judgement, "fair"> | undefined;
  const explains = (): boolean => Math.abs(analytic - fair) <= JUMPS * jump + allowed;
  let h = LONGEST * unit;
  for (let n = 1; n <= HALVINGS; n++) {
    h /= 2;
    const hidden = (NOISES * noise) / h;
    if (kink && hidden > floor) break;
    const [right, left] = [at(h), at(-h)];
    const numeric = centralOf(left, right, farLeft, farRight);
    const slopes = [slopeOf(here, right, farRight), slopeOf(here, left, farLeft), numeric];
    [farRight, farLeft] = [right, left];
    const [least, most] = [Math.min(...slopes), Math.max(...slopes)];
    const spread = most - least;
    if (h <= 0.05 * unit && (h >= 0.003 * unit || fairSteps === 0)) fair += (numeric - fair) / ++fairSteps;
    if (spread <= hidden + allowed / 2) {
      const excess = Math.max(0, Math.abs(analytic - numeric) - hidden);
      if (excess <= allowed && (!kink || explains())) return { kink, numeric, excess, fair };
      wrong ??= { kink: false, numeric, excess };
      if (++agreed > 1 && !kink) break;
      continue;
    }
    agreed = 0;
    if (spread - hidden > before / 2.5) kink = true;
    before = spread;
    if (h <= 0.05 * unit) jump = Math.max(jump, spread - hidden);
    const reach = hidden + allowed;
    // at a kink each side has a slope of its own, whatever the step: the gradient is one of them
    const steady = slopes.slice(0, 2).every((slope, side) => Math.abs(slope - sides[side]!) <= reach);
    sides = slopes;
    if (steady) {
      const excess = Math.min(...slopes.slice(0, 2).map((slope) => Math.abs(analytic - slope)));
      if (excess <= reach) between = true;
    } else if (h <= NEAR * unit && analytic >= least - reach && analytic <= most + reach) between = true;
  }
  if (kink && between && explains()) return { kink, numeric: fair, excess: 0, fair };
  return { ...(wrong ?? { kink: false, numeric: fair, excess: Math.abs(analytic - fair) }), fair };
}

/**
 * Are gradients next to kinks too large or too small as a whole? Kinks move differences to either side of the gradient, and a
 * backward pass that is a little off moves all to one side.
 */
export function isBiased(kinks: readonly Kink[], tolerance: number): boolean {
  const n = kinks.length;
  if (n < 8) return false;
  const sum = (of: (kink: Kink) => number): number => kinks.reduce((total, kink) => total + of(kink), 0);
  const squares = sum(({ fair }) => square(fair));
  const factor = sum(({ analytic, fair }) => analytic * fair) / squares;
  const deviation = Math.sqrt(sum(({ analytic, fair }) => square(analytic - factor * fair)) / ((n - 1) * squares));
  // a few large ones are no sample
  const independent = (squares * squares) / sum(({ fair }) => square(fair * fair));
  return independent > 6 && Math.abs(factor - 1) > Math.max(5 * deviation, tolerance / 2);
}

/** How far the loss is from a line through it at places so near that it is one: what roundings leave. */
function noiseOf(places: readonly Place[]): number {
  const n = places.length;
  const mean = (of: (place: Place) => number): number => places.reduce((sum, place) => sum + of(place), 0) / n;
  const [x, y] = [mean((p) => p[0]), mean((p) => p[1])];
  const slope = mean((p) => (p[0] - x) * (p[1] - y)) / mean((p) => square(p[0] - x));
  const rest = mean((p) => square(p[1] - y - slope * (p[0] - x)));
  return Math.max(Math.sqrt((rest * n) / (n - 2)), Math.abs(y) / 2 ** 25);
}

/** The slope at 0 of the parabola through 0 and two places on one side. */
function slopeOf(here: number, [near, nearLoss]: Place, [far, farLoss]: Place): number {
  const [a, b] = [(nearLoss - here) / near, (farLoss - here) / far];
  return (a * far - b * near) / (far - near);
}

/** The slope at 0, without what a curve's third derivative adds. */
function centralOf(left: Place, right: Place, farLeft: Place, farRight: Place): number {
  const near = (right[1] - left[1]) / (right[0] - left[0]);
  const far = (farRight[1] - farLeft[1]) / (farRight[0] - farLeft[0]);
  return (4 * near - far) / 3;
}
