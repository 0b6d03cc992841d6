// How <wasmgrad-features> looks: maps, filters, and the sum of a cell.
import { css } from "lit";

export const styles = css`
  :host {
    display: grid;
    gap: var(--s3);
  }
  .both {
    display: grid;
    grid-template-columns: minmax(0, 1fr) minmax(0, min(34rem, 50%));
    gap: var(--s5);
    align-items: start;
  }
  .maps,
  .filters {
    display: grid;
    grid-template-columns: repeat(var(--across), minmax(0, 1fr));
    gap: 10px;
  }
  .ok,
  .wrong {
    justify-self: start;
  }
  .filters {
    grid-template-columns: repeat(auto-fill, minmax(52px, 60px));
    margin: 6px 0 var(--s3);
  }
  .map {
    display: grid;
    gap: 3px;
    padding: 0;
    border: 0;
    background: none;
    font-size: 0.75rem;
    color: var(--soft);
    text-align: left;
    cursor: crosshair;
    position: relative;
    touch-action: manipulation;
    min-height: 40px;
  }
  .map[aria-pressed="true"] {
    color: var(--ink);
    font-weight: 650;
  }
  .filters .map {
    cursor: pointer;
  }
  .explain .seg {
    justify-self: start;
  }
  .explain {
    border-left: 1px solid var(--line);
    padding-left: var(--s5);
    display: grid;
    gap: var(--s3);
  }
  .pictures {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(150px, 1fr));
    gap: var(--s3);
    align-items: start;
    font-size: 0.75rem;
    color: var(--soft);
  }
  figure > wasmgrad-heat {
    max-width: 12rem;
  }
  figcaption {
    margin-bottom: 3px;
  }
  table {
    border-collapse: separate;
    border-spacing: 1px;
    width: 100%;
    table-layout: fixed;
    max-width: 17rem;
  }
  td {
    padding: 4px 0;
    text-align: center;
    font: 0.625rem / 1.2 var(--mono);
    letter-spacing: -0.03em;
    border-radius: 2px;
  }
  td.lit,
  .sum .lit {
    outline: 2px solid var(--accent);
    outline-offset: -1px;
    border-radius: 2px;
  }
  .sum {
    font-family: var(--mono);
    font-size: 0.75rem;
    line-height: 1.7;
    overflow-wrap: anywhere;
  }
  .sum b {
    font-weight: 700;
    white-space: nowrap;
  }
  .sum span {
    white-space: nowrap;
  }
  @media (max-width: 1000px) {
    .both {
      grid-template-columns: minmax(0, 1fr);
    }
    .explain {
      border-left: 0;
      padding-left: 0;
      border-top: 1px solid var(--line);
      padding-top: var(--s3);
    }
  }
  @media (max-width: 720px) {
    .strip {
      grid-auto-flow: column;
      grid-template-columns: none;
      grid-auto-columns: var(--strip, 46%);
      overflow-x: auto;
      scroll-snap-type: x proximity;
      padding-bottom: 8px;
    }
    .strip > * {
      scroll-snap-align: start;
    }
    .pictures {
      grid-template-columns: minmax(0, 1fr);
    }
    table {
      max-width: none;
    }
    td {
      font-size: 0.6875rem;
      padding: 6px 0;
    }
  }
`;
