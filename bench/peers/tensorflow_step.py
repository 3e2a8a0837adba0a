"""TensorFlow in Python: one tf.function for the step, a tape within a tape.

python tensorflow_step.py FOLDER
"""
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import numpy as np
import tensorflow as tf

from peer import Case, serve

case = Case(sys.argv[1])
s = case.settings


def network(parameters, x, training):
    w = iter(parameters)
    for layer in case.layers:
        kind = layer["kind"]
        if kind == "flatten":
            x = tf.reshape(x, [x.shape[0], -1])
        elif kind == "dense":
            x = tf.nn.bias_add(tf.matmul(x, next(w)), next(w))
        elif kind == "conv2d":
            x = tf.nn.bias_add(tf.nn.conv2d(x, next(w), 1, layer["padding"].upper()), next(w))
        elif kind == "relu":
            x = tf.nn.relu(x)
        elif kind == "max-pool":
            x = tf.nn.max_pool2d(x, 2, 2, "VALID")
        elif kind == "dropout":
            x = tf.nn.dropout(x, layer["rate"]) if training else x
        else:
            raise SystemExit(f"unknown layer {kind}")
    return x


x = {name: tf.constant(case.x[name]) for name in ("train", "trusted")}
y = {name: tf.constant(case.labels[name], tf.int32) for name in ("train", "trusted")}
u = tf.constant(case.u)
v = [tf.Variable(p) for p in case.parameters]
first = [tf.Variable(tf.zeros_like(p)) for p in v]
second = [tf.Variable(tf.zeros_like(p)) for p in v]
count = tf.Variable(0.0)


def losses(name, training):
    return tf.nn.sparse_softmax_cross_entropy_with_logits(y[name], network(v, x[name], training))


def f_loss():
    return tf.reduce_mean(losses("trusted", False))


def g_loss(u):
    w = (tf.tanh(u) + 1) / 2
    return tf.reduce_sum(w * losses("train", True)) / tf.reduce_sum(w)


def tangent(gradient):
    return tf.add_n([tf.reduce_sum(g * tf.stop_gradient(s["nu"] + s["gamma"] * g)) for g in gradient])


@tf.function
def lower_step():
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            g = g_loss(u)
        gradient = inner.gradient(g, v)
        total = f_loss() + s["lambda"] * g + tangent(gradient)
    along = outer.gradient(total, v)
    count.assign_add(1.0)
    for p, m, q, d in zip(v, first, second, along):
        tf.raw_ops.ResourceApplyAdam(
            var=p.handle, m=m.handle, v=q.handle, beta1_power=0.9**count, beta2_power=0.999**count,
            lr=s["lrLower"], beta1=0.9, beta2=0.999, epsilon=1e-8, grad=d,
        )


@tf.function
def upper_gradient():
    f = f_loss()
    with tf.GradientTape() as outer:
        outer.watch(u)
        with tf.GradientTape() as inner:
            g = g_loss(u)
        t = tangent(inner.gradient(g, v))
    return outer.gradient(t, u), f, g


def start():
    for p, value in zip(v, case.parameters):
        p.assign(value)
    for p in [*first, *second]:
        p.assign(tf.zeros_like(p))
    count.assign(0.0)
    return True


def lower(state):
    lower_step()
    return state


def upper(state):
    return upper_gradient()[0].numpy()


def flatten(state):
    one = lambda variables: np.concatenate([p.numpy().ravel() for p in variables])
    return one(v), one(first)


serve(case, start, lower, upper, flatten)
