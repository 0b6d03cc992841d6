// Tells gradients that are wrong from those next to a kink, where differences of the loss don't tell the gradient.

/** Steps of the search for kinks: the longest, and how many, each half of the one before. */
const LONGEST = 0.2;
const HALVINGS = 12;
/** Steps from which on the gradient may be between the slopes of a kink's sides; longer ones see too much of the curve. */
const NEAR = 0.0125;
/** So many times what slopes differ by is the most that kinks explain. */
const JUMPS = 2;
/** So much steeper, at least, with each half: slopes to a jump double, and those of what has a gradient don't. */
const GROWTH = 1.5;
/** So many times the loss's noise, over the step, is the most that float32 leaves of a difference. */
export const NOISES = 8;

/** A usual rounding of a float32, as a share of it: half of the largest. */
export const ROUNDING = 2 ** -25;

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
 * @param noisy what roundings leave of the loss, at least
 */
export function judge(
  lossAt: (distance: number) => number,
  value: number,
  analytic: number,
  allowed: number,
  floor: number,
  noisy: number,
): Judgement {
  const unit = Math.max(1, Math.abs(value));
  const at = (distance: number): Place => {
    const moved = Math.fround(value + distance) - value;
    return [moved, lossAt(moved)];
  };
  const here = lossAt(0);
  const noise = Math.max(noisy, noiseOf([-3, -2, -1, 0, 1, 2, 3].map((n) => at(n * 1e-5 * unit))));
  let [farRight, farLeft] = [at(LONGEST * unit), at(-LONGEST * unit)];
  let kink = false;
  let between = false;
  let known = false;
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
    const [right, left] = [at(h), at(-h)];
    const hidden = (NOISES * Math.max(noise, ROUNDING * Math.max(farLeft[1], farRight[1]))) / h;
    const numeric = centralOf(left, right, farLeft, farRight);
    const slopes = [slopeOf(here, right, farRight), slopeOf(here, left, farLeft), numeric];
    [farRight, farLeft] = [right, left];
    const [least, most] = [Math.min(...slopes), Math.max(...slopes)];
    const spread = most - least;
    const reach = hidden + allowed;
    const within = analytic >= least - reach && analytic <= most + reach;
    if (kink && hidden > floor) {
      // no nearer step tells more: where the sides' slopes weren't known before, what this one leaves open is open
      if (!known) between ||= within;
      break;
    }
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
    // at a kink each side has a slope of its own, whatever the step: the gradient is one of them
    const steady = slopes.slice(0, 2).every((slope, side) => Math.abs(slope - sides[side]!) <= reach);
    sides = slopes;
    if (steady) {
      known = true;
      const excess = Math.min(...slopes.slice(0, 2).map((slope) => Math.abs(analytic - slope)));
      if (excess <= reach) between = true;
    } else if (h <= NEAR * unit && within) between = true;
  }
  if (kink && between && explains()) return { kink, numeric: fair, excess: 0, fair };
  return { ...(wrong ?? { kink: false, numeric: fair, excess: Math.abs(analytic - fair) }), fair };
}

/** How the loss and the gradient by the backward pass are when a number is moved. */
export interface Moved {
  readonly lossAt: (distance: number) => number;
  readonly gradientAt: (distance: number) => number;
}

/**
 * Does a number stand where several units are at their kinks, as with inputs and biases of 0? The backward pass takes one side of each
 * kink, and moving the number brings some units to the one side and some to the other: its gradient may be outside the slopes of
 * both. So the backward pass is asked again beside the place, where it must have the slopes.
 *
 * @param tolerance the largest error that is still right, as a share of a slope or of `floor`
 */
export function isAtKinks(
  { lossAt, gradientAt }: Moved,
  value: number,
  analytic: number,
  tolerance: number,
  floor: number,
  noise: number,
): boolean {
  const here = lossAt(0);
  for (let h = NEAR * Math.max(1, Math.abs(value)), n = 0; n < 4; n++, h /= 2) {
    const sides = [h, -h].map((distance) => {
      const slope = (lossAt(2 * distance) - here) / (2 * distance);
      return { slope, off: Math.abs(gradientAt(distance) - slope) };
    });
    const [right, left] = sides.map(({ slope }) => slope) as [number, number];
    const steepest = Math.max(Math.abs(right), Math.abs(left), floor);
    const hidden = (NOISES * noise) / h;
    if (hidden > tolerance * steepest) return false;
    const bent = Math.abs(right - left) > hidden + tolerance * steepest;
    const agree = sides.every(({ slope, off }) => off <= hidden + tolerance * Math.max(Math.abs(slope), floor));
    if (bent && agree && Math.abs(analytic) <= steepest) return true;
  }
  return false;
}

/**
 * Does the loss jump here, or come so near to a pole as the logarithm of an output of 0? Then slopes to the place get steeper with each
 * half of the step, on one side at least, and no step shows how steep the gradient is.
 */
export function isAtJump({ lossAt }: Pick<Moved, "lossAt">, value: number, analytic: number): boolean {
  const here = lossAt(0);
  return [1, -1].some((side) => {
    let before = 0;
    // what roundings leave of slopes grows, too
    const noise = NOISES * ROUNDING * Math.abs(here);
    for (let h = LONGEST * Math.max(1, Math.abs(value)), n = 0; n < HALVINGS; n++, h /= 2) {
      const steep = ((lossAt(side * h) - here) / (side * h)) * Math.sign(analytic);
      if (!(steep > GROWTH * before + noise / h && steep < Math.abs(analytic))) return false;
      before = steep;
    }
    return true;
  });
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
  return Math.max(Math.sqrt((rest * n) / (n - 2)), ROUNDING * Math.abs(y));
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
