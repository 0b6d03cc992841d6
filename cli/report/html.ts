// Pieces of HTML. What comes from data is text and nothing else.

/** Characters that can't be seen, turn others around or are half a character. Those that join letters are left. */
const UNSEEN = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** A text of the data as it is shown: what can't be seen by its number, such as [U+202E]; long ones end in three dots. */
export function visible(text: string, most = 120): string {
  const plain = text.replaceAll(UNSEEN, (character) => {
    const number = character.codePointAt(0)!.toString(16).toUpperCase();
    return `[U+${number.padStart(4, "0")}]`;
  });
  const characters = [...plain];
  return characters.length > most ? `${characters.slice(0, most - 1).join("")}…` : plain;
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** A text as HTML, also in an attribute. */
export const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character]!);

/** A sentence that may hold words of the data. */
export const said = (text: string): string => escaped(visible(text, 2_000));

/** A word of the data: its direction doesn't reach what is around it. */
export const word = (text: string, most?: number): string =>
  text.trim() === "" ? '<em class="none">empty</em>' : `<bdi>${escaped(visible(text, most))}</bdi>`;

/** A word of the data in a sentence that is escaped later: in quotes. */
export const quoted = (text: string): string => `“${visible(text, 60)}”`;

/** A paragraph of words of our own; what comes from data in it has to be escaped. */
export const paragraph = (html: string, kind?: string): string =>
  `<p${kind === undefined ? "" : ` class="${kind}"`}>${html}</p>`;

export interface Cell {
  readonly html: string;
  /** Of a number, to the right. */
  readonly number?: boolean;
  /** Names what its row is. */
  readonly head?: boolean;
  /** Names so many rows, from this one on. */
  readonly span?: number;
  /** Is the background's strength, from 0 to 1. */
  readonly shade?: number;
  /** A bar of this length, from 0 to 1, below the cell's text. */
  readonly bar?: number;
  readonly kind?: string;
}

export interface HtmlTable {
  readonly caption: string;
  readonly head: readonly Cell[];
  readonly rows: readonly (readonly Cell[])[];
  readonly kind?: string;
  /** Rows of bodies of their own begin at these. */
  readonly groups?: readonly number[];
}

function cellHtml(cell: Cell, tag: "td" | "th", scope?: "row" | "col" | "rowgroup"): string {
  const kinds = [cell.number ? "number" : "", cell.shade === undefined ? "" : "shade", cell.bar === undefined ? "" : "bar", cell.kind ?? ""]; // prettier-ignore
  const kind = kinds.filter(Boolean).join(" ");
  const share = cell.shade ?? cell.bar;
  const style = share === undefined ? "" : ` style="--share:${(100 * Math.min(1, Math.max(0, share))).toFixed(1)}%"`;
  const rows = cell.span === undefined ? "" : ` rowspan="${cell.span}"`;
  return `<${tag}${rows}${scope ? ` scope="${scope}"` : ""}${kind ? ` class="${kind}"` : ""}${style}>${cell.html}</${tag}>`;
}

/** A table with a caption. Where it is wider than the page it is scrolled, also by keys. */
export function tableHtml({ caption, head, rows, kind, groups = [0] }: HtmlTable): string {
  const line = (cells: readonly Cell[]): string =>
    `<tr>${cells.map((cell) => (cell.span ? cellHtml(cell, "th", "rowgroup") : cell.head ? cellHtml(cell, "th", "row") : cellHtml(cell, "td"))).join("")}</tr>`;
  const bodies = groups.map(
    (from, i) =>
      `<tbody>${rows
        .slice(from, groups[i + 1])
        .map(line)
        .join("\n")}</tbody>`,
  );
  return `<div class="scroll" role="group" tabindex="0" aria-label="${escaped(`Table: ${caption}`)}"><table${kind ? ` class="${kind}"` : ""}>
<caption>${escaped(caption)}</caption>
<thead><tr>${head.map((cell) => cellHtml(cell, cell.html === "" ? "td" : "th", cell.html === "" ? undefined : "col")).join("")}</tr></thead>
${rows.length === 0 ? "" : bodies.join("\n")}
</table></div>`;
}

/** What is shown when it is asked for. */
export const folded = (title: string, html: string, kind?: string): string =>
  `<details${kind ? ` class="${kind}"` : ""}><summary>${escaped(title)}</summary>\n${html}\n</details>`;

/** A list of points. */
export const list = (items: readonly string[], kind?: string): string =>
  `<ul${kind ? ` class="${kind}"` : ""}>${items.map((item) => `<li>${item}</li>`).join("\n")}</ul>`;
