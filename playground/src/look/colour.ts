// The scale of values: orange below zero, blue above, mixed in OKLab. Nothing else on the site is orange or blue.
// see: https://bottosson.github.io/posts/oklab/

type Rgb = readonly [number, number, number];

/** The ends and the middle of the scale, as in tokens.css. */
const ENDS = {
  light: ["#b4540a", "#f3f4f6", "#1f5fa8"],
  dark: ["#f0a050", "#232a33", "#69b3f5"],
} as const;
export type Theme = keyof typeof ENDS;

const STEPS = 255;
const MIDDLE = 127;

/** The same as pixels, for ImageData: 0xAABBGGRR on the little-endian machines that browsers run on. */
export const pixels = (theme: Theme): Uint32Array =>
  Uint32Array.from(SCALE[theme], ([r, g, b]) => ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0);

/** Place in the scale of a value, where `max` is the largest size. */
export function step(v: number, max: number): number {
  if (!(max > 0) || Number.isNaN(v)) return MIDDLE;
  const share = Math.min(1, Math.abs(v) / max) ** 0.75;
  return MIDDLE + Math.round(Math.sign(v) * MIDDLE * share);
}

/** A value's colour, for CSS. What is no number is hatched. */
export function colour(v: number, max: number, theme: Theme): string {
  if (Number.isNaN(v)) return "repeating-linear-gradient(45deg, #888 0 3px, transparent 3px 6px)";
  const [r, g, b] = SCALE[theme][step(v, max)]!;
  return `rgb(${r} ${g} ${b})`;
}

/** Black or white, whichever is read better on a value's colour. */
export function inkOn(v: number, max: number, theme: Theme): string {
  const light = luminance(SCALE[theme][step(v, max)]!);
  return (light + 0.05) / 0.05 >= 1.05 / (light + 0.05) ? "#000" : "#fff";
}

const declarations: string[] = [];

/** A value's colour with the ink that is read on it, as declarations that follow the theme by themselves. */
export function filled(v: number, max: number): string {
  if (Number.isNaN(v)) return `background: ${colour(v, max, "light")}`;
  // pages ask for some thousands of these at a time
  return (declarations[step(v, max)] ??= declared(v, max));
}

function declared(v: number, max: number): string {
  const both = (of: (theme: Theme) => string): string => `light-dark(${of("light")}, ${of("dark")})`;
  return `background: ${both((theme) => colour(v, max, theme))}; color: ${both((theme) => inkOn(v, max, theme))}`;
}

/** The theme that an element is shown in, whoever chose it: the page's own setting, the system, or a page around it. */
export function themeOf(element: Element): Theme {
  const [r = 0, g = 0, b = 0] = (getComputedStyle(element).color.match(/[\d.]+/g) ?? []).map(Number);
  return r + g + b > 384 ? "dark" : "light";
}

/** Calls back when the theme may have changed. Gives the function that ends it. */
export function onTheme(changed: () => void): () => void {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const observer = new MutationObserver(changed);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme", "style", "class"] });
  system.addEventListener("change", changed);
  return () => {
    observer.disconnect();
    system.removeEventListener("change", changed);
  };
}

function scale(theme: Theme): readonly Rgb[] {
  const [negative, middle, positive] = ENDS[theme].map((hex) => lab(parse(hex)));
  return Array.from({ length: STEPS }, (_, i) => {
    const t = (i - MIDDLE) / MIDDLE;
    const end = t < 0 ? negative! : positive!;
    return rgb(middle!.map((from, k) => from + (end[k]! - from) * Math.abs(t)) as unknown as Rgb);
  });
}

// functions, not constants: the scales above are made before this line is reached
function parse(hex: string): Rgb {
  return [1, 3, 5].map((i) => Number.parseInt(hex.slice(i, i + 2), 16)) as unknown as Rgb;
}
function linear(c: number): number {
  return c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4;
}
function gamma(c: number): number {
  return 255 * (c <= 0.0031308 ? 12.92 * c : 1.055 * c ** (1 / 2.4) - 0.055);
}

/** Relative luminance. see: https://www.w3.org/TR/WCAG22/#dfn-relative-luminance */
export const luminance = ([r, g, b]: Rgb): number => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);

function lab(c: Rgb): Rgb {
  const [r, g, b] = c.map(linear) as unknown as Rgb;
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

function rgb([L, a, b]: Rgb): Rgb {
  const l = (L + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (L - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (L - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ].map((c) => Math.max(0, Math.min(255, Math.round(gamma(Math.max(0, c)))))) as unknown as Rgb;
}

/** Each theme's 255 colours: last, as what makes them has to be there. */
export const SCALE: Readonly<Record<Theme, readonly Rgb[]>> = { light: scale("light"), dark: scale("dark") };
