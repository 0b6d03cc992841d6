// The optimizers' formulas: w a parameter, g its gradient, η the learning rate, t the number of the update; a state has its name, with '
// after the update.
import type { StepText } from "../terms.ts";

/** An optimizer's lines: the states that it keeps, in the order in which they are computed, and the parameter. */
export interface OptimizerFormula {
  readonly states: Readonly<Record<string, string>>;
  readonly parameter: string;
  /** Parts with a name of their own; one may be made of those before it. */
  readonly named?: Readonly<Record<string, string>>;
  /** What symbols stand for. */
  readonly symbols: Readonly<Record<string, number>>;
  readonly says: StepText;
}

/** The numbers and switches among an optimizer's options. */
export type OptimizerOptionValues = Readonly<Record<string, number>>;

type Formula = (options: OptimizerOptionValues) => OptimizerFormula;

function adamFormula(options: OptimizerOptionValues, decoupled: boolean): OptimizerFormula {
  const { beta1 = 0, beta2 = 0, epsilon = 0, weightDecay = 0, amsgrad } = options;
  return {
    states: {
      m: "β1 * m + (1 - β1) * g",
      v: "β2 * v + (1 - β2) * g^2",
      ...(amsgrad && { vMax: "max(vMax, v')" }),
    },
    named: { m̂: "m' / (1 - β1^t)", v̂: `${amsgrad ? "vMax'" : "v'"} / (1 - β2^t)` },
    parameter: `${decoupled && weightDecay > 0 ? "w * (1 - η * λ)" : "w"} - η * m̂ / (sqrt(v̂) + ε)`,
    symbols: { β1: beta1, β2: beta2, ε: epsilon, λ: weightDecay },
    says: {
      en: "The step follows a running mean m of the gradient, divided by the root of a running mean v of its square: each parameter gets a step of a size of its own. m̂ and v̂ make up for the start at 0.",
      zh: "步子沿着梯度的滑动平均 m，并除以梯度平方的滑动平均 v 的平方根：每个参数的步子各有大小。m̂ 与 v̂ 修正从 0 开始带来的偏差。",
    },
  };
}

export const OPTIMIZERS: Readonly<Record<string, Formula>> = {
  sgd: ({ momentum = 0, nesterov }) => ({
    states: momentum > 0 ? { velocity: "μ * velocity + g" } : {},
    parameter: momentum > 0 ? (nesterov ? "w - η * (g + μ * velocity')" : "w - η * velocity'") : "w - η * g",
    symbols: { μ: momentum },
    says:
      momentum > 0
        ? {
            en: "Every parameter takes a step against its velocity: the gradient, plus the part μ of the velocity before.",
            zh: "每个参数逆着它的速度走一步：速度是梯度加上先前速度的 μ 倍。",
          }
        : {
            en: "Every parameter takes a step against its gradient, as large as the learning rate η says.",
            zh: "每个参数都朝梯度的反方向走一步，步子的大小由学习率 η 决定。",
          },
  }),
  adam: (options) => adamFormula(options, false),
  adamw: (options) => adamFormula(options, true),
  rmsprop: ({ rho = 0, epsilon = 0, momentum = 0, centered }) => ({
    states: {
      q: "ρ * q + (1 - ρ) * g^2",
      ...(centered && { mean: "ρ * mean + (1 - ρ) * g" }),
      ...(momentum > 0 && { velocity: "μ * velocity + r" }),
    },
    named: { r: `g / (sqrt(${centered ? "max(q' - mean'^2, 0)" : "q'"}) + ε)` },
    parameter: momentum > 0 ? "w - η * velocity'" : "w - η * r",
    symbols: { ρ: rho, ε: epsilon, μ: momentum },
    says: {
      en: "The gradient is divided by its recent size, the root of a running mean q of its square.",
      zh: "梯度除以它近来的大小，即梯度平方的滑动平均 q 的平方根。",
    },
  }),
  adagrad: ({ epsilon = 0 }) => ({
    states: { q: "q + g^2" },
    parameter: "w - η * g / (sqrt(q') + ε)",
    symbols: { ε: epsilon },
    says: {
      en: "The gradient is divided by the root of the sum q of all its squares so far: steps shrink where gradients were large.",
      zh: "梯度除以至今所有梯度平方之和 q 的平方根：梯度曾经大的地方，步子变小。",
    },
  }),
  adadelta: ({ rho = 0, epsilon = 0 }) => ({
    states: { q: "ρ * q + (1 - ρ) * g^2", u: "ρ * u + (1 - ρ) * d^2" },
    named: { d: "sqrt(u + ε) / sqrt(q' + ε) * g" },
    parameter: "w - η * d",
    symbols: { ρ: rho, ε: epsilon },
    says: {
      en: "The step d has the parameter's own size: the gradient, times the size of recent steps, divided by the size of recent gradients.",
      zh: "步子 d 与参数本身同一尺度：梯度乘以近来步子的大小，再除以近来梯度的大小。",
    },
  }),
};
