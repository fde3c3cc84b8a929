"""How an ensemble on several processes scales against a serial one, and whether its memory stays flat.

    python benchmarks/ensemble_scaling.py [--members 1000] [--workers 2] [--end 2034] [--executor processes]

Runs one ensemble serially and on workers, each in a process and a store of its own, compares the tables by their
content hash, and prints wall time with start-up, processor time, the ratio to serial time over workers (at most 1.15 is
asked for), peak memory of all processes together (at most 1.5 GiB) and the size of a member (at most 0.5 MB). The
machine should be idle: other work finds a free processor beside the serial run and none beside the other. ``--rounds``
takes turns between the two, so that slow and fast minutes fall to both; each turn starts its workers anew. Needs Linux.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import sys
import tempfile
import threading
import time
from pathlib import Path

from sscsim.experiments import RunStore, run_ensemble
from sscsim.experiments.members import members
from sscsim.policy import load_scenario

MOST_RATIO = 1.15
MOST_GIB = 1.5
MOST_MB = 0.5


class Memory(threading.Thread):
    """Peak of the memory that this process and all it started hold, sampled while it runs."""

    def __init__(self, process: int) -> None:
        super().__init__(daemon=True)
        self.process, self.peak, self.over = process, 0, threading.Event()

    def run(self) -> None:
        while not self.over.wait(0.25):
            now = sum(resident(child) for child in family(self.process))
            self.peak = max(self.peak, now)


def family(process: int) -> list[int]:
    """Return a process and its descendants."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                text = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            parents[int(entry.name)] = int(text[1])
    found = [process]
    for child in found:  # grows while it is read
        found += [p for p, parent in parents.items() if parent == child]
    return found


def resident(process: int) -> int:
    """Return the bytes of a process; pages that several share count for each in part."""
    try:
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


def part(folder: Path, count: int, end: int, executor: str, workers: int, already: int) -> dict:
    """Run members `already` to `count` in a process of their own and return what they took."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        began = time.monotonic()
        options = {} if executor == "serial" else {"workers": workers}
        wanted = members(["baseline"], draws=count, end=end)
        result = run_ensemble(wanted, RunStore(folder), executor, **options)
        assert result.stored + result.failed >= already, result.tally
        assert result.failed <= count / 100, result.failures()  # corners of the priors may fail
        used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        report = {
            "wall": time.monotonic() - began,
            "processor": sum(u.ru_utime + u.ru_stime for u in used),
            "hash": result.content_hash,
            "failed": result.failed,
        }
        os.write(writing, json.dumps(report).encode())
        os._exit(0)
    os.close(writing)
    memory = Memory(child)
    memory.start()
    with os.fdopen(reading) as answer:
        text = answer.read()
    _, status = os.waitpid(child, 0)
    memory.over.set()
    memory.join()
    if status:
        sys.exit("a part of the ensemble failed")
    return {**json.loads(text), "peak": memory.peak}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--members", type=int, default=1000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--end", type=int, default=2034)
    parser.add_argument("--executor", default="processes", choices=["processes", "dask"])
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    load_scenario("baseline")
    print(
        f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} processors, "
        f"load {os.getloadavg()[0]:.1f}; {arguments.members} members to {arguments.end}"
    )
    with tempfile.TemporaryDirectory() as place:
        parts: dict[str, list[dict]] = {"serial": [], arguments.executor: []}
        done = 0
        for i in range(1, arguments.rounds + 1):
            count = arguments.members * i // arguments.rounds
            for executor, list_of_parts in parts.items():
                list_of_parts.append(
                    part(
                        Path(place) / executor,
                        count,
                        arguments.end,
                        executor,
                        arguments.workers,
                        done,
                    )
                )
            done = count
        store = Path(place) / "serial"
        sizes = [e.size for e in RunStore(store).ls()]
    serial, several = parts["serial"], parts[arguments.executor]
    print(f"{serial[-1]['failed']} members failed serially, {several[-1]['failed']} on workers")
    print(f"{'':<14}{'wall, s':>10}{'processor, s':>14}{'peak, MiB, by part':>22}")
    for name, found in parts.items():
        peaks = " ".join(f"{p['peak'] / 2**20:.0f}" for p in found)
        print(
            f"{name:<14}{sum(p['wall'] for p in found):>10.1f}"
            f"{sum(p['processor'] for p in found):>14.1f}{peaks:>22}"
        )
    ratio = arguments.workers * sum(p["wall"] for p in several) / sum(p["wall"] for p in serial)
    spent = sum(p["processor"] for p in several) / sum(p["processor"] for p in serial)
    print(
        f"processor time to serial {spent:.3f}: what the ratio would be with processors of one's own"
    )
    peak = max(p["peak"] for p in (*serial, *several)) / 2**30
    largest = max(sizes) / 1e6
    equal = serial[-1]["hash"] == several[-1]["hash"]
    met = [
        (f"ratio to serial / workers {ratio:.3f}", ratio <= MOST_RATIO),
        (f"peak memory {peak:.2f} GiB", peak <= MOST_GIB),
        (f"largest member {largest:.3f} MB", largest <= MOST_MB),
        ("equal tables", equal),
    ]
    for text, good in met:
        print(f"{'met   ' if good else 'MISSED'}  {text}")
    if arguments.json:
        arguments.json.write_text(
            json.dumps({"arguments": vars(arguments) | {"json": None}, "parts": parts}, indent=1)
        )
    sys.exit(not all(good for _, good in met))


if __name__ == "__main__":
    main()
