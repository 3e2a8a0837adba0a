"""A whole run of importance learning with Penalty in PyTorch, for bench/time-to-auroc.ts: python pytorch_run.py FOLDER

Double back-propagation through create_graph, both levels by Adam (on v in its fused form, on u with moments for each
example). Writes weights/<epoch>.bin and prints the seconds after each epoch.
"""
import json
import sys
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

folder = Path(sys.argv[1])
case = json.loads((folder / "case.json").read_text())
s, count, batch = case["settings"], case["count"], case["batch"]
x = torch.from_numpy(np.fromfile(folder / "x.bin", dtype="<f4").reshape(2 * count, 784))
labels = {name: torch.from_numpy(np.fromfile(folder / f"{name}.bin", dtype="<i4").astype(np.int64)) for name in ("given", "trusted")}
start = np.fromfile(folder / "start.bin", dtype="<f4")
v, at = [], 0
for shape in case["parameters"]:
    size = int(np.prod(shape))
    v.append(torch.from_numpy(start[at : at + size].reshape(shape).copy()).requires_grad_(True))
    at += size
generator = torch.Generator().manual_seed(0)


def network(x):
    for i in range(0, len(v), 2):
        x = torch.addmm(v[i + 1], x, v[i])
        if i + 2 < len(v):
            x = F.relu(x)
    return x


def tangent(gradient):
    p = [s["nu"] + s["gamma"] * g.detach() for g in gradient]
    return sum((a * b).sum() for a, b in zip(gradient, p))


def lower_loss(x, y, w):
    losses = F.cross_entropy(network(x), y, reduction="none")
    return (w * losses).sum() / w.sum()


class Batches:
    def __init__(self):
        self.order, self.at = torch.randperm(count, generator=generator), 0

    def next(self):
        if self.at >= count:
            self.__init__()
        rows = self.order[self.at : self.at + batch]
        self.at += batch
        return rows


u = torch.zeros(count)
first, second, steps = torch.zeros(count), torch.zeros(count), torch.zeros(count)
largest = float(np.arctanh(1 - 2e-5))
adam = torch.optim.Adam(v, lr=s["lrLower"], fused=True)
train, trusted = Batches(), Batches()
seconds, begun = [], time.perf_counter()
for epoch in range(case["epochs"]):
    for _ in range((count + batch - 1) // batch):
        rows, known = train.next(), trusted.next()
        xb, yb, xt, yt = x[rows], labels["given"][rows], x[count + known], labels["trusted"][known]
        w = (torch.tanh(u[rows]) + 1) / 2
        for _ in range(s["lowerSteps"]):
            g = lower_loss(xb, yb, w)
            gradient = torch.autograd.grad(g, v, create_graph=True)
            total = F.cross_entropy(network(xt), yt) + s["lambda"] * g + tangent(gradient)
            for parameter, direction in zip(v, torch.autograd.grad(total, v)):
                parameter.grad = direction
            adam.step()
        mine = u[rows].requires_grad_(True)
        gradient = torch.autograd.grad(lower_loss(xb, yb, (torch.tanh(mine) + 1) / 2), v, create_graph=True)
        slope = torch.autograd.grad(tangent(gradient), mine)[0]
        with torch.no_grad():
            steps[rows] += 1
            first[rows] = 0.9 * first[rows] + 0.1 * slope
            second[rows] = 0.999 * second[rows] + 0.001 * slope * slope
            t = steps[rows]
            step = s["lrUpper"] * (first[rows] / (1 - 0.9**t)) / ((second[rows] / (1 - 0.999**t)).sqrt() + 1e-8)
            u[rows] = (u[rows] - step).clamp(-largest, largest)
    seconds.append(time.perf_counter() - begun)
    pause = time.perf_counter()
    ((torch.tanh(u) + 1) / 2).numpy().astype("<f4").tofile(folder / "weights" / f"{epoch}.bin")
    begun += time.perf_counter() - pause
print(json.dumps(seconds))
