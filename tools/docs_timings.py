"""Tables of what benchmarks took, of the files that their ``--json`` writes into ``benchmarks/timings``.

Seconds are of one machine, and stand in documents to compare what stands side by side.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

TIMINGS = Path(__file__).resolve().parents[1] / "benchmarks" / "timings"
Rows = list[list[str]]

SOLVES = {
    "this model, cold": "this model, without a start",
    "this model, next year's": "this model, from last year's",
    "scipy.optimize.root": "`scipy.optimize.root`",
    "gegravity": "gegravity, its closure, its tables included",
}
"""What is timed at each size, by its name in the benchmark."""

NONE = "–"


def _of(name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads((TIMINGS / f"{name}.json").read_text("utf-8"))
    return found


def _milliseconds(seconds: float) -> str:
    value = 1e3 * seconds
    return f"{value:,.0f}" if value >= 100 else f"{value:.2g}"


def trade() -> tuple[Sequence[str], Rows]:
    """Return what a solve of trade takes by number of economies, beside others, and what those of a run take."""
    said = _of("trade_equilibrium")
    medians = {one["what"]: one["median"] for one in said["timings"]}
    sizes = sorted({int(what.partition(" ")[0]) for what in medians if " economies: " in what})
    rows = []
    for what, title in SOLVES.items():
        taken = [medians.get(f"{size} economies: {what}") for size in sizes]
        other = what.partition(".")[0]
        ratios = [said["ratios"].get(f"{other} {size}") for size in sizes]
        rows.append(
            [
                title,
                *(
                    NONE
                    if seconds is None
                    else _milliseconds(seconds) + (f" ({ratio:,.0f} ×)" if ratio else "")
                    for seconds, ratio in zip(taken, ratios, strict=True)
                ),
            ]
        )
    products = [medians.get(f"reference: product and LU, {size} x {size}") for size in sizes]
    rows.append(
        [
            "NumPy: one product and LU factorisation",
            *(NONE if seconds is None else _milliseconds(seconds) for seconds in products),
        ]
    )
    rows.append(
        [
            "the 44 solves of a run, together",
            *[NONE] * (len(sizes) - 1),
            _milliseconds(medians["44 solves"]),
        ]
    )
    return ("one solve, ms", *map(str, sizes)), rows


def solved() -> tuple[Sequence[str], Rows]:
    """Return how many random worlds were solved, and how the others ended."""
    told = _of("trade_equilibrium")["convergence"]
    titles = {
        "converged": "solved to 1e-10 of every economy's output",
        "refused, rightly": "refused for a surplus above 0.6 of income, which they have",
        "refused, wrongly": "refused for one that they have not",
        "not found": "neither solved nor explained",
    }
    return ("random worlds", "number"), [
        [title, f"{told.get(name, 0):,}"] for name, title in titles.items()
    ]


def ensembles() -> tuple[Sequence[str], Rows]:
    """Return what an ensemble takes serially and on workers."""
    said = _of("ensemble_scaling")
    asked = said["arguments"]
    rows = []
    for name, found in said["parts"].items():
        workers = 1 if name == "serial" else asked["workers"]
        rows.append(
            [
                f"{name}, {workers} {'process' if workers == 1 else 'workers'}",
                f"{sum(part['wall'] for part in found):.0f}",
                f"{sum(part['processor'] for part in found):.0f}",
                f"{max(part['peak'] for part in found) / 2**30:.2f}",
                f"{found[-1]['failed']}",
            ]
        )
    head = f"{asked['members']:,} members to {asked['end']}"
    return (head, "seconds", "of processors", "GiB at most", "failed"), rows


def ratios() -> tuple[Sequence[str], Rows]:
    """Return what is asked of an ensemble beside what was found."""
    said = _of("ensemble_scaling")
    grown = said["grown"]
    own, mapped = (after - before for before, after in (grown["own"], grown["mapped"]))
    runs = said["arguments"]["runs"]
    return ("", "found"), [
        ["time on workers to serial time over workers", f"{said['ratio']:.2f}"],
        ["the same of processor time", f"{said['processor_ratio']:.2f}"],
        ["MB of the largest member", f"{said['largest_member'] / 1e6:.2f}"],
        [f"MB that one process adds in {runs} runs, of its own", f"{own / 1e6:.0f}"],
        ["code of libraries mapped besides, shared by processes", f"{mapped / 1e6:.0f}"],
    ]
