"""JAX: one jit for the whole step, forward over reverse (jvp of grad), Adam inside the jit.

python jax_step.py FOLDER
"""
import sys
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from peer import Case, serve

case = Case(sys.argv[1])
s = case.settings


def network(parameters, x, key):
    w = iter(parameters)
    for i, layer in enumerate(case.layers):
        kind = layer["kind"]
        if kind == "flatten":
            x = x.reshape(x.shape[0], -1)
        elif kind == "dense":
            kernel, bias = next(w), next(w)
            x = x @ kernel + bias
        elif kind == "conv2d":
            kernel, bias = next(w), next(w)
            x = lax.conv_general_dilated(
                x, kernel, (1, 1), layer["padding"].upper(), dimension_numbers=("NHWC", "HWIO", "NHWC")
            )
            x = x + bias
        elif kind == "relu":
            x = jax.nn.relu(x)
        elif kind == "max-pool":
            b, h, width, c = x.shape
            x = x[:, : h // 2 * 2, : width // 2 * 2].reshape(b, h // 2, 2, width // 2, 2, c).max(axis=(2, 4))
        elif kind == "dropout":
            if key is not None:
                keep = 1 - layer["rate"]
                mask = jax.random.bernoulli(jax.random.fold_in(key, i), keep, x.shape)
                x = jnp.where(mask, x / keep, 0)
        else:
            raise SystemExit(f"unknown layer {kind}")
    return x


data = {name: (jnp.asarray(case.x[name]), jnp.asarray(case.labels[name])) for name in ("train", "trusted")}
u = jnp.asarray(case.u)


def losses(v, x, y, key):
    logits = network(v, x, key)
    return -jnp.take_along_axis(jax.nn.log_softmax(logits), y[:, None], axis=1)[:, 0]


def f_loss(v, data):
    return losses(v, *data["trusted"], None).mean()


def g_loss(v, u, data, key):
    w = (jnp.tanh(u) + 1) / 2
    return (w * losses(v, *data["train"], key)).sum() / w.sum()


def direction_p(gradient):
    return jax.tree.map(lambda g: s["nu"] + s["gamma"] * g, gradient)


@partial(jax.jit, donate_argnums=(0, 1, 2))
def lower_step(v, first, second, t, u, data, key):
    grad_g = lambda v: jax.grad(g_loss)(v, u, data, key)
    gradient = grad_g(v)
    p = direction_p(gradient)
    _, product = jax.jvp(grad_g, (v,), (p,))
    grad_f = jax.grad(f_loss)(v, data)
    along = jax.tree.map(lambda a, b, c: a + s["lambda"] * b + c, grad_f, gradient, product)
    t = t + 1
    first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, along)
    second = jax.tree.map(lambda m, g: 0.999 * m + 0.001 * g * g, second, along)
    step = lambda p, m, q: p - s["lrLower"] * (m / (1 - 0.9**t)) / (jnp.sqrt(q / (1 - 0.999**t)) + 1e-8)
    return jax.tree.map(step, v, first, second), first, second, t


@jax.jit
def upper_gradient(v, u, data, key):
    f = f_loss(v, data)
    g, gradient = jax.value_and_grad(g_loss)(v, u, data, key)
    p = jax.tree.map(lax.stop_gradient, direction_p(gradient))
    # The tangent of g along p, and its gradient with respect to u.
    tangent = lambda u: jax.jvp(lambda v: g_loss(v, u, data, key), (v,), (p,))[1]
    return jax.grad(tangent)(u), f, g


KEY = jax.random.key(0)


def start():
    v = [jnp.asarray(p) for p in case.parameters]
    zeros = lambda: [jnp.zeros_like(p) for p in v]
    return v, zeros(), zeros(), jnp.zeros((), jnp.float32)


def lower(state):
    return jax.block_until_ready(lower_step(*state, u, data, KEY))


def upper(state):
    return np.asarray(jax.block_until_ready(upper_gradient(state[0], u, data, KEY))[0])


def flatten(state):
    one = lambda tree: np.concatenate([np.asarray(p).ravel() for p in tree])
    return one(state[0]), one(state[1])


serve(case, start, lower, upper, flatten)
