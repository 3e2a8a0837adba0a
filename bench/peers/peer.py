"""What every peer shares: reading the case, and answering the commands of bench/step.ts on standard input.

A case is a folder with case.json and raw float32 files. A peer gives two functions: lower(state) makes one Penalty
lower step (Adam on grad_v [f + lambda g + <grad_v g, p>], p = nu + gamma grad_v g held constant) and returns the new
state when it is finished; upper(state) returns grad_u [f + <grad_v g, p>] as a numpy vector.

BILEVEL_BENCH_DEVICE=cuda has a peer compute on the graphics card.

Commands: "check" writes v and Adam's first moment after some lower steps, and grad_u there; "time lower 5" and
"time upper 5" answer with seconds, one a step. One JSON object a line.
"""
import json
import os
import sys
import time
from pathlib import Path

import numpy as np


# On one core the processor's time tells more than the clock: others may be using the machine.
clock = time.process_time if os.environ.get("BILEVEL_BENCH_CLOCK") == "cpu" else time.perf_counter


DEVICE = os.environ.get("BILEVEL_BENCH_DEVICE", "cpu")


class Case:
    def __init__(self, folder):
        self.folder = Path(folder)
        about = json.loads((self.folder / "case.json").read_text())
        self.layers = about["layers"]
        self.shape = about["shape"]
        self.batch = about["batch"]
        self.steps = about["steps"]
        self.settings = about["settings"]
        self.parameters = [
            self.read(f"parameter-{i}.bin", shape) for i, shape in enumerate(about["parameters"])
        ]
        self.x = {name: self.read(f"{name}-x.bin", [self.batch, *self.shape]) for name in ("train", "trusted")}
        self.labels = {name: np.arange(self.batch) % about["classes"] for name in ("train", "trusted")}
        self.u = self.read("u.bin", [self.batch])

    def read(self, name, shape):
        return np.fromfile(self.folder / name, dtype="<f4").reshape(shape)


def serve(case, start, lower, upper, flatten):
    """flatten(state) gives v and Adam's first moment, each one numpy vector in the order and layout of
    case.parameters."""
    state = start()
    for line in sys.stdin:
        words = line.split()
        if words[0] == "check":
            state = start()
            for _ in range(case.steps):
                state = lower(state)
            for name, values in zip(words[1:], [*flatten(state), upper(state)]):
                np.asarray(values).astype("<f4").tofile(case.folder / name)
            answer = {}
        else:
            seconds = []
            for _ in range(int(words[2])):
                begun = clock()
                if words[1] == "lower":
                    state = lower(state)
                else:
                    upper(state)
                seconds.append(clock() - begun)
            answer = {"seconds": seconds}
        print(json.dumps(answer), flush=True)
