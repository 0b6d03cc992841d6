"""scikit-learn's scores on the real tables of docs/tables.md, on the same rows.

    npx tsx scripts/tables/make.ts && /usr/bin/python3 scripts/tables/scores.py [FOLDER]

FOLDER (build/realTables) has the files that make.ts wrote. Needs python3-sklearn and python3-pandas.
"""
import sys
import warnings

import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.ensemble import GradientBoostingClassifier, GradientBoostingRegressor
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import accuracy_score, r2_score, roc_auc_score
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

warnings.filterwarnings("ignore")
FOLDER = sys.argv[1] if len(sys.argv) > 1 else "build/realTables"
SEEDS = [1, 2, 3, 4, 5]
MLP = {"early_stopping": True, "max_iter": 500}


def read(name):
    return pd.read_csv(f"{FOLDER}/{name}.csv")


def with_dates(rows, single_days):
    """A date as day of the week, place in the year and trend; with single_days as month and day of the month, too."""
    date = pd.to_datetime(rows.date)
    angle = 2 * np.pi * date.dt.dayofyear / 365.25
    parts = {"weekday": date.dt.day_name(), "sin": np.sin(angle), "cos": np.cos(angle), "trend": (date - date.min()).dt.days}
    if single_days:
        parts |= {"month": date.dt.month_name(), "day": "d" + date.dt.day.astype(str)}
    return rows.drop(columns="date").assign(**parts)


def prepared(model, x):
    """The model after the usual steps: numbers get the median where they are missing and are standardized, words become 0s and a 1."""
    words = x.select_dtypes("object").columns
    numbers = x.columns.difference(words)
    steps = make_column_transformer(
        (make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler()), numbers),
        (OneHotEncoder(handle_unknown="ignore", sparse_output=False), words),
    )
    return make_pipeline(steps, model)


class Scaled:
    """A network for a number: it learns the standardized target."""

    def __init__(self, layers, seed):
        self.network = MLPRegressor(layers, random_state=seed, **MLP)

    def fit(self, x, y):
        self.mean, self.sd = np.mean(y), np.std(y)
        self.network.fit(x, (y - self.mean) / self.sd)
        return self

    def predict(self, x):
        return self.network.predict(x) * self.sd + self.mean


def regressors(seed):
    return {
        "ridge": Ridge(1.0),
        "MLP (32)": Scaled((32,), seed),
        "MLP (64, 32)": Scaled((64, 32), seed),
        "gradient boosting": GradientBoostingRegressor(random_state=seed),
        "histogram gradient boosting": HistGradientBoostingRegressor(random_state=seed),
    }


def classifiers(seed):
    return {
        "logistic": LogisticRegression(max_iter=2000),
        "MLP (32)": MLPClassifier((32,), random_state=seed, **MLP),
        "MLP (64, 32)": MLPClassifier((64, 32), random_state=seed, **MLP),
        "gradient boosting": GradientBoostingClassifier(random_state=seed),
        "histogram gradient boosting": HistGradientBoostingClassifier(random_state=seed),
    }


def show(title, names, rows):
    print(f"\n### {title}\n\n| model | {' | '.join(names)} |\n|---|{'---:|' * len(names)}")
    for model, values in rows.items():
        print(f"| {model} | {' | '.join(values)} |", flush=True)


def over_seeds(scores, form):
    """The mean, and the spread where seeds differ."""
    spread = f" ± {form.format(np.std(scores))}" if np.std(scores) > 1e-12 else ""
    return form.format(np.mean(scores)) + spread


def chicago(name, title, single_days):
    whole = with_dates(read(name), single_days)
    x, y = whole.drop(columns="ridership"), whole.ridership
    rows = {}
    for model in regressors(0):
        scores = []
        for seed in SEEDS if "MLP" in model else SEEDS[:1]:
            guess = prepared(regressors(seed)[model], x).fit(x[:-365], y[:-365]).predict(x[-365:])
            scores.append((r2_score(y[-365:], guess), np.sqrt(np.mean((y[-365:] - guess) ** 2))))
        r2, rmse = zip(*scores)
        rows[model] = [over_seeds(r2, "{:.3f}"), over_seeds(rmse, "{:.2f}")]
    before = read(name).Clark_Lake[-365:]  # the same station 14 days before
    rows = {"14 days before": [f"{r2_score(y[-365:], before):.3f}", f"{np.sqrt(np.mean((y[-365:] - before) ** 2)):.2f}"]} | rows
    show(title, ["R2", "RMSE (thousands)"], rows)


def borrowers(name, title, target):
    scores = {}
    for seed in SEEDS:
        train, test = read(f"{name}-{seed}-train"), read(f"{name}-{seed}-test")
        x, y = train.drop(columns=target), train[target]
        for model, each in classifiers(seed).items():
            fitted = prepared(each, x).fit(x, y)
            test_x = test.drop(columns=target)
            auc = roc_auc_score(test[target] == fitted.classes_[1], fitted.predict_proba(test_x)[:, 1])
            scores.setdefault(model, []).append((auc, accuracy_score(test[target], fitted.predict(test_x))))
    majority = (read(name)[target] == "good").mean()
    rows = {"majority": ["0.500", f"{majority:.3f}"]}
    rows |= {model: [over_seeds(column, "{:.3f}") for column in zip(*each)] for model, each in scores.items()}
    show(title, ["AUC", "accuracy"], rows)


def alcohol(title, months):
    """One month ahead: logarithms of the 13 months before; with months the month of the year, too."""
    rows = read("alcohol")
    logs = np.log(rows.sales)
    x = pd.DataFrame({f"lag {k}": logs.shift(k) for k in range(1, 14)})
    if months:
        x["month"] = pd.to_datetime(rows.date).dt.month_name()
    x, y = x[13:], logs[13:]
    actual = rows.sales[-60:]

    def figures(guess):
        return f"{100 * np.mean(np.abs(guess / actual - 1)):.2f} %", f"{r2_score(actual, guess):.3f}"

    table = {"the same month a year before": figures(rows.sales.shift(12)[-60:])}
    for model in regressors(0):
        each = []
        for seed in SEEDS if "MLP" in model else SEEDS[:1]:
            guess = np.exp(prepared(regressors(seed)[model], x).fit(x[:-60], y[:-60]).predict(x[-60:]))
            each.append((100 * np.mean(np.abs(guess / actual - 1)), r2_score(actual, guess)))
        mape, r2 = zip(*each)
        table[model] = [over_seeds(mape, "{:.2f}") + " %", over_seeds(r2, "{:.3f}")]
    show(title, ["MAPE", "R2"], table)


chicago("chicago", "Riders at Clark and Lake, the last 365 days", False)
chicago("chicago", "The same, with month and day of the month as words", True)
chicago("chicago-holidays", "The same as the first, with the column of holidays", False)
chicago("chicago-holidays", "The same as the second, with the column of holidays", True)
borrowers("credit", "Credit data, 70 % to 30 %, five seeds", "Status")
borrowers("german", "German credit, 70 % to 30 %, five seeds", "class")
alcohol("Sales of alcohol, the last 60 months, one month ahead", False)
alcohol("The same, with the month of the year", True)
