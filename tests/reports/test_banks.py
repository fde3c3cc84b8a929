"""A bank's books and figure: sums that close, names that are right, titles computed from the run."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from _lending import lending_run

from sscsim.errors import InputError
from sscsim.reports import banks as reports
from sscsim.reports.bands import Bands


def title_of(figure: object) -> str:
    return next(t.get_text() for t in figure.texts if t.get_gid() == "title").replace("\n", " ")  # type: ignore[attr-defined]


def test_names_tell_banks_from_lenders() -> None:
    assert reports.names(lending_run()) == (("AAB", "ZZB"), ("IND_EXIM",))


def test_a_code_that_is_none_suggests_the_nearest() -> None:
    with pytest.raises(InputError, match="did you mean 'IND_EXIM'"):
        reports.lending(lending_run(), "IND_EXM")


def test_the_balance_sheet_closes_and_says_what_is_what() -> None:
    sheet = reports.balance_sheet(reports.lending(lending_run(), "AAB"))
    assert sheet.loc["Assets", 2020] == 3.0 + 5.0
    np.testing.assert_allclose(sheet.loc["Assets"], sheet.loc["Liabilities and equity"])
    lines = reports.balance_sheet(reports.lending(lending_run(), "IND_EXIM"))
    assert list(lines.index) == ["Loans outstanding", "of which in arrears"]


def test_flows_leave_out_what_the_table_lacks() -> None:
    table = reports.flows(reports.lending(lending_run(), "AAB"))
    assert table.loc["Approvals", 2016] == 2.0
    assert "Interest on bonds" not in table.index


def test_ratios_are_what_they_say_and_empty_before_the_bank_lends() -> None:
    table = reports.ratios(reports.lending(lending_run(), "AAB"))
    assert np.isnan(table.loc["Disbursed of approved since 2013", 2014])
    assert table.loc["Disbursed of approved since 2013", 2017] == pytest.approx(2.0 / 3.8)
    assert table.loc["Loans over statutory limit", 2025] == pytest.approx(0.25)
    assert table.loc["Headroom over statutory limit", 2025] == pytest.approx(0.75)
    assert table.loc["Equity over assets", 2025] == pytest.approx(8.0 / 13.0)
    lines = reports.ratios(reports.lending(lending_run(), "IND_EXIM"))
    assert lines.loc["Arrears over loans", 2013] == pytest.approx(0.05)


def test_mix_and_borrowers_count_amounts() -> None:
    one = reports.lending(lending_run(), "AAB")
    assert reports.mix(one, "sector").to_dict() == {"energy": 0.75, "water": 0.25}
    largest = reports.borrowers(one)
    assert list(largest.index) == ["IND", "KEN"]
    assert largest.loc["IND"].tolist() == [1.5, 2.0]
    line = reports.borrowers(reports.lending(lending_run(), "IND_EXIM"), 1)
    assert line.loc["ETH"].tolist() == [4.0, 0.0], "lines before 2013 are owed, not new"


def test_the_title_is_computed_from_the_run_that_is_drawn() -> None:
    title = title_of(reports.lending_figure(lending_run(), "AAB"))
    assert "AAB approves 2.0\xa0bn USD a year on average in 2016–2034" in title
    assert "19\xa0bn USD are outstanding in 2034, 48\xa0% of its limit" in title
    line = title_of(reports.lending_figure(lending_run(), "IND_EXIM"))
    assert "IND_EXIM approves 3.0\xa0bn USD" in line
    assert "limit" not in line


@pytest.mark.parametrize("code", ["AAB", "IND_EXIM"])
def test_every_word_lies_on_the_paper_and_no_two_on_each_other(code: str) -> None:
    from sscsim.reports.style import overlap, renderer_of

    figure = reports.lending_figure(lending_run(), code)
    renderer = renderer_of(figure)
    width, height = figure.get_size_inches() * figure.dpi
    boxes = []
    for ax in figure.axes:
        low, high = ax.get_ylim()
        ticks = [t.label1 for t in ax.yaxis.get_major_ticks() if low <= t.get_loc() <= high]
        words = [*ax.texts, *ax.get_xticklabels(), *ticks]
        boxes += [w.get_window_extent(renderer) for w in words if w.get_text()]
    boxes += [t.get_window_extent(renderer) for t in figure.texts]
    for i, box in enumerate(boxes):
        assert box.x0 >= 0
        assert box.y0 >= 0
        assert box.x1 <= width
        assert box.y1 <= height
        assert not any(overlap(box, other) for other in boxes[:i])


def test_a_bank_has_bands_of_draws_and_no_other_lender_has() -> None:
    run = lending_run()
    rng = np.random.default_rng(1)
    table = {
        (name, "AAB"): rng.uniform(1.0, 50.0, (30, len(run.years)))
        for name in ("bank_approvals", "bank_disbursements", "bank_outstanding")
    }
    bands = Bands(run.years, 30, "30 draws", table)
    figure = reports.lending_figure(run, "AAB", bands=bands)
    left, right = figure.axes[:2]
    (approved, _) = [c for c in left.collections if c.get_gid() == "band"]
    first = int(min(approved.get_paths()[0].vertices[:, 0]))
    low, high = np.quantile(table["bank_approvals", "AAB"][:, run.years.index(first)], (0.05, 0.95))
    at = [y for x, y in approved.get_paths()[0].vertices if x == first]
    assert min(at) == pytest.approx(low)
    assert max(at) == pytest.approx(high)
    assert len([line for line in right.lines if line.get_gid() == "band"]) == 2
    with pytest.raises(InputError, match="not of other lenders"):
        reports.lending_figure(run, "IND_EXIM", bands=bands)


def test_a_bank_that_never_lends_cannot_be_drawn() -> None:
    with pytest.raises(InputError, match="nothing to draw"):
        reports.lending_figure(lending_run(), "ZZB")


def test_the_figure_is_saved_under_the_banks_name_in_the_same_bytes(tmp_path: Path) -> None:
    first = reports.save_lending_figure(lending_run(), "AAB", tmp_path / "a", ["svg"])
    again = reports.save_lending_figure(lending_run(), "AAB", tmp_path / "b", ["svg"])
    assert [p.name for p in first] == ["bank_AAB.svg"]
    assert first[0].read_bytes() == again[0].read_bytes()
