// Every type of 0.1.0's public API that programs name, and every member of it: this file type-checks while they are all there.
// The types of those who write kernels are left out (Tail, TailContext, ParameterSpec, OwnKernels); of what factories make, only
// what describes it is here.
import type * as w from "wasmgrad";
import type * as datasets from "wasmgrad/datasets";
import type * as files from "wasmgrad/files";
import type * as matrix from "wasmgrad/matrix";
import type * as models from "wasmgrad/models";

export type ByInput = w.ByInput<number>;
export type Callback = [
  w.Callback["onTrainBegin"],
  w.Callback["onEpochBegin"],
  w.Callback["onBatchBegin"],
  w.Callback["onBatchEnd"],
  w.Callback["onEpochEnd"],
  w.Callback["onTrainEnd"],
];
export type ClassFigures = [
  w.ClassFigures["precision"],
  w.ClassFigures["recall"],
  w.ClassFigures["f1"],
  w.ClassFigures["support"],
];
export type ClassificationReport = [
  w.ClassificationReport["accuracy"],
  w.ClassificationReport["classes"],
  w.ClassificationReport["macro"],
  w.ClassificationReport["confusion"],
];
export type ConcatOptions = [w.ConcatOptions["axis"]];
export type Constraint = [w.Constraint["constraint"], w.Constraint["options"]];
export type Core = w.Core;
export type CustomBackward = [
  w.CustomBackward["x"],
  w.CustomBackward["y"],
  w.CustomBackward["rows"],
  w.CustomBackward["input"],
  w.CustomBackward["output"],
  w.CustomBackward["parameters"],
  w.CustomBackward["saved"],
  w.CustomBackward["training"],
  w.CustomBackward["dy"],
  w.CustomBackward["dx"],
  w.CustomBackward["gradients"],
];
export type CustomForward = [
  w.CustomForward["x"],
  w.CustomForward["y"],
  w.CustomForward["rows"],
  w.CustomForward["input"],
  w.CustomForward["output"],
  w.CustomForward["parameters"],
  w.CustomForward["saved"],
  w.CustomForward["training"],
];
export type CustomLayerOptions = [
  w.CustomLayerOptions<string, string>["type"],
  w.CustomLayerOptions<string, string>["name"],
  w.CustomLayerOptions<string, string>["trainable"],
  w.CustomLayerOptions<string, string>["outputShape"],
  w.CustomLayerOptions<string, string>["parameters"],
  w.CustomLayerOptions<string, string>["saved"],
  w.CustomLayerOptions<string, string>["forward"],
  w.CustomLayerOptions<string, string>["backward"],
];
export type CustomLossOptions = [
  w.CustomLossOptions<"values">["type"],
  w.CustomLossOptions<"values">["target"],
  w.CustomLossOptions<"values">["each"],
  w.CustomLossOptions<"values">["reduction"],
  w.CustomLossOptions<"values">["link"],
  w.CustomLossOptions<"values">["compute"],
];
export type CustomLossPass = [
  w.CustomLossPass["output"],
  w.CustomLossPass["target"],
  w.CustomLossPass["losses"],
  w.CustomLossPass["gradient"],
  w.CustomLossPass["rows"],
  w.CustomLossPass["outputs"],
];
export type CustomParameter = [
  w.CustomParameter["shape"],
  w.CustomParameter["initializer"],
  w.CustomParameter["regularizer"],
  w.CustomParameter["trained"],
];
export type Dataset = [w.Dataset["x"], w.Dataset["y"], w.Dataset["sampleWeights"]];
export type Engine = [w.Engine["binary"], w.Engine["threads"], w.Engine["reason"]];
export type FitOptions = [
  w.FitOptions["epochs"],
  w.FitOptions["batchSize"],
  w.FitOptions["shuffle"],
  w.FitOptions["dropLast"],
  w.FitOptions["accumulate"],
  w.FitOptions["validationData"],
  w.FitOptions["validationSplit"],
  w.FitOptions["callbacks"],
  w.FitOptions["signal"],
  w.FitOptions["progress"],
];
export type GradCheckOptions = [
  w.GradCheckOptions["tolerance"],
  w.GradCheckOptions["limit"],
  w.GradCheckOptions["offenders"],
];
export type GradCheckResult = [
  w.GradCheckResult["ok"],
  w.GradCheckResult["worst"],
  w.GradCheckResult["checked"],
  w.GradCheckResult["parameters"],
  w.GradCheckResult["offenders"],
];
export type GradientCheck = [
  w.GradientCheck["parameter"],
  w.GradientCheck["index"],
  w.GradientCheck["analytic"],
  w.GradientCheck["numeric"],
  w.GradientCheck["error"],
];
export type History = w.History;
export type Initializer = [w.Initializer["initializer"], w.Initializer["options"]];
export type Input = w.Input;
export type Inputs = [w.Inputs["shape"], w.Inputs["shapes"], w.Inputs["join"], w.Inputs["split"]];
export type Layer = [w.Layer["type"], w.Layer["name"], w.Layer["options"]];
export type LayerSummary = [
  w.LayerSummary["name"],
  w.LayerSummary["type"],
  w.LayerSummary["output"],
  w.LayerSummary["parameters"],
  w.LayerSummary["bytes"],
  w.LayerSummary["flops"],
  w.LayerSummary["extra"],
];
export type Logs = w.Logs;
export type Loss = [w.Loss["type"], w.Loss["options"], w.Loss["reduction"]];
export type Metric = [w.Metric["type"], w.Metric["name"], w.Metric["options"]];
export type Model = [
  w.Model["core"],
  w.Model["inputShape"],
  w.Model["inputs"],
  w.Model["outputShape"],
  w.Model["seed"],
  w.Model["layers"],
  w.Model["parameters"],
  w.Model["parameterCount"],
  w.Model["summary"],
  w.Model["predict"],
  w.Model["probabilities"],
  w.Model["classify"],
  w.Model["forward"],
  w.Model["backward"],
  w.Model["zeroGradients"],
  w.Model["fingerprint"],
];
export type ModelOptions = [
  w.ModelOptions["input"],
  w.ModelOptions["seed"],
  w.ModelOptions["core"],
  w.ModelOptions["threads"],
  w.ModelOptions["createWorker"],
];
export type NonFiniteError = [
  w.NonFiniteError["name"],
  w.NonFiniteError["step"],
  w.NonFiniteError["layer"],
  w.NonFiniteError["tensor"],
];
export type Optimizer = [
  w.Optimizer["type"],
  w.Optimizer["options"],
  w.Optimizer["learningRate"],
  w.Optimizer["weightDecay"],
  w.Optimizer["l1"],
  w.Optimizer["clipValue"],
  w.Optimizer["clipNorm"],
  w.Optimizer["clipGlobalNorm"],
];
export type OutputOptions = [
  w.OutputOptions["shape"],
  w.OutputOptions["loss"],
  w.OutputOptions["weight"],
  w.OutputOptions["labels"],
];
export type Outputs = [
  w.Outputs<string>["layer"],
  w.Outputs<string>["loss"],
  w.Outputs<string>["targets"],
  w.Outputs<string>["split"],
];
export type Parameter = [
  w.Parameter["name"],
  w.Parameter["shape"],
  w.Parameter["size"],
  w.Parameter["trained"],
  w.Parameter["get"],
  w.Parameter["set"],
  w.Parameter["gradient"],
];
export type Parts = [
  w.Parts<string>["shape"],
  w.Parts<string>["shapes"],
  w.Parts<string>["join"],
  w.Parts<string>["split"],
];
export type Regularizer = [w.Regularizer["regularizer"], w.Regularizer["options"]];
export type Samples = [w.Samples["data"], w.Samples["rows"], w.Samples["shape"], w.Samples["scale"]];
export type Schedule = [w.Schedule["type"], w.Schedule["per"]];
export type Shape = w.Shape;
export type Summary = [
  w.Summary["input"],
  w.Summary["layers"],
  w.Summary["parameters"],
  w.Summary["bytes"],
  w.Summary["flops"],
  w.Summary["extra"],
  w.Summary["toString"],
];
export type Target = w.Target;
export type Trace = [w.Trace["tensors"], w.Trace["names"], w.Trace["get"]];
export type TracedTensor = [
  w.TracedTensor["name"],
  w.TracedTensor["layer"],
  w.TracedTensor["shape"],
  w.TracedTensor["values"],
];
export type Trainer = [
  w.Trainer["model"],
  w.Trainer["loss"],
  w.Trainer["optimizer"],
  w.Trainer["metrics"],
  w.Trainer["updates"],
  w.Trainer["epochs"],
  w.Trainer["learningRate"],
  w.Trainer["fit"],
  w.Trainer["evaluate"],
  w.Trainer["step"],
  w.Trainer["update"],
];
export type TrainerOptions = [
  w.TrainerOptions["loss"],
  w.TrainerOptions["optimizer"],
  w.TrainerOptions["metrics"],
  w.TrainerOptions["schedule"],
];
export type TrainingData = [w.TrainingData["x"], w.TrainingData["y"], w.TrainingData["sampleWeights"]];
export type TrainingState = [
  w.TrainingState["model"],
  w.TrainingState["epochs"],
  w.TrainingState["batches"],
  w.TrainingState["stop"],
];
export type DatasetsDigitSet = datasets.DigitSet;
export type DatasetsIdxFile = [datasets.IdxFile["shape"], datasets.IdxFile["data"]];
export type DatasetsMnistOptions = [datasets.MnistOptions["from"]];
export type FilesSafeTensor = [files.SafeTensor["shape"], files.SafeTensor["data"]];
export type FilesSafeTensors = [files.SafeTensors["tensors"], files.SafeTensors["metadata"]];
export type FilesTensorData = files.TensorData;
export type MatrixMatrix = [matrix.Matrix["rows"], matrix.Matrix["columns"], matrix.Matrix["data"]];
export type ModelsAlexnetOptions = [
  models.AlexnetOptions["classes"],
  models.AlexnetOptions["input"],
  models.AlexnetOptions["groups"],
  models.AlexnetOptions["width"],
  models.AlexnetOptions["dropout"],
];
export type ModelsArchitecture = [models.Architecture["input"], models.Architecture["layers"]];
export type ModelsCharRnnOptions = [
  models.CharRnnOptions["vocabulary"],
  models.CharRnnOptions["steps"],
  models.CharRnnOptions["width"],
  models.CharRnnOptions["units"],
  models.CharRnnOptions["cell"],
];
export type ModelsLenet5Options = [
  models.Lenet5Options["classes"],
  models.Lenet5Options["input"],
  models.Lenet5Options["activation"],
  models.Lenet5Options["pooling"],
];
export type ModelsMlpOptions = [
  models.MlpOptions["classes"],
  models.MlpOptions["input"],
  models.MlpOptions["hidden"],
  models.MlpOptions["dropout"],
];
export type ModelsPerceptronOptions = [models.PerceptronOptions["input"]];
export type ModelsSeq2seqOptions = [
  models.Seq2seqOptions["sourceVocabulary"],
  models.Seq2seqOptions["targetVocabulary"],
  models.Seq2seqOptions["sourceSteps"],
  models.Seq2seqOptions["targetSteps"],
  models.Seq2seqOptions["width"],
  models.Seq2seqOptions["units"],
  models.Seq2seqOptions["heads"],
];
export type ModelsTinyTransformerOptions = [
  models.TinyTransformerOptions["vocabulary"],
  models.TinyTransformerOptions["steps"],
  models.TinyTransformerOptions["width"],
  models.TinyTransformerOptions["heads"],
  models.TinyTransformerOptions["blocks"],
  models.TinyTransformerOptions["dropout"],
];
