"""How an ensemble on several processes scales against a serial one, and whether memory stays flat.

    python benchmarks/ensemble_scaling.py [--members 1000] [--workers 2] [--end 2034] [--executor processes] [--quick]

Runs one ensemble serially and on workers, each in a process and a store of its own, compares the tables by their
content hash, and prints wall time with start-up, processor time, the ratio to serial time over workers (at most 1.1 is
asked for), peak memory of all processes together (at most 1.5 GiB), how much memory grows after the first hundred
members (at most a twentieth) and the size of a member (at most 0.5 MB). Then 300 runs of a year in one process, whose
own memory may grow by 100 MB. The machine should be idle: other work finds a free processor beside the serial run and
none beside the other. ``--rounds`` takes turns between the two, so that slow and fast minutes fall to both; each turn
starts its workers anew. ``--quick`` takes 40 members to 2014 and 60 runs: it shows that all works, and its ratio,
mostly start-up, is not judged. Exits with 1 when a bound is missed. Needs Linux.
"""

from __future__ import annotations

import argparse
import json
import mmap
import os
import platform
import resource
import statistics
import struct
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from sscsim.experiments import RunStore, Tally, run_ensemble
from sscsim.experiments.members import members
from sscsim.policy import load_scenario

MOST_RATIO = 1.1
MOST_GIB = 1.5
MOST_MB = 0.5
MOST_GROWTH = 0.05
"""Share of the memory after the first hundred members by which it may be larger at the end."""

MOST_GROWN_MB = 100.0
"""What runs in one process may add to it."""

SETTLED = 100
"""Members after which memory is to be flat; of fewer than three times as many, a third of them."""


class Memory(threading.Thread):
    """Memory that a process and all it started hold, sampled while it runs, with the members done by then."""

    def __init__(self, process: int, counted: mmap.mmap) -> None:
        super().__init__(daemon=True)
        self.process, self.counted, self.over = process, counted, threading.Event()
        self.samples: list[tuple[int, int]] = []

    def run(self) -> None:
        # A look takes some ten milliseconds of a processor that the workers have, not the serial run.
        while not self.over.wait(1.0):
            done = struct.unpack("q", self.counted[:8])[0]
            self.samples.append((done, sum(resident(child) for child in family(self.process))))

    @property
    def peak(self) -> int:
        """Return the most that was held at once."""
        return max((held for _, held in self.samples), default=0)

    def growth(self, count: int) -> float:
        """Return by what share the last tenth of the members held more than the tenth after memory had settled."""
        after = min(SETTLED, count // 3)
        first = [held for done, held in self.samples if after <= done <= after + count / 10]
        last = [held for done, held in self.samples if 0.9 * count <= done < count]
        if not first or not last:
            return float("nan")
        return statistics.median(last) / statistics.median(first) - 1.0


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
    counted = mmap.mmap(-1, 8)
    child = os.fork()
    if child == 0:
        os.close(reading)
        began = time.monotonic()
        options = {} if executor == "serial" else {"workers": workers}
        wanted = members(["baseline"], draws=count, end=end)

        def count_them(tally: Tally) -> None:
            counted[:8] = struct.pack("q", tally.done)

        result = run_ensemble(wanted, RunStore(folder), executor, progress=count_them, **options)
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
    memory = Memory(child, counted)
    memory.start()
    with os.fdopen(reading) as answer:
        text = answer.read()
    _, status = os.waitpid(child, 0)
    memory.over.set()
    memory.join()
    if status:
        sys.exit("a part of the ensemble failed")
    return {**json.loads(text), "peak": memory.peak, "growth": memory.growth(count)}


def grown(runs: int) -> list[tuple[int, int]]:
    """Return what a process of its own holds after ten runs of a year, and after all of them.

    Returns
    -------
    list of (bytes of its own, bytes of files that it has mapped)
        The second are the code of libraries, which processes share and the kernel drops when it wants room: a process
        that takes up the compiled loops maps their compiler, once.
    """
    code = (
        f"import sys; sys.path[:0] = {sys.path!r}; from sscsim import simulate\n"
        "def held():\n"
        "    said = dict(line.split(':') for line in open('/proc/self/status') if line.startswith('Rss'))\n"
        "    return [1024 * int(said[name].split()[0]) for name in ('RssAnon', 'RssFile')]\n"
        f"for i in range({runs}):\n"
        "    simulate('baseline', seed=i, end=2013)\n"
        f"    if i in (9, {runs} - 1): print(*held())\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    own_and_mapped = [line.split() for line in done.stdout.splitlines()]
    return [(int(own), int(mapped)) for own, mapped in own_and_mapped]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--members", type=int, default=1000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--end", type=int, default=2034)
    parser.add_argument("--executor", default="processes", choices=["processes", "dask"])
    parser.add_argument("--runs", type=int, default=300, help="runs of a year in one process")
    parser.add_argument("--quick", action="store_true", help="40 members to 2014, 60 runs")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.members, arguments.end, arguments.runs = 40, 2014, 60
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
    growth = max(p["growth"] for p in (serial[-1], several[-1]))
    (before, mapped), (after, mapped_by_then) = grown(arguments.runs)
    added = (after - before) / 1e6
    print(
        f"{arguments.runs} runs in one process: {before / 1e6:.0f} MB of its own after ten, {after / 1e6:.0f} MB "
        f"after all; code of libraries mapped {mapped / 1e6:.0f} and {mapped_by_then / 1e6:.0f} MB"
    )
    met = [
        (f"ratio to serial / workers {ratio:.3f}", ratio <= MOST_RATIO or arguments.quick),
        (f"peak memory {peak:.2f} GiB", peak <= MOST_GIB),
        # Where members end faster than memory is looked at, nothing is known.
        (f"memory grows by {growth:.1%} after it settled", not growth > MOST_GROWTH),
        (f"one process grows by {added:.0f} MB", added <= MOST_GROWN_MB),
        (f"largest member {largest:.3f} MB", largest <= MOST_MB),
        ("equal tables", equal),
    ]
    for text, good in met:
        print(f"{'met   ' if good else 'MISSED'}  {text}")
    if arguments.json:
        document = {
            "python": platform.python_version(),
            "machine": platform.machine(),
            "processors": os.cpu_count(),
            "arguments": vars(arguments) | {"json": None},
            "parts": parts,
            "ratio": ratio,
            "processor_ratio": spent,
            "largest_member": max(sizes),
            "grown": {"own": [before, after], "mapped": [mapped, mapped_by_then]},
        }
        arguments.json.write_text(json.dumps(document, indent=1) + "\n")
    sys.exit(not all(good for _, good in met))


if __name__ == "__main__":
    main()
