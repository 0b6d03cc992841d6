# The reference numbers of evaluation.test.ts: metrics of scikit-learn 1.2.1.
# /usr/bin/python3 test/tables/evaluation.sklearn.py > test/tables/evaluation.sklearn.json   (Debian: python3-sklearn)
import json

import numpy as np
from sklearn.calibration import calibration_curve
from sklearn import metrics as m

LAST = [1]


def number():
    """The minimal standard generator, as in the test: exact in float64."""
    LAST[0] = LAST[0] * 16807 % 2147483647
    return LAST[0] / 2147483647


def two(rows, share, steps):
    """Labels, of which a share is 1, and probabilities in so many steps, which are somewhat higher for those."""
    labels, scores = [], []
    for _ in range(rows):
        label = 1 if number() < share else 0
        labels.append(label)
        scores.append(np.floor(steps * (0.7 * number() + 0.3 * label * number())) / steps)
    return np.array(labels), np.array(scores)


def several(rows, classes):
    labels, weights = [], []
    for _ in range(rows):
        label = int(np.floor(classes * number() * number()))
        labels.append(label)
        weights.append([np.floor(8 * number()) + 1 + (6 if c == label and number() < 0.6 else 0) for c in range(classes)])
    weights = np.array(weights)
    return np.array(labels), weights / weights.sum(axis=1, keepdims=True)


def points(*columns):
    return np.array(columns).T.tolist()


def of_two(rows, share, steps):
    y, s = two(rows, share, steps)
    called = (s > 0.5).astype(int)
    inside = np.clip(s, 1e-15, 1 - 1e-15)
    false_positive, true_positive, at = m.roc_curve(y, s, drop_intermediate=False)
    precision, recall, thresholds = m.precision_recall_curve(y, s)
    observed, predicted = calibration_curve(y, s, n_bins=10)
    return {
        "accuracy": m.accuracy_score(y, called),
        "rocAuc": m.roc_auc_score(y, s),
        "logLoss": m.log_loss(y, inside, eps=1e-15),
        "f1": m.f1_score(y, called),
        "balancedAccuracy": m.balanced_accuracy_score(y, called),
        "averagePrecision": m.average_precision_score(y, s),
        "brier": m.brier_score_loss(y, s),
        "confusion": m.confusion_matrix(y, called).tolist(),
        "roc": points(false_positive[1:], true_positive[1:], at[1:]) if rows < 100 else [],
        "pr": points(recall[:-1], precision[:-1], thresholds) if rows < 100 else [],
        "observed": observed.tolist(),
        "predicted": predicted.tolist(),
    }


def of_several(rows, classes):
    y, p = several(rows, classes)
    called = p.argmax(axis=1)
    return {
        "accuracy": m.accuracy_score(y, called),
        "rocAuc": m.roc_auc_score(y, p, multi_class="ovr", average="macro"),
        "logLoss": m.log_loss(y, p),
        "f1": m.f1_score(y, called, average="macro"),
        "balancedAccuracy": m.balanced_accuracy_score(y, called),
        "areas": [m.roc_auc_score(y == c, p[:, c]) for c in range(classes)],
        "averagePrecisions": [m.average_precision_score(y == c, p[:, c]) for c in range(classes)],
        "precision": m.precision_score(y, called, average=None).tolist(),
        "recall": m.recall_score(y, called, average=None).tolist(),
        "confusion": m.confusion_matrix(y, called).tolist(),
    }


def of_numbers(rows):
    actual = np.array([10 * number() + 1 for _ in range(rows)])
    predicted = np.array([a + 4 * (number() + number() - 1) for a in actual])
    off = actual - predicted
    return {
        "r2": m.r2_score(actual, predicted),
        "rmse": np.sqrt(m.mean_squared_error(actual, predicted)),
        "mae": m.mean_absolute_error(actual, predicted),
        "mape": m.mean_absolute_percentage_error(actual, predicted),
        "mean": np.mean(off),
        "sd": np.std(off),
        "quantiles": np.quantile(off, [0, 0.05, 0.25, 0.5, 0.75, 0.95, 1]).tolist(),
    }


print(json.dumps({
    "balanced": of_two(400, 0.5, 50),
    "rare": of_two(1000, 0.04, 20),
    "fine": of_two(60, 0.3, 100000),
    "three": of_several(300, 3),
    "five": of_several(500, 5),
    "numbers": of_numbers(333),
}))
