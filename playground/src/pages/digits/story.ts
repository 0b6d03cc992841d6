// What happens on the digits page, in four sentences.
import { html, type TemplateResult } from "lit";
import { T } from "../../shell/text.ts";

export const story = (): TemplateResult =>
  html`<ol>
      ${[
        {
          en: "An image is 784 numbers: how dark each pixel is. The network turns them into ten, one for each digit. The largest wins.",
          zh: "一张图像是 784 个数：每个像素有多黑。网络把它们变成十个数，每个数字一个，最大的获胜。",
        },
        {
          en: "A convolution slides small filters over the image. Nobody chose them: training did. Point at a cell of a map to see its sum.",
          zh: "卷积让小滤波器在图上滑动。滤波器不是谁挑选的，是训练出来的。指着特征图的一格，就能看到它的和。",
        },
        {
          en: "Training shows it images whose digits are known, 64 at a time, and moves each weight a little so that the answer gets better. That is the step of stop 6, some hundreds of times.",
          zh: "训练时给它看已知答案的图像，每次 64 张，把每个权重挪一点，让答案更好。就是第 6 站的那一步，做几百次。",
        },
        {
          en: "Whether it has learned, and not only remembered, the test images tell: it never trains on them. Look at those that it gets wrong. Would you have known?",
          zh: "它是学会了还是只记住了，要看测试图像：它从不用它们训练。看看它认错的那些，换作你认得出吗？",
        },
      ].map((text) => html`<li>${T(text)}</li>`)}
    </ol>
    <p class="small soft" style="margin-top:var(--s3)">
      ${T({
        en: "The images are MNIST, by Yann LeCun, Corinna Cortes and Christopher Burges (CC BY-SA 3.0). What you draw stays in this page.",
        zh: "图像来自 MNIST，作者 Yann LeCun、Corinna Cortes、Christopher Burges（CC BY-SA 3.0）。你画的只留在本页。",
      })}
    </p>`;
