// Graphs made by TensorFlow.js: merges, shared layers, models within models.
import { graph, IMAGE, on, type Theirs } from "./make.ts";
import type { Symbolic, TfLayer } from "./tf.ts";

export const GRAPHS: Readonly<Record<string, Theirs>> = {
  merges: {
    make: graph([6], (x, { layers: l }) => {
      const branch = (units: number): Symbolic => on(l["dense"]!({ units, activation: "tanh" }), x);
      const [a, b, c] = [branch(4), branch(4), branch(4)];
      const all = ["add", "multiply", "average", "maximum", "minimum"].map((name) => on(l[name]!({}), a, b, c));
      return on(l["dense"]!({ units: 2 }), on(l["concatenate"]!({ axis: 1 }), ...all));
    }),
  },
  "merges that repeat": {
    make: graph([5, 4], (x, { layers: l }) => {
      const gate = on(l["dense"]!({ units: 1, activation: "sigmoid" }), x);
      const one = on(l["globalAveragePooling1d"]!({}), x);
      const wide = on(l["multiply"]!(), x, gate);
      const sum = on(l["add"]!(), wide, on(l["reshape"]!({ targetShape: [1, 4] }), one));
      return on(l["dense"]!({ units: 2 }), on(l["concatenate"]!({ axis: 1 }), sum, x));
    }),
  },
  dots: {
    make: graph([5, 4], (x, { layers: l }) => {
      const [a, b] = [on(l["dense"]!({ units: 4 }), x), on(l["dense"]!({ units: 4 }), x)];
      const scores = on(l["dot"]!({ axes: [2, 2] }), a, b); // 5 x 5
      const mixed = on(l["dot"]!({ axes: [2, 1] }), scores, b); // 5 x 4
      const inner = on(l["dot"]!({ axes: 1 }), mixed, x); // 4 x 4
      const last = on(l["dot"]!({ axes: [1, 2] }), inner, a); // 4 x 5
      return on(l["dense"]!({ units: 2 }), last);
    }),
  },
  "dots of vectors": {
    make: graph([6], (x, { layers: l }) => {
      const [a, b] = [on(l["dense"]!({ units: 4 }), x), on(l["dense"]!({ units: 4 }), x)];
      return on(
        l["concatenate"]!(),
        on(l["dot"]!({ axes: 1 }), a, b),
        on(l["dot"]!({ axes: -1, normalize: true }), a, b),
      );
    }),
  },
  "a residual network": {
    make: graph(IMAGE, (x, { layers: l }) => {
      const conv = (filters: number, activation = "linear"): TfLayer =>
        l["conv2d"]!({ filters, kernelSize: 3, padding: "same", activation });
      const start = on(conv(4, "relu"), x);
      const block = on(l["batchNormalization"]!(), on(conv(4), on(conv(4, "relu"), start)));
      const end = on(l["reLU"]!(), on(l["add"]!(), start, block));
      return on(l["dense"]!({ units: 3, activation: "softmax" }), on(l["globalAveragePooling2d"]!({}), end));
    }),
  },
  "shared layers": {
    make(tf) {
      const { layers: l } = tf;
      const [one, other] = [tf.input({ shape: [4] }), tf.input({ shape: [4] })];
      const tower = l["dense"]!({ units: 3, activation: "tanh" });
      const back = l["dense"]!({ units: 4 });
      const pair = on(l["dot"]!({ axes: 1 }), on(tower, one), on(tower, other));
      const twice = on(tower, on(back, on(tower, one)));
      return tf.model({ inputs: [one, other], outputs: [pair, twice] });
    },
  },
  "a model within a model, used twice": {
    make(tf) {
      const { layers: l } = tf;
      const inside = tf.input({ shape: [4] });
      const core = tf.model({
        inputs: inside,
        outputs: on(l["add"]!(), on(l["dense"]!({ units: 4, activation: "relu" }), inside), inside),
      });
      const chain = tf.sequential({ layers: [l["dense"]!({ units: 4, inputShape: [4] }), l["dense"]!({ units: 4 })] });
      const x = tf.input({ shape: [4] });
      const twice = on(core, on(chain, on(core, on(chain, x))));
      return tf.model({ inputs: x, outputs: on(l["dense"]!({ units: 2 }), twice) });
    },
  },
  "a sequence of models": {
    make(tf) {
      const { layers: l } = tf;
      const base = tf.sequential({
        layers: [l["conv2d"]!({ inputShape: IMAGE, filters: 3, kernelSize: 3 }), l["flatten"]!()],
      });
      return tf.sequential({ layers: [base, l["dense"]!({ units: 2 })] });
    },
  },
  "several inputs and outputs": {
    make(tf) {
      const { layers: l } = tf;
      const [picture, price] = [tf.input({ shape: IMAGE, name: "picture" }), tf.input({ shape: [2], name: "price" })];
      const seen = on(l["flatten"]!(), on(l["conv2d"]!({ filters: 2, kernelSize: 3, activation: "relu" }), picture));
      const both = on(l["concatenate"]!(), on(l["dense"]!({ units: 4 }), seen), price);
      return tf.model({
        inputs: [picture, price],
        outputs: [
          on(l["dense"]!({ units: 3, activation: "softmax" }), both),
          on(l["dense"]!({ units: 1 }), both),
          seen,
        ],
      });
    },
  },
};
