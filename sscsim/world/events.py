"""Dated events of the record: read them, and turn those of a year into factors.

The file ``data/events.yaml`` explains its own keys. Events are what happened, with source; what a
scenario imagines is a lever.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal, Self

import numpy as np
from pydantic import Field, model_validator

from sscsim.errors import InputError, nearest
from sscsim.resources import package_folder
from sscsim.types import Array, Mask
from sscsim.yamlfile import Block, Listed, YamlFile, read_text, read_yaml

__all__ = ["Event", "EventFactors", "Where", "event_factors", "load_events"]


class Where(Block):
    """Whom an event concerns: a group, or economies by name."""

    group: str | None = None
    iso3: Listed[tuple[str, ...]] | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.group is None) == (not self.iso3):
            raise ValueError("give either a group or a list of ISO codes")
        return self


class Event(Block):
    """One dated event, as its file gives it."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: str = Field(min_length=10)
    what: Literal["fdi_flows", "fdi_outflow", "fdi_host_attraction"]
    investors: Where | None = None
    hosts: Where | None = None
    factors: dict[int, float] = Field(min_length=1)
    derivation: str = Field(min_length=10)
    source: str = Field(min_length=10)
    paragraph: int | None = None
    note: str = ""

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        for year, factor in self.factors.items():
            if not 0.0 <= factor < float("inf"):
                raise ValueError(f"the factor of {year} must be a number from zero up")
        if self.what == "fdi_outflow" and self.hosts is not None:
            raise ValueError("fdi_outflow concerns investors, not hosts")
        if self.what == "fdi_host_attraction" and self.investors is not None:
            raise ValueError("fdi_host_attraction concerns hosts, not investors")
        return self


@dataclass(frozen=True)
class EventFactors:
    """The events of one year as factors; None where no event speaks.

    Attributes
    ----------
    names
        Events in force.
    investor, host
        ``(country,)``, on what is invested abroad and on hosts' attraction.
    flow
        ``(origin, destination)``, on flows, both ends together.
    """

    names: tuple[str, ...] = ()
    investor: Array | None = None
    host: Array | None = None
    flow: Array | None = None


def load_events(path: Path | None = None) -> tuple[Event, ...]:
    """Return the events that ship, or those of another file of the same form.

    Raises
    ------
    InputError
        With file, line and key, for anything the schema does not allow or an id given twice.
    """
    place = path or package_folder() / "world" / "data" / "events.yaml"
    return _load(place, read_text(place))


@lru_cache(maxsize=8)
def _load(path: Path, text: str) -> tuple[Event, ...]:
    # Kept by what the file holds: one that was edited is read again.
    document = read_yaml(path, text)
    unknown = [key for key in document.data if key != "events"]
    if unknown:
        raise document.error(
            "this key is not known here", unknown[0], allowed=["events"], suggestion="events"
        )
    raw = document.data.get("events")
    if not isinstance(raw, list):
        raise document.error("this key must be a list", "events", found=raw, allowed="- id: ...")
    events = tuple(_event(document, entry, i) for i, entry in enumerate(raw))
    for i, event in enumerate(events):
        if event.id in {e.id for e in events[:i]}:
            raise document.error("this id stands twice", "events", i, "id", found=event.id)
    return events


def _event(document: YamlFile, raw: object, index: int) -> Event:
    return document.validate(Event, raw, "events", index)


def event_factors(
    events: Sequence[Event], year: int, iso3: Sequence[str], groups: Mapping[str, Mask]
) -> EventFactors:
    """Return what the events of a year multiply; events that meet are multiplied.

    Parameters
    ----------
    events
        From `load_events`.
    year
        The year of the run.
    iso3
        The economies, in the order of the arrays.
    groups
        Members of each group, ``(country,)`` of bool.

    Raises
    ------
    InputError
        When an event in force names a group or an economy that is not there.
    """
    n = len(iso3)
    names: list[str] = []
    investor: Array | None = None
    host: Array | None = None
    flow: Array | None = None
    for event in events:
        factor = event.factors.get(year, 1.0)
        if factor == 1.0:
            continue
        names.append(event.id)
        senders = _mask(event, event.investors, iso3, groups)
        takers = _mask(event, event.hosts, iso3, groups)
        if event.what == "fdi_outflow":
            investor = np.ones(n) if investor is None else investor
            investor[senders] *= factor
        elif event.what == "fdi_host_attraction":
            host = np.ones(n) if host is None else host
            host[takers] *= factor
        else:
            flow = np.ones((n, n)) if flow is None else flow
            flow[np.ix_(senders, takers)] *= factor
    return EventFactors(tuple(names), investor, host, flow)


def _mask(
    event: Event, where: Where | None, iso3: Sequence[str], groups: Mapping[str, Mask]
) -> Mask:
    if where is None:
        return np.ones(len(iso3), dtype=np.bool_)
    if where.group is not None:
        if where.group not in groups:
            raise InputError(
                f"event {event.id!r} names a group that does not exist",
                found=where.group,
                allowed=sorted(groups),
                suggestion=nearest(where.group, groups),
            )
        return groups[where.group]
    members = set(where.iso3 or ())
    missing = sorted(members - set(iso3))
    if missing:
        raise InputError(
            f"event {event.id!r} names an economy that does not exist",
            found=missing[0],
            allowed="ISO 3166 alpha-3 codes of the data",
            suggestion=nearest(missing[0], iso3),
        )
    return np.array([code in members for code in iso3], dtype=np.bool_)
