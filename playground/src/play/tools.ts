// Own tables and models: the dialog, files that are dropped anywhere on the page, and links that name what isn't here.
import { html, render } from "lit";
import { view } from "../shell/shell.ts";
import { T, type Text } from "../shell/text.ts";
import { toast } from "../shell/toast.ts";
import type { Bench } from "./bench.ts";
import { EXPECTED, kindOfFile, looksLikeModel } from "./fileKind.ts";
import { keep, type Kept, keptNow, nameFrom, open, openKept, unopened } from "./kept.ts";
import type { OwnData, OwnTable } from "./ownData.ts";
import { outputsOf } from "./setup.ts";
import { type DataChoice, ownName, setupOf } from "./settings.ts";

const UNKEPT: Text = {
  en: "This browser keeps nothing for this page (its storage is full or forbidden): it is here until the page is closed. Export keeps it.",
  zh: "浏览器不为本页保存任何东西（存储已满或被禁止）：关闭页面前仍然可用。要保留请导出。",
};

/** Listens for files; gives the function that opens the dialog for a table. */
export function startTools(bench: Bench): () => Promise<void> {
  const { state } = bench;
  const notices = document.createElement("div");
  view.before(notices);

  /** A message that stays until it is closed. */
  function say(text: Text | undefined, action?: { readonly label: Text; readonly press: () => void }): void {
    render(
      text === undefined
        ? ""
        : html`<section class="card notice" role="alert" data-say style="margin-bottom: var(--s3)">
            <p>${T(text)}</p>
            <div class="btns" style="margin-top: var(--s2)">
              ${action ? html`<button class="btn pri" @click=${action.press}>${T(action.label)}</button>` : ""}
              <button class="btn" @click=${() => say(undefined)}>${T({ en: "Close", zh: "关闭" })}</button>
            </div>
          </section>`,
      notices,
    );
    if (text) notices.scrollIntoView({ block: "nearest" });
  }

  // --- own tables

  let dialog: OwnData | undefined;

  async function openDialog(with_: Parameters<OwnData["show"]>[0] = {}): Promise<void> {
    try {
      await import("./ownData.ts");
    } catch {
      return say({
        en: "The dialog for tables could not be loaded: is there a network? Your run goes on.",
        zh: "无法加载表格对话框：网络断了吗？你的训练照常进行。",
      });
    }
    if (!dialog) {
      dialog = document.createElement("play-own-data");
      dialog.addEventListener("use", (event) => void use((event as CustomEvent<OwnTable>).detail));
      document.body.append(dialog);
    }
    await dialog.show(with_);
  }

  /** Keeps something under a name that nothing else has, and gives the name. */
  async function keepAs(wanted: string, kept: Kept, same: (other: Kept) => boolean): Promise<string> {
    let name = wanted;
    for (let i = 2; ; i++) {
      const other = await open(name);
      if (!other || same(other)) break;
      name = `${wanted} ${i}`;
    }
    if (!(await keep(name, kept)))
      toast(UNKEPT, { label: { en: "Export", zh: "导出" }, press: () => state.set({ view: "export" }) });
    return name;
  }

  async function use({ name: wanted, points }: OwnTable): Promise<void> {
    const { x, y, names } = points;
    const name = await keepAs(
      wanted,
      { points: { x, y }, names },
      (other) => equal(other.points?.x, x) && equal(other.points?.y, y),
    );
    say(undefined);
    // the loss follows from the labels; the numbers are normalised already, if they are to be
    state.set({ data: `mine:${name}` satisfies DataChoice, loss: "auto", norm: false, w: new Float32Array(0) });
  }

  let missing = false;
  function lookForMissing(): void {
    const name = ownName(state.get("data"));
    const was = missing;
    missing = name !== undefined && !keptNow(name);
    // whoever has chosen other data has read it
    if (name === undefined || !missing) return was ? say(undefined) : undefined;
    const notice: Text = {
      en: `This link uses data “${name}” that is only on the computer where it was made.`,
      zh: `这个链接使用的数据“${name}”只存在于制作它的那台电脑上。`,
    };
    say(
      {
        en: `${notice.en} Drop its table on this page, or paste it; or choose another data set.`,
        zh: `${notice.zh}请把它的表格拖到本页，或粘贴进来；也可以选择别的数据集。`,
      },
      { label: { en: "Paste the table", zh: "粘贴表格" }, press: () => void openDialog({ notice, name }) },
    );
  }
  lookForMissing();
  state.on(["data"], lookForMissing);
  addEventListener("hashchange", () => {
    const names = unopened();
    // settings are read at once, and storage isn't: who comes anew has them
    if (names.length > 0) void openKept().then(() => (names.some(keptNow) ? location.reload() : lookForMissing()));
  });

  // --- files

  async function takeFile(file: File): Promise<void> {
    let head: Uint8Array;
    try {
      head = new Uint8Array(await file.slice(0, 16).arrayBuffer());
    } catch {
      return say({
        en: `${file.name} could not be read: it is a folder, or a file that is gone. Your run goes on. A table of points (CSV) or a model (safetensors) can be dropped here.`,
        zh: `无法读取 ${file.name}：它是文件夹，或文件已不在。你的训练照常进行。可以拖入点的表格（CSV）或模型（safetensors）。`,
      });
    }
    if (looksLikeModel(head) || /\.safetensors$/i.test(file.name)) return takeModel(file);
    const kind = kindOfFile(head);
    if (kind || head.includes(0)) {
      return say({
        en: `${file.name} is ${kind ? kind.en : "no model and no table"}; it is left alone. A table of points (CSV) or a model (safetensors) can be dropped here. ${EXPECTED.en}`,
        zh: `${file.name} 是${kind ? kind.zh : "别的文件，既不是模型也不是表格"}，没有打开。可以拖入点的表格（CSV）或模型（safetensors）。${EXPECTED.zh}`,
      });
    }
    await openDialog({ file });
  }

  async function takeModel(file: File): Promise<void> {
    if (file.size > 64e6) {
      return say({
        en: `${file.name} has ${Math.round(file.size / 1e6)} MB: that is no net of this page. ${EXPECTED.en}`,
        zh: `${file.name} 有 ${Math.round(file.size / 1e6)} MB：不会是本页的网络。${EXPECTED.zh}`,
      });
    }
    const { readModel } = await import("./readModel.ts");
    const read = await readModel(file.name, new Uint8Array(await file.arrayBuffer()));
    if ("problem" in read) return say(read.problem);
    const { layers, outputs, squeezed, dropout, weights } = read;
    const name = await keepAs(nameFrom(file.name), { weights }, (other) => equal(other.weights, weights));
    const kept = keptNow(name)!.weights!;
    bench.train(false);
    say(undefined);
    const patch = {
      net: layers,
      drop: dropout,
      w: kept,
      loss: squeezed ? "mse" : outputs > 1 ? "ce" : "auto",
    } as const;
    // points for which it has the right number of outputs
    const fits =
      outputsOf({ ...setupOf(state), loss: patch.loss }) === outputs && !(squeezed && state.get("data") === "slope");
    state.set(
      fits
        ? patch
        : { ...patch, ...(outputs === 1 ? { data: "moons" as const } : { data: "gaussians" as const, k: outputs }) },
    );
    toast({
      en: `${file.name}: 2-${[...layers.map(({ units }) => units), outputs].join("-")}, ${weights.length} parameters, is shown.`,
      zh: `已显示 ${file.name}：2-${[...layers.map(({ units }) => units), outputs].join("-")}，${weights.length} 个参数。`,
    });
  }

  view.addEventListener("file", (event) => void takeFile((event as CustomEvent<File>).detail));
  document.addEventListener("dragover", (event) => {
    if (event.dataTransfer?.types.includes("Files")) event.preventDefault();
  });
  document.addEventListener("drop", (event) => {
    const file = event.dataTransfer?.files[0];
    if (!file) return;
    // else the browser would open it in place of the page
    event.preventDefault();
    void takeFile(file);
  });

  return () => openDialog();
}

const equal = (a: Float32Array | undefined, b: Float32Array): boolean =>
  a?.length === b.length && a.every((v, i) => Object.is(v, b[i]));
