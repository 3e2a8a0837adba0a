"""PyTorch: double back-propagation through create_graph, Adam in its fused form.

python pytorch_step.py FOLDER [channels-last]
"""
import sys

import numpy as np
import torch
import torch.nn.functional as F

from peer import DEVICE, Case, serve

case = Case(sys.argv[1])
channels_last = "channels-last" in sys.argv[2:]
torch.manual_seed(0)
layout = torch.channels_last if channels_last else torch.contiguous_format
s = case.settings


def image(x):
    t = torch.from_numpy(np.ascontiguousarray(x)).to(DEVICE)
    return t.permute(0, 3, 1, 2).contiguous(memory_format=layout) if t.ndim == 4 else t


def to_torch(p):
    t = torch.from_numpy(p.copy()).to(DEVICE)
    return t.permute(3, 2, 0, 1).contiguous(memory_format=layout) if t.ndim == 4 else t


def network(parameters, x, training):
    w = iter(parameters)
    for layer in case.layers:
        kind = layer["kind"]
        if kind == "flatten":
            x = (x.permute(0, 2, 3, 1) if x.ndim == 4 else x).reshape(x.shape[0], -1)
        elif kind == "dense":
            kernel, bias = next(w), next(w)
            x = torch.addmm(bias, x, kernel)
        elif kind == "conv2d":
            kernel, bias = next(w), next(w)
            x = F.conv2d(x, kernel, bias, padding=layer["padding"])
        elif kind == "relu":
            x = F.relu(x)
        elif kind == "max-pool":
            x = F.max_pool2d(x, 2)
        elif kind == "dropout":
            x = F.dropout(x, layer["rate"], training=training)
        else:
            raise SystemExit(f"unknown layer {kind}")
    return x


x_train, x_trusted = image(case.x["train"]), image(case.x["trusted"])
y_train, y_trusted = (torch.from_numpy(case.labels[name]).to(DEVICE) for name in ("train", "trusted"))
u = torch.from_numpy(case.u.copy()).to(DEVICE).requires_grad_(True)


def lower_loss(v, u):
    w = (torch.tanh(u) + 1) / 2
    losses = F.cross_entropy(network(v, x_train, True), y_train, reduction="none")
    return (w * losses).sum() / w.sum()


def tangent(gradient):
    p = [s["nu"] + s["gamma"] * g.detach() for g in gradient]
    return sum((a * b).sum() for a, b in zip(gradient, p))


def start():
    v = [to_torch(p).requires_grad_(True) for p in case.parameters]
    return v, torch.optim.Adam(v, lr=s["lrLower"], fused=True)


def lower(state):
    v, adam = state
    weights = u.detach()
    g = lower_loss(v, weights)
    gradient = torch.autograd.grad(g, v, create_graph=True)
    f = F.cross_entropy(network(v, x_trusted, False), y_trusted)
    total = f + s["lambda"] * g + tangent(gradient)
    for parameter, direction in zip(v, torch.autograd.grad(total, v)):
        # The fused Adam pairs memory with memory: parameter and gradient must lie alike.
        parameter.grad = direction.contiguous(memory_format=layout if direction.ndim == 4 else torch.contiguous_format)
    adam.step()
    if DEVICE == "cuda":
        torch.cuda.synchronize()
    return state


def upper(state):
    v, _ = state
    # f does not depend on u here, but its value is reported, as the product does.
    with torch.no_grad():
        F.cross_entropy(network(v, x_trusted, False), y_trusted)
    gradient = torch.autograd.grad(lower_loss(v, u), v, create_graph=True)
    return torch.autograd.grad(tangent(gradient), u)[0].detach().cpu().numpy()


def flatten(state):
    def one(tensors):
        parts = [t.detach().permute(2, 3, 1, 0) if t.ndim == 4 else t.detach() for t in tensors]
        return np.concatenate([np.ascontiguousarray(t.cpu().numpy()).ravel() for t in parts])

    v, adam = state
    return one(v), one([adam.state[p]["exp_avg"] for p in v])


serve(case, start, lower, upper, flatten)
