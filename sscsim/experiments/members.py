"""Members of an ensemble: one run each that is to be made, and the key its results are kept under."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Unpack

import numpy as np

from sscsim.choices import draws_of, is_drawn
from sscsim.errors import InputError
from sscsim.experiments.design import Design, drawn_parameters
from sscsim.parameters import default_parameters
from sscsim.plugins import load, with_parameters
from sscsim.policy import Scenario, load_scenario
from sscsim.provenance import model_hash, model_identity
from sscsim.settings import LARGEST_SEED, RunOptions, RunSettings, check_whole
from sscsim.world.base_trade import BASE_TRADE
from sscsim.world.institutions import figures_hash

__all__ = [
    "Member",
    "arithmetic",
    "data_hash",
    "figures_drawn",
    "key_of",
    "members",
    "model_identity",
]

KEY_VERSION = 3
REPETITION_STRIDE = 1_000_000
"""Distance between the seeds of one draw: more draws, or more seeds, leave those that were run as they are."""

DESIGN_SEED = 1
"""Seed of the draws from the priors."""


@dataclass(frozen=True, eq=False)
class Member:
    """One run that is to be made. Two members are equal when their keys are.

    Attributes
    ----------
    settings
        What the run is asked for, with the scenario's inheritance resolved; the parameters that differ from the tables'
        defaults are its `set`.
    draw
        Number of the draw, from 0, None outside a design. Members of one draw and one seed differ by their scenario
        alone: they are a fair pair. Not part of the key.
    data
        Hash of the data that the run stands on, the user's files included; read from them where it is not given. It is
        not sent along: whoever receives a member reads the files that are there.
    """

    settings: RunSettings
    draw: int | None = None
    data: str = ""

    @property
    def scenario(self) -> Scenario:
        """The scenario."""
        return self.settings.resolved()

    @property
    def seed(self) -> int:
        """The master seed."""
        return self.settings.seed

    @property
    def parameters(self) -> Mapping[str, float]:
        """Values that differ from the tables' defaults, by name; the scenario's own come on top."""
        return self.settings.set

    @property
    def figures(self) -> Mapping[str, float]:
        """Values in the place of what institutions' files state, by path."""
        return self.settings.figures

    @cached_property
    def ingredients(self) -> dict[str, Any]:
        """What the results depend on, as plain data: the key is the hash of it."""
        asked = self.settings
        files = asked.data is not None or asked.trade_matrix is not None
        own = files or asked.base_trade != BASE_TRADE[0]
        return {
            "key_version": KEY_VERSION,
            "model": model_hash(),
            "data": self.data or asked.data_hash(),
            "arithmetic": arithmetic(),
            "scenario": self.scenario.name,
            "scenario_hash": self.scenario.content_hash,
            "parameter_hash": asked.values().content_hash,
            "figures_hash": figures_hash(asked.figures),
            "seed": asked.seed,
            "start": asked.start,
            "end": asked.end,
            "off": sorted(set(asked.off)),
            "keep": asked.keep,
            **({"shocks": True} if asked.shocks else {}),
            **(
                {"plugins": {p.name: p.said() for p in load(asked.plugins)}}
                if asked.plugins
                else {}
            ),
            # What the user's files were laid over: without it nobody could tell whether that has changed since.
            **({"shipped_data": data_hash()} if own else {}),
        }

    @cached_property
    def key(self) -> str:
        """SHA-256 of the ingredients.

        The scenario's name is one of them, since it stands in the tables; its title and description are not.
        """
        return key_of(self.ingredients)

    @property
    def request(self) -> tuple[str, int | None]:
        """What is asked for: a result, under the number of a draw. Several requests may have one result."""
        return self.key, self.draw

    @property
    def pair(self) -> tuple[int | None, int]:
        """Draw and seed: what members of different scenarios must share to be compared."""
        return self.draw, self.seed

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Member) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    def __repr__(self) -> str:
        draw = "" if self.draw is None else f", draw {self.draw}"
        return f"<Member {self.scenario.name!r}, seed {self.seed}{draw}, {self.key[:12]}>"

    def __getstate__(self) -> dict[str, Any]:
        # Whoever receives a member works its key out from what is installed there.
        kept = {k: v for k, v in self.__dict__.items() if k not in ("key", "ingredients")}
        return kept | {"data": ""}


def key_of(ingredients: Mapping[str, Any]) -> str:
    """Return the key that goes with a member's ingredients."""
    return hashlib.sha256(json.dumps(ingredients, sort_keys=True).encode()).hexdigest()


@lru_cache(maxsize=1)
def arithmetic() -> str:
    """Return what numbers pass through: kind of processor, versions of NumPy and SciPy.

    Other versions round otherwise, by some 1e-13 of a number's size, and hashes of content differ. So do processors of
    one kind now and then; a member's manifest names its machine.
    """
    import platform

    import scipy

    return f"{platform.machine()}, numpy {np.__version__}, scipy {scipy.__version__}"


@lru_cache(maxsize=1)
def data_hash() -> str:
    """Return the hash of the world's tables that ship."""
    return RunSettings().data_hash()


# ------------------------------------------------------------------------------------------- drawing


def members(
    scenarios: Sequence[Scenario | str | Path],
    draws: int | None = None,
    seeds: int | Sequence[int] = 1,
    source: str | Path = "posterior",
    *,
    first_seed: int = 1,
    settings: RunSettings | None = None,
    draw_figures: bool | None = None,
    **options: Unpack[RunOptions],
) -> list[Member]:
    """Return the members of an ensemble: draws × seeds × scenarios, scenario by scenario within a draw.

    A draw fixes the parameters and the seed for all scenarios, so that two members of one draw and seed are a fair
    pair. Draw ``d`` (from 0) runs with seed ``first_seed + d``; further seeds of a draw lie a million apart. Where
    parameters are the same in all draws (``central``, ``tables``) a draw is a seed, and seeds simply count on. More
    draws and more seeds leave the members that were there as they are.

    Parameters
    ----------
    scenarios
        Scenarios, their names, or the paths of their files.
    draws
        How many; without it one, or all rows of a file.
    seeds
        How many for each draw, or the seeds themselves.
    source
        ``posterior``: the draws that ship, in their order; ``priors``: independent draws of every parameter that has a
        prior; ``central``, ``tables`` and ``draw:N``: one point, so that only
        luck differs; otherwise a YAML, a CSV or parquet file with a row a draw and a column a parameter, or a fit's
        folder, completed from the posterior (`sscsim.choices.draws_of`).
    first_seed
        The seed of the first draw.
    settings
        What every run is asked for, but for scenario, seed and drawn parameters; without them the indicators are kept.
        Parameters that are `set` are held in every draw, and so are `figures`.
    draw_figures
        Whether each draw also draws the figures of institutions' files that no source confirms; by default it does
        with ``posterior`` and ``priors``, so that draws of a file differ by what the file holds.
    **options
        Fields of `settings` that are changed, by name, such as ``end``, ``off``, ``keep`` and ``set``.

    Raises
    ------
    InputError
        For an unknown scenario, source, step or parameter, a number out of range, a file that is not what it should
        be, two scenarios of one name that differ.
    """
    base = RunSettings.of(settings or RunSettings(keep="indicators"), **options)
    _check_shared(base)
    chosen = _scenarios(scenarios)
    _whole("draws", draws, 1, REPETITION_STRIDE, optional=True)
    held = _held(base)
    for scenario in chosen:
        default_parameters().replace(scenario.parameters, source=scenario.name)
    found = draws_of(source, draws, _from_priors)
    points = found.points
    drawing = is_drawn(source) if draw_figures is None else draw_figures
    # Where nothing differs from draw to draw there may be more draws than points: each is a seed.
    fixed = found.fixed and not drawing
    # A member's values are all in `set`, on top of the tables: its key does not depend on where they come from.
    base = replace(base, parameters="tables")
    figures = figures_drawn(len(points)) if drawing else None
    data = base.data_hash()
    return [
        Member(
            replace(
                base,
                scenario=scenario,
                seed=seed,
                set={**values, **held},
                figures={**(figures[draw] if figures else {}), **base.figures},
            ),
            draw,
            data,
        )
        for draw, seed, values in _draws(points, seeds, first_seed, fixed)
        for scenario in chosen
    ]


def figures_drawn(
    draws: int, seed: int = DESIGN_SEED, *, confirmed: bool = False
) -> list[dict[str, float]]:
    """Return values of figures of institutions' files for each draw, by path.

    A figure is keyed by its path as a parameter is by its name: more draws add to fewer, and a figure that is
    confirmed, added or taken away changes no other's draws but those that share a sum with it.

    Parameters
    ----------
    draws
        How many.
    seed
        Of the design.
    confirmed
        Whether figures that a source confirms are drawn too, as if none did.
    """
    from sscsim.world.institutions import draw_figures, figures_of, load_institutions

    files = load_institutions()
    paths = [f.path for f in figures_of(files) if f.width or (confirmed and f.usual)]
    design = Design.independent(paths, draws, seed)
    return [
        draw_figures(files, dict(zip(paths, row, strict=True))) for row in design.quantiles.tolist()
    ]


def _check_shared(settings: RunSettings) -> None:
    """Check what all members are asked for: steps that there are, and nothing that no key tells apart."""
    if settings.off or settings.plugins:
        from sscsim.added import added
        from sscsim.steps.plan import OPENING, PLAN, without

        without(added(settings.plugins, OPENING, PLAN).year, settings.off)
    plain = RunSettings()
    for name in ("parameters", "institutions", "naive", "audit", "profile"):
        if getattr(settings, name) != getattr(plain, name):
            raise InputError(
                "members of an ensemble are not asked for this: their keys do not tell it apart",
                key=name,
                allowed="source, start, end, off, plugins, keep, set, shocks, data, trade_matrix, drop_unknown, "
                "base_trade",
            )


def _draws(
    points: Sequence[dict[str, float]], seeds: int | Sequence[int], first: int, fixed: bool
) -> Iterator[tuple[int, int, dict[str, float]]]:
    """Yield number, seed and values of each draw, a draw with several seeds several times."""
    _whole("first seed", first, 0, LARGEST_SEED)
    if isinstance(seeds, int):
        _whole("seeds", seeds, 1, 1000)
        last = first + (
            len(points) * seeds - 1 if fixed else len(points) - 1 + (seeds - 1) * REPETITION_STRIDE
        )
        _whole("last seed", last, 0, LARGEST_SEED)
    else:
        if not seeds or len({*seeds}) != len(seeds):
            raise InputError("seeds must be given, each once", key="seeds", found=list(seeds))
        for seed in seeds:
            _whole("seed", seed, 0, LARGEST_SEED)
    if fixed:
        # Parameters are the same in all draws: what distinguishes one from the next is its seed.
        if len(points) > 1 and not isinstance(seeds, int):
            raise InputError(
                "where parameters are the same in all draws, give either draws or the seeds",
                key="draws",
            )
        several = range(first, first + len(points) * seeds) if isinstance(seeds, int) else seeds
        for draw, seed in enumerate(several):
            yield draw, seed, points[0]
        return
    for draw, values in enumerate(points):
        several = (
            [first + draw + i * REPETITION_STRIDE for i in range(seeds)]
            if isinstance(seeds, int)
            else seeds
        )
        for seed in several:
            yield draw, seed, values


def _from_priors(count: int) -> list[dict[str, float]]:
    parameters = default_parameters()
    design = Design.independent(drawn_parameters(parameters), count, DESIGN_SEED)
    rows = design.values(parameters).tolist()
    return [dict(zip(design.names, row, strict=True)) for row in rows]


def _held(settings: RunSettings) -> dict[str, float]:
    changes = settings.set
    values = with_parameters(default_parameters(), load(settings.plugins)).replace(changes)
    return {n: values[n] for n in values if n in changes or n.partition(".")[0] in changes}


def _scenarios(scenarios: Sequence[Scenario | str | Path]) -> list[Scenario]:
    if isinstance(scenarios, str | Path | Scenario):
        scenarios = [scenarios]
    result: dict[str, Scenario] = {}
    for given in scenarios:
        scenario = given if isinstance(given, Scenario) else load_scenario(given)
        other = result.setdefault(scenario.name, scenario)
        if other.content_hash != scenario.content_hash:
            raise InputError("two scenarios that differ have one name", found=scenario.name)
    if not result:
        raise InputError("an ensemble needs at least one scenario", key="scenario")
    return list(result.values())


def _whole(key: str, value: object, low: int, high: int, *, optional: bool = False) -> None:
    if not (optional and value is None):
        check_whole(key, value, low, high)
