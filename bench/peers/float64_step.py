"""Float64: what every contestant approaches, in NumPy with the tangents written out. It answers "check" only.

python float64_step.py FOLDER
"""
import sys

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from peer import Case, serve

case = Case(sys.argv[1])
s = case.settings
x = {name: features.astype(np.float64) for name, features in case.x.items()}
one_hot = np.eye(case.labels["train"].max() + 1)[case.labels["train"]]
u = case.u.astype(np.float64)
weights = (np.tanh(u) + 1) / 2


class Layer:
    """Four maps, as in src/engine/layers/layer.ts; w are its parameters, p the direction of them."""

    count = 0

    def gradients(self, dy, w):
        return []

    def gradient_tangents(self, ddy, w, p):
        return []


class Linear(Layer):
    """y = rows(x) W + b, where rows is linear and lays out what each output sees."""

    count = 2

    def forward(self, x, w):
        self.x = self.rows(x, w[0])
        self.dx = None
        return self.x @ self.matrix(w[0]) + w[1]

    def tangent(self, dx, w, p):
        moved = self.x @ self.matrix(p[0]) + p[1]
        if dx is None:
            return moved
        self.dx = self.rows(dx, w[0])
        return moved + self.dx @ self.matrix(w[0])

    @staticmethod
    def matrix(kernel):
        return kernel.reshape(-1, kernel.shape[-1])

    def of_kernel(self, rows, dy, kernel):
        return (rows.reshape(-1, rows.shape[-1]).T @ self.matrix(dy)).reshape(kernel.shape)

    def gradients(self, dy, w):
        self.dy = dy
        return [self.of_kernel(self.x, dy, w[0]), self.matrix(dy).sum(0)]

    def gradient_tangents(self, ddy, w, p):
        kernel = self.of_kernel(self.x, ddy, w[0])
        if self.dx is not None:
            kernel += self.of_kernel(self.dx, self.dy, w[0])
        return [kernel, self.matrix(ddy).sum(0)]

    def backward(self, dy, w):
        return self.of_input(dy, w[0])

    def backward_tangent(self, ddy, w, p):
        return self.of_input(ddy, w[0]) + self.of_input(self.dy, p[0])


class Dense(Linear):
    def rows(self, x, kernel):
        return x

    def of_input(self, dy, kernel):
        return dy @ kernel.T


class Convolution(Linear):
    def __init__(self, padding):
        self.same = padding == "same"

    def border(self, size):
        before = (size - 1) // 2 if self.same else 0
        return before, size - 1 - before if self.same else 0

    @staticmethod
    def windows(x, size, border):
        padded = np.pad(x, ((0, 0), border, border, (0, 0)))
        found = sliding_window_view(padded, (size, size), axis=(1, 2)).transpose(0, 1, 2, 4, 5, 3)
        return found.reshape(*found.shape[:3], -1)

    def rows(self, x, kernel):
        return self.windows(x, len(kernel), self.border(len(kernel)))

    def of_input(self, dy, kernel):
        size = len(kernel)
        before, after = self.border(size)
        flipped = kernel[::-1, ::-1].transpose(0, 1, 3, 2)
        return self.windows(dy, size, (size - 1 - before, size - 1 - after)) @ self.matrix(flipped)


class Chosen(Layer):
    """Linear once its choice is made: the same for values and tangents, forwards and back."""

    def tangent(self, dx, w, p):
        return self.pick(dx)

    def backward(self, dy, w):
        return self.spread(dy)

    def backward_tangent(self, ddy, w, p):
        return self.spread(ddy)


class Relu(Chosen):
    def forward(self, x, w):
        self.open = x > 0
        return self.pick(x)

    def pick(self, x):
        return x * self.open

    spread = pick


class MaxPool(Chosen):
    def forward(self, x, w):
        self.shape = x.shape
        self.winners = self.blocks(x).argmax(-1)[..., None]
        return self.pick(x)

    def blocks(self, x):
        n, height, width, channels = x.shape
        halves = x.reshape(n, height // 2, 2, width // 2, 2, channels).transpose(0, 1, 3, 5, 2, 4)
        return halves.reshape(n, height // 2, width // 2, channels, 4)

    def pick(self, x):
        return np.take_along_axis(self.blocks(x), self.winners, -1)[..., 0]

    def spread(self, dy):
        blocks = np.zeros((*dy.shape, 4))
        np.put_along_axis(blocks, self.winners, dy[..., None], -1)
        return blocks.reshape(*dy.shape, 2, 2).transpose(0, 1, 4, 2, 5, 3).reshape(self.shape)


class Flatten(Chosen):
    def forward(self, x, w):
        self.shape = x.shape
        return self.pick(x)

    def pick(self, x):
        return None if x is None else x.reshape(len(x), -1)

    def spread(self, dy):
        return dy.reshape(self.shape)


KINDS = {
    "dense": lambda about: Dense(),
    "conv2d": lambda about: Convolution(about["padding"]),
    "relu": lambda about: Relu(),
    "max-pool": lambda about: MaxPool(),
    "flatten": lambda about: Flatten(),
}


class Network:
    def __init__(self, v, x):
        self.layers = [KINDS[about["kind"]](about) for about in case.layers]
        self.w = self.split(v)
        for layer, w in zip(self.layers, self.w):
            x = layer.forward(x, w)
        shifted = x - x.max(1, keepdims=True)
        self.softmax = np.exp(shifted) / np.exp(shifted).sum(1, keepdims=True)
        # Nothing in front of the first parameters has a gradient or a tangent.
        self.first = next(i for i, layer in enumerate(self.layers) if layer.count)

    def split(self, v):
        parts = iter(v)
        return [[next(parts) for _ in range(layer.count)] for layer in self.layers]

    def back(self, d, gradients, backward):
        found = []
        for i in reversed(range(self.first, len(self.layers))):
            found = gradients(i, d) + found
            d = backward(i, d) if i > self.first else None
        return found

    def gradient(self, d):
        layers, w = self.layers, self.w
        return self.back(d, lambda i, d: layers[i].gradients(d, w[i]), lambda i, d: layers[i].backward(d, w[i]))

    def tangent(self, p):
        self.p, d = self.split(p), None
        for i in range(self.first, len(self.layers)):
            d = self.layers[i].tangent(d, self.w[i], self.p[i])
        return d

    def gradient_tangent(self, dd):
        layers, w, p = self.layers, self.w, self.p
        return self.back(
            dd,
            lambda i, d: layers[i].gradient_tangents(d, w[i], p[i]),
            lambda i, d: layers[i].backward_tangent(d, w[i], p[i]),
        )


shares = (weights / weights.sum())[:, None]


def of_g(v):
    network = Network(v, x["train"])
    gradient = network.gradient((network.softmax - one_hot) * shares)
    return network, gradient, network.tangent([s["nu"] + s["gamma"] * part for part in gradient])


def direction(v):
    network, of_lower, moved = of_g(v)
    bent = network.softmax * (moved - (network.softmax * moved).sum(1, keepdims=True)) * shares
    product = network.gradient_tangent(bent)
    trusted = Network(v, x["trusted"])
    of_upper = trusted.gradient((trusted.softmax - one_hot) / case.batch)
    return [f + s["lambda"] * g + h for f, g, h in zip(of_upper, of_lower, product)]


def start():
    zeros = [np.zeros(p.shape) for p in case.parameters]
    return [p.astype(np.float64) for p in case.parameters], zeros, zeros, 0


def lower(state):
    v, first, second, step = state
    along, step = direction(v), step + 1
    first = [0.9 * m + 0.1 * d for m, d in zip(first, along)]
    second = [0.999 * m + 0.001 * d * d for m, d in zip(second, along)]
    rate, correction = s["lrLower"] / (1 - 0.9**step), 1 - 0.999**step
    v = [p - rate * a / (np.sqrt(b / correction) + 1e-8) for p, a, b in zip(v, first, second)]
    return v, first, second, step


def upper(state):
    network, _, moved = of_g(state[0])
    tangents = ((network.softmax - one_hot) * moved).sum(1)
    mean = (weights * tangents).sum() / weights.sum()
    return (tangents - mean) / weights.sum() * (1 - np.tanh(u) ** 2) / 2


def flatten(state):
    return [np.concatenate([part.ravel() for part in parts]) for parts in state[:2]]


serve(case, start, lower, upper, flatten)
