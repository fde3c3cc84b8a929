"""Read the parameter tables, check them, and hand out values."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from sscsim.errors import InputError, nearest
from sscsim.resources import package_folder
from sscsim.yamlfile import Block, Listed, read_yaml

__all__ = ["Entry", "Parameters", "Prior", "default_parameters", "load_tables"]

Number = float | dict[int, float]
GOALS = range(1, 18)


class Prior(Block):
    """A prior distribution, truncated to the entry's bounds.

    ``fixed`` marks a number that is never drawn: an accounting convention or a unit.
    """

    distribution: Literal["normal", "lognormal", "uniform", "fixed"]
    mean: Number | None = Field(None, description="normal: mean")
    sd: Number | None = Field(None, description="normal: standard deviation")
    median: Number | None = Field(None, description="lognormal: median")
    sigma: Number | None = Field(None, description="lognormal: standard deviation of the logarithm")
    low: Number | None = Field(None, description="uniform: lower end")
    high: Number | None = Field(None, description="uniform: upper end")

    @model_validator(mode="after")
    def _has_its_own_numbers(self) -> Self:
        wanted = {
            "normal": {"mean", "sd"},
            "lognormal": {"median", "sigma"},
            "uniform": {"low", "high"},
            "fixed": set(),
        }[self.distribution]
        given = {
            name
            for name in ("mean", "sd", "median", "sigma", "low", "high")
            if getattr(self, name) is not None
        }
        if given != wanted:
            raise ValueError(
                f"a {self.distribution} prior takes {', '.join(sorted(wanted)) or 'no numbers'}, "
                f"found {', '.join(sorted(given)) or 'none'}"
            )
        for name in given & {"sd", "median", "sigma"}:
            if not min(_numbers(getattr(self, name))) > 0:
                raise ValueError(f"{name} must be positive; a number never drawn is 'fixed'")
        if self.low is not None and self.high is not None:
            goals = GOALS if isinstance(self.low, dict) or isinstance(self.high, dict) else [None]
            if not all(_pick(self.low, goal) < _pick(self.high, goal) for goal in goals):
                raise ValueError("the lower end of a uniform prior lies below the upper one")
        return self

    def quantile(self, u: float, bounds: tuple[float, float], goal: int | None = None) -> float:
        """Return the quantile at `u` of the prior truncated to `bounds`.

        Draws are quantiles of uniforms, so that a design (Sobol, Latin hypercube) and random draws share one path.
        """
        from scipy import stats

        low, high = bounds
        if self.distribution == "fixed":
            raise ValueError("a fixed number has no quantiles")
        if self.distribution == "uniform":
            a, b = max(low, _pick(self.low, goal)), min(high, _pick(self.high, goal))
            return a + u * (b - a)
        if self.distribution == "normal":
            mean, sd = _pick(self.mean, goal), _pick(self.sd, goal)
            distribution: Any = stats.norm(mean, sd)
        else:
            distribution = stats.lognorm(_pick(self.sigma, goal), scale=_pick(self.median, goal))
        a, b = distribution.cdf(low), distribution.cdf(high)
        return float(min(high, max(low, distribution.ppf(a + u * (b - a)))))


class Entry(Block):
    """One parameter as the table gives it."""

    symbol: str
    description: str = Field(min_length=10)
    unit: str
    value: Number
    bounds: Listed[tuple[float, float]]
    prior: Prior
    source: str | dict[int, str]
    by: Literal["goal"] | None = None
    paragraph: int | list[int] | None = None

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        low, high = self.bounds
        if not (math.isfinite(low) and math.isfinite(high) and low <= high):
            raise ValueError(f"bounds must be finite and in order, found [{low}, {high}]")
        if self.by is None and isinstance(self.value, dict):
            raise ValueError("a value for each Goal needs 'by: goal'")
        if isinstance(self.value, dict) and set(self.value) != set(GOALS):
            raise ValueError("a value for each Goal names all of 1 to 17")
        for number in (getattr(self.prior, name) for name in Prior.model_fields):
            if isinstance(number, dict) and (self.by is None or set(number) != set(GOALS)):
                raise ValueError("a prior for each Goal needs 'by: goal' and names all of 1 to 17")
        for value in _numbers(self.value):
            if not low <= value <= high:
                raise ValueError(f"value {value} lies outside the bounds [{low}, {high}]")
        return self


@dataclass(frozen=True)
class Definition:
    """A scalar parameter: an entry, or one Goal's part of an entry."""

    name: str
    submodel: str
    entry: Entry
    goal: int | None = None

    @property
    def default(self) -> float:
        return _pick(self.entry.value, self.goal)

    @property
    def bounds(self) -> tuple[float, float]:
        return self.entry.bounds

    @property
    def drawn(self) -> bool:
        """Whether the prior is a distribution, not a fixed number."""
        return self.entry.prior.distribution != "fixed"

    @property
    def source(self) -> str:
        source = self.entry.source
        return source if isinstance(source, str) else source[self.goal or 1]

    def quantile(self, u: float) -> float:
        """Return the truncated prior's quantile at `u` in [0, 1]."""
        return self.entry.prior.quantile(u, self.bounds, self.goal)


class Parameters(Mapping[str, float]):
    """The values of a run: a mapping from name to number that also knows every definition.

    Scalars are read by name, ``parameters["trade_elasticity"]``; numbers given for each Goal by
    ``parameters.by_goal("goal_drift")`` as an array of 17, or singly as ``parameters["goal_drift.3"]``.

    Where the values come from may be said in `origin`, as plain data for a run's manifest; it touches no number.
    """

    def __init__(
        self,
        definitions: Mapping[str, Definition],
        values: Mapping[str, float],
        origin: Mapping[str, Any] | None = None,
    ) -> None:
        self._definitions = dict(definitions)
        self._values = dict(values)
        self.origin = origin

    def called(self, origin: Mapping[str, Any] | None) -> Parameters:
        """Return the same values with a word on where they come from."""
        return Parameters(self._definitions, self._values, origin)

    def __getitem__(self, name: str) -> float:
        try:
            return self._values[name]
        except KeyError:
            raise self._unknown(name) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __contains__(self, name: object) -> bool:
        return name in self._values

    def definition(self, name: str) -> Definition:
        """Return what the table says of a parameter; an unknown name raises `InputError`."""
        try:
            return self._definitions[name]
        except KeyError:
            raise self._unknown(name) from None

    def definitions(self) -> tuple[Definition, ...]:
        """Return every definition, submodel by submodel in the order of the tables."""
        return tuple(self._definitions.values())

    def by_goal(self, name: str) -> NDArray[np.float64]:
        """Return a parameter given for each Goal as an array of 17."""
        return np.array([self[f"{name}.{goal}"] for goal in GOALS])

    def replace(self, changes: Mapping[str, float], *, source: str = "--set") -> Parameters:
        """Return a copy with some values changed, each checked against its bounds.

        A name given for each Goal may be set whole (``goal_drift``) or singly (``goal_drift.3``).

        Raises
        ------
        InputError
            For an unknown name, or a value that is no finite number within the bounds.
        """
        values = dict(self._values)
        for name, value in changes.items():
            singles = [name] if name in values else [f"{name}.{g}" for g in GOALS]
            if singles[0] not in values:
                raise self._unknown(name, source)
            for single in singles:
                low, high = self._definitions[single].bounds
                unit = self._definitions[single].entry.unit.removeprefix("1")
                if not math.isfinite(value) or not low <= value <= high:
                    raise InputError(
                        "the value lies outside the parameter's bounds",
                        file=source,
                        key=single,
                        found=value,
                        allowed=f"{low:g} to {high:g} {unit}".rstrip(),
                    )
                values[single] = float(value)
        return Parameters(self._definitions, values, self.origin)

    def draw(self, uniforms: Mapping[str, float]) -> Parameters:
        """Return a copy with the named parameters at the given quantiles of their priors."""
        return self.replace(
            {name: self.definition(name).quantile(u) for name, u in uniforms.items()},
            source="prior",
        )

    @property
    def changed(self) -> dict[str, float]:
        """The values that differ from the tables' defaults."""
        return {n: v for n, v in self._values.items() if v != self._definitions[n].default}

    @property
    def content_hash(self) -> str:
        """SHA-256 of all names and values."""
        text = json.dumps({n: v.hex() for n, v in sorted(self._values.items())})
        return hashlib.sha256(text.encode()).hexdigest()

    def _unknown(self, name: str, source: str | None = None) -> InputError:
        bases = {n.split(".")[0] for n in self._definitions}
        near = nearest(name, [*self._definitions, *bases])
        return InputError(
            "there is no parameter of this name",
            file=source,
            found=name,
            allowed="a name that `sscsim explain parameters` lists",
            suggestion=near,
        )


class WatchedParameters(Parameters):
    """Parameters that remember which of their values were read, and what these were.

    What was made with them can be made again without work wherever those values are the same.
    """

    def __init__(self, of: Parameters) -> None:
        super().__init__(of._definitions, of._values, of.origin)
        self._of = of
        self.read: dict[str, float] = {}

    def __getitem__(self, name: str) -> float:
        # From what is watched, which may be watched by another.
        value = self._of[name]
        self.read[name] = value
        return value

    def _read_all(self) -> None:
        for name in self._values:
            self[name]

    def __iter__(self) -> Iterator[str]:
        # Who goes through all may have looked at each.
        self._read_all()
        return super().__iter__()

    def replace(self, changes: Mapping[str, float], *, source: str = "--set") -> Parameters:
        """Return a copy with some values changed: all the others have been read."""
        self._read_all()
        return super().replace(changes, source=source)

    @property
    def changed(self) -> dict[str, float]:
        """The values that differ from the tables' defaults: all have been read."""
        self._read_all()
        return super().changed

    @property
    def content_hash(self) -> str:
        """SHA-256 of all names and values, which have been read."""
        self._read_all()
        return super().content_hash


def load_tables(folder: Path) -> dict[str, Definition]:
    """Read every ``*.yaml`` of a folder into scalar definitions.

    Raises
    ------
    InputError
        With file, line and key, for anything the schema does not allow or a name given twice.
    """
    definitions: dict[str, Definition] = {}
    for path in sorted(folder.glob("*.yaml")):
        document = read_yaml(path)
        submodel = document.string("submodel")
        for name, raw in document.mapping("parameters").items():
            entry = document.validate(Entry, raw, "parameters", name)
            goals: list[int | None] = list(GOALS) if entry.by == "goal" else [None]
            for goal in goals:
                full = name if goal is None else f"{name}.{goal}"
                if full in definitions:
                    raise document.error("this parameter is defined twice", "parameters", name)
                definitions[full] = Definition(full, submodel, entry, goal)
    return definitions


@lru_cache(maxsize=1)
def default_parameters() -> Parameters:
    """Return the parameters of the tables that ship, all at their defaults."""
    definitions = load_tables(package_folder() / "parameters")
    return Parameters(definitions, {n: d.default for n, d in definitions.items()})


def _numbers(number: Number) -> list[float]:
    return list(number.values()) if isinstance(number, dict) else [number]


def _pick(number: Number | None, goal: int | None) -> float:
    if number is None:
        raise ValueError("the prior lacks a number")
    return float(number[goal or 1] if isinstance(number, dict) else number)
