"""Read the folder of a finished posterior, as `sscsim calibrate --method posterior` leaves it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from sscsim.calibration.evidence import TOLERANCES, Evidence, Unseen
from sscsim.calibration.outputs import (
    AGREEMENT,
    DIAGNOSTICS,
    DRAWS,
    DURATION,
    FIGURES,
    LARGEST_BYTES,
    LIKELIHOOD,
    PARAMETERS,
    POSTERIOR,
    PRIORS,
    ROUNDS,
    SCREENING,
    SECOND,
    SETTINGS,
)
from sscsim.csvfile import read_csv
from sscsim.errors import InputError
from sscsim.files import json_of, read_bytes
from sscsim.results.formats.parquet import Parquet
from sscsim.results.tables import Columns
from sscsim.types import Array
from sscsim.unpacking import Unreadable

__all__ = ["FigureRow", "ParameterRow", "SavedPosterior", "read_posterior"]

COMMAND = "sscsim calibrate --method posterior"

MOST_UNPACKED = 200_000_000
"""Bytes that a table of a fit may unpack to; of the fit that ships they are a few millions."""

LARGEST_NUMBER = 1e30
"""No parameter is as large: what is multiplied by itself some times must stay a number."""

_BROKEN = "this file is no longer what the fit wrote"


@dataclass(frozen=True)
class FigureRow:
    """A fitted figure, and what runs of the posterior show of it; all numbers in its unit but the last two.

    Attributes
    ----------
    rule
        Kind of the tolerance: ``interval``, ``band``, ``exact`` or ``one_sided``.
    low, high
        Ends of the tolerance, infinite where there is none.
    scale
        What counts as one unit of distance: half the width of an interval.
    run_5, run_50, run_95
        Quantiles of a run of the posterior.
    pit
        Share of runs that show less than the report.
    within_tolerance
        Share of runs inside the tolerance.
    """

    id: str
    paragraph: str
    title: str
    unit: str
    rule: str
    value: float
    low: float
    high: float
    scale: float
    run_5: float
    run_50: float
    run_95: float
    pit: float
    within_tolerance: float

    @property
    def two_sided(self) -> bool:
        """Whether the figure has a middle; a bound has none, even where another caps it."""
        return self.rule != "one_sided"

    def in_tolerances(self, shown: Any) -> Any:
        """Return numbers in units of the tolerance, from its middle, or from the bound of one that has no middle."""
        bound = self.low if np.isfinite(self.low) else self.high
        centre = (self.low + self.high) / 2.0 if self.two_sided else bound
        return (np.asarray(shown, dtype=np.float64) - centre) / self.scale

    @property
    def miss(self) -> float:
        """How far the median lies outside the tolerance, in units of it; zero inside."""
        outside = max(self.low - self.run_50, self.run_50 - self.high, 0.0)
        return outside / self.scale


@dataclass(frozen=True)
class ParameterRow:
    """A parameter in its prior and in the posterior, in its unit."""

    parameter: str
    group: str
    unit: str
    fitted: bool
    contraction: float
    prior_5: float
    prior_50: float
    prior_95: float
    posterior_5: float
    posterior_50: float
    posterior_95: float


@dataclass(frozen=True)
class SavedPosterior:
    """What a folder holds of a posterior.

    Attributes
    ----------
    folder
        Where it was read.
    told
        Settings and diagnostics of the fit.
    figures
        What was fitted.
    parameters
        By name, in the order of `names`.
    names
        Of all parameters with a prior.
    values
        ``(draw, name)``, equally weighted.
    prior
        ``(quantile, name)``, quantiles in the middle of parts of equal probability.
    evidence
        The draws of the last round.
    unseen
        Of each round, what was expected and what was seen.
    screening
        Mean effect of each parameter on each figure that lasts beyond luck, in tolerances, by parameter and figure;
        none where parameters were named.
    duration
        Runs and seconds, where they were noted.
    second
        Draws by another road, where there are such, by name ``(draw,)``.
    agreement
        By name how far the roads are apart, in standard deviations of the posterior, and the standard error of that.
    """

    folder: Path
    told: Mapping[str, Any]
    figures: tuple[FigureRow, ...]
    parameters: tuple[ParameterRow, ...]
    names: tuple[str, ...]
    values: Array
    prior: Array
    evidence: Evidence
    unseen: tuple[Unseen, ...]
    screening: Mapping[str, Mapping[str, float]]
    duration: Mapping[str, float]
    second: Mapping[str, Array]
    agreement: Mapping[str, tuple[float, float]]

    @cached_property
    def shown(self) -> Array:
        """What the runs of the last round's draws show, ``(draw, seed, figure)``, in the figures' units."""
        return self.unseen[-1].seen[self.evidence.places]


def read_posterior(folder: Path) -> SavedPosterior:
    """Return what a folder holds.

    Raises
    ------
    InputError
        For a folder that holds no posterior, an unfinished one, one that lacks a file, or a file that is broken.
    """
    _check(folder)
    told = _json(folder / DIAGNOSTICS)
    _check_told(told, folder / DIAGNOSTICS)
    figures = tuple(_figure(line, folder / FIGURES) for line in _csv(folder / FIGURES))
    rows = [_parameter(line, folder / PARAMETERS) for line in _csv(folder / PARAMETERS)]
    draws = _columns(folder / POSTERIOR)
    names = tuple(draws.held)
    by_name = {row.parameter: row for row in rows}
    try:
        if missing := [name for name in names if name not in by_name]:
            raise ValueError(f"{PARAMETERS} lacks {', '.join(missing[:5])}")
        ordered = tuple(by_name[name] for name in names)
        evidence = _evidence(folder, names, [figure.id for figure in figures])
        unseen = _unseen(folder, [figure.id for figure in figures])
        values = np.column_stack([draws.numbers(name) for name in names])
        quantiles = _columns(folder / PRIORS)
        prior = np.column_stack([quantiles.numbers(name) for name in names])
        for what, held in ((POSTERIOR, values), (PRIORS, prior), (DRAWS, evidence.values)):
            if len(held) < 2 or not (np.abs(held) < LARGEST_NUMBER).all():
                raise ValueError(f"{what} holds what are no draws of parameters")
        last = len(told["k_hat"]), len(told["worth_of_draws"]), len(unseen)
        if len({*last}) > 1 or evidence.places.max() >= len(unseen[-1].seen):
            raise ValueError("the rounds do not go together")
    except (KeyError, ValueError, TypeError, IndexError) as failure:
        raise InputError(
            "the files of this folder do not go together",
            file=folder,
            found=str(failure.args[0] if failure.args else failure),
            allowed=f"what one `{COMMAND}` has written; --resume writes it anew",
        ) from None
    second = folder / SECOND
    other = _columns(second) if second.is_file() else Columns({})
    agreement = folder / AGREEMENT
    return SavedPosterior(
        folder=folder,
        told=told,
        figures=figures,
        parameters=ordered,
        names=names,
        values=values,
        prior=prior,
        evidence=evidence,
        unseen=unseen,
        screening=_screening(folder / SCREENING, [figure.id for figure in figures]),
        duration=_duration(folder / DURATION),
        second={name: other.numbers(name) for name in names if name in other.held},
        agreement=_agreement(agreement) if agreement.is_file() else {},
    )


def _check(folder: Path) -> None:
    """Refuse what is no finished posterior, with what would make it one."""
    wanted = f"a folder that `{COMMAND}` has written"
    if not folder.exists():
        raise InputError("there is no such folder", file=folder, allowed=wanted)
    if not folder.is_dir():
        raise InputError("this is a file, and not the folder of a fit", file=folder, allowed=wanted)
    if not (folder / SETTINGS).is_file():
        raise InputError(
            f"this folder holds no fit: there is no {SETTINGS} in it", file=folder, allowed=wanted
        )
    method = _json(folder / SETTINGS).get("method", "fast")
    if method != "posterior":
        raise InputError(
            "this is a fast fit: a best point, and no draws that could be diagnosed",
            file=folder,
            found=method,
            allowed=wanted,
        )
    if not (folder / POSTERIOR).is_file():
        raise InputError(
            "the fit in this folder is not finished",
            file=folder,
            allowed="the same command with --resume, which goes on where it stopped",
        )
    files = (FIGURES, PARAMETERS, DIAGNOSTICS, DRAWS, LIKELIHOOD, ROUNDS, PRIORS)
    missing = [name for name in files if not (folder / name).is_file()]
    if missing:
        raise InputError(
            "a part of the fit is missing in this folder",
            file=folder,
            found=", ".join(missing),
            allowed="the same command with --resume, which writes it anew and simulates nothing",
        )


def _json(path: Path) -> dict[str, Any]:
    try:
        told = json_of(read_bytes(path, LARGEST_BYTES))
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise InputError(_BROKEN, file=path)
    return told


def _check_told(told: Mapping[str, Any], path: Path) -> None:
    """Refuse diagnostics in which something else stands where a page of the diagnosis has numbers and names."""

    def wrong(key: str) -> InputError:
        return InputError(_BROKEN, file=path, key=key, found=told.get(key))

    for key in ("shares_left_by_waves", "k_hat", "worth_of_draws"):
        if not isinstance(told.get(key), list) or not all(map(_is_number, told[key])):
            raise wrong(key)
    names = told.get("fitted")
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise wrong("fitted")
    coverage = told.get("coverage", {})
    if not isinstance(coverage, dict):
        raise wrong("coverage")
    tried = [
        one
        for one in coverage.values()
        if isinstance(one, dict) and one.get("coverage") is not None
    ]
    numbers = ("coverage", "nominal", "truths", "p")
    if not all(_is_number(one.get(key)) for one in tried for key in numbers):
        raise wrong("coverage")


def _is_number(value: object) -> bool:
    # What Pareto's tail comes to may be infinite.
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _duration(path: Path) -> dict[str, float]:
    if not path.is_file():
        return {}
    told = _json(path)
    if not {"runs", "simulated", "seconds"} <= {*told} or not all(
        _is_number(one) and abs(one) < LARGEST_NUMBER for one in told.values()
    ):
        raise InputError(_BROKEN, file=path)
    return told


def _csv(path: Path) -> list[dict[str, str]]:
    try:
        file = read_csv(path, LARGEST_BYTES)
        return [dict(zip(file.header, cells, strict=True)) for _, cells in file.rows()]
    except InputError as failure:
        said = f"{_BROKEN}: {failure.message}"
        raise InputError(said, file=path, line=failure.line, found=failure.found) from None


def _columns(path: Path) -> Columns:
    try:
        return Parquet().columns(read_bytes(path, LARGEST_BYTES), most=MOST_UNPACKED)
    except Unreadable as failure:
        raise InputError(_BROKEN, file=path, found=str(failure)) from None


def _figure(line: Mapping[str, str], path: Path) -> FigureRow:
    texts = ("id", "paragraph", "title", "unit", "rule")
    return FigureRow(**_cells(line, path, FigureRow, texts))


def _parameter(line: Mapping[str, str], path: Path) -> ParameterRow:
    told = {**line, "fitted": str(int(_cell(line, "fitted", path) == "True"))}
    held = _cells(told, path, ParameterRow, ("parameter", "group", "unit"))
    return ParameterRow(**{**held, "fitted": held["fitted"] > 0.0})


def _cells(line: Mapping[str, str], path: Path, kind: Any, texts: Sequence[str]) -> dict[str, Any]:
    """Return the cells of a line by the names of a row: texts as they are, all else as numbers."""
    return {
        part.name: (_cell if part.name in texts else _number)(line, part.name, path)
        for part in fields(kind)
    }


def _cell(line: Mapping[str, str], name: str, path: Path) -> str:
    if name not in line:
        raise InputError(
            "this column is missing: the fit is of an older version",
            file=path,
            key=name,
            allowed="the same command with --resume, which writes it anew and simulates nothing",
        )
    return line[name]


def _number(line: Mapping[str, str], name: str, path: Path) -> float:
    try:
        return float(_cell(line, name, path))
    except ValueError:
        raise InputError(_BROKEN, file=path, key=name, found=line[name]) from None


def _evidence(folder: Path, names: tuple[str, ...], figures: list[str]) -> Evidence:
    draws, told = _columns(folder / DRAWS), _columns(folder / LIKELIHOOD)
    places = draws.numbers("_draw").astype(np.intp)
    shape = (len(TOLERANCES), len(places), len(figures))
    factors = told.numbers("tolerance").reshape(shape)[:, 0, 0]
    if [*factors] != [*TOLERANCES]:
        raise ValueError(f"{LIKELIHOOD} is of other tolerances")
    _same(told, figures, shape)
    likelihood = told.numbers("log_likelihood").reshape(shape)
    return Evidence(
        places=places,
        values=np.column_stack([draws.numbers(name) for name in names]),
        weights=draws.numbers("_weight"),
        before=draws.numbers("_log_likelihood"),
        likelihood=dict(zip(TOLERANCES, likelihood, strict=True)),
    )


def _unseen(folder: Path, figures: list[str]) -> tuple[Unseen, ...]:
    held = _columns(folder / ROUNDS)
    rounds = int(held.numbers("round").max())
    draws = int(held.numbers("draw").max()) + 1
    shape = (rounds, draws, int(held.numbers("seed").max()), len(figures))
    _same(held, figures, shape)
    parts = {
        name: held.numbers(name).reshape(shape)
        for name in ("logarithmic", "expected", "sd", "seen")
    }
    return tuple(
        Unseen(
            mean=parts["expected"][k][:, 0],
            sd=parts["sd"][k][:, 0],
            logarithmic=parts["logarithmic"][k][0, 0] > 0,
            seen=parts["seen"][k],
        )
        for k in range(rounds)
    )


def _same(held: Columns, figures: list[str], shape: tuple[int, ...]) -> None:
    if held.texts("figure").texts().reshape(shape).reshape(-1, len(figures))[0].tolist() != figures:
        raise ValueError("their figures are others")


def _agreement(path: Path) -> dict[str, tuple[float, float]]:
    return {
        _cell(line, "name", path): (_number(line, "distance", path), _number(line, "error", path))
        for line in _csv(path)
    }


def _screening(path: Path, figures: list[str]) -> dict[str, dict[str, float]]:
    if not path.is_file():
        return {}
    return {
        _cell(line, "parameter", path): {
            figure: _number(line, f"{figure} lasting", path) for figure in figures
        }
        for line in _csv(path)
    }
