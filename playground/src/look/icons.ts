// The icons, 16 px, in the colour of the text around them.
import { html, svg, type TemplateResult } from "lit";

const icon = (shape: TemplateResult): TemplateResult =>
  html`<svg viewBox="0 0 16 16" aria-hidden="true">${shape}</svg>`;
const solid = (d: string): TemplateResult => icon(svg`<path d=${d} />`);
const line = (d: string): TemplateResult =>
  icon(
    svg`<path d=${d} fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" />`,
  );

export const icons = {
  first: solid("M3 3h2v10H3zM13 3v10L6 8z"),
  // a step, or a way to somewhere: not the triangle of what runs by itself
  back: line("m10 3-5 5 5 5"),
  next: line("m6 3 5 5-5 5"),
  last: solid("M11 3h2v10h-2zM3 3v10l7-5z"),
  play: solid("M4 2.5v11l9-5.5z"),
  pause: solid("M4 3h3v10H4zM9 3h3v10H9z"),
  tick: line("m3 8.5 3.2 3.2L13 5"),
  cross: line("m4 4 8 8m0-8-8 8"),
  undo: line("M5.5 3 2.5 6l3 3M3 6h6.5a3.5 3.5 0 0 1 0 7H7"),
  reset: line("M13 8a5 5 0 1 1-1.6-3.7M13 2v3h-3"),
  copy: line("M6 5V3h7v8h-2M3 5h8v8H3z"),
  download: line("M8 2.5v8M4.5 7.5 8 11l3.5-3.5M3 13.5h10"),
  open: line("M2 13V3h4l1.5 2H14v8zM8 11.5V7.5M6 9.3 8 7.3l2 2"),
  eye: line("M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8ZM8 6.3v3.4M6.3 8h3.4"),
} as const;
