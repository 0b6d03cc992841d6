// What the compiler knows of a trainer's figures: a program of a user, which test/package/typescript.test.ts gives to the oldest and the
// newest compilers. Where a line is said to be an error and isn't one, that is an error.
import {
  accuracy,
  adam,
  type Callback,
  dense,
  earlyStopping,
  f1,
  type FitOptions,
  gradCheck,
  type History,
  type Logs,
  logLoss,
  mae,
  type Metric,
  mse,
  precision,
  r2,
  recall,
  rmse,
  rocAuc,
  sequential,
  softmaxCrossEntropy,
  topKAccuracy,
  trace,
  Trainer,
  type TrainerOptions,
} from "wasmgrad";

declare function show(...values: readonly unknown[]): void;

const parts = { loss: softmaxCrossEntropy(), optimizer: adam() };
const data = { x: [[1, 2, 3, 4]], y: [1] };
const model = sequential({ input: 4 }, dense(2));

/** Metrics that are written where the trainer is made: all names are known. */
export async function known(): Promise<number[]> {
  const asConst = {
    ...parts,
    metrics: [accuracy(), topKAccuracy({ k: 3 }), topKAccuracy(), topKAccuracy({})],
  } as const;
  const trainer = new Trainer(await model, {
    ...parts,
    metrics: [accuracy(), topKAccuracy({ k: 3 }), topKAccuracy({ k: 1 })],
  });
  const history = await trainer.fit(data, {
    validationData: data,
    callbacks: [
      earlyStopping({ monitor: "validationAccuracy" }),
      {
        onEpochEnd(epoch, logs): void {
          const sum: number = epoch + logs.loss + logs.accuracy + logs.validationLoss + logs.validationTop3Accuracy;
          // @ts-expect-error -- misspelt
          void [sum, logs.acuracy];
        },
        onBatchEnd(batch, logs): void {
          const sum: number = batch + logs.loss;
          // @ts-expect-error -- after a batch there is the loss alone
          void [sum, logs.accuracy];
        },
      },
    ],
  });
  // @ts-expect-error -- misspelt
  void history.acuracy;
  // @ts-expect-error -- misspelt
  void history["acuracy"];
  // @ts-expect-error -- misspelt
  void history.validationAcuracy;
  // @ts-expect-error -- none of these metrics
  void history.top5Accuracy;
  // @ts-expect-error -- misspelt
  const { acuracy } = history;

  const measured = await trainer.evaluate(data);
  const sum: number = measured.loss + measured.accuracy + measured.top3Accuracy;
  // @ts-expect-error -- misspelt
  void measured.acuracy;
  // @ts-expect-error -- evaluate has one part of data
  void measured.validationLoss;
  const { loss, top1Accuracy } = trainer.step(data.x, data.y);
  // @ts-expect-error -- misspelt
  void trainer.step(data.x, data.y).los;

  const five = await new Trainer(await model, asConst).fit(data);
  const figures = [five.top5Accuracy, five.validationTop5Accuracy, five.top3Accuracy];
  const { accuracy: right, validationLoss, validationTop3Accuracy } = history;
  void acuracy;
  return [
    sum,
    loss,
    top1Accuracy,
    ...history.loss,
    ...right,
    ...validationLoss,
    ...validationTop3Accuracy,
    ...figures[0]!,
  ];
}

/** Every metric's name is in its type. */
export async function all(): Promise<number[]> {
  const metrics = [
    accuracy(),
    f1(),
    logLoss(),
    mae(),
    mse(),
    precision({ average: "macro" }),
    r2(),
    recall(),
    rmse(),
    rocAuc(),
    topKAccuracy(),
  ] as const;
  const { loss, ...figures } = await new Trainer(await model, { ...parts, metrics }).evaluate(data);
  const same: Readonly<Record<"accuracy" | "f1" | "logLoss" | "mae" | "mse" | "precision" | "r2" | "recall" | "rmse" | "rocAuc" | "top5Accuracy", number>> = figures; // prettier-ignore
  const none = await new Trainer(await model, { ...parts, metrics: [] }).fit(data);
  // @ts-expect-error -- there are no metrics
  void none.accuracy;
  return [loss, same.f1, ...none.loss, ...none.validationLoss];
}

/** Metrics that the compiler doesn't know one by one: there may be any figure, as in 0.1.0. */
export async function open(k: number, name: string): Promise<unknown[]> {
  const metrics = [accuracy(), logLoss()]; // to which more may be added
  const ofArray = await new Trainer(await model, { ...parts, metrics }).fit(data);
  const list: readonly Metric[] = metrics;
  const ofList = await new Trainer(await model, { ...parts, metrics: list }).fit(data);
  const options: TrainerOptions = { ...parts, metrics: [accuracy()] };
  const ofOptions = await new Trainer(await model, options).evaluate(data);
  const ofNone = await new Trainer(await model, parts).evaluate(data);
  const ofAnyK = await new Trainer(await model, { ...parts, metrics: [topKAccuracy({ k })] }).fit(data);
  // @ts-expect-error -- of which k is unknown, but not that it is a k
  void ofAnyK.acuracy;
  return [ofArray[name], ofList[name], ofOptions[name], ofNone[name], ofArray.loss.length, ofAnyK["top3Accuracy"]];
}

class Printer implements Callback {
  onEpochEnd(epoch: number, logs: Logs): void {
    show(epoch, logs["loss"], logs["validationAccuracy"]);
  }
}

class Mine extends Trainer {
  override async fit(...args: Parameters<Trainer["fit"]>): Promise<History> {
    return super.fit(...args);
  }
}

/** What is written without names takes what has them. */
export async function wider(): Promise<unknown[]> {
  const trainer = new Trainer(await model, { ...parts, metrics: [accuracy()] });
  let any: Trainer = trainer;
  any = new Trainer(await model, parts);
  const several = new Map<string, Trainer>([["first", trainer]]);
  const byType: Trainer<readonly [Metric<"accuracy">]> = trainer;
  const callback: Callback = { onEpochEnd: (_epoch, logs) => show(logs.loss, logs["validationAccuracy"]) };
  const options: FitOptions = { callbacks: [callback, new Printer()] };
  const history = await trainer.fit(data, options);
  const plain: History = history;
  const record: Record<string, number[]> = history;
  const logs: Logs = await trainer.evaluate(data);
  const mine = new Mine(await model, { ...parts, metrics: [accuracy()] });
  trace(trainer, data.x, data.y);
  gradCheck(trainer, data.x, data.y);
  for (const [name, values] of Object.entries(history)) show(name, values.at(-1)?.toFixed(3));
  return [any, several, byType, plain["accuracy"], record, logs, (await mine.fit(data))["accuracy"]];
}

/** Functions for trainers of any metrics. */
export async function lastLoss<Metrics extends readonly Metric[]>(trainer: Trainer<Metrics>): Promise<number> {
  const history = await trainer.fit(data);
  return history.loss.at(-1)! + history.validationLoss.length + trainer.metrics.length;
}

/** What is refused as before. */
export async function refused(): Promise<void> {
  // @ts-expect-error -- it is called metrics
  void new Trainer(await model, { ...parts, metric: [accuracy()] });
  // @ts-expect-error -- a loss is no metric
  void new Trainer(await model, { ...parts, metrics: [softmaxCrossEntropy()] });
  // @ts-expect-error -- it is to be called
  void new Trainer(await model, { ...parts, metrics: [accuracy] });
  // @ts-expect-error -- k is a number
  topKAccuracy({ k: "3" });
}
