"""Runs for the emulator: the design's settings and the baseline of each draw, in pairs, and what is read of them.

A run of the model takes megabytes and the page reads a hundred kilobytes of it: that is what is kept, one file a run
under the key of the run (`sscsim.experiments.members`), whole or not at all. What is there is not run again, so that
training goes on where it was stopped. Runs of one draw share their beginning.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import as_completed
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from sscsim.choices import in_words, uses_posterior
from sscsim.errors import InputError, OutputError, SscsimError
from sscsim.experiments.beginnings import by_beginning, run_together
from sscsim.experiments.ensemble import Tally
from sscsim.experiments.executors import available_cores, describe, process_pool
from sscsim.experiments.members import Member, members
from sscsim.files import json_of, write_whole
from sscsim.names import LAST_YEAR
from sscsim.page.design import DRAWS, Design
from sscsim.page.outputs import Reading, outputs
from sscsim.page.sliders import sliders
from sscsim.settings import RunSettings
from sscsim.types import Array
from sscsim.unpacking import read_arrays

__all__ = [
    "FOLDER",
    "Axes",
    "Read",
    "Runs",
    "about",
    "planned",
    "read_runs",
    "rests_on",
    "run_all",
    "stale",
]

FOLDER = Path("results") / "page"
"""Where what is read of runs is kept unless told otherwise."""

LARGEST_BYTES = 100_000_000
"""Bytes that what is read of a run may have, and its arrays together."""

SMALLEST_FLIGHT = 8
"""Runs that share a beginning at least, where there are more workers than draws."""

Axes = dict[str, tuple[tuple[str | int, ...], ...]]
Read = dict[str, Array]
"""Output → ``(item, year)``."""


@dataclass(frozen=True)
class Runs:
    """Members of a design.

    Attributes
    ----------
    design
        The design.
    baseline
        ``[draw]``.
    seen
        ``[setting]``, draw by draw.
    unseen
        ``[setting][draw]``.
    source
        Where parameters come from.
    """

    design: Design
    baseline: list[Member]
    seen: list[Member]
    unseen: list[list[Member]]
    source: str

    @property
    def every(self) -> list[Member]:
        """All of them, draw by draw."""
        found = []
        for draw, first in enumerate(self.baseline):
            found += [first, *(m for m in self.seen if m.draw == first.draw)]
            found += [several[draw] for several in self.unseen]
        return found


def planned(design: Design, source: str = "posterior", *, end: int = LAST_YEAR) -> Runs:
    """Return the members of a design.

    Raises
    ------
    InputError
        For a source that means nothing, see `sscsim.experiments.members`.
    """
    baseline = members(
        ["baseline"], design.draws, source=source, settings=RunSettings(keep="standard", end=end)
    )

    def at(setting: dict[str, float], name: str, draw: int) -> Member:
        first = baseline[draw]
        scenario = sliders().scenario(setting, name)
        return Member(replace(first.settings, scenario=scenario), first.draw, first.data)

    return Runs(
        design,
        baseline,
        [
            # Numbered so that fewer draws are the first of more.
            at(setting, f"page-seen-{number * DRAWS + draw}", draw)
            for draw, several in enumerate(design.seen)
            for number, setting in enumerate(several)
        ],
        [
            [at(s, f"page-unseen-{i}", draw) for draw in range(design.draws)]
            for i, s in enumerate(design.unseen)
        ],
        source,
    )


def about(runs: Runs) -> dict[str, Any]:
    """Return what an emulator tells of the model that it was trained on, plain data."""
    from sscsim.calibrated import shipped_posterior

    shipped = shipped_posterior() if uses_posterior(runs.source) else None
    return {
        "source": {"en": in_words(runs.source), "zh": _in_chinese(runs.source)},
        "posterior": None if shipped is None else shipped.label,
        **rests_on(),
        "sliders": meaning_of_sliders(),
    }


def rests_on() -> dict[str, Any]:
    """Return the files that runs rest on here and now, as an emulator tells them, and one hash of what they mean."""
    from sscsim.basis import basis_now, hashes

    basis = basis_now()
    whole = json.dumps(hashes({kind: basis[kind] for kind in RESTS_ON}), sort_keys=True)
    return {
        "basis": hashlib.sha256(whole.encode()).hexdigest()[:16],
        "files": {
            kind: {place: list(of) for place, of in basis[kind].items()} for kind in RESTS_ON
        },
    }


RESTS_ON = ("model", "data", "priors")
"""Kinds of files that runs rest on, as `sscsim.basis` has them; the figures that are fitted are none."""

CHINESE_SOURCES = {
    "posterior": "参数取自后验分布",
    "priors": "参数取自先验分布",
    "central": "参数取后验分布的中心点",
    "tables": "参数取参数表的数值",
}


def _in_chinese(source: str) -> str:
    return CHINESE_SOURCES.get(source, f"参数取自 {Path(source).name}")


def meaning_of_sliders() -> str:
    """Return a hash of what the sliders move and what is read of runs, whatever their words."""
    moved = {
        name: [one.min, one.max, one.default, one.scale]
        + [m.model_dump(mode="json") for m in one.levers]
        for name, one in sliders().table.items()
    }
    text = json.dumps([sliders().first, moved, layout()], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def stale(told: Mapping[str, Any]) -> list[str]:
    """Return what has changed since an emulator was trained, in a few words each; [] where nothing has.

    Parameters
    ----------
    told
        What the emulator tells of itself, see `about`.
    """
    from sscsim.basis import KINDS, differing
    from sscsim.calibrated import shipped_posterior

    found = []
    if told.get("sliders") != meaning_of_sliders():
        found.append("the sliders or the outputs")
    others = differing(told.get("files", {}))
    found += [
        f"{KINDS[kind]} ({', '.join(others[kind][:3])})" for kind in RESTS_ON if kind in others
    ]
    if told.get("posterior") != shipped_posterior().label:
        found.append("the posterior that ships")
    return found


# ----------------------------------------------------------------------------------------- running


def run_all(
    runs: Runs,
    folder: Path = FOLDER,
    workers: int | None = None,
    progress: Callable[[Tally], None] | None = None,
) -> Tally:
    """Run the members whose figures are not there, in several processes, and return how many that were.

    Raises
    ------
    SscsimError
        Where a run fails: the design needs every one of them. Those that are done stay.
    OutputError
        If the folder cannot be written.
    """
    every, report = runs.every, progress or (lambda _: None)
    place = folder / layout()
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as failure:
        raise OutputError(f"{place}: cannot be made: {failure.strerror}") from None
    waiting = [m for m in every if not _file(place, m.key).is_file()]
    tally = Tally(len(every), stored=len(every) - len(waiting))
    report(tally)
    began = time.monotonic()
    for done in _each(waiting, place, workers or available_cores()):
        tally = replace(
            tally, run=tally.run + done, tried=tally.run + done, seconds=time.monotonic() - began
        )
        report(tally)
    return tally


def _each(waiting: Sequence[Member], place: Path, workers: int) -> Iterator[int]:
    """Run members in flights that share a beginning, and yield how many each that ends has run."""
    if workers == 1:
        for flight in _flights(waiting, 1):
            yield _fly(flight, str(place))
        return
    flights = _flights(waiting, workers)
    pool = process_pool(min(workers, max(1, len(flights))))
    try:
        for future in as_completed([pool.submit(_fly, one, str(place)) for one in flights]):
            yield future.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _flights(waiting: Sequence[Member], workers: int) -> list[tuple[Member, ...]]:
    """Return flights that are small enough for progress to be seen, and large enough to share something."""
    found: list[tuple[Member, ...]] = []
    for flight in by_beginning(waiting, workers):
        parts = max(1, len(flight) // (2 * SMALLEST_FLIGHT))
        size = -(-len(flight) // parts)
        found += [flight[i : i + size] for i in range(0, len(flight), size)]
    return found


def _fly(flight: Sequence[Member], place: str) -> int:
    from sscsim.world import load_world

    world = load_world()
    column = world.attributes["report_region"].tolist()
    regions = dict(zip(world.iso3, map(str, column), strict=True))
    done = 0
    try:
        for member, model in run_together(flight):
            reading = Reading(model.recorded().tables, regions)
            _write(Path(place), member.key, reading)
            done += 1
    except OutputError:
        raise
    except Exception as failure:
        # The tables and frames of a worker stay behind: what it says is all that reaches the caller.
        raise SscsimError(
            f"a run of the design failed after {done} of {len(flight)}: {describe(failure)}"
        ) from failure
    return done


def layout() -> str:
    """Return a name for what is read of a run: other outputs, or others' readings, are another folder."""
    held = {
        name: (one.kind, one.reads, one.per, one.groups) for name, one in outputs().table.items()
    }
    return hashlib.sha256(json.dumps([held, list(outputs().groups)]).encode()).hexdigest()[:12]


def _file(place: Path, key: str) -> Path:
    return place / f"{key}.npz"


def _write(place: Path, key: str, reading: Reading) -> None:
    values: dict[str, Any] = {
        name: reading.values(one).astype(np.float32) for name, one in outputs().table.items()
    }
    axes = {name: [list(a) for a in reading.axes(one)] for name, one in outputs().table.items()}
    told = np.frombuffer(json.dumps(axes).encode(), dtype=np.uint8)
    file = BytesIO()
    np.savez(file, axes=told, **values)
    write_whole(_file(place, key), file.getvalue())


# ----------------------------------------------------------------------------------------- reading


def read_runs(each: Sequence[Member], folder: Path = FOLDER) -> tuple[Axes, list[Read]]:
    """Return the axes of all outputs, and what is there of each member.

    Raises
    ------
    SscsimError
        If one is missing or cannot be read.
    """
    axes: Axes = {}
    found: list[Read] = []
    for member in each:
        path = _file(folder / layout(), member.key)
        try:
            held = read_arrays(path, LARGEST_BYTES, LARGEST_BYTES)
            told = held.pop("axes")
            if not axes:
                said = json_of(told.tobytes())
                axes = {n: tuple(tuple(axis) for axis in one) for n, one in said.items()}
            found.append({n: one.astype(np.float64) for n, one in held.items()})
        except (InputError, AttributeError, KeyError, TypeError, ValueError) as failure:
            if not path.is_file():
                raise SscsimError(f"{path}: the run is missing: train again") from None
            raise SscsimError(f"{path}: cannot be read: remove it and train again") from failure
    return axes, found
