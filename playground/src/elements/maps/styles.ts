// How <wasmgrad-maps> is laid out: columns of units, what is said of one, and the weight under the pointer.
import { css } from "lit";

export const styles = css`
  :host {
    display: block;
    min-width: 0;
  }
  .all {
    position: relative;
  }
  .scroll {
    overflow-x: auto;
    overflow-y: hidden;
    scrollbar-width: thin;
  }
  .inner {
    position: relative;
    min-width: max-content;
    width: 100%;
  }
  canvas.edges {
    position: absolute;
    inset: 0;
    width: 100%;
    height: 100%;
  }
  .cols {
    display: grid;
    grid-auto-flow: column;
    grid-auto-columns: minmax(66px, 1fr);
    position: relative;
    min-height: var(--maps-height, 600px);
    pointer-events: none;
  }
  .col {
    display: flex;
    flex-direction: column;
    align-items: center;
    min-width: 0;
  }
  .head {
    display: grid;
    justify-items: center;
    gap: 4px;
    font-size: 0.78125rem;
    color: var(--soft);
    margin-bottom: 10px;
    min-height: 92px;
    align-content: start;
    pointer-events: auto;
    max-width: 100%;
  }
  .head b {
    color: var(--ink);
    font-size: 0.84375rem;
    font-weight: 650;
    white-space: nowrap;
  }
  .count {
    display: inline-flex;
    align-items: center;
  }
  .count button {
    width: 40px;
    height: 36px;
    border: 1px solid var(--field);
    background: var(--card);
    cursor: pointer;
    font-weight: 650;
    padding: 0;
  }
  .count button:first-child {
    border-radius: 8px 0 0 8px;
  }
  .count button:last-child {
    border-radius: 0 8px 8px 0;
    border-left: 0;
  }
  .count output {
    font: 600 0.8125rem var(--mono);
    min-width: 30px;
    text-align: center;
    border: solid var(--field);
    border-width: 1px 1px 1px 0;
    height: 36px;
    line-height: 34px;
    color: var(--ink);
    background: var(--card);
  }
  .head select {
    height: 30px;
    border: 1px solid transparent;
    border-radius: 7px;
    background: none;
    font-size: 0.78125rem;
    font-weight: 550;
    max-width: 100%;
    text-align: center;
    cursor: pointer;
  }
  .head select:hover {
    border-color: var(--field);
  }
  .head select option {
    background: var(--card);
  }
  .stack {
    display: grid;
    gap: var(--maps-gap, 17px) 10px;
    align-content: center;
    justify-content: center;
    flex: 1;
    padding-bottom: 10px; /* the chips of biases hang 9 px below their units */
  }
  .stack.two {
    grid-template-columns: auto auto;
    gap: 7px;
  }
  .unit {
    --size: var(--maps-unit, 58px);
    position: relative;
    width: var(--size);
    height: var(--size);
    pointer-events: auto;
  }
  .two .unit {
    --size: 30px;
  }
  .unit button,
  .unit .still {
    width: 100%;
    height: 100%;
    border-radius: 9px;
    border: 1.5px solid var(--line2);
    overflow: hidden;
    padding: 0;
    background: var(--mid);
    display: block;
  }
  .unit button {
    cursor: pointer;
  }
  .unit button:hover,
  .unit button[aria-expanded="true"],
  .unit button:focus-visible {
    border-color: var(--accent);
    box-shadow: 0 0 0 2px var(--accent);
    outline: none;
  }
  .two .unit button {
    border-radius: 6px;
  }
  .unit canvas {
    width: 100%;
    height: 100%;
    display: block;
  }
  .bias {
    position: absolute;
    left: 50%;
    bottom: -9px;
    transform: translateX(-50%);
    font: 600 0.625rem/14px var(--mono);
    height: 15px;
    min-width: 15px;
    padding: 0 4px;
    border-radius: 5px;
    border: 1px solid var(--line2);
    background: var(--card);
    white-space: nowrap;
    pointer-events: none;
  }
  .two .bias {
    font-size: 0;
    left: auto;
    right: -4px;
    bottom: -4px;
    transform: none;
    width: 11px;
    min-width: 0;
    height: 11px;
    padding: 0;
  }
  .name {
    position: absolute;
    right: calc(100% + 6px);
    top: 50%;
    transform: translateY(-50%);
    font: 600 0.8125rem var(--mono);
    color: var(--ink);
  }
  .wide {
    font-size: 0.75rem;
    color: var(--soft);
    max-width: 120px;
    text-align: center;
    border: 1px dashed var(--line2);
    border-radius: 9px;
    padding: 14px 8px;
    background: var(--card);
    pointer-events: auto;
  }
  .depth {
    display: flex;
    gap: 8px;
    align-items: center;
    flex-wrap: wrap;
    font-size: 0.78125rem;
    color: var(--soft);
    margin-bottom: 8px;
  }
  .depth .btn {
    min-height: 36px;
    font-size: 0.8125rem;
  }
  .pop {
    position: absolute;
    z-index: 5;
    width: 316px;
    max-width: calc(100% - 16px);
    padding: 12px 14px;
    box-shadow: 0 10px 30px rgb(0 0 0 / 18%);
    border-color: var(--line2);
    font-size: 0.8125rem;
  }
  /* it opens at the neuron that was chosen, and is seen whole above what is fixed to the window's foot */
  .pop:focus {
    outline: none;
  }
  .pop {
    scroll-margin: 12px;
  }
  .pop.look {
    pointer-events: none;
  }
  .pop h3 {
    margin: 0 26px 4px 0;
  }
  .pop table {
    width: 100%;
    border-collapse: collapse;
    font: 500 0.75rem var(--mono);
    font-variant-numeric: tabular-nums;
  }
  .pop td {
    padding: 2px 0 2px 8px;
    text-align: right;
  }
  .pop td:first-child {
    padding-left: 0;
    text-align: left;
    color: var(--soft);
  }
  .pop tr.sum td {
    border-top: 1px solid var(--line2);
    font-weight: 650;
  }
  .pop input {
    width: 92px;
    height: 30px;
    border: 1px solid var(--field);
    border-radius: 6px;
    background: var(--card);
    text-align: right;
    font: inherit;
    padding: 0 5px;
  }
  .pop .close {
    position: absolute;
    right: 6px;
    top: 6px;
    width: 32px;
    height: 32px;
    border: 0;
    background: none;
    cursor: pointer;
    display: grid;
    place-items: center;
  }
  .pop .close svg {
    width: 14px;
    height: 14px;
    fill: none;
  }
  .pop p {
    margin-top: 6px;
    color: var(--soft);
  }
  .tip {
    position: absolute;
    z-index: 4;
    pointer-events: none;
    background: var(--ink);
    color: var(--page);
    border-radius: 6px;
    padding: 3px 8px;
    font: 550 0.75rem var(--mono);
    white-space: nowrap;
  }
  .over {
    cursor: pointer;
  }
  @media (max-width: 1180px) {
    .unit {
      --size: var(--maps-unit, 50px);
    }
  }
  @media (max-width: 720px) {
    .cols {
      min-height: 0;
      grid-auto-columns: minmax(68px, 1fr);
    }
    .unit {
      --size: 40px;
    }
    .count output {
      display: none;
    }
    .count button {
      width: 33px;
      height: 40px;
    }
    .head select {
      width: 68px;
      padding: 0;
      height: 40px;
      border-color: var(--line2);
    }
    .bias {
      font-size: 0.625rem;
      padding: 0 2px;
    }
    .name {
      right: auto;
      left: 50%;
      top: -9px;
      transform: translate(-50%, -50%);
      font-size: 0.6875rem;
    }
    .pop {
      left: 8px !important;
      right: 8px;
      width: auto;
    }
  }
`;
