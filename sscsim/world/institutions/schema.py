"""The words in which institutions' files are written: sourced blocks, numbers with a range, names that must exist.

Every number has a range: a model that declares a bare ``float`` or ``int`` is refused when it is defined, and so is a
text without a form. Names of countries, groups and other institutions say what they name, and the loader looks them
up. Money stands in billions of current US dollars, shares are fractions. ``confirmed: false`` marks a figure that no
primary source at hand confirms: runs take it as it stands, ensembles draw around it.
"""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from types import UnionType
from typing import Annotated, Any, ClassVar, Literal, Self, TypeVar, Union, get_args, get_origin

from pydantic import (
    AfterValidator,
    BaseModel,
    Field,
    GetCoreSchemaHandler,
    PlainValidator,
    model_validator,
)

from sscsim.names import FIRST_YEAR, LAST_YEAR
from sscsim.world.state import DOMAINS
from sscsim.yamlfile import Block, Complaint

__all__ = [
    "ANY_YEAR",
    "INFRASTRUCTURE",
    "SECTORS_OF_LENDING",
    "SHARES_ADD_UP",
    "TROPICS",
    "Age",
    "Area",
    "BankCode",
    "Confirmed",
    "Count",
    "Country",
    "Date",
    "Distinct",
    "Domain",
    "Domains",
    "Duration",
    "Factor",
    "Flag",
    "Group",
    "Growth",
    "Hazard",
    "Holding",
    "Institution",
    "Interest",
    "Key",
    "LenderCode",
    "Margin",
    "Money",
    "Multiple",
    "Named",
    "Number",
    "Part",
    "Place",
    "Places",
    "Range",
    "Relative",
    "Reserves",
    "Score",
    "Sector",
    "SectorMandate",
    "Share",
    "Size",
    "Source",
    "Sourced",
    "SourcedMoney",
    "SourcedShare",
    "SourcedSize",
    "Strict",
    "Terms",
    "Text",
    "Weight",
    "Width",
    "Word",
    "Written",
    "Year",
    "YearOfWork",
    "YearSimulated",
    "Yearly",
    "check_sum",
    "names_in",
    "numbers_in",
]

SECTORS_OF_LENDING = (
    "energy",
    "transport",
    "water",
    "urban",
    "agriculture",
    "industry",
    "finance",
    "social",
    "environment",
)
"""What projects are for; the first four are the sectors of infrastructure, in the order of ``state.SECTORS``."""

INFRASTRUCTURE = 4
"""How many sectors, from the first on, are infrastructure."""

ANY_YEAR = (1900, 2100)
"""Years that any file may name."""

SHARES_ADD_UP = 1e-6
"""How far published shares, rounded as they are, may pass one."""

SHARES_MISS = 0.02
"""How much of a whole published shares may leave out."""

TROPICS = "tropics"
"""Name that stands for countries between the tropics, to whom the Solar Alliance was open at first."""


# ------------------------------------------------------------------------------------------------------- complaints


def check_sum(
    what: str,
    parts: Collection[float],
    *keys: str | int,
    whole: bool,
    of: float = 1.0,
    slack: float = SHARES_ADD_UP,
) -> None:
    """Check that parts add up to no more than there is but for some slack, and with `whole` to no less.

    Raises
    ------
    Complaint
        With the sum that was found, at these keys.
    """
    total = math.fsum(parts)
    least = of * (1 - SHARES_MISS) if whole else 0.0
    if not least - SHARES_ADD_UP <= total <= of * (1 + slack):
        above = total > of
        raise Complaint(
            f"{what} add up to {total:.4g}, "
            + ("which is above 100 %" if above else "not to 100 %"),
            *keys,
            found=f"{total:.4g}",
            allowed=f"{least:.4g} to {of:.4g}" if whole else f"at most {of:.4g}",
        )


# ---------------------------------------------------------------------------------------------------------- numbers


@dataclass(frozen=True)
class Range:
    """What a number is and between which bounds it lies; whole for years and counts."""

    what: str
    low: float
    high: float
    above: bool = False
    """Whether the lower bound itself is left out."""
    whole: bool = False

    @property
    def allowed(self) -> str:
        """The bounds in words."""
        if self.above:
            return f"above {self.low:g}, at most {self.high:g}"
        return f"{self.low:g} to {self.high:g}"

    def check(self, value: Any) -> Any:
        """Return a number that lies inside, or say why not."""
        kinds = int if self.whole else (int, float)
        number = isinstance(value, kinds) and not isinstance(value, bool)
        if number and self.low <= value <= self.high and not (self.above and value == self.low):
            return value if self.whole else float(value)
        kind = "whole number" if self.whole else "number"
        problem = f"must be a {kind} in its range" if number else f"must be a {kind}"
        raise Complaint(f"{self.what} {problem}", found=value, allowed=self.allowed)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> Any:
        """Let pydantic check by `check` alone."""
        return PlainValidator(self.check).__get_pydantic_core_schema__(source, handler)


Share = Annotated[float, Range("a share", 0, 1)]
"""A part of a whole, which may be none of it."""

Part = Annotated[float, Range("a part", 0, 1, above=True)]
"""A part of a whole that is some of it."""

Holding = Annotated[float, Range("a share of the capital at the opening", 0, 100)]
"""Part of the capital at the opening; who comes later may bring more than there was."""

Money = Annotated[float, Range("money, bn USD,", 0, 10_000)]
"""Billions of current US dollars; the most is an eighth of the world's income of 2013."""

Size = Annotated[float, Range("a size, bn USD,", 1e-6, 10_000)]
"""Billions of current US dollars that one thing costs: a thousand dollars at least, for it divides."""

Reserves = Annotated[float, Range("reserves, bn USD,", -10_000, 10_000)]
"""Billions of current US dollars that losses may have made negative."""

Weight = Annotated[float, Range("a weight", 0, 1000)]
"""Readiness relative to others."""

Factor = Annotated[float, Range("a factor", 1e-3, 1000)]
"""What multiplies, or whose logarithm is taken."""

Score = Annotated[float, Range("a weight of a score", -100, 100)]
"""Weight on a standardised piece."""

Multiple = Annotated[float, Range("a ratio", 1e-3, 100)]
"""One stock over another."""

Hazard = Annotated[float, Range("a rate a year", 0, 10)]
"""Rate at which something happens."""

Interest = Annotated[float, Range("interest a year", 0, 0.2)]

Margin = Annotated[float, Range("a margin", -0.1, 0.2)]
"""Interest over another interest."""

Growth = Annotated[float, Range("growth a year", -0.9, 2)]

Relative = Annotated[float, Range("a size relative to the average", 0.01, 100)]

Number = Annotated[float, Range("a number a year", 0, 10_000)]
"""How many of something begin in a year, on average."""

Count = Annotated[int, Range("a count of countries", 1, 300, whole=True)]

Duration = Annotated[int, Range("a number of years", 1, 50, whole=True)]

Age = Annotated[int, Range("a number of years after the first", 0, 50, whole=True)]

Year = Annotated[int, Range("a year", *ANY_YEAR, whole=True)]

YearOfWork = Annotated[int, Range("a year", ANY_YEAR[0], LAST_YEAR, whole=True)]
"""A year of the past or of a run."""

YearSimulated = Annotated[int, Range("a year that is simulated", FIRST_YEAR, LAST_YEAR, whole=True)]

# ---------------------------------------------------------------------------------------------------- texts and names


@dataclass(frozen=True)
class Written:
    """What a text is and how it is written."""

    what: str
    allowed: str
    pattern: str

    def check(self, value: Any) -> Any:
        """Return a text that is written so, or say why not."""
        if not isinstance(value, str):
            raise Complaint(f"{self.what} must be a text", found=value, allowed=self.allowed)
        if not re.fullmatch(self.pattern, value, re.DOTALL):
            raise Complaint(f"{self.what} is written otherwise", found=value, allowed=self.allowed)
        return value

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> Any:
        """Let pydantic check by `check` alone."""
        return PlainValidator(self.check).__get_pydantic_core_schema__(source, handler)


LETTER = r"[^\x00-\x09\x0b-\x1f\x7f-\x9f]"
"""What a text is made of: nothing that moves a terminal's cursor but a new line."""

Text = Annotated[str, Written("a text", "2 to 1,000 letters", rf"(?=\S){LETTER}{{2,1000}}")]

Source = Annotated[str, Written("a source", "5 to 1,000 letters", rf"(?=\S){LETTER}{{5,1000}}")]
"""Where a figure is printed."""

Code = Annotated[
    str,
    Written(
        "a code",
        "2 to 16 letters of English, digits, - and _, a capital letter first",
        r"[A-Z][A-Za-z0-9_-]{1,15}",
    ),
]

Word = Annotated[
    str,
    Written(
        "a name", "small letters of English, digits and _, a letter first", r"[a-z][a-z0-9_]{0,30}"
    ),
]
"""A name within a file."""


def _date(text: str) -> str:
    try:
        year = datetime.date.fromisoformat(text).year
    except ValueError:
        raise Complaint("there is no such day", found=text, allowed="YYYY-MM-DD") from None
    if not ANY_YEAR[0] <= year <= ANY_YEAR[1]:
        raise Complaint(
            "a day lies in its range", found=text, allowed=f"from {ANY_YEAR[0]} to {ANY_YEAR[1]}"
        )
    return text


Date = Annotated[
    str, Written("a day", "YYYY-MM-DD", r"[0-9]{4}-[0-9]{2}-[0-9]{2}"), AfterValidator(_date)
]


def _flag(value: Any) -> Any:
    if not isinstance(value, bool):
        raise Complaint("this is said by yes or no", found=value, allowed="true or false")
    return value


Flag = Annotated[bool, PlainValidator(_flag)]

Key = Annotated[
    str, Written("a key", "letters, digits, - and _", r"[A-Za-z0-9][A-Za-z0-9_-]{0,30}")
]
"""A key of a block, or of a table in it."""


def _confirmed(value: Any) -> Any:
    if isinstance(value, bool):
        return value
    if not isinstance(value, list) or not value:
        raise Complaint(
            "this is said by yes or no, or by the keys of what is confirmed",
            found=value,
            allowed="true, false or a list of keys",
        )
    for i, key in enumerate(value):
        if isinstance(key, bool) or not isinstance(key, (str, int)):
            raise Complaint("this is no key", i, found=key, allowed="a key of this block")
    return [str(key) for key in value]


Confirmed = Annotated[bool | list[Key], PlainValidator(_confirmed)]
"""Whether figures are confirmed, all or those at some keys."""

Width = Annotated[float, Range("a width", 0, 2)]
"""Standard deviation of a figure's logarithm."""


@dataclass(frozen=True)
class Named:
    """What a text names: countries or groups of the data, or institutions of a kind."""

    what: str
    countries: bool = False
    groups: bool = False
    others: tuple[str, ...] = ()
    kind: str | None = None
    """Folder of the kind of institution that is named by its code."""


Country = Annotated[str, Named("country", countries=True)]
"""ISO 3166 alpha-3 code of a country of the data."""

Group = Annotated[str, Named("group", groups=True)]

Place = Annotated[str, Named("country or group", countries=True, groups=True)]

Area = Annotated[str, Named("country or group", countries=True, groups=True, others=(TROPICS,))]
"""A country, a group, or the countries between the tropics."""

BankCode = Annotated[str, Named("bank", kind="banks")]

LenderCode = Annotated[str, Named("lender", kind="lenders")]

Domain = Literal[DOMAINS]  # type: ignore[valid-type]

Sector = Literal[SECTORS_OF_LENDING]  # type: ignore[valid-type]

Item = TypeVar("Item")


def _distinct(items: list[Item]) -> list[Item]:
    for i, item in enumerate(items):
        if item in items[:i]:
            raise Complaint(
                "this name stands twice in the list", i, found=item, allowed="each once"
            )
    return items


Distinct = Annotated[list[Item], AfterValidator(_distinct)]
"""A list in which nothing stands twice."""


# ----------------------------------------------------------------------------------------------------------- blocks


def _bare(kind: Any, metadata: Collection[Any] = ()) -> Iterator[str]:
    """Yield the numbers, texts and flags of a type that nothing bounds."""
    if get_origin(kind) is Annotated:
        inner, *more = get_args(kind)
        yield from _bare(inner, (*metadata, *more))
    elif kind in (float, int, str, bool):
        if not any(isinstance(m, (Range, Written, Named, PlainValidator)) for m in metadata):
            yield kind.__name__
    elif get_origin(kind) is Literal or isinstance(kind, TypeVar) or kind is type(None):
        return
    elif isinstance(kind, type) and issubclass(kind, BaseModel):
        if not issubclass(kind, Strict):
            yield kind.__name__
    elif get_origin(kind) in (dict, list, tuple, Union, UnionType):
        for inner in get_args(kind):
            if inner is not Ellipsis:
                # A mark on ``float | None`` or on a list's items stands at the field.
                union = get_origin(kind) in (Union, UnionType)
                yield from _bare(inner, metadata if union else ())
    else:
        yield getattr(kind, "__name__", str(kind))


class Strict(Block):
    """A block of a file: no key but those that are declared, no number without a range, no text without a form."""

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Refuse a field whose numbers have no range or whose texts have no form."""
        for name, field in cls.model_fields.items():
            for bare in _bare(field.annotation, field.metadata):
                raise TypeError(
                    f"{cls.__name__}.{name}: a bare {bare} has no range; use a type of {__name__}"
                )


class Sourced(Strict):
    """A block whose figures are printed somewhere."""

    FOLLOWS: ClassVar[tuple[str, ...]] = ()
    """Figures that follow from the block's others, and are worked out when those are drawn."""

    source: Source = Field(description="where the figure is printed")
    confirmed: Confirmed = Field(
        True,
        description="whether the source at hand prints the figures, or the keys of those that it prints;"
        " the others are from memory or a convention, and ensembles draw them",
    )
    width: Width | dict[Key, Width] | None = Field(
        None,
        description="how far the figures may be off, as a standard deviation of logarithms (of odds, for"
        " parts of a whole); by key where they differ; without it the usual one of their kind",
    )

    @model_validator(mode="after")
    def _marks_name_what_is_there(self) -> Self:
        """Refuse marks of keys that no number stands at: a slip would pass for a confirmed figure."""
        marked = {"confirmed": self.confirmed, "width": self.width}
        if not any(isinstance(keys, (list, dict)) for keys in marked.values()):
            return self
        known = [str(k) for keys, _, _ in numbers_in(self) if keys[0] not in marked for k in keys]
        for field, keys in marked.items():
            for i, key in enumerate(keys if isinstance(keys, (list, dict)) else ()):
                if key not in known:
                    at = key if isinstance(keys, dict) else i
                    raise Complaint(
                        "no number of this block stands at this key",
                        field,
                        at,
                        found=int(key) if key.lstrip("-").isdigit() else key,
                        allowed=", ".join(dict.fromkeys(known)),
                    )
        return self

    def is_confirmed(self, *keys: str | int) -> bool:
        """Whether the source at hand prints the figure at these keys of the block."""
        if isinstance(self.confirmed, bool):
            return self.confirmed
        return any(str(key) in self.confirmed for key in keys)

    @classmethod
    def following(cls, data: Mapping[str, Any]) -> dict[str, float]:
        """Return what follows from a block's other figures, given as plain data: `FOLLOWS`, and what moves with it."""
        return {}

    def stated_width(self, *keys: str | int) -> float | None:
        """Return the width that the block states for a figure, None if it states none.

        One that stands without a key is that of the block's unconfirmed figures, and of all where it confirms all: of
        a figure that was worked out from what is printed, say.
        """
        if isinstance(self.width, dict):
            return next((self.width[str(key)] for key in keys if str(key) in self.width), None)
        kept = isinstance(self.confirmed, list) and self.is_confirmed(*keys)
        return None if kept else self.width


class SourcedShare(Sourced):
    """A part of a whole with its source."""

    value: Share


class SourcedMoney(Sourced):
    """An amount with its source, bn USD."""

    value: Money


class SourcedSize(Sourced):
    """An amount that is some, with its source, bn USD."""

    value: Size


class Yearly(Sourced):
    """An amount by year: each year named holds until the next one, 0 before the first."""

    by_year: dict[Year, Money] = Field(min_length=1)

    def at(self, year: int) -> float:
        """Return the amount of a year."""
        named = [y for y in self.by_year if y <= year]
        return self.by_year[max(named)] if named else 0.0


class Places(Sourced):
    """Readiness by group or country, the largest that applies; elsewhere otherwise."""

    weights: dict[Place, Weight] = Field({})
    elsewhere: Weight = 1.0

    @model_validator(mode="after")
    def _somewhere(self) -> Self:
        if self.elsewhere == 0 and not any(self.weights.values()):
            raise Complaint("these weights leave no place at all", allowed="one that is above 0")
        return self


class Domains(Sourced):
    """Readiness by domain; 1 for those not named where ``others`` does not say otherwise."""

    weights: dict[Domain, Weight] = Field({})
    others: Weight = 1.0

    @model_validator(mode="after")
    def _something(self) -> Self:
        named = len(self.weights) == len(DOMAINS)
        if (named or self.others == 0) and not any(self.weights.values()):
            raise Complaint("these weights leave no domain at all", allowed="one that is above 0")
        return self


class SectorMandate(Sourced):
    """What is lent for: parts of proposals by sector."""

    shares: dict[Sector, Share] = Field(min_length=1)
    renewable: Share = Field(description="part of energy proposals that is renewable")

    @model_validator(mode="after")
    def _add_up(self) -> Self:
        check_sum("the shares of sectors", self.shares.values(), "shares", whole=True)
        return self


class Terms(Sourced):
    """How long a loan runs, in years, and how long nothing of it is repaid."""

    maturity: Duration = Field(description="years to the last repayment")
    grace: Age = Field(description="years to the first repayment")

    @model_validator(mode="after")
    def _repays(self) -> Self:
        if self.grace >= self.maturity:
            raise Complaint(
                f"these terms never repay: a grace of {self.grace} years in a maturity of {self.maturity}",
                "grace",
                found=self.grace,
                allowed=f"below {self.maturity}",
            )
        return self


class Institution(Strict):
    """What every kind of institution has: a code of its own among all kinds, and a name."""

    code: Code
    name: Text


# ------------------------------------------------------------------------------------------------- walks over models


@dataclass(frozen=True)
class _Leaf:
    """A text, number or flag of a block: where it stands, what it is, and whether it is a key itself."""

    keys: tuple[str | int, ...]
    value: Any
    marks: tuple[Any, ...]
    is_key: bool = False


def names_in(block: Strict) -> Iterator[tuple[tuple[str | int, ...], str, Named]]:
    """Yield the keys, the name and what it names for every name in a block, in the order of its fields."""
    for leaf in _leaves(type(block), (), block, ()):
        for mark in leaf.marks:
            if isinstance(mark, Named) and isinstance(leaf.value, str):
                yield leaf.keys, leaf.value, mark


def numbers_in(block: Strict) -> Iterator[tuple[tuple[str | int, ...], float, Range]]:
    """Yield the keys, the value and the range of every number in a block, in the order of its fields.

    Years that entries stand under are keys and no numbers.
    """
    for leaf in _leaves(type(block), (), block, ()):
        for mark in leaf.marks:
            if isinstance(mark, Range) and not leaf.is_key and leaf.value is not None:
                yield leaf.keys, leaf.value, mark


def _leaves(
    kind: Any, marks: Collection[Any], value: Any, keys: tuple[str | int, ...]
) -> Iterator[_Leaf]:
    if get_origin(kind) is Annotated:
        inner, *more = get_args(kind)
        yield from _leaves(inner, (*marks, *more), value, keys)
    elif get_origin(kind) in (Union, UnionType):
        branch = _branch(kind, value)
        if branch is not None:
            yield from _leaves(branch, marks, value, keys)
    elif isinstance(value, Strict):
        for key, field in type(value).model_fields.items():
            yield from _leaves(field.annotation, field.metadata, getattr(value, key), (*keys, key))
    elif isinstance(value, Mapping):
        of_key, of_value = get_args(kind)
        for key, entry in value.items():
            for leaf in _leaves(of_key, (), key, (*keys, key)):
                yield replace(leaf, is_key=True)
            yield from _leaves(of_value, (), entry, (*keys, key))
    elif isinstance(value, list):
        for i, entry in enumerate(value):
            yield from _leaves(get_args(kind)[0], (), entry, (*keys, i))
    else:
        yield _Leaf(keys, value, tuple(marks))


def _branch(union: Any, value: Any) -> Any:
    """Return the branch of a union that a value is of: a mapping, a list or neither; None for nothing."""
    if value is None:
        return None
    for branch in get_args(union):
        inner = branch
        while get_origin(inner) is Annotated:
            inner = get_args(inner)[0]
        shape = get_origin(inner) or inner
        alike = (shape is dict) == isinstance(value, Mapping) and (shape is list) == isinstance(
            value, list
        )
        if alike and branch is not type(None):
            return branch
    return None
