// What the digits page has of trainings: settings, curves, what is misread, and the bar.
import { html, nothing, type TemplateResult } from "lit";
import { plot } from "../../digits/plot.ts";
import { ALL, FIRST, NETS, OPTIMIZERS, programText, type Training } from "../../digits/settings.ts";
import "../../elements/heat.ts";
import { icons } from "../../look/icons.ts";
import { count, loss as lossText, percent, short, value } from "../../look/numbers.ts";
import { copyText } from "../../shell/shell.ts";
import { same, T, type Text } from "../../shell/text.ts";
import { toast } from "../../shell/toast.ts";
import { canTrain, changed, drawDigit, isRunning, now, pauseOrGoOn, stop, tell, train } from "./desk.ts";
import { state, training } from "./state.ts";

const NET_NAMES: Record<Training["net"], Text> = {
  mlp: { en: "MLP, 128 hidden", zh: "多层感知机，128 隐藏单元" },
  lenet: same("LeNet-5"),
};
const OPTIMIZER_NAMES: Record<Training["optimizer"], string> = {
  sgd: "SGD",
  momentum: "SGD + momentum 0.9",
  adam: "Adam",
};

export function settings(): TemplateResult {
  const disabled = isRunning();
  const numberField = (key: "epochs" | "batch" | "lr" | "seed", label: Text): TemplateResult =>
    html`<label class="field"
      >${T(label)}
      <input
        name=${key}
        inputmode="decimal"
        ?disabled=${disabled}
        .value=${String(state.get(key))}
        @change=${(event: Event) => setNumber(key, event.target as HTMLInputElement)}
      />
    </label>`;
  return html`<div class="settings" data-mark="settings">
    <div class="seg" role="group" aria-label=${T({ en: "Network to train", zh: "要训练的网络" })}>
      ${NETS.map(
        (net) =>
          html`<button
            data-net=${net}
            ?disabled=${disabled}
            aria-pressed=${state.get("net") === net}
            @click=${() => {
              state.set({ net });
              changed();
            }}
          >
            ${T(NET_NAMES[net])}
          </button>`,
      )}
    </div>
    <div class="seg" role="group" aria-label=${T({ en: "Images to train on", zh: "训练图像数" })}>
      ${[...new Set([FIRST.train, ALL.train, state.get("images")])].map(
        (n) =>
          html`<button
            data-images=${n}
            ?disabled=${disabled}
            aria-pressed=${state.get("images") === n}
            @click=${() => {
              state.set({ images: n });
              changed();
            }}
          >
            ${
              n === ALL.train
                ? T({ en: `all ${count(n)} (11 MB)`, zh: `全部 ${count(n)}（11 MB）` })
                : `${count(n)} (${n > FIRST.train ? "11" : "2.2"} MB)`
            }
          </button>`,
      )}
    </div>
    ${numberField("epochs", { en: "Epochs", zh: "轮数" })} ${numberField("batch", { en: "Batch", zh: "批量" })}
    <label class="field"
      >${T({ en: "Optimizer", zh: "优化器" })}
      <select
        name="opt"
        ?disabled=${disabled}
        @change=${(event: Event) => {
          state.set({ opt: (event.target as HTMLSelectElement).value as Training["optimizer"] });
          changed();
        }}
      >
        ${OPTIMIZERS.map((name) => html`<option value=${name} ?selected=${state.get("opt") === name}>${OPTIMIZER_NAMES[name]}</option>`)}
      </select></label
    >
    ${numberField("lr", { en: "Rate", zh: "学习率" })} ${numberField("seed", { en: "Seed", zh: "种子" })}
  </div>`;
}

function setNumber(key: "epochs" | "batch" | "lr" | "seed", input: HTMLInputElement): void {
  const rules = {
    epochs: { least: 1, most: 50, whole: true },
    batch: { least: 1, most: 1024, whole: true },
    seed: { least: 0, most: Number.MAX_SAFE_INTEGER, whole: true },
    lr: { least: 1e-6, most: 1e6, whole: false },
  }[key];
  const number = input.value.trim() === "" ? Number.NaN : Number(input.value);
  const holds = number >= rules.least && number <= rules.most && (!rules.whole || Number.isInteger(number));
  if (holds) state.set({ [key]: number });
  else
    toast({
      en: `${input.value || "Nothing"} can't be used; ${rules.whole ? "a whole number" : "a number"} from ${rules.least} to ${rules.most} can. ${state.get(key)} stays.`,
      zh: `${input.value || "空"} 不能用；可以是 ${rules.least} 到 ${rules.most} 的${rules.whole ? "整" : ""}数。仍用 ${state.get(key)}。`,
    });
  input.value = String(state.get(key));
  changed();
}

export function progress(): TemplateResult {
  if (!now.run)
    return html`<p class="soft">
      ${T({
        en: `Press Train: the images are fetched once (2.2 MB), and the network learns in this page. LeNet-5 takes some seconds, the MLP one or two.`,
        zh: "按“训练”：图像只下载一次（2.2 MB），网络就在本页学习。LeNet-5 要几秒，多层感知机要一两秒。",
      })}
    </p>`;
  const { training: of, losses, epochs, end } = now.run;
  const x = (epoch: number): number => epoch / of.epochs;
  const highest = Math.max(0.5, ...losses.slice(0, 20).map(([, y]) => y));
  return html`<div class="plots" data-mark="curves">
      ${plot({
        title: T({ en: "right", zh: "正确率" }),
        training: epochs.map(({ epoch, accuracy }) => [x(epoch), accuracy]),
        test: epochs.map(({ epoch, testAccuracy }) => [x(epoch), testAccuracy]),
        xMax: 1,
        from: Math.min(
          0.8,
          ...epochs.map(({ accuracy, testAccuracy }) => Math.floor(10 * Math.min(accuracy, testAccuracy)) / 10),
        ),
        to: 1,
        write: percent,
      })}
      ${plot({
        title: T({ en: "loss", zh: "损失" }),
        training: losses,
        test: epochs.map(({ epoch, testLoss }) => [x(epoch), testLoss]),
        xMax: 1,
        from: 0,
        to: Math.min(5, highest),
        write: (y) => value(y, 3),
      })}
    </div>
    <p class="key">
      ${T({ en: "solid: images that it trains on · dashed: test images, which it never trains on", zh: "实线：训练图像 · 虚线：测试图像，从不用来训练" })}
    </p>
    ${
      epochs.length > 0
        ? html`<div class="scroll">
            <table class="data">
              <thead>
                <tr>
                  <th>${T({ en: "epoch", zh: "轮" })}</th>
                  <th>${T({ en: "loss", zh: "损失" })}</th>
                  <th>${T({ en: "right, training", zh: "训练正确率" })}</th>
                  <th>${T({ en: "loss, test", zh: "测试损失" })}</th>
                  <th>${T({ en: "right, test", zh: "测试正确率" })}</th>
                </tr>
              </thead>
              <tbody>
                ${epochs.map(
                  ({ epoch, loss, accuracy, testLoss, testAccuracy }) =>
                    html`<tr>
                      <td>${epoch}</td>
                      <td>${lossText(loss)}</td>
                      <td>${percent(accuracy)}</td>
                      <td>${lossText(testLoss)}</td>
                      <td>${percent(testAccuracy)}</td>
                    </tr>`,
                )}
              </tbody>
            </table>
          </div>`
        : nothing
    }
    ${
      epochs.length > 0 && epochs.at(-1)!.testAccuracy < 0.3
        ? html`<p class="small" data-advice>
            ${T({
              en: `It has learned next to nothing: guessing gets a tenth right. ${epochs.at(-1)!.loss > 3 ? "The loss grew, so the rate is too large: try a tenth of it." : "Give it a larger rate, more images or more epochs."}`,
              zh: `几乎什么也没学到：瞎猜也能对十分之一。${epochs.at(-1)!.loss > 3 ? "损失变大了，说明学习率太大：试试十分之一。" : "用更大的学习率、更多图像或更多轮。"}`,
            })}
          </p>`
        : nothing
    }
    <p class="small soft" data-mark="engine">${T(now.run.engine)}</p>
    ${
      end
        ? html`<p data-end>
              <b>${percent(end.right / end.tested)}</b>
              ${T({
                en: `of the ${count(end.tested)} test images right, after ${end.seconds.toFixed(1)} s${end.stopped ? " (stopped)" : ""}`,
                zh: `（${count(end.tested)} 张测试图像），用了 ${end.seconds.toFixed(1)} 秒${end.stopped ? "（中途停止）" : ""}`,
              })}
              · <span class="mono" data-mark="fingerprint" data-fingerprint>${end.fingerprint}</span>
            </p>
            <div class="btns">
              <button class="btn" data-do="code" @click=${copyCode}>
                ${icons.copy} ${T({ en: "Copy as code", zh: "复制为代码" })}
              </button>
              <button class="btn" data-do="export" @click=${() => tell({ do: "export", origin: "trained" })}>
                ${icons.download} ${T({ en: "Save as safetensors", zh: "保存为 safetensors" })}
              </button>
            </div>
            ${end.stopped ? html`<p class="small soft">${T({ en: "The program trains to the end: its fingerprint is another one.", zh: "程序会训练到底，指纹会不同。" })}</p>` : nothing}`
        : nothing
    }`;
}

function copyCode(): void {
  void copyText(programText(now.run?.training ?? training()), {
    en: "Program copied: in Node it ends with the same fingerprint.",
    zh: "程序已复制：在 Node 里运行，指纹相同。",
  });
}

export function wall(): TemplateResult {
  if (!now.misread)
    return html`<p class="soft">
      ${T({
        en: "Once a training has ended, the test images that your network misreads hang here. Press one, and it goes into the drawing above.",
        zh: "训练结束后，你的网络认错的测试图像会挂在这里。点一个，它就到上面的画里。",
      })}
    </p>`;
  const all = now.run?.end ? now.run.end.tested - now.run.end.right : now.misread.length;
  return html`<p class="small soft" style="margin-bottom:var(--s3)">
      ${T({
        en: `${count(all)} misread${all > now.misread.length ? `, the first ${now.misread.length}` : ""}: what it is → what the network says. Press one to look at it.`,
        zh: `认错 ${count(all)} 张${all > now.misread.length ? `，这是前 ${now.misread.length} 张` : ""}：实际 → 网络所说。点一个看看。`,
      })}
    </p>
    <ul class="misread" data-mark="misread">
      ${now.misread.map(
        ({ index, pixels, label, said }) =>
          html`<li>
            <button
              data-index=${index}
              aria-label=${T({ en: `${label} → ${said}: a ${label} that it takes for a ${said}`, zh: `${label} → ${said}：是 ${label}，认成 ${said}` })}
              @click=${() => drawDigit(pixels)}
            >
              <wasmgrad-heat .ink=${pixels}></wasmgrad-heat>
              ${label} → ${said}
            </button>
          </li>`,
      )}
    </ul>`;
}

export function bar(): TemplateResult {
  const running = isRunning();
  const phase = now.run?.phase;
  const line: Text =
    phase === "fetching"
      ? { en: `fetching the images ${now.run!.fetched}`, zh: `正在下载图像 ${now.run!.fetched}` }
      : phase === "paused"
        ? now.hiddenPause
          ? { en: "paused while hidden", zh: "页面隐藏，已暂停" }
          : { en: "paused", zh: "已暂停" }
        : phase === "training"
          ? {
              en: `${short(now.run!.speed)} images/s · ${accuracyText()}`,
              zh: `每秒 ${short(now.run!.speed)} 张 · ${accuracyText()}`,
            }
          : phase === "done"
            ? {
                en: `${percent(now.run!.end!.right / now.run!.end!.tested)} right · ${short(now.run!.speed)} images/s`,
                zh: `正确 ${percent(now.run!.end!.right / now.run!.end!.tested)} · 每秒 ${short(now.run!.speed)} 张`,
              }
            : same("");
  return html`<div class="bar digits-bar" role="region" aria-label=${T({ en: "Training", zh: "训练" })}>
    <div>
      ${
        running
          ? html`<button class="btn pri" data-do="pause" ?disabled=${phase === "fetching"} @click=${pauseOrGoOn}>
                ${phase === "paused" ? icons.play : icons.pause}
                ${phase === "paused" ? T({ en: "Go on", zh: "继续" }) : T({ en: "Pause", zh: "暂停" })}
              </button>
              <button class="btn" data-do="stop" ?disabled=${phase === "fetching"} @click=${stop}>
                ${icons.cross} ${T({ en: "Stop", zh: "停止" })}
              </button>`
          : html`<button class="btn pri" data-do="train" ?disabled=${!canTrain()} @click=${train}>
              ${icons.play}
              ${T({
                en: `Train ${state.get("net") === "mlp" ? "the MLP" : "LeNet-5"}, ${state.get("epochs")} ${state.get("epochs") === 1 ? "epoch" : "epochs"}`,
                zh: `训练${state.get("net") === "mlp" ? "多层感知机" : " LeNet-5"}，${state.get("epochs")} 轮`,
              })}
            </button>`
      }
      <div class="now">
        ${running ? html`<progress max="1" .value=${now.run!.batch / now.run!.batches} aria-label=${T({ en: "Training", zh: "训练" })}></progress>` : nothing}
        <div class="small" role="status" data-now>${T(line)}</div>
      </div>
    </div>
  </div>`;
}

function accuracyText(): string {
  const last = now.run?.epochs.at(-1);
  if (!last) return T({ en: "epoch 1", zh: "第 1 轮" });
  const right = percent(last.testAccuracy);
  return T({ en: `${right} right after epoch ${last.epoch}`, zh: `第 ${last.epoch} 轮后正确 ${right}` });
}
