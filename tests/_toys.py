"""Simulators whose truth is known, for tests of the fit; importable by worker processes."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from sscsim.calibration.observing import CheckOf
from sscsim.calibration.targets import Check, Target
from sscsim.experiments.design import Design
from sscsim.parameters.table import Definition, Entry, Parameters

NOTHING = "toy parameter that does nothing"


def definition(name: str, prior: dict[str, object], bounds: tuple[float, float]) -> Definition:
    low, high = bounds
    entry = Entry.model_validate(
        {
            "symbol": name,
            "description": "a parameter of a toy",
            "unit": "1",
            "value": (low + high) / 2,
            "bounds": bounds,
            "prior": prior,
            "source": "made up",
        }
    )
    return Definition(name, "toy", entry)


def toy_parameters() -> Parameters:
    """Level and slope matter, curve a little, luck moves single seeds only, idle nothing."""
    uniform = {"distribution": "uniform", "low": 0.0, "high": 1.0}
    definitions = [
        definition("level", {"distribution": "normal", "mean": 5.0, "sd": 1.0}, (0.0, 10.0)),
        definition("slope", uniform, (0.0, 1.0)),
        definition("curve", uniform, (0.0, 1.0)),
        definition("luck", {"distribution": "lognormal", "median": 0.5, "sigma": 0.3}, (0.01, 3.0)),
        definition("idle", uniform, (0.0, 1.0)),
    ]
    table = {d.name: d for d in definitions}
    return Parameters(table, {name: d.default for name, d in table.items()})


INPUTS = {name: [name] for name in ("level", "slope", "curve", "luck", "idle")}


def check(name: str, value: float, within: dict[str, object], role: str = "fit") -> CheckOf:
    entry = Check.model_validate(
        {"year": 2013, "observable": "trade_within", "value": value, "within": within}
    )
    target = Target.model_validate(
        {
            "id": name,
            "paragraph": 1,
            "title": name,
            "stated": name,
            "unit": "bn USD",
            "role": role,
            "tolerance": "as given",
            "checks": [entry.model_dump()],
        }
    )
    return CheckOf(target, target.checks[0])


def toy_checks(sum_of: float = 6.0, product: float = 3.0) -> tuple[CheckOf, ...]:
    return (
        check("sum", sum_of, {"kind": "interval", "plus_minus": 0.2}),
        check("product", product, {"kind": "one_sided", "at_least": product, "scale": 0.3}),
    )


@dataclass(frozen=True)
class Toy:
    """sum = level + slope + curve² / 2, product = level · slope; seeds scatter by luck."""

    kill_after: int = 0
    count: list[int] = field(default_factory=lambda: [0], compare=False)

    @property
    def identity(self) -> str:
        return "toy"

    def __call__(self, point: Mapping[str, float], seed: int) -> tuple[float, ...]:
        self.count[0] += 1
        if self.kill_after and self.count[0] > self.kill_after:
            os.kill(os.getpid(), signal.SIGKILL)
        values = {**toy_parameters(), **point}
        draw = np.random.default_rng([seed, 7]).normal()
        noise = np.exp(0.02 * values["luck"] * draw)
        total = values["level"] + values["slope"] + 0.5 * values["curve"] ** 2
        return total * noise, values["level"] * values["slope"] * noise


def toy_posterior() -> tuple[tuple[str, ...], np.ndarray, np.ndarray]:
    """Return draws of the priors, and their weights by the likelihood that is written down for the toy's figures."""
    from scipy.special import log_ndtr

    design = Design.independent(tuple(INPUTS), 200_000, 9)
    values = design.values(toy_parameters())
    level, slope, curve, luck, _ = values.T
    total = level + slope + 0.5 * curve**2
    half = 0.2
    variance = (0.02 * luck * total) ** 2 + 2 * (half / 3) ** 2
    log = -0.5 * ((total - 6.0) ** 2 / variance + np.log(variance))
    product = level * slope
    log = log + log_ndtr((product - 3.0) / (0.02 * luck * product))
    weights = np.exp(log - log.max())
    return design.names, values, weights / weights.sum()


@dataclass(frozen=True)
class Broken:
    """Admits no parameters at all."""

    @property
    def identity(self) -> str:
        return "broken"

    def __call__(self, point: Mapping[str, float], seed: int) -> tuple[float, ...]:
        return np.nan, np.nan


@dataclass(frozen=True)
class WithIdle(Toy):
    """Shows the idle parameter as a third figure."""

    def __call__(self, point: Mapping[str, float], seed: int) -> tuple[float, ...]:
        return *super().__call__(point, seed), {**toy_parameters(), **point}["idle"]
