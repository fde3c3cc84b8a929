"""What a submodel of the year is: one object that holds all that is particular to its subject.

A submodel stands in one file. It declares the state variables that it writes and those that policy sets for it,
prepares what it takes as given from data and parameters, fills its part of the opening state, moves its stocks at the
turn of the year, and simulates its part of a year. It reaches the `Year` it is handed, what it prepared, and the
submodels that it rests on (`needs`); nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar

from sscsim.flows.pairs import Cells
from sscsim.parameters import Parameters
from sscsim.streams import Streams
from sscsim.types import Array
from sscsim.world.institutions import InstitutionFiles, load_institutions
from sscsim.world.state import State, Variable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sscsim.agents import Country, DevelopmentBank, Partner, UnitedNations
    from sscsim.results.tables import RowTable
    from sscsim.world.tables import World

__all__ = ["Agents", "Given", "Levers", "Submodel", "Submodels", "Year"]

S = TypeVar("S", bound="Submodel")


class Levers(Protocol):
    """What a scenario asks for: `sscsim.policy.paths.LeverPaths`, or anything that answers as it does."""

    def value(self, name: str, year: int) -> Array | None:
        """Return the values of a lever in a year; None where the scenario leaves it alone."""
        ...


@dataclass
class Agents:
    """Who decides: classes where a decision is one expression for all agents of a kind, instances where it is not."""

    country: type[Country]
    partner: type[Partner]
    united_nations: type[UnitedNations]
    banks: Iterable[DevelopmentBank] = ()


@dataclass(frozen=True)
class Given:
    """What a submodel prepares its base from.

    Attributes
    ----------
    world, parameters
        Base-year data and the values of the tables.
    year
        The base year.
    files
        Files of institutions.
    audit
        Whether books are checked in every year.
    shocks
        Whether shocks are drawn.
    """

    world: World
    parameters: Parameters
    year: int
    files: InstitutionFiles = field(default_factory=load_institutions)
    audit: bool = False
    shocks: bool = False


@dataclass
class Year:
    """A year as a submodel sees it.

    Attributes
    ----------
    state
        The state, which submodels read and whose variables they replace; they write into none of its arrays.
    opening
        The state the base year opened with, what hats are relative to.
    last
        At the turn of the year: the state as the year before left it.
    world
        Base-year data.
    levers
        What the scenario asks for.
    luck
        Random numbers by purpose and year.
    deflator
        Price level by year.
    agents
        Who decides.
    plan
        Names of the submodels that are at work.
    base_year
        The first year.
    """

    state: State
    opening: State
    last: State
    world: World
    levers: Levers
    luck: Streams
    deflator: Mapping[int, float]
    agents: Agents
    plan: frozenset[str]
    base_year: int
    _agreements: tuple[Array, Cells] | None = field(default=None, init=False, repr=False)

    @property
    def year(self) -> int:
        """The calendar year."""
        return self.state.year

    @property
    def since(self) -> int:
        """Years since the base year."""
        return self.state.year - self.base_year

    def agreement_changes(self) -> Cells:
        """Return the change of trade agreements since the base year, of pairs that have one."""
        agreement = self.state.agreement
        # Several ask. Nobody writes into an array of the state: the same one holds the same numbers.
        if self._agreements is None or self._agreements[0] is not agreement:
            self._agreements = agreement, Cells.of(agreement - self.opening.agreement)
        return self._agreements[1]

    def prices(self, year: int | None = None) -> float:
        """Return the deflator of a year, this one by default, relative to the base year."""
        return self.deflator[self.year if year is None else year] / self.deflator[self.base_year]

    def volumes(self, money: Array) -> Array:
        """Return money of each country, bn USD, in volumes of its output, bn 2015 USD.

        A dollar buys of a country's output what the one valuation of output says (`gdp_current`).

        Parameters
        ----------
        money
            The country is the first axis.
        """
        bought = self.state.gdp / self.state.gdp_current
        result: Array = (money.T * bought).T
        return result


class Submodel:
    """One subject of the model.

    A subclass states the class attributes and overrides the methods that it needs; each does nothing by default.

    Attributes
    ----------
    name, title
        The name it is switched off by, and what it does in a few words.
    note
        What a reader should know of its present extent.
    variables
        State variables that it writes, in its year or at the turn.
    policy
        State variables that levers set for it; the table of levers names them.
    reads
        Further state variables that it may read in its year.
    turns
        Variables of its own that the turn of the year moves and its year does not.
    needs
        Submodels whose base it rests on; they are prepared before it.
    parts
        Submodels that it holds and runs itself.
    """

    name: ClassVar[str]
    title: ClassVar[str] = ""
    note: ClassVar[str] = ""
    variables: ClassVar[tuple[Variable, ...]] = ()
    policy: ClassVar[tuple[Variable, ...]] = ()
    reads: ClassVar[tuple[str, ...]] = ()
    turns: ClassVar[tuple[str, ...]] = ()
    needs: ClassVar[tuple[type[Submodel], ...]] = ()
    parts: ClassVar[tuple[type[Submodel], ...]] = ()

    def __init__(self, given: Given, others: Submodels) -> None:
        """Prepare what every year takes as given; pure, of data and parameters alone.

        Parameters
        ----------
        given
            Data, parameters, the user's institutions.
        others
            The submodels prepared before it, of which it may use those it names in `needs`.
        """

    @classmethod
    def declared(cls) -> tuple[Variable, ...]:
        """Return every variable that it or a part of it declares."""
        own = (*cls.variables, *cls.policy)
        return (*own, *(one for part in cls.parts for one in part.declared()))

    @classmethod
    def all_reads(cls) -> tuple[str, ...]:
        """Return every variable that its year may read, those that policy sets included, ``year`` first."""
        names = [*cls.reads, *(one.name for one in cls.policy)]
        names += [name for part in cls.parts for name in part.all_reads()]
        return tuple(dict.fromkeys(["year", *names]))

    @classmethod
    def all_writes(cls) -> tuple[str, ...]:
        """Return every variable that its year may assign."""
        own = [one.name for one in cls.variables if one.name not in cls.turns]
        return (*own, *(name for part in cls.parts for name in part.all_writes()))

    def held(self) -> tuple[Submodel, ...]:
        """Return the parts that it has prepared."""
        return ()

    def fixed(self) -> tuple[object, ...]:
        """Return what it holds and no year changes, so that copies of a model can share it."""
        names = ("given", "base", "parameters", "files")
        return tuple(vars(self)[name] for name in names if name in vars(self))

    def sizes(self) -> dict[str, int]:
        """Return the lengths of axes that it brings into the state."""
        return {}

    def fill(self, state: State, given: Given) -> None:
        """Set its variables of the opening state as far as data and parameters give them."""

    def open(self, now: Year) -> None:
        """Set what of its opening rests on other submodels' openings, or on luck; in the order of opening."""

    def agents(self, model: Any) -> Mapping[str, Sequence[Any]]:
        """Return agents of its own by the name under which the model is to hold them; asked once, when all is open."""
        return {}

    def turn(self, now: Year) -> None:
        """Move its stocks at the turn of the year; ``now.last`` is the state that the last year left."""

    def run(self, now: Year) -> None:
        """Simulate its part of a year."""

    def remember(self, now: Year) -> None:
        """Keep what its tables say of the year; called in the years of which the run keeps rows."""

    def tables(self, now: Year) -> dict[str, RowTable]:
        """Return its tables by name, as far as the years have come."""
        return {}


class Submodels:
    """The submodels of a run, as far as they are prepared, those that others hold included."""

    def __init__(self) -> None:
        self._by_name: dict[str, Submodel] = {}

    def add(self, one: Submodel) -> None:
        """Add a submodel and what it holds."""
        self._by_name[one.name] = one
        for part in one.held():
            self.add(part)

    def of(self, kind: type[S]) -> S:
        """Return the submodel of a class.

        Raises
        ------
        LookupError
            When none is prepared: a submodel names in `needs` those that it uses.
        """
        found = self._by_name.get(kind.name)
        if not isinstance(found, kind):
            raise LookupError(f"the submodel {kind.name} is not prepared")
        return found

    def __getitem__(self, name: str) -> Submodel:
        return self._by_name[name]

    def __iter__(self) -> Iterator[Submodel]:
        """Iterate over the submodels in the order in which they were prepared."""
        return iter(self._by_name.values())
