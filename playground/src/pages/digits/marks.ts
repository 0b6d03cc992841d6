// What the marks of the digits page mean.
import { explainMarks } from "../../shell/marks.ts";

explainMarks({
  drawing: {
    en: "Draw here with mouse, finger or keys: arrows move the pen, Space puts it down or up, Delete clears, Z takes back.",
    zh: "用鼠标、手指或键盘画：方向键移动笔，空格落笔或抬笔，Delete 清空，Z 撤销。",
  },
  chances: {
    en: "How likely the network takes each digit to be; the ten add up to 100 %.",
    zh: "网络认为是每个数字的概率；十个加起来是 100 %。",
  },
  gradient: {
    en: "Your digit in grey, and over it the gradient: blue where more ink would make the network surer, orange where it would make it less sure.",
    zh: "灰色是你的数字，上面是梯度：蓝色处墨更多会让网络更肯定，橙色处会让它更不肯定。",
  },
  seen: { en: "The 28 × 28 pixels that the network gets, centred.", zh: "网络得到的 28 × 28 像素，已居中。" },
  layers: {
    en: "The layers from image to answer. Z is a weighted sum, a is Z after the bend, pooling makes maps smaller.",
    zh: "从图像到答案的各层。Z 是加权和，a 是弯曲之后的 Z，池化把图变小。",
  },
  filters: {
    en: "A filter's weights: blue looks for ink, orange for none.",
    zh: "滤波器的权重：蓝色找墨，橙色找空白。",
  },
  maps: {
    en: "Feature maps: what each filter finds, and where. The ringed cell is the one that is explained beside.",
    zh: "特征图：每个滤波器找到了什么，在哪里。圈出的格子在旁边解释。",
  },
  window: {
    en: "The part that the ringed cell looks at, and the weights that each number there is multiplied by.",
    zh: "圈出的格子所看的部分，以及那里每个数所乘的权重。",
  },
  again: {
    en: "The sum was computed a second time from the numbers shown, and compared.",
    zh: "用显示的数把和又算了一遍，并作了比较。",
  },
  settings: {
    en: "What the training consists of. All of it is in the address of this page.",
    zh: "训练的全部设置，都在本页的网址里。",
  },
  curves: {
    en: "Share of images read correctly, and the loss, from the first update to the last.",
    zh: "读对的比例，以及损失，从第一次更新到最后一次。",
  },
  engine: {
    en: "Who computes: threads share the work of a batch, and the numbers are the same with one.",
    zh: "由谁计算：多个线程分担一批的工作，数字与单线程相同。",
  },
  misread: {
    en: "Test images that the network takes for another digit: what it is → what it says.",
    zh: "网络认错的测试图像：实际 → 网络所说。",
  },
});
