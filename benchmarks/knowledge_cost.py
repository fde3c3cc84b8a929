"""Cost of a year of knowledge: 2,000 requests or so of 150 countries in 9 domains, beside a NumPy reference.

Target: 10 ms of CPU a year, ``python benchmarks/knowledge_cost.py [--json FILE]``.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from _timing import Timing, header, save_json

from sscsim.model import SouthSouthModel
from sscsim.steps import knowledge

TARGET = 0.010
"""CPU seconds a year."""
YEARS = 20


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    model = SouthSouthModel(seed=1, end=2034, keep="indicators")
    model.step()
    seconds = []
    for _ in range(YEARS):
        model.state.year += 1
        started = time.process_time()
        knowledge.run(model)
        seconds.append(time.process_time() - started)
    begun = np.bincount(model.submodels["knowledge"].cooperation.all()[0].start)[2014:2034].mean()
    size = (1300, 115)
    matrix = np.random.default_rng(0).random(size, dtype=np.float32)
    reference = []
    for _ in range(YEARS):
        started = time.process_time()
        for _ in range(10):
            np.exp(matrix)
        reference.append(time.process_time() - started)
    timings = [
        Timing(
            f"a year of knowledge, {begun:.0f} projects begun",
            min(seconds),
            float(np.median(seconds)),
            max(seconds),
            1,
        ),
        Timing(
            f"reference: 10 exponentials of {size[0]} x {size[1]}",
            min(reference),
            float(np.median(reference)),
            max(reference),
            1,
        ),
    ]
    print(header())
    for timing in timings:
        print(timing)
    if options.json:
        save_json(options.json, timings)
    met = float(np.median(seconds)) <= TARGET
    print(f"target {TARGET * 1e3:.0f} ms: {'met' if met else 'missed'}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
