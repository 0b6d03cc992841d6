// What <wasmgrad-matrix> says.
import { explainMarks } from "../../shell/marks.ts";
import type { Text } from "../../shell/text.ts";

explainMarks({
  matrix: {
    en: "A cell's colour is its number: blue above zero, orange below, stronger where it is larger; the largest of the matrix has the full colour.",
    zh: "格子的颜色就是它的数：蓝色为正，橙色为负，越大越浓；矩阵中绝对值最大的数颜色最深。",
  },
  heat: {
    en: "Too many numbers to print: each spot is one of them, or the largest of several. The lens has those at the pointer, exactly.",
    zh: "数太多，不能全部写出：每个点是其中一个数，或几个中最大的一个。放大镜给出指针处的精确值。",
  },
  result: {
    en: "Ring in the colour of the buttons: the number whose formula is below. Choose another by the pointer, or with the arrow keys.",
    zh: "与按钮同色的框：下方公式所算的数。用指针或方向键选择另一个。",
  },
  editable: {
    en: "These cells can be changed: choose one, type a number, press Enter. A changed one has a corner.",
    zh: "这些格子可以修改：选中一个，输入数字，按回车。改过的格子有折角。",
  },
});

export const TEXTS = {
  row: { en: "row", zh: "行" },
  column: { en: "column", zh: "列" },
  by: { en: "by", zh: "乘" },
  turned: { en: "transposed: rows and columns change place", zh: "转置：行与列互换" },
  hidden: { en: "hidden: press Enter", zh: "已隐藏：按回车显示" },
  edited: { en: "changed", zh: "已修改" },
  newValue: { en: "new value", zh: "新的值" },
  wrong: {
    en: "That is no number. Type one such as −0.5 and press Enter; Esc keeps the old one.",
    zh: "这不是数字。请输入例如 −0.5 的数字并按回车；按 Esc 保留原值。",
  },
} as const satisfies Record<string, Text>;
