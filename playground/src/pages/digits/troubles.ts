// What can go wrong on the digits page, and what to do then.
import type { Trouble } from "../../digits/messages.ts";
import type { Text } from "../../shell/text.ts";

export const TROUBLES: Record<Trouble, { readonly what: Text; readonly todo: Text }> = {
  pretrained: {
    what: { en: "The trained network could not be fetched.", zh: "训练好的网络无法下载。" },
    todo: {
      en: "You can draw, and nothing of it is lost. Reload this page once there is a connection, train a network below, or drop a model's file here.",
      zh: "你可以画，画的不会丢。有网络后重新加载本页，或在下面训练一个网络，或把模型文件拖到这里。",
    },
  },
  images: {
    what: { en: "The images could not be fetched.", zh: "图像无法下载。" },
    todo: {
      en: "The network that reads your drawing goes on, and the settings are kept. Press Train again once there is a connection: images that came once stay for use without one.",
      zh: "正在读你的画的网络照常工作，设置也保留着。有网络后再按“训练”：下载过一次的图像，没有网络也能用。",
    },
  },
  file: {
    what: { en: "This file can't be used here.", zh: "这个文件在这里用不了。" },
    todo: {
      en: "Expected is a safetensors file that wasmgrad wrote (such as “Save” below, or saveModel), of a model that takes 28 × 28 numbers and gives 10. The network that was reading goes on.",
      zh: "需要的是 wasmgrad 写的 safetensors 文件（例如下面的“保存”，或 saveModel），其模型接受 28 × 28 个数，给出 10 个数。原来的网络照常工作。",
    },
  },
  memory: {
    what: { en: "There is not enough memory for this training.", zh: "内存不够进行这次训练。" },
    todo: {
      en: "The network that reads your drawing goes on. Take fewer images or a smaller batch, or close other pages.",
      zh: "正在读你的画的网络照常工作。减少图像或批量，或关闭其他网页。",
    },
  },
  "non-finite": {
    what: { en: "Training stopped: a number grew without bound.", zh: "训练停止：有个数无限增大。" },
    todo: {
      en: "The weights are those before that update, so nothing is broken. The learning rate is too large: take a tenth of it.",
      zh: "权重停在那次更新之前，没有损坏。学习率太大：取十分之一。",
    },
  },
  webassembly: {
    what: { en: "This page may not run WebAssembly.", zh: "本页不能运行 WebAssembly。" },
    todo: {
      en: "A policy of this site or of your browser forbids it. Ask whoever runs it to allow 'wasm-unsafe-eval', or open the page in another browser. Your drawing is kept.",
      zh: "本站或浏览器的策略禁止它。请让管理者允许 'wasm-unsafe-eval'，或换个浏览器。你的画保留着。",
    },
  },
  other: {
    what: { en: "The part of this page that computes has stopped.", zh: "本页负责计算的部分停止了。" },
    todo: {
      en: "Your drawing and the settings are in the address: reload the page. If it comes again, this browser may be too old for WebAssembly SIMD or module workers.",
      zh: "你的画和设置都在网址里：请重新加载。如果再次出现，可能是浏览器太旧，不支持 WebAssembly SIMD 或模块 worker。",
    },
  },
};
