// How <wasmgrad-matrix> looks: cells, the lens, and what is typed.
import { css } from "lit";

export const styles = css`
  :host {
    display: inline-flex;
    flex-direction: column;
    align-items: center;
    gap: 6px;
    position: relative;
    max-width: 100%;
  }
  .cap {
    font-size: 0.9375rem;
    font-weight: 620;
    display: flex;
    gap: 8px;
    align-items: baseline;
    white-space: nowrap;
  }
  .cap small {
    font: 500 0.6875rem var(--mono);
    color: var(--soft);
  }
  sub,
  sup {
    font-size: 0.72em;
    line-height: 0;
  }
  table,
  .heat {
    border-collapse: separate;
    border-spacing: 2px;
    padding: 4px 7px;
    border-left: 2px solid var(--ink);
    border-right: 2px solid var(--ink);
    border-radius: 9px;
  }
  td {
    font: 500 var(--cell-font, 0.78125rem) / 1 var(--mono);
    font-variant-numeric: tabular-nums;
    min-width: var(--cell-width, 3.6875rem);
    height: var(--cell-height, 1.9375rem);
    padding: 0 var(--cell-pad, 6px);
    text-align: right;
    border-radius: 5px;
    position: relative;
    cursor: pointer;
  }
  td.now {
    box-shadow:
      0 0 0 2px var(--card),
      0 0 0 4.5px var(--accent);
    z-index: 2;
    outline: none;
  }
  td.a,
  td.b,
  td.c {
    outline: 2px solid var(--op-a);
    outline-offset: 0;
    box-shadow: inset 0 0 0 1.5px var(--card);
    z-index: 1;
    border-radius: 5px;
  }
  td.b {
    outline: 2px dashed var(--op-b);
  }
  td.c {
    outline: 2.5px dotted var(--op-c);
  }
  td:focus-visible {
    outline: 2.5px solid var(--accent);
    outline-offset: 4px;
    z-index: 3;
  }
  td.edited::after {
    content: "";
    position: absolute;
    top: 0;
    right: 0;
    border: 4.5px solid var(--ink);
    border-left-color: transparent;
    border-bottom-color: transparent;
    border-top-right-radius: 5px;
  }
  td.veiled {
    background: var(--line) !important;
    color: transparent !important;
    text-shadow: 0 0 9px var(--soft);
  }
  td input {
    position: absolute;
    inset: -3px;
    width: calc(100% + 6px);
    min-width: 4.5rem;
    border: 2px solid var(--accent);
    border-radius: 5px;
    background: var(--card);
    color: var(--ink);
    font: inherit;
    padding: 0 5px;
    text-align: right;
    z-index: 5;
  }
  .message {
    position: absolute;
    top: 100%;
    left: 0;
    z-index: 6;
    width: max-content;
    max-width: 16rem;
    font-size: 0.75rem;
    border-radius: 6px;
    padding: 5px 8px;
    margin-top: 4px;
    color: var(--bad);
    background: var(--bad-wash);
  }
  .heat {
    position: relative;
    border-spacing: 0;
    display: block;
  }
  canvas {
    display: block;
    image-rendering: pixelated;
    border-radius: 3px;
    max-width: 100%;
  }
  .lens {
    position: absolute;
    z-index: 6;
    background: var(--card);
    border: 1px solid var(--line2);
    border-radius: 8px;
    padding: 5px;
    box-shadow: 0 6px 18px rgb(0 0 0 / 18%);
    pointer-events: none;
  }
  .lens table {
    border: 0;
    padding: 0;
    border-spacing: 1px;
  }
  .lens td {
    font-size: 0.6875rem;
    min-width: 3.2rem;
    height: 1.25rem;
    padding: 0 3px;
  }
  .lens p {
    font: 500 0.6875rem var(--mono);
    color: var(--soft);
    padding: 0 2px 3px;
  }
`;
