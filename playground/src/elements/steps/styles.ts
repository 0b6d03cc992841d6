// How <wasmgrad-steps> is laid out: the map, the step, what is beside it, and the bar.
import { css } from "lit";

export const styles = css`
  :host {
    display: block;
  }
  /* the attribute has the name of one that hides elements */
  :host([hidden]) {
    display: block !important;
  }
  .body {
    container-type: inline-size;
  }
  .map {
    padding: 0;
  }
  .grid {
    display: grid;
    grid-template-columns: minmax(0, 1fr) 340px;
    gap: var(--s4);
    margin-top: var(--s4);
    align-items: start;
  }
  .stage {
    padding: 18px 22px 20px;
  }
  .head {
    display: flex;
    align-items: baseline;
    gap: 4px 12px;
    flex-wrap: wrap;
  }
  .head .k {
    font: 600 0.75rem var(--mono);
    color: var(--soft);
  }
  .head .switches {
    margin-left: auto;
    display: flex;
    flex-wrap: wrap;
    gap: 0 14px;
    font-size: 0.8125rem;
  }
  .switches label.check {
    min-height: 1.75rem;
    gap: 6px;
  }
  h2 sub {
    font-size: 0.72em;
    line-height: 0;
  }
  .says {
    margin-top: 4px;
    color: var(--soft);
    max-width: 76ch;
  }
  .eq {
    display: flex;
    align-items: center;
    gap: 12px 10px;
    margin: 16px 0 4px;
    flex-wrap: wrap;
  }
  .eq + .eq {
    margin-top: 14px;
  }
  .term {
    display: inline-flex;
    align-items: center;
    gap: 10px;
    max-width: 100%;
    min-width: 0;
  }
  .op {
    font-size: 1.375rem;
    color: var(--soft);
    white-space: nowrap;
    /* beside the numbers, not beside their captions */
    margin-top: 1.75rem;
  }
  .op.word {
    font-size: 0.9375rem;
  }
  .comes {
    animation: comes 0.12s ease-out;
  }
  @keyframes comes {
    from {
      opacity: 0;
    }
  }
  wasmgrad-formula {
    margin-top: 14px;
    border-top: 1px solid var(--line);
    padding-top: 14px;
  }
  .key b {
    display: inline-block;
    width: 15px;
    height: 11px;
    border-radius: 3px;
    margin-right: 5px;
    vertical-align: -1px;
    border: 2px solid var(--op-a);
  }
  .key b.now {
    border: 3px solid var(--accent);
  }
  .key b.b {
    border: 2px dashed var(--op-b);
  }
  .key b.c {
    border: 2px dotted var(--op-c);
  }
  details.lines {
    margin-top: 12px;
  }
  details.lines summary,
  .how summary {
    cursor: pointer;
    font-size: 0.8125rem;
    color: var(--soft);
    min-height: 1.75rem;
  }
  .side {
    display: grid;
    gap: var(--s4);
    min-width: 0;
  }
  .side .card {
    padding: 14px 16px;
  }
  .side h3 {
    margin-bottom: 6px;
    display: flex;
    justify-content: space-between;
    align-items: center;
    gap: 8px;
  }
  .side p {
    font-size: 0.84375rem;
    color: var(--soft);
  }
  .pair {
    display: grid;
    grid-template-columns: 1fr auto;
    gap: 3px 12px;
    font-size: 0.8125rem;
    margin-top: 8px;
  }
  .pair .num {
    text-align: right;
  }
  .side svg.curve {
    width: 100%;
    height: auto;
    display: block;
    margin: 4px 0;
  }
  .end {
    display: flex;
    flex-wrap: wrap;
    gap: 4px 16px;
    margin: 10px 2px 0;
    font: 500 0.75rem var(--mono);
    color: var(--soft);
  }
  .bar {
    position: sticky;
    inset: auto 0 0 0;
    margin-top: var(--s4);
    container-type: inline-size;
  }
  :host([fixed]) .bar {
    position: fixed;
    margin-top: 0;
  }
  .bar > div {
    flex-wrap: nowrap;
  }
  .scrub {
    flex: 1;
    display: flex;
    align-items: center;
    gap: 10px;
    min-width: 110px;
    font: 500 0.78125rem var(--mono);
    color: var(--soft);
    white-space: nowrap;
  }
  .scrub input {
    flex: 1;
    min-width: 0;
    height: 40px;
  }
  .btns {
    flex-wrap: nowrap;
    flex: none;
  }
  .btn {
    white-space: nowrap;
  }
  .btn.rows {
    font-family: var(--mono);
  }
  .seg {
    flex: none;
  }
  .seg button:nth-child(n + 3) {
    font-family: var(--mono);
  }
  /* the sample of the next update, in turn */
  .seg button.now {
    box-shadow: inset 0 -3px 0 var(--accent);
  }
  .pick {
    display: none;
  }
  select.field {
    min-height: 40px;
  }
  /* a laptop's window: the matrices and their formula are seen at once */
  @media (min-width: 800px) and (max-height: 900px) {
    :host([fixed]) .stage {
      --cell-width: 3.25rem;
      --cell-height: 1.5625rem;
      --cell-pad: 4px;
      padding: 10px 18px 12px;
    }
    :host([fixed]) .grid {
      margin-top: var(--s2);
      gap: var(--s3);
    }
    :host([fixed]) h2 {
      font-size: 1.125rem;
    }
    :host([fixed]) .says {
      margin-top: 0;
      max-width: none;
      font-size: 0.84375rem;
    }
    :host([fixed]) .eq {
      margin: 8px 0 2px;
      gap: 8px;
    }
    :host([fixed]) .term {
      gap: 8px;
    }
    :host([fixed]) .eq + .eq {
      margin-top: 8px;
    }
    :host([fixed]) wasmgrad-formula {
      margin-top: 8px;
      padding-top: 8px;
      gap: 3px;
    }
    :host([fixed]) .side .card {
      padding: 10px 14px;
    }
    :host([fixed]) .bar > div {
      padding-block: 5px;
    }
    :host([fixed]) .bar .btn,
    :host([fixed]) .bar select.field {
      min-height: 36px;
    }
    :host([fixed]) .bar .seg button {
      min-height: 34px;
    }
    :host([fixed]) .scrub input {
      height: 36px;
    }
  }
  :host([projector]) .side,
  :host([projector]) .end {
    display: none;
  }
  :host([projector]) .grid {
    grid-template-columns: minmax(0, 1fr);
  }
  :host([projector]) .stage {
    --soft: var(--ink);
  }
  @container (max-width: 1240px) {
    .bar .seg {
      display: none;
    }
    .pick {
      display: inline-grid;
    }
  }
  @container (max-width: 1100px) {
    .grid {
      grid-template-columns: minmax(0, 1fr);
    }
    .side {
      grid-template-columns: 1fr 1fr;
    }
    .wide {
      display: none !important;
    }
  }
  @container (max-width: 940px) {
    .bar > div {
      flex-wrap: wrap;
      gap: 8px;
    }
    .scrub {
      order: -1;
      flex-basis: 50%;
    }
  }
  @container (max-width: 720px) {
    .side {
      grid-template-columns: 1fr;
    }
    .stage {
      padding: 14px 12px;
      --cell-width: 2.45rem;
      --cell-height: 1.75rem;
      --cell-font: 0.625rem;
      --cell-pad: 2px;
    }
    .eq,
    .term {
      gap: 8px 6px;
    }
    .op {
      font-size: 1.125rem;
    }
    .says {
      font-size: 0.875rem;
    }
    .head .switches {
      margin-left: 0;
    }
    .narrow {
      display: none !important;
    }
    .bar > div {
      padding: 8px 12px 10px;
    }
    .bar .btns {
      flex: 1;
    }
    .bar .pick,
    .bar select.field {
      order: -1;
      max-width: 7rem;
    }
    .bar .btn {
      flex: 1 1 auto;
      padding: 4px 6px;
      gap: 5px;
      min-width: 40px;
      min-height: 44px;
      font-size: 0.8125rem;
    }
  }
`;
