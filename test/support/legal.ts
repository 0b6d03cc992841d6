// Which of the wrong arguments of arguments.ts are right ones somewhere: they work there.

/** Anything goes, since it is looked at later or not at all. */
const ANYTHING: readonly (readonly [place: RegExp, why: string])[] = [
  [/^wasmgrad\.\w+:\d+\.name$/, "the names of layers are checked by sequential, which can say which layer it is"],
  [/^data\.table:0\./, "a cell may be any value; infer says what a column is"],
  [/^wasmgrad\.dataset:/, "the contents are validated when they are used, which is said in the reference"],
  [/^wasmgrad\.(batches|rows):0/, "what a source gives is validated when it comes"],
  [
    /^wasmgrad\.customLayer:0\.(outputShape|saved\.)/,
    "checked with the shape of the input, which they may be functions of",
  ],
  [/:\d\.classWeights/, "checked with the number of classes, when a trainer is made"],
  [/^checkpoints\.write:1\.epoch$/, "the names of a folder's files don't say it"],
  [/^data\.read(Csv|JsonLines|Table):0$/, "a path, or an iterable, is opened when it is gone through"],
  [/:\d\.createWorker$/, "not needed for one thread"],
  [/^mpi\.mpi:0\.library$/, "a file's name, which a process that is alone doesn't load"],
];

/** Kinds of arguments, and the places where they work: `entry.function:argument.option`. */
const LEGAL: Readonly<Record<string, string>> = {
  number: `
    mpi.localGroups:0 mpi.mpi:0.timeout
    data.lag:0.steps.0 data.lag:0.steps.1 data.minMax:0.high data.oneHot:0.most data.oneHot:0.rare data.robustScale:0.clip data.standardize:0.clip data.window:0.length
    data.trainTable:1.epochs data.trainTable:1.patience data.trainTable:1.learningRate data.trainTable:1.batchSize data.trainTable:1.accumulate data.trainTable:1.validation data.trainTable:1.seed data.trainTable:1.threads data.trainTable:1.test data.trainTable:1.kFold data.crossValidate:1
    data.tableModelFromBytes:1.threads data.crossValidate:2.patience data.crossValidate:2.learningRate data.crossValidate:2.batchSize data.crossValidate:2.accumulate data.crossValidate:2.validation data.crossValidate:2.seed data.crossValidate:2.threads
    wasmgrad.batches:1.stepsPerEpoch wasmgrad.rows:1.shuffleBuffer wasmgrad.rows:1.stepsPerEpoch
    vocabulary.encode:1.length vocabulary.decode:0.0 vocabulary.decode:0.1
    wasmgrad.mixup:0.classes wasmgrad.activityPenalty:0.l1 wasmgrad.activityPenalty:0.l2
    wasmgrad.ctc:0.maxLabels wasmgrad.ctcTargets:0.0.0 wasmgrad.ctcTargets:0.1.0 wasmgrad.ctcTargets:0.1.1
    wasmgrad.ctcTargets:1.lengths.0 wasmgrad.ctcTargets:1.lengths.1 wasmgrad.ctcTargets:1.maxLabels
    wasmgrad.dice:0.smooth wasmgrad.tripletMargin:0.margin wasmgrad.focal:0.gamma wasmgrad.ctc:0.blank
    datasets.circles:0.rows datasets.circles:0.noise datasets.circles:0.seed datasets.circles:0.test
    datasets.gaussians:0.rows datasets.gaussians:0.noise datasets.gaussians:0.seed datasets.gaussians:0.test
    datasets.moons:0.rows datasets.moons:0.noise datasets.moons:0.seed datasets.moons:0.test datasets.spirals:0.rows
    datasets.spirals:0.noise datasets.spirals:0.seed datasets.spirals:0.test datasets.xor:0.rows datasets.xor:0.noise
    datasets.xor:0.seed datasets.xor:0.test datasets.gaussians:0.classes datasets.spirals:0.classes
    datasets.spirals:0.turns datasets.above:1.rows datasets.above:1.noise datasets.above:1.seed datasets.above:1.test
    datasets.curve:1.rows datasets.curve:1.noise datasets.curve:1.seed datasets.curve:1.test
    wasmgrad.augment2d:0.rotate wasmgrad.augment2d:0.brightness
    wasmgrad.sequential:0.input wasmgrad.sequential:0.seed wasmgrad.sequential:0.threads wasmgrad.inputs:0.a
    wasmgrad.inputs:0.b wasmgrad.inputs:0.b.0 wasmgrad.inputs:0.b.1 wasmgrad.outputs:0.a.shape wasmgrad.outputs:0.a.weight
    wasmgrad.outputs:0.b.shape wasmgrad.earlyStopping:0.patience wasmgrad.earlyStopping:0.minimumChange
    wasmgrad.cosineDecay:0.period wasmgrad.cosineDecay:0.minimum wasmgrad.cosineWarmRestarts:0.period
    wasmgrad.cosineWarmRestarts:0.multiplier wasmgrad.cosineWarmRestarts:0.minimum wasmgrad.exponentialDecay:0.gamma
    wasmgrad.linearWarmup:0.length wasmgrad.scheduleSequence:0.1 wasmgrad.linearWarmup:0.start wasmgrad.linearWarmup:0.end wasmgrad.oneCycle:0.length
    wasmgrad.oneCycle:0.divisor wasmgrad.oneCycle:0.finalDivisor wasmgrad.reduceOnPlateau:0.patience
    wasmgrad.reduceOnPlateau:0.threshold wasmgrad.reduceOnPlateau:0.cooldown wasmgrad.reduceOnPlateau:0.minimum
    wasmgrad.reduceOnPlateau:0.epsilon wasmgrad.stepDecay:0.stepSize wasmgrad.stepDecay:0.gamma
    wasmgrad.normal:0.deviation wasmgrad.uniform:0.high wasmgrad.gradCheck:3.tolerance wasmgrad.gradCheck:3.limit
    wasmgrad.gradCheck:3.offenders wasmgrad.attention:0.heads wasmgrad.selfAttention:0.heads wasmgrad.avgPool2d:0.0
    wasmgrad.avgPool2d:0.1 wasmgrad.avgPool2d:1.size wasmgrad.avgPool2d:1.strides wasmgrad.batchNorm:0.epsilon
    wasmgrad.conv1d:0 wasmgrad.conv1d:1.kernelSize wasmgrad.conv1d:1.filters wasmgrad.conv1d:1.dilation
    wasmgrad.conv1d:1.groups wasmgrad.conv1d:1.strides wasmgrad.conv2d:0 wasmgrad.conv2d:1.kernelSize
    wasmgrad.conv2d:1.kernelSize.0 wasmgrad.conv2d:1.kernelSize.1 wasmgrad.conv2d:1.strides wasmgrad.conv2d:1.strides.0
    wasmgrad.conv2d:1.strides.1 wasmgrad.conv2d:1.dilation wasmgrad.conv2d:1.dilation.0 wasmgrad.conv2d:1.dilation.1
    wasmgrad.conv2d:1.filters wasmgrad.conv2d:1.groups wasmgrad.conv2dTranspose:0 wasmgrad.conv2dTranspose:1.kernelSize
    wasmgrad.conv2dTranspose:1.kernelSize.0 wasmgrad.conv2dTranspose:1.kernelSize.1 wasmgrad.conv2dTranspose:1.filters
    wasmgrad.conv2dTranspose:1.strides wasmgrad.crop2d:1.border wasmgrad.dense:0 wasmgrad.dense:1.units
    wasmgrad.depthwiseConv2d:0 wasmgrad.depthwiseConv2d:0.0 wasmgrad.depthwiseConv2d:0.1
    wasmgrad.depthwiseConv2d:1.dilation wasmgrad.depthwiseConv2d:1.depthMultiplier wasmgrad.depthwiseConv2d:1.kernelSize
    wasmgrad.depthwiseConv2d:1.strides wasmgrad.embedding:0 wasmgrad.embedding:1 wasmgrad.embedding:2.vocabulary
    wasmgrad.embedding:2.width wasmgrad.gaussianNoise:0 wasmgrad.gaussianNoise:1.deviation wasmgrad.groupNorm:0
    wasmgrad.groupNorm:1.groups wasmgrad.groupNorm:1.epsilon wasmgrad.instanceNorm:0.epsilon wasmgrad.gru:0
    wasmgrad.gru:1.units wasmgrad.layerNorm:0.epsilon wasmgrad.localResponseNorm:0.size wasmgrad.localResponseNorm:0.alpha
    wasmgrad.localResponseNorm:0.beta wasmgrad.localResponseNorm:0.bias wasmgrad.lstm:0 wasmgrad.lstm:1.units
    wasmgrad.maxPool2d:0.0 wasmgrad.maxPool2d:0.1 wasmgrad.maxPool2d:1.size wasmgrad.maxPool2d:1.strides
    wasmgrad.rbf:0.gamma wasmgrad.repeatVector:0 wasmgrad.repeatVector:1.times wasmgrad.reshape:0 wasmgrad.reshape:0.0
    wasmgrad.reshape:1.shape wasmgrad.rmsNorm:0.epsilon wasmgrad.separableConv2d:0 wasmgrad.separableConv2d:1.kernelSize
    wasmgrad.separableConv2d:1.kernelSize.0 wasmgrad.separableConv2d:1.kernelSize.1 wasmgrad.separableConv2d:1.filters
    wasmgrad.separableConv2d:1.dilation wasmgrad.separableConv2d:1.depthMultiplier wasmgrad.separableConv2d:1.strides
    wasmgrad.simpleRnn:0 wasmgrad.simpleRnn:1.units wasmgrad.upsample2d:1.factor wasmgrad.zeroPad2d:1.border
    wasmgrad.celu:0.alpha wasmgrad.hardSigmoid:0.slope
    wasmgrad.shrink:0.threshold
    wasmgrad.concat:1.axis wasmgrad.sum:0.axis wasmgrad.mean:0.axis wasmgrad.max:0.axis wasmgrad.slice:0.axis wasmgrad.slice:0.from
    wasmgrad.slice:0.to wasmgrad.pick:0.axis wasmgrad.pick:0.index
    wasmgrad.pad:0.before.0 wasmgrad.pad:0.after.0
    wasmgrad.avgPool1d:1.size wasmgrad.avgPool1d:1.strides wasmgrad.avgPool1d:1.dilation wasmgrad.avgPool2d:1.dilation wasmgrad.conv1dTranspose:0 wasmgrad.conv1dTranspose:1.kernelSize wasmgrad.conv1dTranspose:1.filters wasmgrad.conv1dTranspose:1.dilation wasmgrad.conv1dTranspose:1.groups wasmgrad.conv1dTranspose:1.strides wasmgrad.conv2dTranspose:1.dilation wasmgrad.conv2dTranspose:1.groups wasmgrad.maxPool1d:1.size wasmgrad.maxPool1d:1.strides wasmgrad.maxPool1d:1.dilation wasmgrad.maxPool2d:1.dilation
    wasmgrad.binaryCrossEntropyWithLogits:0.positiveWeight wasmgrad.hinge:0.margin wasmgrad.huber:0.delta
    wasmgrad.topKAccuracy:0.k wasmgrad.adadelta:0.learningRate wasmgrad.adadelta:0.weightDecay wasmgrad.adadelta:0.l1
    wasmgrad.adadelta:0.clipValue wasmgrad.adadelta:0.clipNorm wasmgrad.adadelta:0.clipGlobalNorm
    wasmgrad.adadelta:0.epsilon wasmgrad.adagrad:0.learningRate wasmgrad.adagrad:0.weightDecay wasmgrad.adagrad:0.l1
    wasmgrad.adagrad:0.clipValue wasmgrad.adagrad:0.clipNorm wasmgrad.adagrad:0.clipGlobalNorm wasmgrad.adagrad:0.epsilon
    wasmgrad.adagrad:0.initialAccumulator wasmgrad.adam:0.learningRate wasmgrad.adam:0.weightDecay wasmgrad.adam:0.l1
    wasmgrad.adam:0.clipValue wasmgrad.adam:0.clipNorm wasmgrad.adam:0.clipGlobalNorm wasmgrad.adam:0.epsilon
    wasmgrad.adamw:0.learningRate wasmgrad.adamw:0.weightDecay wasmgrad.adamw:0.l1 wasmgrad.adamw:0.clipValue
    wasmgrad.adamw:0.clipNorm wasmgrad.adamw:0.clipGlobalNorm wasmgrad.adamw:0.epsilon wasmgrad.rmsprop:0.learningRate
    wasmgrad.rmsprop:0.weightDecay wasmgrad.rmsprop:0.l1 wasmgrad.rmsprop:0.clipValue wasmgrad.rmsprop:0.clipNorm
    wasmgrad.rmsprop:0.clipGlobalNorm wasmgrad.rmsprop:0.epsilon wasmgrad.sgd:0.learningRate wasmgrad.sgd:0.weightDecay
    wasmgrad.sgd:0.l1 wasmgrad.sgd:0.clipValue wasmgrad.sgd:0.clipNorm wasmgrad.sgd:0.clipGlobalNorm wasmgrad.l1:0.lambda
    wasmgrad.l1:0 wasmgrad.l2:0.lambda wasmgrad.l2:0 wasmgrad.rbfNorm:0.gamma wasmgrad.rbfNorm:0.lambda
    wasmgrad.maxNorm:1.axis wasmgrad.maxNorm:1.limit wasmgrad.unitNorm:0.axis wasmgrad.unitNorm:0.axis.0
    web.loadModel:1.threads web.indexedDBCheckpoints:1.keepLast web.fromPixels:1.size.0 web.fromPixels:1.size.1 web.fromPixels:1.channels
    web.fromPixels:1.background datasets.imageFolder:1.channels datasets.imageFolder:1.background files.loadModel:1.threads files.modelFromBytes:1.threads onnx.fromOnnx:1.threads tfjs.fromLayersModel:1.threads models.alexnet:0.input.0 models.alexnet:0.input.1
    models.alexnet:0.width models.alexnet:0.classes models.charRnn:0.vocabulary models.charRnn:0.units.0
    models.charRnn:0.steps models.charRnn:0.width models.lenet5:0.classes models.mlp:0.hidden.0 models.mlp:0.classes
    models.mlp:0.input models.perceptron:0.input models.seq2seq:0.sourceVocabulary models.seq2seq:0.targetVocabulary
    models.seq2seq:0.sourceSteps models.seq2seq:0.targetSteps models.seq2seq:0.units models.seq2seq:0.width
    models.seq2seq:0.heads models.tinyTransformer:0.vocabulary models.tinyTransformer:0.steps
    models.tinyTransformer:0.width models.tinyTransformer:0.heads models.tinyTransformer:0.blocks Trainer.fit:1.epochs
    Trainer.fit:1.batchSize Trainer.fit:1.accumulate Trainer.fit:1.yieldEvery Trainer.evaluate:1.batchSize
    Trainer.evaluate:1.yieldEvery Model.predictAsync:1.yieldEvery Model.classifyAsync:1.yieldEvery
    files.checkpoints:1.keepLast checkpoints.write:1.step wasmgrad.checkpoint:1.everySteps wasmgrad.checkpoint:1.everySeconds data.kFold:1 data.kFold:2.seed data.split:1.test data.split:1.seed
    data.permutationImportance:3.seed data.permutationImportance:3.most data.qualityReport:1.features data.qualityReport:1.parameters`,
  "empty object, object without prototype, object of another realm": `
    files.exportModule:1 files.modelToBytes:1 mpi.mpi:0 onnx.toOnnx:1 tfjs.toLayersModel:1 tfjs.fromLayersModel:1 tfjs.fromLayersModel:1.input torch.stateDict:1
    torch.stateDict:1.names torch.loadStateDict:2.names
    data.trainTable:1.columns data.crossValidate:2.columns
    data.dateParts:0 data.impute:0 data.log1p:0 data.minMax:0 data.oneHot:0 data.ordinal:0 data.robustScale:0 data.standardize:0
    data.tableModelFromBytes:1
    data.readCsv:1 data.readJsonLines:1 data.readTable:1 data.writeNpz:1 datasets.vocabulary:1 vocabulary.encode:1
    wasmgrad.poisson:0 wasmgrad.quantile:0 wasmgrad.cosineSimilarity:0 wasmgrad.focal:0 wasmgrad.dice:0 wasmgrad.tripletMargin:0 wasmgrad.ctc:0
    wasmgrad.ctcTargets:1 wasmgrad.batches:1 wasmgrad.rows:1
    datasets.circles:0 datasets.gaussians:0 datasets.moons:0 datasets.spirals:0 datasets.xor:0 datasets.above:1
    datasets.curve:1 wasmgrad.withState:1 Model.backward:1
    wasmgrad.activations:3.into wasmgrad.cut:2 wasmgrad.earlyStopping:0 wasmgrad.emaWeights:0 wasmgrad.reduceOnPlateau:0 wasmgrad.normal:0 wasmgrad.orthogonal:0
    wasmgrad.modelLayer:1 wasmgrad.activityPenalty:0
    wasmgrad.uniform:0 wasmgrad.customLayer:0.parameters wasmgrad.avgPool2d:1 wasmgrad.batchNorm:0 wasmgrad.crop2d:1
    wasmgrad.dense:1 wasmgrad.depthwiseConv2d:1 wasmgrad.dropout:1 wasmgrad.flatten:0 wasmgrad.gaussianNoise:1
    wasmgrad.globalAvgPool1d:0 wasmgrad.globalAvgPool2d:0 wasmgrad.globalMaxPool1d:0 wasmgrad.globalMaxPool2d:0 wasmgrad.maxPool1d:1 wasmgrad.avgPool1d:1 wasmgrad.groupNorm:1 wasmgrad.instanceNorm:0 wasmgrad.gru:1
    wasmgrad.identity:0 wasmgrad.layerNorm:0 wasmgrad.localResponseNorm:0 wasmgrad.lstm:1 wasmgrad.maxPool2d:1
    wasmgrad.permute:1 wasmgrad.positionalEmbedding:0 wasmgrad.prelu:0 wasmgrad.repeatVector:1 wasmgrad.reshape:1
    wasmgrad.rmsNorm:0 wasmgrad.simpleRnn:1 wasmgrad.sinusoidalEmbedding:0 wasmgrad.spatialDropout1d:1
    wasmgrad.spatialDropout2d:1 wasmgrad.upsample2d:1 wasmgrad.zeroPad2d:1 wasmgrad.augment2d:0 wasmgrad.elu:0 wasmgrad.gelu:0
    wasmgrad.celu:0 wasmgrad.hardSwish:0 wasmgrad.shrink:0 wasmgrad.thresholdedRelu:0 wasmgrad.pad:0
    wasmgrad.hardSigmoid:0 wasmgrad.leakyRelu:0 wasmgrad.logSoftmax:0 wasmgrad.mish:0 wasmgrad.relu:0 wasmgrad.relu6:0
    wasmgrad.selu:0 wasmgrad.sigmoid:0 wasmgrad.silu:0 wasmgrad.softmax:0 wasmgrad.softplus:0 wasmgrad.softsign:0
    wasmgrad.tanh:0 wasmgrad.concat:1 wasmgrad.average:1 wasmgrad.divide:1 wasmgrad.dot:1 wasmgrad.matmul:1 wasmgrad.maximum:1 wasmgrad.multiply:1 wasmgrad.subtract:1
    wasmgrad.sum:0 wasmgrad.mean:0 wasmgrad.max:0 wasmgrad.slice:0 wasmgrad.binaryCrossEntropy:0 wasmgrad.binaryCrossEntropyWithLogits:0
    wasmgrad.hinge:0 wasmgrad.huber:0 wasmgrad.klDivergence:0 wasmgrad.meanAbsoluteError:0 wasmgrad.meanSquaredError:0
    wasmgrad.negativeLogLikelihood:0 wasmgrad.sequenceCrossEntropy:0 wasmgrad.softmaxCrossEntropy:0 wasmgrad.accuracy:0
    wasmgrad.f1:0 wasmgrad.iou:0 wasmgrad.prAuc:0 wasmgrad.logLoss:0 wasmgrad.mae:0 wasmgrad.mse:0 wasmgrad.precision:0 wasmgrad.r2:0 wasmgrad.recall:0
    wasmgrad.rmse:0 wasmgrad.rocAuc:0 wasmgrad.topKAccuracy:0 wasmgrad.adadelta:0 wasmgrad.adagrad:0 wasmgrad.adam:0
    wasmgrad.adamw:0 wasmgrad.rmsprop:0 wasmgrad.sgd:0 wasmgrad.maxNorm:1 wasmgrad.unitNorm:0 datasets.mnist:0 datasets.imageFolder:1
    files.loadModel:1 files.modelFromBytes:1 onnx.fromOnnx:1 models.alexnet:0 models.lenet5:0 models.mlp:0 models.perceptron:0
    Trainer.fit:1 Trainer.evaluate:1 Model.predictAsync:1 Model.classifyAsync:1 wasmgrad.useCore:1 files.writeSafetensors:1 web.loadModel:1 web.fromPixels:1
    web.indexedDBCheckpoints:1
    files.checkpoints:1
    files.csvLogger:1 wasmgrad.checkpoint:1 data.table:1 data.split:1 data.evaluateClassification:0.costs data.qualityReport:1`,
  "number, negative": `
    wasmgrad.rocCurve:1.0 wasmgrad.rocCurve:1.1 wasmgrad.precisionRecallCurve:1.0 wasmgrad.precisionRecallCurve:1.1
    wasmgrad.ctcDecode:0.0 wasmgrad.ctcDecode:0.1
    wasmgrad.activations:1.0.0 wasmgrad.activations:1.0.1 wasmgrad.activations:1.1.0 wasmgrad.activations:1.1.1
    wasmgrad.constant:0 wasmgrad.normal:0.mean wasmgrad.orthogonal:0.gain wasmgrad.gradCheck:1.0.0
    wasmgrad.gradCheck:1.0.1 wasmgrad.gradCheck:1.1.0 wasmgrad.gradCheck:1.1.1 wasmgrad.trace:1.0.0 wasmgrad.trace:1.0.1
    wasmgrad.trace:1.1.0 wasmgrad.trace:1.1.1 wasmgrad.rbf:0.centres.0.0 wasmgrad.rbf:0.centres.0.1
    wasmgrad.rbf:0.centres.1.0 wasmgrad.rbf:0.centres.1.1 wasmgrad.leakyRelu:0.slope wasmgrad.elu:0.alpha
    wasmgrad.selu:0.alpha wasmgrad.selu:0.scale wasmgrad.hardSigmoid:0.offset wasmgrad.shrink:0.bias
    wasmgrad.thresholdedRelu:0.threshold wasmgrad.clip:1 wasmgrad.clip:2.high wasmgrad.pad:0.value wasmgrad.rbfNorm:0.centres.0.0
    wasmgrad.rbfNorm:0.centres.0.1 wasmgrad.rbfNorm:0.centres.1.0 wasmgrad.rbfNorm:0.centres.1.1 Model.predict:0.0.0
    Model.predict:0.0.1 Model.predict:0.1.0 Model.predict:0.1.1 Model.predictAsync:0.0.0 Model.predictAsync:0.0.1
    Model.predictAsync:0.1.0 Model.predictAsync:0.1.1 Model.classifyAsync:0.0.0 Model.classifyAsync:0.0.1
    Model.classifyAsync:0.1.0 Model.classifyAsync:0.1.1 Model.probabilities:0.0.0 Model.probabilities:0.0.1
    Model.probabilities:0.1.0 Model.probabilities:0.1.1 Model.classify:0.0.0 Model.classify:0.0.1 Model.classify:0.1.0
    Model.classify:0.1.1 Model.forward:0.0.0 Model.forward:0.0.1 Model.forward:0.1.0 Model.forward:0.1.1
    Trainer.fit:0.x.0.0 Trainer.fit:0.x.0.1 Trainer.fit:0.x.1.0 Trainer.fit:0.x.1.1 Trainer.evaluate:0.x.0.0
    Trainer.evaluate:0.x.0.1 Trainer.evaluate:0.x.1.0 Trainer.evaluate:0.x.1.1 Trainer.step:0.0.0 Trainer.step:0.0.1
    Trainer.step:0.1.0 Trainer.step:0.1.1 outputs.targets:0.a.0 outputs.targets:0.a.1
    data.evaluateRegression:0.predicted.0 data.evaluateRegression:0.predicted.1 data.evaluateRegression:0.actual.0
    data.evaluateRegression:0.actual.1 data.evaluateRegression:0.times.0 data.evaluateRegression:0.times.1
    data.worstRows:1.predicted.0 data.worstRows:1.predicted.1 data.worstRows:1.actual.0 data.worstRows:1.actual.1`,
  true: `
    onnx.fromOnnx:1.trainable tfjs.fromLayersModel:1.trainable
    data.dateParts:0.cyclic data.impute:0.flag data.trainTable:1.progress data.trainTable:1.log data.crossValidate:2.log
    Model.backward:1.input Model.backward:1.parameters wasmgrad.poisson:0.logInput wasmgrad.ctc:0.lengths wasmgrad.ctc:0.zeroInfinity
    Trainer.fit:1.progress Trainer.fit:1.worker Trainer.fit:1.shuffle wasmgrad.earlyStopping:0.restoreBestWeights
    wasmgrad.outputs:0.a.labels wasmgrad.cut:2.trainable wasmgrad.cut:2.share wasmgrad.modelLayer:1.trainable wasmgrad.modelLayer:1.share wasmgrad.customLayer:0.trainable wasmgrad.attention:0.causal
    wasmgrad.attention:0.useBias wasmgrad.attention:0.trainable wasmgrad.selfAttention:0.causal
    wasmgrad.selfAttention:0.useBias wasmgrad.selfAttention:0.trainable wasmgrad.batchNorm:0.trainable
    wasmgrad.conv1d:1.useBias wasmgrad.conv1d:1.trainable wasmgrad.conv2d:1.useBias wasmgrad.conv2d:1.trainable
    wasmgrad.conv2dTranspose:1.useBias wasmgrad.conv2dTranspose:1.trainable wasmgrad.dense:1.useBias
    wasmgrad.dense:1.trainable wasmgrad.depthwiseConv2d:1.useBias wasmgrad.depthwiseConv2d:1.trainable
    wasmgrad.embedding:2.trainable wasmgrad.groupNorm:1.trainable wasmgrad.instanceNorm:0.trainable
    wasmgrad.gru:1.returnSequences wasmgrad.gru:1.reverse wasmgrad.gru:1.resetAfter wasmgrad.gru:1.trainable
    wasmgrad.layerNorm:0.trainable wasmgrad.lstm:1.returnSequences wasmgrad.lstm:1.reverse wasmgrad.simpleRnn:1.reverse
    wasmgrad.gru:1.stateful wasmgrad.lstm:1.stateful wasmgrad.simpleRnn:1.stateful
    wasmgrad.lstm:1.trainable wasmgrad.positionalEmbedding:0.trainable wasmgrad.prelu:0.trainable
    wasmgrad.rmsNorm:0.trainable wasmgrad.separableConv2d:1.useBias wasmgrad.separableConv2d:1.trainable
    wasmgrad.simpleRnn:1.returnSequences wasmgrad.simpleRnn:1.trainable wasmgrad.tiedDense:0.useBias wasmgrad.dot:1.normalize
    wasmgrad.matmul:1.transposeA wasmgrad.matmul:1.transposeB wasmgrad.sum:0.keepAxis wasmgrad.mean:0.keepAxis wasmgrad.max:0.keepAxis
    wasmgrad.tiedDense:0.trainable wasmgrad.adam:0.amsgrad wasmgrad.adamw:0.amsgrad wasmgrad.rmsprop:0.centered
    wasmgrad.trace:3.update wasmgrad.avgPool1d:1.ceilMode wasmgrad.avgPool1d:1.countPadding wasmgrad.avgPool2d:1.ceilMode wasmgrad.avgPool2d:1.countPadding wasmgrad.maxPool1d:1.ceilMode wasmgrad.maxPool2d:1.ceilMode wasmgrad.conv1dTranspose:1.useBias wasmgrad.conv1dTranspose:1.trainable
    data.readCsv:1.skipEmptyLines data.readTable:1.skipEmptyLines data.writeNpz:1.compress checkpoints.write:1.best wasmgrad.checkpoint:1.keepBest`,
  "string, digits": `
    onnx.fromOnnx:1.name
    torch.stateDict:1.prefix
    data.evaluateClassification:0.classes.0 data.evaluateClassification:0.classes.1 data.readCsv:0.text data.readJsonLines:0.text data.readCsv:1.delimiter data.readCsv:1.comment data.readTable:0.text data.readTable:1.delimiter data.readTable:1.comment
    datasets.vocabulary:1.marks.0 vocabulary.split:0 vocabulary.indexOf:0
    wasmgrad.reduceOnPlateau:0.monitor wasmgrad.earlyStopping:0.monitor
    wasmgrad.attention:0.memory wasmgrad.attention:0.keyMask wasmgrad.attention:0.mask wasmgrad.attention:0.scoreBias
    wasmgrad.selfAttention:0.keyMask wasmgrad.selfAttention:0.mask wasmgrad.selfAttention:0.scoreBias wasmgrad.gru:1.lengths
    wasmgrad.gru:1.initialState wasmgrad.lstm:1.lengths wasmgrad.lstm:1.initialState wasmgrad.lstm:1.initialCell
    wasmgrad.simpleRnn:1.lengths wasmgrad.simpleRnn:1.initialState
    wasmgrad.gru:1.finalState wasmgrad.lstm:1.finalState wasmgrad.lstm:1.finalCell wasmgrad.simpleRnn:1.finalState
    wasmgrad.withState:1.initialState wasmgrad.withState:1.initialCell wasmgrad.withState:1.finalState wasmgrad.withState:1.finalCell wasmgrad.tiedDense:0.to wasmgrad.from:0
    datasets.readIdx:1 files.modelFromBytes:1.name files.saveModel:1 files.readSafetensors:1 files.writeSafetensors:0.0.0
    files.writeSafetensors:1.made datasets.labelEncoder:0.0 datasets.labelEncoder:0.1 web.indexedDBCheckpoints:0
    files.checkpoints:0 files.readCheckpoint:1
    files.csvLogger:0 wasmgrad.checkpoint:1.monitor
    data.ordinal:0.order.0 data.ordinal:0.order.1 data.pipelineFromJSON:0.notes.0 data.tableModelFromBytes:1.name`,
  "negative, empty object, object without prototype, object of another realm": `
    wasmgrad.clip:0`,
  "number, empty array, array of another realm": `
    wasmgrad.pad:0.before wasmgrad.pad:0.after`,
  "array of strings": `
    data.ordinal:0.order datasets.vocabulary:0
    datasets.labelEncoder:0`,
  "empty array, array of strings, array of another realm": `
    data.pipelineFromJSON:0.notes data.table:1.drop
    datasets.vocabulary:1.marks
    labelEncoder.encode:0`,
  "empty array, array of another realm": `
    data.trainTable:1.layers data.trainTable:1.callbacks
    data.permutationImportance:1 data.pipelineFromJSON:0.dropped
    vocabulary.decode:0
    wasmgrad.ctcTargets:0.0 wasmgrad.ctcTargets:0.1
    wasmgrad.Trainer:1.metrics wasmgrad.add:0.0 wasmgrad.add:0.1 wasmgrad.concat:0.0 wasmgrad.concat:0.1
    wasmgrad.average:0.0 wasmgrad.average:0.1 wasmgrad.divide:0.0 wasmgrad.divide:0.1 wasmgrad.dot:0.0 wasmgrad.dot:0.1 wasmgrad.matmul:0.0 wasmgrad.matmul:0.1 wasmgrad.maximum:0.0 wasmgrad.maximum:0.1 wasmgrad.multiply:0.0 wasmgrad.multiply:0.1 wasmgrad.subtract:0.0 wasmgrad.subtract:0.1
    files.writeSafetensors:0 models.mlp:0.hidden Trainer.fit:1.callbacks inputs.split:0 outputs.split:0 outputs.layer:0.a
    outputs.layer:0.b labelEncoder.decode:0`,
  "number, empty object, object without prototype, object of another realm": `
    wasmgrad.avgPool1d:0 wasmgrad.avgPool2d:0 wasmgrad.crop2d:0 wasmgrad.maxPool1d:0 wasmgrad.maxPool2d:0 wasmgrad.upsample2d:0 wasmgrad.zeroPad2d:0
    wasmgrad.maxNorm:0`,
  "promise, promise of another realm, bigints, view, buffer": `
    wasmgrad.useCore:0 wasmgrad.useCore:1.convolution wasmgrad.useCore:1.sequence wasmgrad.useCore:1.losses wasmgrad.useCore:1.activations wasmgrad.useCore:1.values
    wasmgrad.useCore:1.extra wasmgrad.useCore:1.threads`,
  "number, negative, NaN": `
    matrix.scale:1 inputs.join:0.a.0.0 inputs.join:0.a.0.1 inputs.join:0.a.1.0 inputs.join:0.a.1.1`,
  "true, empty object, object without prototype, object of another realm": `
    Trainer.fit:1.warnings`,
  "function, class": `
    data.trainTable:1.onStage
    data.readCsv:1.onGuess data.readTable:1.onGuess
    wasmgrad.adadelta:0.learningRates wasmgrad.adadelta:0.decay wasmgrad.adagrad:0.learningRates wasmgrad.adagrad:0.decay wasmgrad.adam:0.learningRates wasmgrad.adam:0.decay wasmgrad.adamw:0.learningRates wasmgrad.adamw:0.decay wasmgrad.rmsprop:0.learningRates wasmgrad.rmsprop:0.decay wasmgrad.sgd:0.learningRates wasmgrad.sgd:0.decay
    wasmgrad.customMetric:0.start wasmgrad.customMetric:0.add wasmgrad.customMetric:0.merge wasmgrad.customMetric:0.result
    Trainer.fit:1.onWarning wasmgrad.customLayer:0.forward wasmgrad.customLayer:0.backward wasmgrad.lambda:0 wasmgrad.lambda:1 wasmgrad.checkpoint:0.write wasmgrad.checkpoint:0.latest`,
  "thenable, empty object, object without prototype, object of another realm, tensor": `
    data.tableModelToBytes:1
    wasmgrad.customLayer:0.saved Trainer.fit:1.callbacks.0`,
  "null, NaN": `
    Trainer.fit:1.validationData`,
  "string, digits, empty array, array of strings, array of another realm": `
    datasets.vocabulary:0.0 datasets.vocabulary:0.1 vocabulary.encode:0`,
  "ragged array": `
    wasmgrad.ctcTargets:0`,
  digits: `
    data.readCsv:1.quote data.readTable:1.quote`,
  "true, array of strings": `
    data.readCsv:1.header data.readTable:1.header`,
  function: `
    datasets.curve:0`,
  "true, empty array, array of another realm": `
    wasmgrad.gradCheck:3.values`,
  bigints: `
    files.writeSafetensors:0.0.1.data
    data.writeNpy:0.data data.writeNpz:0.w.data`,
  negative: `
    wasmgrad.uniform:0.low wasmgrad.clip:2.low data.minMax:0.low`,
  string: `
    wasmgrad.customLayer:0.type`,
};

const places = new Map(
  Object.entries(LEGAL).flatMap(([kinds, all]) =>
    all
      .trim()
      .split(/\s+/)
      .map((place) => [place, kinds.split(", ")] as const),
  ),
);

const met = new Set<unknown>();

/** May it work? What is undefined may be left out; places that aren't listed refuse everything else. */
export function isLegal(key: string, place: string, kind: string): boolean {
  if (kind === "undefined") return true;
  const where = `${key}:${place}`;
  const anything = ANYTHING.find(([pattern]) => pattern.test(where));
  const legal = anything !== undefined || (places.get(where)?.includes(kind) ?? false);
  if (legal) met.add(anything ?? where);
  return legal;
}

/** What is listed and was never asked for. */
export const unmet = (): unknown[] => [...ANYTHING, ...places.keys()].filter((listed) => !met.has(listed));
