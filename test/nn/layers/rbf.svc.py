# The reference numbers of rbf.test.ts: support vector machines of scikit-learn.
# /usr/bin/python3 test/nn/layers/rbf.svc.py > test/nn/layers/rbf.svc.json   (Debian: python3-sklearn)
import json
import math

from sklearn import __version__
from sklearn.svm import SVC


def moons(count):
    """Two half circles, one within reach of the other, with a scatter that repeats."""
    x, y = [], []
    for i in range(count):
        angle = math.pi * (i // 2) / (count // 2 - 1)
        first = i % 2 == 0
        noise = [0.15 * math.sin(12.9898 * i + 78.233 * k) for k in (1, 2)]
        point = [math.cos(angle), math.sin(angle)] if first else [1 - math.cos(angle), 0.5 - math.sin(angle)]
        # few digits, so that both sides read the same float32 numbers
        x.append([round((point[k] + noise[k]) * 256) / 256 for k in (0, 1)])
        y.append(-1 if first else 1)
    return x, y


def case(name, x, y, gamma, c, grid):
    # tol: far below what float32 training reaches
    machine = SVC(kernel="rbf", gamma=gamma, C=c, tol=1e-9).fit(x, y)
    alpha = [0.0] * len(x)
    for i, value in zip(machine.support_, machine.dual_coef_[0]):
        alpha[i] = float(value)
    return {
        "name": name,
        "gamma": gamma,
        "c": c,
        "x": x,
        "y": y,
        "alpha": alpha,
        "bias": float(machine.intercept_[0]),
        "margins": [float(v) for v in machine.decision_function(x)],
        "grid": grid,
        "decisions": [float(v) for v in machine.decision_function(grid)],
    }


xor = [[0, 0], [0, 1], [1, 0], [1, 1]]
square = [[i / 4, j / 4] for i in range(-1, 6) for j in range(-1, 6)]
x, y = moons(40)
field = [[-1.5 + i / 2, -1 + j / 2] for i in range(9) for j in range(6)]
cases = [
    case("XOR", xor, [-1, 1, 1, -1], 2, 10, square),
    case("two moons", x, y, 2, 1, field),
    case("two moons, hard", x, y, 4, 5, field),
]
print(json.dumps({"scikit-learn": __version__, "cases": cases}))
