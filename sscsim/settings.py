"""What one run is asked for, in one value that commands, `simulate`, the model and members of ensembles hand on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypedDict, Unpack, cast

import numpy as np

from sscsim import choices
from sscsim.choices import chosen
from sscsim.errors import InputError, outside
from sscsim.names import FIRST_YEAR, LAST_YEAR
from sscsim.parameters import Parameters
from sscsim.plugins import load, with_parameters
from sscsim.policy import Scenario, load_scenario
from sscsim.results.schema import check_keep
from sscsim.world.base_trade import BASE_TRADE
from sscsim.world.loading import laid_over_hash, load_world
from sscsim.world.tables import World

__all__ = ["LARGEST_SEED", "RunOptions", "RunSettings", "check_whole", "seed_of"]

LARGEST_SEED = 2**32 - 1


class RunOptions(TypedDict, total=False):
    """What a run may be asked for besides its scenario, by name: the fields of `RunSettings`."""

    seed: int | float | str
    start: int
    end: int
    set: Mapping[str, float] | None
    parameters: Parameters | str | Path | None
    off: Sequence[str]
    keep: str
    data: Path | str | None
    trade_matrix: Path | str | None
    drop_unknown: bool
    base_trade: str
    institutions: Path | str | None
    figures: Mapping[str, float] | None
    plugins: Sequence[str]
    naive: bool
    shocks: bool
    audit: bool
    profile: bool


@dataclass(frozen=True)
class RunSettings:
    """What one run is asked for.

    Attributes
    ----------
    scenario
        A scenario, its name, or the path of its file.
    seed
        Master seed, a whole number from 0; the same seed gives the same luck in every scenario. A text or a broken
        number that stands for one is taken for it, as forms give them: ``"7"`` and ``7.0`` are 7.
    start
        First year recorded; the simulation always begins in the base year.
    end
        Last year simulated.
    set
        Parameters by name and value, on top of `parameters`; the scenario's own come on top of both.
    parameters
        Which values parameters have: ``central`` (also None), the central draw of the posterior that ships; ``tables``,
        the tables' own; ``draw:N``; a file or a fit's folder, as `sscsim.choices.chosen` reads them; or the parameters
        themselves.
    off
        Names of steps to leave out.
    keep
        How much the run keeps: ``indicators``, ``outcomes``, ``standard`` or ``full``.
    data, trade_matrix
        CSV files with the user's own figures and bilateral trade, see ``docs/data.md``.
    drop_unknown
        Whether lines of these files that are of no economy of the model are left out, and no error.
    base_trade
        What the trade matrix of the base year rests on without one of the user's: ``itpde``, ``factbook`` or
        ``gravity``.
    institutions
        Folder with the user's own banks, partners, bodies, trust funds and centres of excellence, one file each, see
        ``docs/banks.md`` and ``docs/institutions.md``.
    figures
        Values in the place of what institutions' files state, by path such as
        ``institutions.banks.ndb.capital.subscribed``, see ``docs/data.md``.
    plugins
        Names of plug-ins of installed packages whose steps, parameters and indicators join, see ``docs/extending.md``.
    naive
        Whether to run the model to beat instead: gravity trade and trend Goals.
    shocks
        Whether to draw what `docs/shocks.md` lists: shocks and cycles ahead of the record, swings of trade and finance.
    audit
        Whether to check banks' books in every year, and stop where they do not hold.
    profile
        Whether to time each step.

    Raises
    ------
    InputError
        For a number that is none or out of its range, and an amount to keep that there is not.
    """

    scenario: Scenario | str | Path = "baseline"
    seed: int = 1
    start: int = FIRST_YEAR
    end: int = LAST_YEAR
    set: Mapping[str, float] = field(default_factory=dict)
    parameters: Parameters | str | Path | None = None
    off: tuple[str, ...] = ()
    keep: str = "standard"
    data: Path | None = None
    trade_matrix: Path | None = None
    drop_unknown: bool = False
    base_trade: str = BASE_TRADE[0]
    institutions: Path | None = None
    figures: Mapping[str, float] = field(default_factory=dict)
    plugins: tuple[str, ...] = ()
    naive: bool = False
    shocks: bool = False
    audit: bool = False
    profile: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "seed", seed_of(self.seed))
        check_whole("end", self.end, FIRST_YEAR, LAST_YEAR)
        check_whole("start", self.start, FIRST_YEAR, self.end)
        check_keep(self.keep)
        for name in ("start", "end"):  # a number of NumPy's is written as a plain one
            object.__setattr__(self, name, int(getattr(self, name)))

    @classmethod
    def of(
        cls, scenario: RunSettings | Scenario | str | Path, **options: Unpack[RunOptions]
    ) -> RunSettings:
        """Return settings from a scenario, or from other settings, with some of them changed."""
        changes: dict[str, Any] = dict(options)
        for name in ("data", "trade_matrix", "institutions"):
            if changes.get(name) is not None:
                changes[name] = Path(changes[name])
        for name in ("off", "plugins"):
            if name in changes:
                changes[name] = tuple(changes[name])
        for name in ("set", "figures"):
            if name in changes:
                changes[name] = dict(changes[name] or {})
        if isinstance(scenario, RunSettings):
            return replace(scenario, **changes)
        return cls(scenario, **changes)

    def resolved(self) -> Scenario:
        """Return the scenario, read from its file where it is named."""
        return (
            self.scenario if isinstance(self.scenario, Scenario) else load_scenario(self.scenario)
        )

    def values(self) -> Parameters:
        """Return the values of all parameters but those that the scenario sets.

        Raises
        ------
        InputError
            For a name that is no parameter or no source of any, or a value out of its bounds.
        """
        found = with_parameters(chosen(self.parameters), load(self.plugins))
        return found.replace(self.set) if self.set else found

    def world(self) -> World:
        """Return the world with the user's figures and trade."""
        return load_world(
            self.data,
            self.trade_matrix,
            drop_unknown=self.drop_unknown,
            base_trade=self.base_trade,
        )

    def data_hash(self) -> str:
        """Return the hash of the world's data with the user's figures and trade, without reading more than bytes."""
        return laid_over_hash(self.data, self.trade_matrix, self.base_trade)

    def marks(self) -> dict[str, Any]:
        """Return what makes the run another than the plain one of its scenario and seed, as plain data."""
        years = (self.start, self.end)
        given = self.parameters
        if isinstance(given, Parameters):
            source = (given.origin or {}).get("source", given.content_hash)
        else:
            source = choices.USUAL if given is None else str(given)
        found = {
            "parameters": None if source == choices.USUAL else source,
            "set": dict(self.set),
            "off": sorted(self.off),
            "data": _text(self.data),
            "trade_matrix": _text(self.trade_matrix),
            "drop_unknown": self.drop_unknown and (self.data or self.trade_matrix) is not None,
            "base_trade": None if self.base_trade == BASE_TRADE[0] else self.base_trade,
            "institutions": _text(self.institutions),
            "figures": dict(self.figures),
            "plugins": sorted({*self.plugins}),
            "naive": self.naive or None,
            "shocks": self.shocks,
            "years": None if years == (FIRST_YEAR, LAST_YEAR) else years,
        }
        return {name: value for name, value in found.items() if value}


def check_whole(key: str, value: object, low: int, high: int) -> None:
    """Check that a whole number lies in its range.

    Raises
    ------
    InputError
        For a truth, a text, a broken number, one outside.
    """
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not whole or not low <= value <= high:  # type: ignore[operator]
        raise outside(key, value, low, high, whole=True, key=key)


def seed_of(given: object) -> int:
    """Return the seed that a number or a text stands for: ``7``, ``"7"`` and ``7.0`` are 7.

    Raises
    ------
    InputError
        For what is no whole number, or lies outside the seeds that there are.
    """
    number = given
    if isinstance(given, str):
        text = given.strip()
        # Not by way of a broken number: it would round a long one.
        try:
            number = int(text)
        except ValueError:
            try:
                number = float(text)
            except ValueError:
                number = given
    if isinstance(number, float) and number.is_integer():
        number = int(number)
    try:
        check_whole("seed", number, 0, LARGEST_SEED)
    except InputError:
        raise outside("seed", given, 0, LARGEST_SEED, whole=True, key="seed") from None
    return int(cast(int, number))


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)
