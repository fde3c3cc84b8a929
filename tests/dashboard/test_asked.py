from __future__ import annotations

import pytest

from sscsim.dashboard.asked import Asked
from sscsim.errors import InputError
from sscsim.page.sliders import sliders


def test_two_wishes_for_the_same_are_one() -> None:
    default = sliders().table["aid"].default
    one = Asked.of(seed="7", levers={"aid": default, "cooperation": 1.5}, off=["goals", "trade"])
    other = Asked.of(seed=7.0, levers={"cooperation": 1.5}, off=["trade", "goals"])
    assert one == other
    assert one.off == ("trade", "goals")
    assert one.seed == 7
    assert one.with_lever("cooperation", 1.0) == Asked.of(seed=7, off=["trade", "goals"])


def test_what_the_answer_depends_on_is_in_the_key() -> None:
    one = Asked.of(parameters="tables")
    others = [
        Asked.of(parameters="central"),
        Asked.of(parameters="tables", seed=2),
        Asked.of(parameters="tables", off=["trade"]),
        Asked.of(parameters="tables", levers={"aid": 2.0}),
        Asked.of(parameters="tables", levers={"aid": 2.0, "cooperation": 1.5}),
        Asked.of("full-agenda", parameters="tables"),
        Asked.of("full-agenda", {"aid": 2.0}, parameters="tables"),
        Asked.of(parameters="tables", end=2030),
    ]
    keys = {asked.key for asked in (one, *others)}
    assert len(keys) == 1 + len(others)
    assert one.key == Asked.of(parameters="tables").key


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ({"seed": "seven"}, "seed"),
        ({"levers": {"aids": 1.0}}, "setting"),
        ({"levers": {"aid": 99.0}}, "setting"),
        ({"levers": {"aid": float("nan")}}, "setting"),
        ({"end": 2040}, "end"),
    ],
    ids=str,
)
def test_what_there_is_not_is_refused(given, key) -> None:
    with pytest.raises(InputError) as caught:
        Asked.of(**given)
    assert caught.value.key == key


def test_steps_are_switched_by_their_name() -> None:
    one = Asked.of().switched("trade", on=False).switched("policy", on=False)
    assert one.off == ("policy", "trade")
    assert one.switched("trade", on=True).switched("policy", on=True) == Asked.of()
    with pytest.raises(InputError, match="step of this name"):
        one.switched("trades", on=False)
    with pytest.raises(InputError):
        Asked.of(off=["trades"])


def test_the_baseline_has_the_same_luck_and_parameters() -> None:
    one = Asked.of(
        "full-agenda", {"aid": 2.0}, off=["trade"], seed=4, parameters="draw:3", end=2030
    )
    assert one.baseline() == Asked.of(seed=4, parameters="draw:3", end=2030)
    assert one.baseline(same_steps=True).off == ("trade",)


def test_levers_are_laid_over_a_scenario() -> None:
    plain, over = Asked.of("full-agenda"), Asked.of("full-agenda", {"aid": 2.0})
    under, made = plain.resolved(), over.resolved()
    assert set(under.levers) < {*made.levers} or set(under.levers) == set(made.levers)
    assert made.levers["aid_volume"][-1:] != under.levers.get("aid_volume", ())[-1:]
    assert made.parameters == under.parameters
    assert made.content_hash != under.content_hash


def test_the_command_does_the_same() -> None:
    assert Asked.of("full-agenda", seed=2).command() == "sscsim run full-agenda --seed 2"
    told = Asked.of(levers={"aid": 2.0, "cooperation": 1.5}, off=["trade"]).command()
    assert '--setting "cooperation=1.5 aid=2"' in told
    assert told.endswith("sscsim run page-setting.yaml --off trade")
    with pytest.raises(InputError):
        Asked.of("full-agenda", {"aid": 2.0}).command()
