"""The lessons: forty minutes each, of sliders and outputs that there are, asking only what the page shows."""

from __future__ import annotations

import re

import numpy as np
import pytest

from sscsim.errors import InputError
from sscsim.page import lessons as module
from sscsim.page.emulator import load
from sscsim.page.lessons import lessons
from sscsim.page.outputs import outputs
from sscsim.page.sliders import sliders

STEPS = [(name, number) for name, one in lessons().items() for number in range(len(one.steps))]


@pytest.fixture(scope="module")
def emulator():
    return load()


def step_of(name, number):
    return lessons()[name].steps[number]


def place(emulator, output, item) -> int:
    axes = emulator.outputs[output].axes
    parts = item if isinstance(item, list) else [item]
    found = [axis.index(part) for axis, part in zip(axes, parts, strict=True)]
    return found[0] if len(found) == 1 else found[0] * len(axes[1]) + found[1]


def test_there_are_four_of_forty_minutes() -> None:
    assert list(lessons()) == ["trade", "banks", "partners", "unknown"]
    for one in lessons().values():
        assert sum(step.minutes for step in one.steps) == 40
        assert any(step.predict for step in one.steps)


@pytest.mark.parametrize(("name", "number"), STEPS)
def test_a_step_asks_what_is_sure_enough_to_be_shown(emulator, name, number) -> None:
    step = step_of(name, number)
    for one in [*step.predict, *step.expect]:
        if one.output is None or one.item is None:
            continue
        held = emulator.outputs[one.output]
        assert held.shown[place(emulator, one.output, one.item)], (one.output, one.item)


@pytest.mark.parametrize(("name", "number"), STEPS)
def test_what_is_guessed_is_answered(name, number) -> None:
    step = step_of(name, number)
    answered = [(one.output, one.item) for one in step.expect if one.kind == "change"]
    assert all((one.output, one.item) in answered for one in step.predict)


@pytest.mark.parametrize(("name", "number"), STEPS)
def test_settings_lie_on_the_steps_of_the_sliders(name, number) -> None:
    step = step_of(name, number)
    for setting in (step.setting, step.against or {}):
        for slider, value in setting.items():
            one = sliders().table[slider]
            away = (value - one.min) / one.step if one.scale == "linear" else value / one.step
            assert abs(away - round(away)) < 1e-9, slider
            assert value != one.default, slider


def test_no_text_says_what_the_model_answers() -> None:
    """What is found is worded from the emulator; a text with a figure of it would go stale unseen."""
    for one in lessons().values():
        for step in one.steps:
            for text in (step.why, step.question):
                assert not re.search(r"\d", text.en + text.zh), text.en


def test_only_what_is_meant_to_lies_outside_what_was_trained(emulator) -> None:
    found = [
        (name, number)
        for name, number in STEPS
        for setting in (step_of(name, number).setting, step_of(name, number).against or {})
        if emulator.outside(setting)
    ]
    meant = [
        (name, number)
        for name, number in STEPS
        if any(one.kind == "outside" for one in step_of(name, number).expect)
    ]
    assert found == meant == [("unknown", 3)]


def test_a_picture_shows_an_output_of_its_kind() -> None:
    kinds = {"map": "country", "lines": "series", "learn": "matrix", "banks": "bank"}
    for one in lessons().values():
        for step in one.steps:
            if step.look.output is not None:
                kind = outputs().table[step.look.output].kind
                assert kind == kinds[step.look.picture], step.title.en


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("trade_cost: -10", "trade_cost: -20", "cannot be set there"),
        ("setting: {banks: 2}", "setting: {bank: 2}", "banks"),
        ("minutes: 40", "minutes: 45", "take another time"),
        ("output: s_income, item: LLDC", "output: s_income, item: LDCC", "LDC"),
        ("output: s_goal_index", "output: s_goals_index", "s_goal_index"),
        ("paragraphs: [81, 82, 85]", "paragraphs: [81, 820]", "paragraph"),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path, monkeypatch, old, new, message) -> None:
    text = (module.package_folder() / "page" / "lessons.yaml").read_text(encoding="utf-8")
    (tmp_path / "page").mkdir()
    (tmp_path / "page" / "lessons.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")
    monkeypatch.setattr(module, "package_folder", lambda: tmp_path)
    lessons.cache_clear()
    with pytest.raises(InputError, match=message) as caught:
        lessons()
    monkeypatch.undo()
    lessons.cache_clear()
    assert "lessons.yaml" in str(caught.value)


def test_what_a_lesson_finds_can_be_told_from_the_emulator(emulator) -> None:
    """The comparisons that tasks lead to are there to be found: both sides of a step differ by more than dust."""
    for name, number in STEPS:
        step = step_of(name, number)
        for one in step.expect:
            if one.kind != "change" or step.against is None:
                continue
            at = place(emulator, one.output, one.item)
            here = emulator.predict(one.output, step.setting).effect[at, -1]
            there = emulator.predict(one.output, step.against).effect[at, -1]
            assert not np.isclose(here, there), (name, number, one.output)
