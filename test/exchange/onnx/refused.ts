/** Networks that can't be read: what the error says, and why that is so. */
export const REFUSED: Readonly<Record<string, { readonly says: RegExp; readonly why: string }>> = {
  fourier: { says: /node "\/Sin" \(Sin, opset 13\): no layer computes it/, why: "no layer computes sines" },
  rnnRelu: {
    says: /attribute activations, node "\/cell\/RNN" \(RNN, opset \d+\): they must be Tanh, .*, got Relu/,
    why: "simpleRnn has tanh alone",
  },
};
