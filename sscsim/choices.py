"""Which parameters a run has, by name: `--parameters` says the point of one run, `--source` the draws of many.

A file or a fit's folder may hold some parameters only. The others then have the values of the posterior that ships: of
its central draw where the file holds one point, of its row of the same number where it holds draws.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sscsim.basis import basis_now, hashes
from sscsim.calibrated import ShippedPosterior, medoid, shipped_posterior
from sscsim.csvfile import CsvFile
from sscsim.errors import InputError, unknown
from sscsim.files import json_of, read_bytes
from sscsim.parameters import Parameters, default_parameters
from sscsim.results.formats.parquet import Parquet
from sscsim.results.tables import Coded
from sscsim.yamlfile import read_yaml

__all__ = [
    "POINTS",
    "SOURCES",
    "USUAL",
    "Draws",
    "chosen",
    "drawn_from",
    "draws_of",
    "holds_draws",
    "in_words",
    "is_drawn",
    "notes",
    "read_draws",
    "source_notes",
    "stale_note",
    "uses_posterior",
]

CENTRAL = "central"
USUAL = CENTRAL
"""What a run takes that is asked for nothing else."""

POINTS = ("central", "tables", "draw:N")
"""Points by name, besides files."""

SOURCES = ("posterior", "priors", "central", "tables", "draw:N")
"""Sources of draws by name, besides files; the last three are one point, and a draw is a seed."""

FORMER = {"defaults": "tables"}
"""Names of old, and what they are called now."""

LARGEST_FILE_BYTES = 200_000_000
FILES = (".yaml", ".yml", ".csv", ".parquet")
OF_A_FIT = ("posterior.parquet", "best.yaml", "points.csv")
"""What a fit's folder holds, the first that there is counts; of draws its points count before its best."""

IMPLAUSIBILITY = "implausibility"
"""Last column of the points that a fit leaves; before it stand what the emulators show of the figures."""


# ------------------------------------------------------------------------------------ of one run


def chosen(given: Parameters | str | Path | None, key: str = "parameters") -> Parameters:
    """Return the parameters of a run; where they come from is their `origin`.

    Parameters
    ----------
    given
        ``central`` (None is as good): the central draw of the posterior that ships; ``tables``: the tables' values;
        ``draw:N``: one draw of the posterior, from 0; a YAML of ``name: value``, a CSV or parquet with a row a draw, or
        a fit's folder, of which the central draw is taken; or the parameters themselves.
    key
        What errors call it.

    Raises
    ------
    InputError
        For a name that means nothing, a draw that there is not, a file that is not what it should be.
    """
    if isinstance(given, Parameters):
        return given if given.origin or given.changed else given.called({"source": "tables"})
    tables = default_parameters()
    name = _name(USUAL if given is None else given)
    if name == "tables":
        return tables.called({"source": "tables"})
    if name == CENTRAL or name.startswith("draw:"):
        shipped = _posterior()
        row = shipped.central if name == CENTRAL else _number(name, shipped)
        found = shipped.central_point if name == CENTRAL else shipped.parameters(row)
        return found.called({"source": name, "posterior": shipped.label, "draw": row})
    path = _path(name, POINTS, key)
    read = _read(path)
    row = read.central
    values, others = _completed(read, row)
    told: dict[str, Any] = {"source": str(path)}
    if len(read.rows) > 1:
        told["draw"] = row
    if others:
        told["completed"] = {"from": COMPLETION, "names": others}
    return tables.replace(values, source=str(path)).called(told)


def drawn_from(source: str) -> dict[str, str]:
    """Return what tells draws of a source from those of another of the same name, for a manifest.

    Of the posterior that ships the beginning of its hash, as a run's manifest has it; of the priors the hash of the
    tables that hold them; of a file, or of that of a fit's folder, the beginning of its SHA-256.
    """
    if source in ("posterior", CENTRAL) or source.startswith("draw:"):
        return {"source": source, "posterior": _posterior().label}
    if source == "priors":
        return {"source": source, "priors": hashes(basis_now())["priors"]}
    if source == "tables":
        return {"source": source}
    file = _read(_path(source, SOURCES, "source"), of_draws=True).path
    return {
        "source": source,
        "file": hashlib.sha256(read_bytes(file, LARGEST_FILE_BYTES)).hexdigest()[:12],
    }


def _number(name: str, shipped: ShippedPosterior) -> int:
    text = name.removeprefix("draw:")
    if not text.isdecimal() or int(text) >= shipped.draws:
        raise InputError(
            "the posterior has no draw of this number",
            key="draw",
            found=text,
            allowed=f"0 to {shipped.draws - 1}",
        )
    return int(text)


# ----------------------------------------------------------------------------------- of many runs


@dataclass(frozen=True)
class Draws:
    """Points of an ensemble.

    Attributes
    ----------
    points
        Values of each draw by name; what is not named has the tables' value.
    fixed
        Whether there is one point, so that a draw is a seed: intervals are of luck only.
    notes
        What was completed, in sentences.
    """

    points: list[dict[str, float]]
    fixed: bool
    notes: tuple[str, ...] = ()


def draws_of(
    source: str | Path,
    draws: int | None,
    from_priors: Callable[[int], list[dict[str, float]]],
) -> Draws:
    """Return the points of so many draws; fewer draws are the first of more.

    Draw *i* of the posterior is its row *i*; there may be more draws than rows, which are then taken anew, each time
    with other luck. A file is not: who made it knows how many it holds. Parameters that came after the fit have their
    prior's draw *i*.

    Parameters
    ----------
    source
        ``posterior``, ``priors``, or one point: ``central``, ``tables``, ``draw:N``, a YAML; or a CSV or
        parquet with a row a draw, or a fit's folder.
    draws
        How many; without it one, or all that a file holds.
    from_priors
        Returns so many draws from the priors.

    Raises
    ------
    InputError
        For a source that means nothing, more draws than a file holds, a file that is not what it should be.
    """
    name = _name(source)
    count = draws or 1
    if name == "posterior":
        shipped = _posterior()
        rows = [shipped.point(i % shipped.draws) for i in range(count)]
        if shipped.later:
            for row, prior in zip(rows, from_priors(count), strict=True):
                row.update({n: prior[n] for n in shipped.later if n in prior})
        return Draws(rows, fixed=False)
    if name == "priors":
        return Draws(from_priors(count), fixed=False)
    if name == "tables":
        return Draws([{}] * count, fixed=True)
    if name == CENTRAL or name.startswith("draw:"):
        return Draws([chosen(name, "source").changed] * count, fixed=True)
    read = _read(_path(name, SOURCES, "source"), of_draws=True)
    if read.point:
        values, others = _completed(read, 0)
        return Draws([values] * count, True, _said(read, others))
    if draws is not None and draws > len(read.rows):
        raise InputError(
            "the file has fewer draws than are asked for",
            file=name,
            key="draws",
            found=draws,
            allowed=f"1 to {len(read.rows)}",
        )
    points = [_completed(read, i) for i in range(len(read.rows[:draws]))]
    return Draws([values for values, _ in points], False, _said(read, points[0][1]))


SAID = {
    "posterior": "parameters drawn from the posterior",
    "priors": "parameters drawn from their priors",
    "central": "parameters at the posterior's central draw",
    "tables": "parameters at the tables' values",
}


def in_words(source: str | Path) -> str:
    """Return where parameters come from, for the foot of a table or a figure."""
    name = _name(source)
    if name.startswith("draw:"):
        return f"parameters at draw {name.removeprefix('draw:')} of the posterior"
    return SAID.get(name, f"parameters from {Path(name).name}")


def is_drawn(source: str | Path) -> bool:
    """Whether figures of institutions are drawn along unless told otherwise: with the posterior and the priors."""
    return _name(source) in ("posterior", "priors")


def uses_posterior(source: str | Path) -> bool:
    """Whether the posterior that ships has a part in it: by name, or for what a file does not name."""
    return _name(source) not in ("priors", "tables")


def holds_draws(source: str | Path) -> bool:
    """Whether a source is a file or folder that may hold a number of draws of its own."""
    path = Path(source).expanduser()
    return path.suffix.lower() in (".csv", ".parquet") or path.is_dir()


_told: set[str] = set()
"""Labels of posteriors whose staleness was told in this process."""


def stale_note() -> str | None:
    """Return what there is to say of a posterior of another model, the first time that it is asked for."""
    shipped = shipped_posterior()
    if shipped.label in _told:
        return None
    _told.add(shipped.label)
    return shipped.warning()


def _posterior() -> ShippedPosterior:
    """Return the posterior that ships; whoever uses it is warned once where it is of another model."""
    told = stale_note()
    if told is not None:
        warnings.warn(told, UserWarning, stacklevel=4)
    return shipped_posterior()


def source_notes(source: str | Path) -> list[str]:
    """Return in sentences what a user should know of a source of draws: what was completed."""
    return list(draws_of(source, None, lambda count: [{}] * count).notes)


def notes(given: Parameters | str | Path | None) -> list[str]:
    """Return in sentences what a user should know of a run's parameters: what was completed."""
    origin = chosen(given).origin or {}
    found: list[str] = []
    if "completed" in origin:
        read = _read(Path(str(origin["source"])))
        found += _said(read, origin["completed"]["names"])
    return found


# -------------------------------------------------------------------------------------------- files


@dataclass(frozen=True)
class _Read:
    """What a file or folder holds: a row a draw, and the informed parameters where it says which they are."""

    path: Path
    rows: list[dict[str, float]]
    point: bool = False
    fitted: tuple[str, ...] = ()

    @property
    def central(self) -> int:
        """The row that is least far from all others."""
        if len(self.rows) == 1:
            return 0
        tables = default_parameters()
        held = [n for n in tables if _named(n, self.rows[0]) and tables.definition(n).drawn]
        names = [n for n in held if n in self.fitted] or held
        values = [[row.get(n, row.get(n.partition(".")[0])) for n in names] for row in self.rows]
        return medoid(np.array(values, dtype=np.float64), names, tables)


def _named(name: str, row: Mapping[str, float]) -> bool:
    return name in row or name.partition(".")[0] in row


def _completed(read: _Read, row: int) -> tuple[dict[str, float], list[str]]:
    """Return a row with the posterior's values for what it does not name, and the names of these."""
    values, shipped = read.rows[row], _posterior()
    others = {
        name: value
        for name, value in shipped.point(shipped.central).items()
        if not _named(name, values)
    }
    return {**others, **values}, sorted(others)


COMPLETION = "the central draw of the posterior"
MOST_NAMED = 8


def _said(read: _Read, others: Sequence[str]) -> tuple[str, ...]:
    if not others:
        return ()
    stems = list(dict.fromkeys(name.partition(".")[0] for name in others))
    own = list(read.rows[0])
    if len(own) <= MOST_NAMED:
        which = f"all but {', '.join(own)}"
    elif len(stems) <= MOST_NAMED:
        which = ", ".join(stems)
    else:
        which = f"{', '.join(stems[:MOST_NAMED])} and {len(stems) - MOST_NAMED} more"
    return (
        f"{read.path} holds {len(own)} parameters; the others are those of {COMPLETION}: {which}.",
    )


def _name(given: str | Path) -> str:
    return FORMER.get(str(given), str(given))


def _path(name: str, names: Sequence[str], key: str) -> Path:
    path = Path(name).expanduser()
    if path.suffix.lower() in FILES or path.is_dir():
        return path
    allowed = f"{', '.join(names)}, a .yaml, .csv or .parquet file, or a fit's folder"
    what = "draws" if key == "source" else "parameters"
    raise unknown(f"source of {what} of this name", name, names, allowed=allowed, key=key)


def _read(path: Path, *, of_draws: bool = False) -> _Read:
    if path.is_dir():
        return _folder(path, of_draws)
    if path.suffix.lower() in (".yaml", ".yml"):
        return _Read(path, _yaml_rows(path), point=True)
    return _Read(path, read_draws(path))


def _folder(folder: Path, of_draws: bool) -> _Read:
    names = ("posterior.parquet", "points.csv", "best.yaml") if of_draws else OF_A_FIT
    for name in names:
        path = folder / name
        if not path.is_file():
            continue
        if name == "best.yaml":
            return _Read(path, _yaml_rows(path), point=True)
        fitted: tuple[str, ...] = ()
        for told in ("diagnostics.json", "posterior.json"):
            if name == "posterior.parquet" and (folder / told).is_file():
                held = _json(folder / told)
                inner = held.get("diagnostics")
                names_fitted = held.get("fitted") or (inner if isinstance(inner, dict) else {}).get(
                    "fitted", ()
                )
                fitted = tuple(names_fitted) if isinstance(names_fitted, list) else ()
                break
        return _Read(path, read_draws(path), fitted=fitted)
    raise InputError("this folder holds no fit", file=folder, allowed=f"one of {', '.join(names)}")


def _json(path: Path) -> dict[str, Any]:
    try:
        told = json_of(read_bytes(path, LARGEST_FILE_BYTES))
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise InputError("this file is no longer what the fit wrote", file=path)
    return told


def _yaml_rows(path: Path) -> list[dict[str, float]]:
    """Return the one row of a YAML: values by name, or a fit's best point, which has them under ``parameters``."""
    document = read_yaml(path)
    inner = document.data.get("parameters")
    held, above = (inner, ["parameters"]) if isinstance(inner, dict) else (document.data, [])
    values: dict[str, float] = {}
    for name, value in held.items():
        if isinstance(value, bool) or not isinstance(value, int | float):
            if isinstance(value, dict) and "prior" in value:
                raise document.error(
                    "this file holds priors, and a source holds values: a fit draws from priors, "
                    f"`sscsim calibrate --priors {path} --out results/mine`, then --source results/mine",
                    *above,
                    str(name),
                    allowed="a number, for a point that all draws share",
                )
            raise document.error("the value must be a number", *above, str(name), found=value)
        values[str(name)] = float(value)
    if not values:
        raise InputError("the file names no parameters", file=path)
    default_parameters().replace(values, source=str(path))
    return [values]


def read_draws(path: Path) -> list[dict[str, float]]:
    """Read draws from a file: a row a draw, a column a parameter.

    Parameters
    ----------
    path
        A ``.csv`` (UTF-8, a line of names first) or ``.parquet`` file. The points that a fit leaves (``points.csv``)
        end in what emulators show of the figures and in ``implausibility``: no parameters, and passed over.

    Raises
    ------
    InputError
        With file, line and column: a missing, oversized or broken file, a name that is no parameter or stands twice, a
        row of another length, a value that is no finite number or lies outside the parameter's bounds, no row at all.
    """
    data = read_bytes(path, LARGEST_FILE_BYTES)
    parquet = path.suffix.lower() == ".parquet"
    names, rows = _parquet_rows(path, data) if parquet else _csv_rows(path, data)
    parameters = default_parameters()
    if names and names[-1] == IMPLAUSIBILITY:
        known = {*parameters, *(n.partition(".")[0] for n in parameters)}
        names = names[: next(i for i, n in enumerate(names) if n not in known)]
    _check_names(path, names)
    bounds = [
        parameters.definition(name if name in parameters else f"{name}.1").bounds for name in names
    ]
    result = []
    for line, row in rows:
        for name, value, (low, high) in zip(names, row, bounds, strict=False):
            if not low <= value <= high:  # false for NaN, too
                raise InputError(
                    "the value must be a number within the parameter's bounds",
                    file=path,
                    line=line,
                    key=name,
                    found=value,
                    allowed=f"{low:g} to {high:g}",
                )
        result.append(dict(zip(names, row, strict=False)))
    if not result:
        raise InputError("the file holds no draws", file=path)
    return result


def _check_names(path: Path, names: Sequence[str]) -> None:
    parameters = default_parameters()
    known = [*parameters, *{n.partition(".")[0] for n in parameters}]
    if not names:
        raise InputError("the file names no parameters", file=path, line=1)
    for i, name in enumerate(names):
        if name not in known:
            raise unknown(
                "parameter of this name",
                name,
                known,
                allowed="a name that `sscsim explain parameters` lists",
                file=path,
                line=1,
                key=f"column {i + 1}",
            )
        stem = name.partition(".")[0]
        if name in names[:i] or (stem != name and stem in names):
            raise InputError(
                "this parameter has two columns",
                file=path,
                line=1,
                key=f"column {i + 1}",
                found=name,
            )


def _csv_rows(path: Path, data: bytes) -> tuple[list[str], Iterator[tuple[int, list[float]]]]:
    file = CsvFile(path, data)
    return file.header, (
        (
            line,
            [file.number(cell, line, name) for name, cell in zip(file.header, cells, strict=True)],
        )
        for line, cells in file.rows()
    )


def _parquet_rows(path: Path, data: bytes) -> tuple[list[str], Iterator[tuple[int, list[float]]]]:
    try:
        columns = Parquet().columns(data)
    except ValueError as failure:
        raise InputError(f"the file is no parquet of draws: {failure}", file=path) from None
    for name, held in columns.held.items():
        if isinstance(held, Coded):
            raise InputError("the column does not hold numbers", file=path, key=name, found="texts")
    cells = [columns.numbers(name).astype(float).tolist() for name in columns.held]
    return list(columns.held), (
        (i + 1, list(row)) for i, row in enumerate(zip(*cells, strict=True))
    )
