// What the page of the neuron among points tells.
import { html, nothing, type TemplateResult } from "lit";
import { icons } from "../../look/icons.ts";
import { T } from "../../shell/text.ts";
import { story } from "../lesson.ts";

/** What the reader has done, and may do. */
export interface Told {
  readonly moved: boolean;
  readonly trained: boolean;
  /** By Newton's method. */
  readonly jumped: boolean;
  readonly running: boolean;
  readonly learn: () => void;
  readonly toImage: () => void;
}

export function pointsStory({ moved, trained, jumped, running, learn, toImage }: Told): TemplateResult {
  return story([
    {
      says: T({
        en: "A neuron adds up its inputs, each times a weight, and a bias: z. Then the sigmoid function, σ, brings z between 0 and 1: that is its answer y. On the line z is 0, and it says ½.",
        zh: "神经元把每个输入乘以权重，相加，再加上偏置，得到 z；然后用激活函数 sigmoid（σ）把 z 压到 0 与 1 之间，这就是它的回答 y。在直线上 z 为 0，它说 ½。",
      }),
    },
    {
      done: moved,
      says: T({
        en: "Drag the line, or turn it, so that circles and squares come apart. A ring marks a point on the wrong side. Watch the loss: the smaller, the better.",
        zh: "拖动或转动直线，把圆点和方块分开。圆圈标出错误一侧的点。留意损失：越小越好。",
      }),
    },
    {
      done: trained,
      says: html`${T({
        en: "Now let the neuron do it. Each step turns the line a little towards a smaller loss: that is gradient descent.",
        zh: "现在让神经元自己来。每一步都把直线朝损失变小的方向转一点：这就是梯度下降。",
      })}
      ${
        running
          ? nothing
          : html`<p class="btns">
              <button class="btn" data-do="learn" @click=${learn}>
                ${icons.play}${T({ en: "Let it learn", zh: "让它学" })}
              </button>
            </p>`
      }`,
    },
    {
      done: jumped,
      says: T({
        en: "Newton's method also looks at how the slope changes. It takes the loss around here for a bowl, and jumps to the bowl's lowest point: a few steps in place of hundreds. But each step solves a system with an equation for every weight.",
        zh: "牛顿法还看坡度如何变化：它把附近的损失当成一只碗，直接跳到碗底：几步抵得上几百步。但每一步都要解一个方程组，有多少个权重就有多少个方程。",
      }),
    },
    {
      says: html`${T({
          en: "The inputs may be anything that is a number: the cells of an image, too.",
          zh: "任何能写成数的东西都可以当输入，图像的每个格子也行。",
        })}
        <p class="btns">
          <button class="btn" data-do="image" @click=${toImage}>
            ${T({ en: "An image as input", zh: "把图像当输入" })}${icons.next}
          </button>
        </p>`,
    },
  ]);
}

/** A card where Newton's method can't go on. */
export function jumpedCard(fromZero: () => void): TemplateResult {
  return html`<section class="card notice over" role="alert" data-halted>
    <h2>${T({ en: "Newton's method jumped out of sight", zh: "牛顿法跳得太远了" })}</h2>
    <p>
      ${T({
        en: "Where the answers are sure, the loss is nearly flat; a step divided by such a small curvature is huge. The weights are those before it. Begin from w = 0, or by gradient descent.",
        zh: "回答很肯定的地方，损失几乎是平的；除以这么小的曲率，一步就大得出奇。权重仍是这一步之前的。请从 w = 0 开始，或改用梯度下降。",
      })}
    </p>
    <p class="btns" style="margin-top:10px">
      <button class="btn pri" data-do="from-zero" @click=${fromZero}>
        ${T({ en: "Begin from w = 0", zh: "从 w = 0 开始" })}
      </button>
    </p>
  </section>`;
}
