"""Wrong labels by the tools that people use, for bench/label-errors.ts: label_errors.py train.npz trusted.npz seed [tool].

Answers with one line of JSON: by tool scores (low is bad), flags (0 or 1) and the seconds it took, the interpreter's
start and its imports not counted. Texts beside the arrays (train.texts.json) are read instead of them. Trusted examples are in the training part of every fold. Needs numpy, scipy and
scikit-learn; with cleanlab its own flags, without it labels that the probabilities contradict.
"""
import functools
import json
import os
import sys
import time

import numpy as np
from scipy import sparse
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.neighbors import NearestNeighbors
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler

try:
    from cleanlab.filter import find_label_issues
    from cleanlab.rank import get_label_quality_scores
except ImportError:
    find_label_issues = None

train_file, trusted_file, seed = sys.argv[1], sys.argv[2], int(sys.argv[3])
train, trusted = np.load(train_file), np.load(trusted_file)
def table(values):
    return values.reshape(len(values), int(np.prod(values.shape[1:]))).astype(np.float64)


x, xt = table(train["x"]), table(trusted["x"])
y, yt = train["y"].astype(int), trusted["y"].astype(int)
classes = int(max(y.max(), yt.max() if len(yt) else 0)) + 1
STRENGTHS = [1e-4, 1e-3, 1e-2, 1e-1, 1]
if os.path.exists(train_file.replace(".npz", ".texts.json")):
    texts, trusted_texts = (json.load(open(file.replace(".npz", ".texts.json"))) for file in (train_file, trusted_file))
    vectoriser = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True).fit(texts)
    x, xt = vectoriser.transform(texts), vectoriser.transform(trusted_texts)
    STRENGTHS = [1e-1, 1, 10, 100]
else:
    scaler = StandardScaler().fit(x)
    x = scaler.transform(x)
    if len(yt):
        xt = scaler.transform(xt)


def both(a, b):
    return sparse.vstack([a, b]).tocsr() if sparse.issparse(a) else np.concatenate([a, b])


def probabilities(model, rows):
    out = np.full((rows.shape[0], classes), 1e-6)
    out[:, model.classes_] = model.predict_proba(rows)
    return out / out.sum(1, keepdims=True)


def folds(fit):
    out = np.zeros((len(y), classes))
    for rest, scored in StratifiedKFold(5, shuffle=True, random_state=seed).split(y, y):
        model = fit(both(x[rest], xt), np.concatenate([y[rest], yt]))
        out[scored] = probabilities(model, x[scored])
    return out


@functools.cache
def strength():
    """By the loss on every fifth row."""
    held = np.arange(len(y)) % 5 == 0
    best, chosen = np.inf, 1
    for c in STRENGTHS:
        model = LogisticRegression(C=c, max_iter=200).fit(x[~held], y[~held])
        own = probabilities(model, x[held])[np.arange(held.sum()), y[held]]
        loss = -np.log(np.maximum(own, 1e-6)).mean()
        if loss < best:
            best, chosen = loss, c
    return chosen


def logistic():
    return folds(lambda a, b: LogisticRegression(C=strength(), max_iter=500).fit(a, b))


def forest():
    return folds(lambda a, b: RandomForestClassifier(100, random_state=seed).fit(a, b))


def neighbours(k=10):
    everything = both(x, xt)
    labels = np.concatenate([y, yt])
    near = NearestNeighbors(n_neighbors=k + 1).fit(everything).kneighbors(x, return_distance=False)[:, 1:]
    counts = np.stack([(labels[near] == c).sum(1) for c in range(classes)], 1) + 0.5 / classes
    return counts / counts.sum(1, keepdims=True)


def trusted_only():
    model = LogisticRegression(C=0.1, max_iter=500).fit(xt, yt)
    return probabilities(model, x)


def verdict(p, started):
    if find_label_issues:
        scores = get_label_quality_scores(y, p)
        flagged = find_label_issues(y, p)
    else:
        scores = p[np.arange(len(y)), y]
        flagged = p.argmax(1) != y
    seconds = time.perf_counter() - started
    return {"scores": scores.tolist(), "flagged": flagged.astype(int).tolist(), "seconds": seconds}


def small_loss():
    """The loss of a classifier that has learned the labels it judges."""
    everything = both(x, xt)
    model = LogisticRegression(C=strength(), max_iter=500).fit(everything, np.concatenate([y, yt]))
    return probabilities(model, x)


def margins(epochs=20):
    """AUM (Pleiss et al. 2020): the mean margin of the given label's logit over the epochs of a small network. Rows that are
    given a class of their own say what margin a wrong label has; twice, so that each row is once not among them."""
    everything = both(x, xt)
    runs, thresholds = [], []
    order = np.random.default_rng(seed).permutation(len(y))
    share = max(1, len(y) // (classes + 1))
    for pretended in (order[:share], order[share : 2 * share]):
        labels = np.concatenate([y, yt])
        labels[pretended] = classes
        network = MLPClassifier((64,), batch_size=min(64, len(labels)), random_state=seed)
        total = np.zeros(len(y))
        for _ in range(epochs):
            network.partial_fit(everything, labels, classes=np.arange(classes + 1))
            logs = np.log(np.maximum(network.predict_proba(x), 1e-12))
            own = logs[np.arange(len(y)), labels[: len(y)]].copy()
            logs[np.arange(len(y)), labels[: len(y)]] = -np.inf
            total += (own - logs.max(1)) / epochs
        thresholds.append(np.percentile(total[pretended], 99))
        total[pretended] = np.nan
        runs.append(total)
    scores = np.nanmean(runs, 0)
    return scores, scores <= np.mean(thresholds)


def marginal(started):
    scores, flagged = margins()
    return {"scores": scores.tolist(), "flagged": flagged.astype(int).tolist(), "seconds": time.perf_counter() - started}


tools = {"cleanlab, logistic": logistic, "cleanlab, forest": forest, "neighbours": neighbours, "small loss": small_loss}
if len(yt) and len(np.unique(yt)) > 1:
    tools["trusted only"] = trusted_only
only = sys.argv[4] if len(sys.argv) > 4 else None
answers = {}
for name, tool in tools.items():
    if only in (None, name):
        started = time.perf_counter()
        answers[name] = verdict(tool(), started)
if only in (None, "AUM"):
    answers["AUM"] = marginal(time.perf_counter())
print(json.dumps(answers))
