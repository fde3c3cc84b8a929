"""Ensembles draw unconfirmed figures of institutions: when, keyed by what, and counted in the key of a member."""

from __future__ import annotations

from pathlib import Path

import pytest

from sscsim.experiments.beginnings import by_beginning
from sscsim.experiments.members import Member, figures_drawn, members
from sscsim.model import simulate
from sscsim.policy import load_scenario
from sscsim.provenance import marks, settings_of
from sscsim.settings import RunSettings
from sscsim.world.institutions import figures_of, load_institutions

PATHS = {f.path for f in figures_of(load_institutions()) if f.width}
BASELINE = load_scenario("baseline")
ONE = "institutions.lenders.sfd.volume.approvals"


@pytest.fixture(scope="module")
def drawn() -> list[dict[str, float]]:
    return figures_drawn(4)


def test_more_draws_contain_fewer(drawn: list[dict[str, float]]) -> None:
    assert figures_drawn(2) == drawn[:2]


def test_each_draw_is_another(drawn: list[dict[str, float]]) -> None:
    assert len({values[ONE] for values in drawn}) == 4
    assert figures_drawn(1, seed=2)[0][ONE] != drawn[0][ONE]


def test_confirmed_figures_are_drawn_only_where_asked(drawn: list[dict[str, float]]) -> None:
    aiib = "institutions.banks.aiib.members.of.CHN.share"
    assert aiib not in drawn[0]
    assert aiib in figures_drawn(1, confirmed=True)[0]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "draws.csv"
    path.write_text("trade_record_scale\n1.0\n1.05\n", "utf-8")
    return path


@pytest.mark.parametrize(
    ("source", "figures", "expected"),
    [
        ("posterior", None, True),
        ("posterior", False, False),
        ("priors", None, True),
        ("priors", False, False),
        ("tables", None, False),
        ("tables", True, True),
        ("central", None, False),
        ("central", True, True),
        ("file", None, False),
        ("file", True, True),
    ],
)
def test_who_draws_figures(file: Path, source: str, figures: bool | None, expected: bool) -> None:
    found = members(
        ["baseline"], 2, source=file if source == "file" else source, draw_figures=figures, end=2014
    )
    assert [bool(one.figures) for one in found] == [expected] * 2
    assert (found[0].figures != found[1].figures) == expected
    assert [one.seed for one in found] == [1, 2]


def test_scenarios_and_seeds_of_a_draw_have_the_same_figures() -> None:
    found = members(["baseline", "trade-integration"], 2, seeds=2, end=2014)
    by_draw = {d: [m for m in found if m.draw == d] for d in (0, 1)}
    for each in by_draw.values():
        assert len(each) == 4
        assert all(one.figures == each[0].figures for one in each)
    assert by_draw[0][0].figures != by_draw[1][0].figures


@pytest.mark.parametrize(
    "figures", [{ONE: 0.9}, {ONE: 1.0}, {"institutions.banks.ndb.cofinanced": 0.3}]
)
def test_figures_are_in_the_key_and_keep_members_apart(figures: dict[str, float]) -> None:
    plain = Member(RunSettings(BASELINE, end=2014))
    other = Member(RunSettings(BASELINE, end=2014, figures=figures))
    assert plain.key != other.key
    assert other.key == Member(RunSettings(BASELINE, end=2014, figures=dict(figures))).key
    assert len(by_beginning([plain, other], 1)) == 2


def test_a_run_has_the_figures_that_it_is_given() -> None:
    plain, other = (simulate("baseline", end=2014, figures=given) for given in (None, {ONE: 9.6}))
    approved = [run.table("lenders").groupby("lender")["approvals"].sum() for run in (plain, other)]
    assert approved[1]["SFD"] > 5 * approved[0]["SFD"]
    assert marks(plain.manifest) == []
    assert marks(other.manifest) == [f"{ONE} = 9.6"]
    assert settings_of(other.manifest).figures == {ONE: 9.6}
    assert plain.content_hash != other.content_hash


@pytest.mark.parametrize("held", [0.5, 0.96, 2.0])
def test_a_figure_that_is_given_is_held_in_every_draw(held: float) -> None:
    found = members(["baseline"], 3, figures={ONE: held}, end=2014)
    assert [one.figures[ONE] for one in found] == [held] * 3
    assert len({one.key for one in found}) == 3
