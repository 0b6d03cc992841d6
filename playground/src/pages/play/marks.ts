// What the marks of the Play page mean.
import { explainMarks } from "../../shell/marks.ts";

explainMarks({
  field: {
    en: "The plane: what the network says of each place, blue towards class 1, orange towards class 0. Points are the training data: circles are class 1, squares class 0; hollow ones are test points.",
    zh: "平面：网络对每一处的回答，越蓝越像第 1 类，越橙越像第 0 类。点是训练数据：圆是第 1 类，方是第 0 类；空心的是测试点。",
  },
  map: {
    en: "One neuron's value at each place of the plane: blue is positive, orange negative, grey zero.",
    zh: "一个神经元在平面各处的值：蓝为正，橙为负，灰为零。",
  },
  edges: {
    en: "Lines are weights: the wider, the larger; blue positive, orange negative. While it stands still, negative ones are dashed.",
    zh: "线是权重：越粗越大；蓝正橙负。暂停时负权重画成虚线。",
  },
  bias: {
    en: "A neuron's bias: what is added to its weighted sum. Click the neuron to edit it.",
    zh: "神经元的偏置：加在加权和上的数。点击神经元可以修改。",
  },
  scale: { en: "The colours of values: orange below zero, blue above.", zh: "数值的颜色：负为橙，正为蓝。" },
  curve: {
    en: "Losses over the updates, on a logarithmic axis: training solid, test dashed. Click to look back at that time.",
    zh: "损失随更新次数的变化，对数坐标：训练为实线，测试为虚线。点击可回看那一刻。",
  },
  popover: {
    en: "The neuron's sum at one place of the plane (where the pointer was, or the first point), with the weights of now.",
    zh: "神经元在平面上一处（指针所在处或第一个点）的加权和，用的是当前的权重。",
  },
  loss: {
    en: "The mean loss on all training points, and on the test points, which are never trained on.",
    zh: "所有训练点上的平均损失，以及从不参与训练的测试点上的平均损失。",
  },
  right: {
    en: "Share of points that are told right: test points, where there are some.",
    zh: "判断正确的点所占比例：有测试点时用测试点。",
  },
  speed: { en: "Training points that went through the network in a second.", zh: "每秒通过网络的训练点数。" },
  engine: {
    en: "What computes here: the binary, threads and why there aren't more, memory, and what was fetched.",
    zh: "这里用什么计算：二进制、线程及原因、内存，以及下载的大小。",
  },
});
