"""The lessons of the page: their words, their settings, and what the emulator is asked in each step."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Literal

from pydantic import Field

from sscsim.names import FIRST_YEAR, LAST_YEAR
from sscsim.page.outputs import GOALS, REGIONS, Output, outputs
from sscsim.page.sliders import Words, sliders
from sscsim.policy.scenario import LAST_PARAGRAPH
from sscsim.resources import package_folder
from sscsim.yamlfile import Block, YamlFile, read_yaml

__all__ = ["Asked", "Guess", "Lesson", "Look", "Step", "lessons"]

Item = str | list[str | int]


class Guess(Block):
    """What pupils guess: an output, and for whom."""

    output: str
    item: Item


class Asked(Block):
    """What the emulator is asked; ``lessons.yaml`` says what each kind is."""

    kind: Literal["change", "level", "pairs", "countries", "parts", "levers", "outside"]
    output: str | None = None
    item: Item | None = None
    year: int | None = Field(None, ge=FIRST_YEAR, le=LAST_YEAR)


class Look(Block):
    """Which picture is looked at, and what it shows."""

    picture: Literal["map", "lines", "wheel", "learn", "banks", "card"]
    output: str | None = None
    view: Literal["change", "level"] = "change"
    group: str | None = None
    year: int | None = Field(None, ge=FIRST_YEAR, le=LAST_YEAR)


class Step(Block):
    """A step of a lesson."""

    title: Words
    minutes: int = Field(ge=1)
    task: Words
    setting: dict[str, float] = Field(default_factory=dict, strict=False)
    against: dict[str, float] | None = None
    look: Look
    predict: list[Guess] = Field(default_factory=list)
    expect: list[Asked] = Field(min_length=1)
    why: Words
    question: Words


class Lesson(Block):
    """A lesson."""

    title: Words
    goal: Words
    paragraphs: list[int] = Field(min_length=1)
    steps: list[Step] = Field(min_length=2)


@lru_cache(maxsize=1)
def lessons() -> Mapping[str, Lesson]:
    """Return the lessons by name, in their order.

    Raises
    ------
    InputError
        With file, line and key, for what is wrong in their file.
    """
    document = read_yaml(package_folder() / "page" / "lessons.yaml")
    found = {
        name: document.validate(Lesson, raw, "lessons", name)
        for name, raw in document.mapping("lessons").items()
    }
    for name, lesson in found.items():
        _check(document, name, lesson)
    return found


def _check(document: YamlFile, name: str, lesson: Lesson) -> None:
    planned = document.data["minutes"]
    taken = sum(step.minutes for step in lesson.steps)
    if taken != planned:
        raise document.error(
            "the steps of this lesson take another time",
            "lessons",
            name,
            found=taken,
            allowed=str(planned),
        )
    for paragraph in lesson.paragraphs:
        if not 1 <= paragraph <= LAST_PARAGRAPH:
            raise document.error(
                "the report has no such paragraph",
                "lessons",
                name,
                "paragraphs",
                found=paragraph,
                allowed=f"1 to {LAST_PARAGRAPH}",
            )
    for number, step in enumerate(lesson.steps):
        place = ("lessons", name, "steps", number)
        for key, setting in (("setting", step.setting), ("against", step.against or {})):
            _check_setting(document, setting, *place, key)
        _check_output(document, step.look.output, None, *place, "look")
        if step.look.group is not None and step.look.group not in outputs().groups:
            raise document.unknown("group", step.look.group, outputs().groups, *place, "look")
        for i, guess in enumerate(step.predict):
            _check_output(document, guess.output, guess.item, *place, "predict", i)
        for i, asked in enumerate(step.expect):
            if asked.output is None and asked.kind != "outside":
                raise document.error("this names no output", *place, "expect", i)
            _check_output(document, asked.output, asked.item, *place, "expect", i)


def _check_setting(document: YamlFile, setting: Mapping[str, float], *place: str | int) -> None:
    table = sliders().table
    for name, value in setting.items():
        if name not in table:
            raise document.unknown("slider", name, table, *place)
        one = table[name]
        if not one.min <= value <= one.max:
            raise document.error(
                f"{name} cannot be set there",
                *place,
                found=value,
                allowed=f"{one.min} to {one.max}",
            )


def _check_output(
    document: YamlFile, name: str | None, item: Item | None, *place: str | int
) -> None:
    if name is None:
        return
    if name not in outputs().table:
        raise document.unknown("output", name, outputs().table, *place)
    if item is None:
        return
    parts = item if isinstance(item, list) else [item]
    for part, labels in zip(parts, _labels(outputs().table[name]), strict=True):
        if part not in labels:
            raise document.unknown(
                "item of this output", str(part), [str(label) for label in labels], *place
            )


def _labels(output: Output) -> list[Any]:
    if output.kind == "goals":
        return [outputs().groups, GOALS]
    if output.kind == "matrix":
        return [REGIONS, REGIONS]
    if output.kind == "bank":
        return [outputs().banks]
    return [output.groups or outputs().groups]
