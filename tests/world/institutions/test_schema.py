"""No number without a range: every model of every kind is walked, and every range is tried from both sides."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, get_args

import pytest
from pydantic import Field, ValidationError

from sscsim.world.institutions import kinds, schema
from sscsim.world.institutions.schema import Range, Share, Sourced, SourcedShare, Strict, Year
from sscsim.yamlfile import Complaint


def models(model: type[Strict]) -> Iterator[type[Strict]]:
    """Yield a model and all that stand in it."""
    yield model
    for field in model.model_fields.values():
        for found in inside(field.annotation):
            yield from models(found)


def inside(kind: Any) -> Iterator[type[Strict]]:
    if isinstance(kind, type) and issubclass(kind, Strict):
        yield kind
    for part in get_args(kind):
        yield from inside(part)


EVERY = sorted({m for kind in kinds() for m in models(kind.model)}, key=lambda m: m.__name__)


def marks(kind: Any) -> list[Range]:
    return [m for m in getattr(kind, "__metadata__", ()) if isinstance(m, Range)]


RANGES = {name: marks(value)[0] for name, value in vars(schema).items() if marks(value)}


def test_kinds_are_found_with_all_their_models() -> None:
    assert [kind.folder for kind in kinds()] == [
        "banks",
        "bodies",
        "centres",
        "corridors",
        "funds",
        "lenders",
        "partners",
        "providers",
    ]
    assert {"Bank", "Window", "Payments", "Alliance", "Training", "Places"} <= {
        m.__name__ for m in EVERY
    }


@pytest.mark.parametrize("model", EVERY, ids=lambda m: str(m.__name__))
def test_no_field_of_any_model_is_bare(model: type[Strict]) -> None:
    for name, field in model.model_fields.items():
        assert not list(schema._bare(field.annotation, field.metadata)), f"{model}.{name}"


@pytest.mark.parametrize(
    "annotation",
    [
        float,
        int,
        str,
        bool,
        float | None,
        list[float],
        list[str],
        dict[str, Share],
        dict[Year, float],
        dict[int, Share],
        dict[Year, list[int]],
        Any,
    ],
    ids=str,
)
def test_a_bare_number_or_text_cannot_be_declared(annotation: Any) -> None:
    with pytest.raises(TypeError, match=r"has no range"):
        type("Loose", (Strict,), {"__annotations__": {"size": annotation}})


def test_a_bound_of_pydantics_own_is_no_range_in_our_words() -> None:
    with pytest.raises(TypeError, match=r"Loose\.size: a bare float"):

        class Loose(Sourced):
            size: float = Field(ge=0)


@pytest.mark.parametrize("name", RANGES)
def test_a_range_holds_on_both_sides(name: str) -> None:
    one = RANGES[name]
    assert one.low < one.high < math.inf
    assert one.check(one.high if not one.whole else int(one.high)) == one.high
    step = 1 if one.whole else 1e-9
    outside = [one.high + step, one.low - step, 10**30, -(10**30), True, "1", None, [1]]
    if not one.whole:
        outside += [math.nan, math.inf, -math.inf, 1e300]
    else:
        outside += [one.low + 0.5, 10**9]
    if one.above:
        outside.append(one.low)
    else:
        assert one.check(int(one.low) if one.whole else one.low) == one.low
    for value in outside:
        with pytest.raises(Complaint, match="must be a") as caught:
            one.check(value)
        assert caught.value.details["allowed"] == one.allowed


def test_a_whole_number_may_stand_for_a_share_and_becomes_one() -> None:
    value = SourcedShare(value=1, source="A test").value
    assert isinstance(value, float)


@pytest.mark.parametrize("value", [math.nan, 1e300, -0.1, "0.5", True])
def test_a_block_made_in_python_is_held_to_the_same(value: object) -> None:
    with pytest.raises(ValidationError):
        SourcedShare(value=value, source="A test")
