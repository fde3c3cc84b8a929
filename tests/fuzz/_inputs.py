"""What a trial is made of, and the list of generators: one for each kind of input."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

__all__ = ["GENERATORS", "OUT", "Given", "Input", "Surroundings", "generator"]

OUT = "out"
"""The one folder that a trial may write in, below the folder of the trial."""


@dataclass(frozen=True)
class Given:
    """What is made once and may be copied: sound things that trials damage.

    Attributes
    ----------
    run, store, comparison, fit
        Folders of a saved run, of a store of members, of a comparison and of a posterior.
    codes
        ISO codes of all economies.
    """

    run: Path
    store: Path
    comparison: Path
    fit: Path
    codes: tuple[str, ...]


@dataclass(frozen=True)
class Surroundings:
    """Where a command runs.

    Attributes
    ----------
    encoding
        Of standard output and standard error.
    output
        ``file``; ``closed``; ``unread``, a pipe that nobody reads; ``full``, a disk without room.
    variables
        Of the environment; None takes one away.
    limits
        Of the system, by the name in `resource`.
    lost
        Whether the working folder is gone.
    signal_after
        Seconds after which a signal comes, and which.
    """

    encoding: str = "utf-8"
    output: str = "file"
    variables: Mapping[str, str | None] = field(default_factory=dict)
    limits: Mapping[str, int] = field(default_factory=dict)
    lost: bool = False
    signal_after: tuple[float, int] | None = None


@dataclass(frozen=True)
class Input:
    """One input: what is done with it, and what may come of it.

    Attributes
    ----------
    what
        How it was made, for whoever looks into it.
    words
        A command line. Without one `call` is called.
    call
        What is done with the library.
    around
        Where it runs.
    codes
        Exit codes that are right.
    after
        A second command that must succeed when the first has ended, however it ended.
    """

    what: str
    words: tuple[str, ...] = ()
    call: Callable[[], object] | None = None
    around: Surroundings = Surroundings()
    codes: tuple[int, ...] = (0, 2)
    after: tuple[str, ...] = ()


Generator = Callable[[Random, Path, Given], Input]

GENERATORS: dict[str, tuple[int, Generator]] = {}
"""Kind of input → how often it is tried, and what makes one in a folder."""


def generator(kind: str, weight: int) -> Callable[[Generator], Generator]:
    """Enter a generator in the list."""

    def enter(make: Generator) -> Generator:
        GENERATORS[kind] = (weight, make)
        return make

    return enter
