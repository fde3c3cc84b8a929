"""The page as a session has it, without a browser: what fields are there, and that what they set is its own."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest
from dashboard import _asking

solara = pytest.importorskip("solara")

import ipyvuetify as v  # noqa: E402
from reacton import render  # noqa: E402

from sscsim.dashboard import app  # noqa: E402
from sscsim.dashboard.asked import Asked  # noqa: E402

# Of Solara's own code.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(autouse=True)
def short_runs(monkeypatch):
    """Two years after levers begin: the fields are the same."""
    original = Asked.of
    monkeypatch.setattr(
        Asked, "of", classmethod(lambda cls, *a, **k: replace(original(*a, **k), end=_asking.END))
    )
    monkeypatch.setattr(app, "answers", _asking.answers)
    monkeypatch.setenv(app.PARAMETERS, "tables")


def found(box: Any, kind: type, **traits: Any) -> list[Any]:
    return [
        one
        for one in box.find(kind).widgets
        if all(getattr(one, name, None) == value for name, value in traits.items())
    ]


def until(check, seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < end
        time.sleep(0.02)


def maps(box: Any) -> list[Any]:
    return [one for one in box.find(v.VuetifyTemplate).widgets if hasattr(one, "fills")]


@solara.component
def Framed() -> None:  # noqa: N802
    with solara.AppLayout():  # without one there is no side bar
        app.Page()


@pytest.mark.slow
def test_a_session_moves_a_lever_and_sees_its_own_answer() -> None:
    plain, aided = (
        replace(one, end=_asking.END)
        for one in (_asking.PLAIN, _asking.PLAIN.with_lever("aid", 2.0))
    )
    _, rc = render(Framed(), handle_error=False)
    _, rc_other = render(Framed(), handle_error=False)
    try:
        until(lambda: maps(rc) and maps(rc_other))
        assert maps(rc)[0].answer == plain.key
        slider = found(rc, v.Slider, min=0.5, max=2.3)[0]
        slider.v_model = 2.0
        until(lambda: maps(rc)[0].answer == aided.key)
        assert maps(rc_other)[0].answer == plain.key
        assert found(rc_other, v.Slider, min=0.5, max=2.3)[0].v_model == 1.0
    finally:
        rc.close()
        rc_other.close()


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({"seed": "seven"}, "seed"),
        ({"parameters": "/etc/passwd"}, "no parameters of this name"),
        ({"parameters": "draw:99999"}, "draw"),
        ({"scenario": "full-agendas"}, "full-agenda"),
    ],
    ids=str,
)
def test_what_is_wrong_is_said_and_nothing_is_run(changes, part) -> None:
    result = app.result_of(app.Wish(parameters="tables").but(**changes), lambda: True)
    assert result.answer is None
    assert part in result.wrong


def test_a_wish_that_changed_meanwhile_has_no_result() -> None:
    wish = app.Wish(parameters="tables", seed="99", levers=(("aid", 1.7),))
    assert app.result_of(wish, lambda: False) is None


def test_the_baseline_may_have_the_same_steps_off() -> None:
    wish = app.Wish(parameters="tables", off=("knowledge",))
    whole = app.result_of(wish, lambda: True)
    same = app.result_of(wish.but(same_steps=True), lambda: True)
    assert whole.answer is same.answer
    assert same.base is same.answer
    assert whole.base is not whole.answer
