"""The two arms of a fair pair side by side: a reference, a scenario, and the scenario with mechanisms switched off.

Arms walk in step, a year at a time, from where the scenario first asks for something else; until then they are one
model. A mechanism is switched off by what *other* submodels see of it: in an arm without trade, every submodel but
trade itself reads exports, prices and gains of trade as they are in the reference in the same draw and year. Its own
numbers go on as the scenario moves them, and are measured; nothing follows from them. The model's code is the same in
all arms.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from functools import lru_cache

from sscsim.experiments.beginnings import alike_in
from sscsim.experiments.members import Member
from sscsim.experiments.why.mechanisms import SCALED, mechanism_of
from sscsim.model import SouthSouthModel
from sscsim.policy import Scenario
from sscsim.settings import RunSettings
from sscsim.steps.plan import OPENING
from sscsim.steps.submodel import Year
from sscsim.threads import one_thread
from sscsim.types import Array
from sscsim.world.state import State

__all__ = ["Arm", "walk"]

Seen = dict[tuple[str, str], tuple[State, State]]
"""State, and that of the year before, as each submodel found them: by phase of the year and name."""


@lru_cache(maxsize=1)
def _owners() -> Mapping[str, str]:
    """Return which submodel of the year writes each variable; what policy sets is nobody's."""
    return {
        one.name: kind.name
        for kind in OPENING
        for part in (kind, *kind.parts)
        for one in part.variables
    }


class Arm(SouthSouthModel):
    """A model of which some mechanisms are seen by others as they are in a reference.

    Parameters
    ----------
    settings
        What the run is asked for.

    Attributes
    ----------
    off_for_others
        Mechanisms that are switched off.
    seen
        What each submodel found in the year, kept for arms that go by it.
    """

    def __init__(self, settings: RunSettings) -> None:
        super().__init__(settings)
        self.off_for_others: frozenset[str] = frozenset()
        self.seen: Seen = {}
        self._reference: Seen = {}

    def branch(self, scenario: Scenario, without: frozenset[str] = frozenset()) -> Arm:
        """Return a copy that goes on under a scenario, without some mechanisms."""
        self.seen = {}
        twin = self.fork(scenario)
        assert isinstance(twin, Arm)
        twin.off_for_others = without
        return twin

    def year_beside(self, reference: Arm) -> None:
        """Simulate a year that the reference has just simulated."""
        self._reference = reference.seen
        self.step()
        self._reference = {}

    def step(self) -> None:
        """Simulate one year, as `SouthSouthModel.step` does."""
        with one_thread():
            if self.steps > 1:
                self._turn_of_the_year()
            now = self.now()
            self.seen = {k: v for k, v in self.seen.items() if k[0] == "turn"}
            for step in self.plan:
                with self._as_in_reference("year", step.name, now):
                    step.run(now)
            self._record(now)
        self.running = self.state.year < self.end

    def _turn_of_the_year(self) -> None:
        last = self.state.view()
        self.state.year += 1
        now = self.now(last)
        self.seen = {}
        for kind in OPENING:
            with self._as_in_reference("turn", kind.name, now):
                self.submodels[kind.name].turn(now)

    @contextmanager
    def _as_in_reference(self, phase: str, reader: str, now: Year) -> Iterator[None]:
        """Put what is switched off as the reference had it, for one submodel; note what an arm that is whole finds."""
        if not self.off_for_others:
            self.seen[phase, reader] = now.state.view(), now.last.view()
            yield
            return
        with ExitStack() as back:
            for mine, other in zip(
                dict.fromkeys((now.state, now.last)), self._reference[phase, reader], strict=False
            ):
                back.enter_context(_swapped(mine, other, self.off_for_others, reader))
            yield


@contextmanager
def _swapped(mine: State, other: State, off: frozenset[str], reader: str) -> Iterator[None]:
    """Put variables of another state into a state, all but the reader's own, and take them out again."""
    put: dict[str, Array] = {}
    for name, owner in _owners().items():
        if owner == reader:
            continue
        if name in SCALED:
            values = _scaled(name, mine, other, off)
            if values is not None:
                put[name] = values
        elif mechanism_of(name, owner) in off:
            put[name] = getattr(other, name)
    before = {name: getattr(mine, name) for name in put}
    for name, values in put.items():
        setattr(mine, name, values)
    yield
    for name, values in before.items():
        if getattr(mine, name) is put[name]:  # whoever wrote it meant it
            setattr(mine, name, values)


def _scaled(name: str, mine: State, other: State, off: frozenset[str]) -> Array | None:
    """Return a product of two mechanisms with those that are off as in the reference; None where both are on."""
    volume, of_volume, of_price = SCALED[name]
    held = of_volume in off, of_price in off
    if held == (False, False):
        return None
    if held == (True, True):
        values: Array = getattr(other, name)
        return values
    size, size_there = getattr(mine, volume), getattr(other, volume)
    if held[0]:  # volumes of the reference at this arm's prices
        found: Array = getattr(mine, name) * (size_there / size)
    else:
        found = getattr(other, name) * (size / size_there)
    return found


def walk(
    reference: Member, scenario: Member, without: Sequence[frozenset[str]] = ()
) -> Iterator[tuple[Arm, Arm, Sequence[Arm]]]:
    """Run a fair pair side by side and yield its arms after every year.

    Before they part the same model stands for all.

    Parameters
    ----------
    reference, scenario
        Members of one draw.
    without
        For each further arm, the mechanisms that are switched off in the scenario.

    Yields
    ------
    reference, scenario, others
        The arms; they go on changing.

    Raises
    ------
    ValueError
        For mechanisms to be switched off in a scenario that sets other parameters: its base year is another, and what
        others see of it cannot be that of the reference.
    """
    if reference.scenario.parameters != scenario.scenario.parameters:
        if without:
            raise ValueError("arms with other parameters have no mechanism in common")
        with closing(Arm(reference.settings)) as one, closing(Arm(scenario.settings)) as other:
            while one.running:
                one.step()
                other.step()
                yield one, other, ()
        return
    with ExitStack() as open_:
        first = open_.enter_context(closing(Arm(reference.settings)))
        arms: list[Arm] = []
        while first.running:
            year = first.year + 1 if first.steps else first.year
            if not arms and not alike_in(scenario.scenario, first, year):
                for off in (frozenset[str](), *without):
                    arms.append(open_.enter_context(closing(first.branch(scenario.scenario, off))))
            first.step()
            for arm in arms:
                arm.year_beside(first)
            second, *others = arms or [first] * (1 + len(without))
            yield first, second, others
