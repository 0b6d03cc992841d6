// How <wasmgrad-neuron> looks: the plane, its line and points, and the cells below.
import { css } from "lit";

export const styles = css`
  :host {
    display: block;
  }
  .plane {
    touch-action: pan-y pinch-zoom;
  }
  .plane.adding {
    cursor: crosshair;
  }
  .case {
    stroke: var(--card);
    stroke-width: 6;
    stroke-opacity: 0.85;
  }
  .line {
    stroke: var(--ink);
    stroke-width: 2.6;
  }
  .grip {
    stroke: transparent;
    stroke-width: 30;
    cursor: grab;
  }
  .normal {
    stroke: var(--ink);
    stroke-width: 1.8;
    fill: none;
  }
  .handle {
    cursor: grab;
  }
  .handle .hit {
    fill: transparent;
  }
  .handle .dot {
    fill: var(--card);
    stroke: var(--ink);
    stroke-width: 2.4;
  }
  .handle path {
    fill: none;
    stroke: var(--ink);
    stroke-width: 1.8;
    stroke-linecap: round;
    stroke-linejoin: round;
  }
  .handle:focus-visible .dot {
    stroke: var(--accent);
    stroke-width: 4;
  }
  .handle:hover .dot {
    fill: var(--accent-wash);
  }
  .point {
    cursor: pointer;
  }
  .point .hit {
    fill: transparent;
  }
  .wrongly {
    fill: none;
    stroke: var(--card);
    stroke-width: 5;
  }
  .wrongly + .wrongly {
    stroke: var(--bad);
    stroke-width: 2.4;
  }
  .drop {
    stroke: var(--ink);
    stroke-width: 1.2;
    stroke-dasharray: 3 4;
    fill: none;
  }
  .cross {
    stroke: var(--ink);
    stroke-width: 1.6;
    fill: none;
    opacity: 0;
  }
  .crossing:focus-visible .cross {
    opacity: 1;
  }
  .cells {
    display: flex;
    gap: 12px;
    margin-top: 12px;
    align-items: flex-end;
  }
  .cells label.field {
    flex: 0 1 5.9rem;
    min-width: 0;
    color: var(--ink);
    font-family: var(--mono);
    font-weight: 650;
  }
  .cells input {
    width: 100%;
    height: 40px;
    text-align: right;
    font-family: var(--mono);
    font-size: 0.9375rem;
  }
  .sum {
    margin: 10px 0 0;
    font-family: var(--mono);
    font-size: 0.8125rem;
    line-height: 1.7;
    overflow-wrap: anywhere;
  }
  .sum b {
    font-weight: 700;
  }
  .sum div {
    display: flex;
    flex-wrap: wrap;
    gap: 0 0.6ch;
  }
  .sum span {
    white-space: nowrap;
  }
  sup {
    line-height: 0;
  }
`;
