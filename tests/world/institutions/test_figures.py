"""Figures of institutions: which are confirmed, how wide the others are, and files with figures drawn."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sscsim.errors import InputError
from sscsim.resources import package_folder
from sscsim.world.institutions import (
    Bank,
    Corridor,
    Lender,
    draw_figures,
    figures_hash,
    figures_of,
    load_institutions,
    with_figures,
)
from sscsim.world.institutions.figures import WIDTHS
from sscsim.world.institutions.schema import numbers_in

FILES = load_institutions()
FIGURES = figures_of(FILES)
BY_PATH = {figure.path: figure for figure in FIGURES}
DRAWN = [figure for figure in FIGURES if figure.width]
SHIPPED = package_folder() / "institutions"
CALENDAR = ("a year", "a year that is simulated", "a year before the base year")


def quantiles(seed: int, paths: list[str] | None = None) -> dict[str, float]:
    rng = np.random.default_rng(seed)
    return {path: float(rng.random()) for path in paths or [f.path for f in DRAWN]}


def at(files: Any, path: str) -> Any:
    return {f.path: f.value for f in figures_of(files)}[path]


# ------------------------------------------------------------------------------------------------------ what is known


def test_each_figure_has_a_name_of_its_own() -> None:
    assert len(BY_PATH) == len(FIGURES) > 1200
    assert BY_PATH["institutions.banks.ndb.capital.subscribed"].value == 50.0
    assert BY_PATH["institutions.lenders.sfd.volume.approvals"].value == 0.96
    assert BY_PATH["institutions.banks.isdb.members.of.SAU.share"].confirmed


def test_half_of_what_a_publisher_could_print_is_near_and_no_less_than_this_is_confirmed() -> None:
    """Conventions of the model apart, which nobody prints; docs/data.md says what is missing."""
    told = sum(f.confirmed for f in FIGURES)
    printable = sum(not f.convention for f in FIGURES)
    assert told >= 430
    assert told / len(FIGURES) >= 0.31
    assert told / printable >= 0.40


def test_every_kind_of_number_has_a_width_or_is_a_date() -> None:
    kinds = {mark.what for item in _all() for _, _, mark in numbers_in(item)}
    assert kinds - {*WIDTHS, *CALENDAR, "a width"} == set()
    assert {f.range.what for f in DRAWN} <= {*WIDTHS}


def _all() -> list[Any]:
    return [item for found in FILES.found.values() for item in found]


@pytest.mark.parametrize(
    ("path", "width"),
    [
        ("banks.aiib.members.of.CHN.share", 0.0),  # confirmed
        ("banks.aiib.members.of.CAN.share", WIDTHS["a share of the capital at the opening"]),
        ("banks.isdb.members.of.SEN.share", 0.6),  # stated for this key
        ("banks.caf.opening_balance.loans", 0.0),  # confirmed by its key
        ("banks.caf.opening_balance.liquid_assets", WIDTHS["money, bn USD,"]),
        ("banks.caf.opening_balance.borrowings", 0.0),  # follows from the others
        ("banks.caf.opening_balance.year", 0.0),  # a date
        ("banks.ndb.scoring.ldc", 0.0),  # none is none
        ("lenders.chn_policy.cycle.after", 0.7),  # stated for what is not confirmed
        ("lenders.chn_policy.cycle.factors.2016", 0.0),
        ("lenders.sfd.volume.approvals", 0.15),  # confirmed, worked out: with a width of its own
        ("partners.fao.budget.by_year.2013", WIDTHS["money, bn USD,"]),
    ],
)
def test_widths_are_stated_or_those_of_the_kind(path: str, width: float) -> None:
    assert BY_PATH[f"institutions.{path}"].width == width


SIZED = "project_size: {{value: 0.267, source: NDB 2018, {mark}}}"


@pytest.mark.parametrize(
    ("mark", "confirmed", "width"),
    [
        ("confirmed: true", True, 0.0),
        ("confirmed: false", False, 0.4),
        ("confirmed: false, width: 0.1", False, 0.1),
        ("confirmed: true, width: 0.1", True, 0.1),
        ("confirmed: [value]", True, 0.0),
        ("confirmed: false, width: {value: 0.2}", False, 0.2),
    ],
)
def test_a_users_file_marks_and_widens_its_figures(
    tmp_path: Path, mark: str, confirmed: bool, width: float
) -> None:
    _write(tmp_path, SIZED.format(mark=mark))
    found = {f.path: f for f in figures_of(load_institutions(folder=tmp_path))}
    figure = found["institutions.banks.ndb.project_size"]
    assert (figure.confirmed, figure.width) == (confirmed, width)


@pytest.mark.parametrize(
    ("mark", "key", "said"),
    [
        ("confirmed: maybe", "confirmed", "by yes or no"),
        ("confirmed: []", "confirmed", "by yes or no"),
        ("confirmed: {value: true}", "confirmed", "by yes or no"),
        ("width: -0.1", "width", "a width"),
        ("width: wide", "width", "a width"),
        ("width: {value: 3}", "width", "a width"),
        ("width: {other: 0.3}", "width.other", "no number"),
        ("confirmed: [other]", "confirmed.0", "no number"),
        ("confirmed: [source]", "confirmed.0", "no number"),
    ],
)
def test_a_slip_in_a_mark_is_said_where_it_stands(
    tmp_path: Path, mark: str, key: str, said: str
) -> None:
    line = _write(tmp_path, SIZED.format(mark=mark))
    with pytest.raises(InputError) as failure:
        load_institutions(folder=tmp_path)
    assert failure.value.line == line
    assert key in str(failure.value.key)
    assert said in str(failure.value)


def _write(folder: Path, line: str) -> int:
    """Write NDB's file with another line for the size of its projects, and return that line's number."""
    lines = (SHIPPED / "banks" / "ndb.yaml").read_text("utf-8").splitlines()
    place = next(i for i, text in enumerate(lines) if text.startswith("project_size:"))
    lines[place] = line
    (folder / "ndb.yaml").write_text("\n".join(lines) + "\n", "utf-8")
    return place + 1


# -------------------------------------------------------------------------------------------------------------- draws


@pytest.mark.parametrize("seed", range(6))
def test_a_draw_keeps_bounds_sums_and_balances(seed: int) -> None:
    values = draw_figures(FILES, quantiles(seed))
    assert len(values) > 0.9 * len(DRAWN)
    files = with_figures(FILES, values)  # every rule of every file is checked anew
    for path, value in values.items():
        bounds = BY_PATH[path].range
        assert bounds.low <= value <= bounds.high, path
    assert files.content_hash != FILES.content_hash
    for before, after in zip(FILES.of(Bank), files.of(Bank), strict=True):
        for stated, drawn in (
            ({k: m.share for k, m in b.members.of.items()} for b in (before, after)),
            (b.sectors.shares for b in (before, after)),
            ({k: w.share for k, w in b.windows.items()} for b in (before, after)),
            (b.capital.payments.by_year for b in (before, after)),
        ):
            assert math.fsum(drawn.values()) == pytest.approx(math.fsum(stated.values()))
        book = after.opening_balance
        if book is not None:
            gap = book.liquid_assets + book.loans - book.borrowings - book.paid_in - book.reserves
            assert gap == pytest.approx(0.0, abs=1e-9)
    for before, after in zip(FILES.of(Lender), files.of(Lender), strict=True):
        assert math.fsum(after.funders.of.values()) == pytest.approx(
            math.fsum(before.funders.of.values())
        )
    for before, after in zip(FILES.of(Corridor), files.of(Corridor), strict=True):
        assert math.fsum(after.opens.values()) == pytest.approx(math.fsum(before.opens.values()))


@pytest.mark.parametrize("seed", range(3))
def test_what_is_confirmed_stands_still(seed: int) -> None:
    drawn = {
        f.path: f.value
        for f in figures_of(with_figures(FILES, draw_figures(FILES, quantiles(seed))))
    }
    followers = {path for path in BY_PATH if path.endswith("opening_balance.borrowings")}
    for figure in FIGURES:
        if not figure.width and figure.path not in followers:
            assert drawn[figure.path] == figure.value, figure.path


def test_the_middle_of_every_width_is_what_is_stated() -> None:
    assert draw_figures(FILES, {f.path: 0.5 for f in DRAWN}) == {}
    assert draw_figures(FILES, {}) == {}
    assert with_figures(FILES, {}) is FILES


@pytest.mark.parametrize(
    "path",
    [
        "lenders.afesd.volume.approvals",
        "partners.jpn.budget.by_year.2013",
        "banks.caf.project_size",
    ],
)
def test_a_figure_by_itself_moves_by_its_width(path: str) -> None:
    name = f"institutions.{path}"
    figure = BY_PATH[name]
    up = draw_figures(FILES, {name: 0.8413447460685429})  # a standard deviation
    assert up == {name: pytest.approx(figure.value * math.exp(figure.width))}
    both = draw_figures(FILES, quantiles(1) | {name: 0.8413447460685429})
    assert both[name] == up[name]


def test_a_part_of_a_whole_moves_by_its_odds() -> None:
    figure = BY_PATH["institutions.lenders.ind_exim.cancelled"]
    up = draw_figures(FILES, {figure.path: 0.8413447460685429})[figure.path]
    odds = figure.value / (1 - figure.value) * math.exp(figure.width)
    assert up == pytest.approx(odds / (1 + odds))


def test_draws_are_the_same_again_and_touch_one_another_only_by_a_sum() -> None:
    asked = quantiles(4)
    first = draw_figures(FILES, asked)
    assert draw_figures(FILES, asked) == first
    gone = "institutions.lenders.ofid.volume.approvals"
    fewer = draw_figures(FILES, {path: q for path, q in asked.items() if path != gone})
    assert {path: v for path, v in first.items() if path != gone} == fewer


@pytest.mark.parametrize("far", [1e-6, 1 - 1e-6])
def test_the_furthest_draws_are_files_that_hold(far: float) -> None:
    with_figures(FILES, draw_figures(FILES, {f.path: far for f in DRAWN}))


@pytest.mark.parametrize("width", [0.5, 1.0, 2.0])
def test_a_rule_of_a_file_bounds_how_far_it_goes(width: float) -> None:
    """A grace never passes its maturity, however wide either is said to be."""
    figures = [f for f in FIGURES if ".ndb.windows.sovereign." in f.path and f.usual]
    for seed in range(5):
        rng = np.random.default_rng(seed)
        found = draw_figures(
            FILES, {f.path: float(rng.random() ** (1 + 10 * width)) for f in figures}
        )
        with_figures(FILES, found)


# ------------------------------------------------------------------------------------------------- values of one's own


@pytest.mark.parametrize(
    "path",
    [
        "institutions.banks.ndb.capital.subscribd",
        "banks.ndb.capital.subscribed",
        "institutions.banks.xyz.capital.paid_in",
    ],
)
def test_a_path_that_no_figure_has_is_refused(path: str) -> None:
    with pytest.raises(InputError, match="figure"):
        with_figures(FILES, {path: 1.0})


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("institutions.banks.ndb.capital.subscribed", 200.0),  # above what is authorised
        ("institutions.banks.ndb.windows.sovereign.grace", 30),  # after the last repayment
        ("institutions.banks.caf.opening_balance.loans", 50.0),  # out of balance
        ("institutions.lenders.sfd.tied", 1.5),  # more than all
    ],
)
def test_a_value_that_breaks_a_rule_is_refused(path: str, value: float) -> None:
    with pytest.raises(InputError, match="do not go together"):
        with_figures(FILES, {path: value})


@pytest.mark.parametrize("value", [0.9, 1.1, 2.0])
def test_a_value_of_ones_own_stands_in_the_files_place(value: float) -> None:
    path = "institutions.lenders.sfd.volume.approvals"
    files = with_figures(FILES, {path: value})
    assert at(files, path) == value
    assert at(FILES, path) == 0.96
    assert files == with_figures(FILES, {path: value})
    assert files != FILES


def test_hashes_tell_values_apart() -> None:
    found = {
        figures_hash(v) for v in ({}, {"a": 1.0}, {"a": 2.0}, {"b": 1.0}, {"a": 1.0, "b": 1.0})
    }
    assert len(found) == 5
    assert figures_hash({}) == ""
    assert figures_hash({"a": 1.0, "b": 2.0}) == figures_hash({"b": 2.0, "a": 1.0})
