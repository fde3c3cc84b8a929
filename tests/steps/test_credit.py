"""Credit lines in the model: two ends to all money, rows that match the books, levers, luck of one's own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sscsim.flows.credit_lines import audit
from sscsim.model import SouthSouthModel
from sscsim.policy import Scenario
from sscsim.policy.scenario import Setting, Where
from sscsim.world.institutions import SECTORS_OF_LENDING

ROOT = Path(__file__).resolve().parents[2]
END = 2018


def ran(
    *,
    seed: int = 1,
    end: int = END,
    off: tuple[str, ...] = (),
    folder: Path | None = None,
    **levers: Setting,
) -> SouthSouthModel:
    scenario = Scenario(
        name="test",
        title={"en": "Test"},
        levers={name: (setting,) for name, setting in levers.items()},
    )
    model = SouthSouthModel(scenario, seed=seed, end=end, off=off, institutions=folder)
    while model.running:
        model.step()
    return model


@pytest.fixture(scope="module")
def plain() -> SouthSouthModel:
    return ran()


def lines(model: SouthSouthModel, code: str, since: int = 2013) -> dict[str, np.ndarray]:
    """Return the lines of one lender since a year, a column each."""
    table = model.submodels["credit"].desk.lines()
    mine = table.year_approved >= since
    mine &= table.lender == table.lenders.index(code)
    return {name: values[mine] for name, values in table.columns().items()}


def test_books_hold_and_all_money_has_two_ends(plain: SouthSouthModel) -> None:
    state = plain.state
    assert audit(plain.submodels["credit"].desk.book) == []
    assert state.credit_lent.sum() == pytest.approx(state.credit_disbursed.sum())
    assert state.credit_collected.sum() == pytest.approx(state.credit_service.sum())
    assert state.other_finance_received.sum() == pytest.approx(state.other_finance_paid.sum())
    for name in ("credit_approved", "credit_disbursed", "credit_service", "credit_debt"):
        assert getattr(state, name).min() >= 0.0, name


def test_rows_of_loans_add_up_to_the_books(plain: SouthSouthModel) -> None:
    desk = plain.submodels["credit"].desk
    book, table = desk.book, desk.settled(plain.year)
    for column, stock in (
        ("amount", book.approved),
        ("disbursed", book.disbursed),
        ("cancelled", book.cancelled),
        ("repaid", book.repaid),
        ("arrears", book.arrears),
        ("written_off", book.written_off),
    ):
        assert getattr(table, column).sum() == pytest.approx(stock.sum()), column
    assert table.outstanding.sum() == pytest.approx(book.debt.sum())
    assert table.amount.min() > 0.0


def test_the_base_year_holds_what_lenders_paid_before(plain: SouthSouthModel) -> None:
    # What a country received of other finance in the record is what it receives at the opening, lenders included.
    share = plain.parameters["other_finance_to_gdp"]
    developing = plain.world.membership("developing_wir_2018")
    record = share * plain.world.base["gdp_current_busd"] * developing
    np.testing.assert_allclose(plain.opening.other_finance_received, record, atol=1e-9)
    np.testing.assert_array_equal(plain.opening.tied_freeness, 1.0)
    np.testing.assert_array_equal(plain.opening.corridor_cut, 0.0)


def test_without_the_step_trade_knows_nothing_of_lines_and_corridors() -> None:
    model = ran(off=("finance",), end=2016)
    np.testing.assert_array_equal(model.state.tied_freeness, 1.0)
    np.testing.assert_array_equal(model.state.corridor_cut, 0.0)
    assert model.submodels["credit"].desk.book is model.submodels["credit"].base.book


def test_china_is_far_above_the_banks(plain: SouthSouthModel) -> None:
    # 141 bn in 2016 with all State lenders; AIIB and NDB approved 3 together.
    china = sum(
        lines(plain, c)["amount"][lines(plain, c)["year_approved"] == 2016].sum()
        for c in ("CHN_POLICY", "CHN_STATE")
    )
    assert 60.0 < china < 300.0


@pytest.mark.parametrize("code", ["RUS", "COL", "NGA"])
def test_what_went_on_in_the_base_year_grows_with_output_in_dollars(code: str) -> None:
    """By output of constant prices lines that go on as before would count as more where the dollar's worth of it fell.

    Lines pay dollars of the year. Only what they pay beyond the base year's, as output in the same dollars has grown
    since, builds more than the record of the base year holds.
    """
    model = ran(end=2015)
    credit, desk, now = model.submodels["credit"], model.submodels["credit"].desk, model.now()
    at = model.world.position(code)
    volumes = model.state.gdp / model.opening.gdp
    dollars = model.state.gdp_current / model.opening.gdp_current
    assert (
        abs(volumes[at] / dollars[at] - 1.0) > 0.1
    )  # the two scales are apart, or this shows nothing

    def built(grown: np.ndarray) -> np.ndarray:
        desk.flows = replace(desk.flows, disbursed=desk.reference.disbursed * grown)
        return np.asarray(credit._built(now).sum(axis=1))

    assert built(dollars) == pytest.approx(np.zeros(len(dollars)), abs=1e-12)
    more = built(1.5 * dollars)
    part = credit.banking.base.parameters.infrastructure_additionality
    paid = (desk.reference.disbursed.T @ credit.base.infrastructure).sum(axis=1)
    assert paid.sum() > 1.0
    assert more == pytest.approx(part * now.volumes(0.5 * dollars * paid))


def test_a_corridor_opens_with_its_lender_and_only_then(plain: SouthSouthModel) -> None:
    china, pakistan = (plain.world.position(code) for code in ("CHN", "PAK"))
    assert 0.0 < plain.state.corridor_cut[china, pakistan] < 0.15
    stopped = ran(credit_volume=Setting(value=0.0))
    np.testing.assert_array_equal(stopped.state.corridor_cut, 0.0)
    assert stopped.state.credit_approved.sum() == 0.0
    assert stopped.state.credit_service.sum() > 0.0, "what was lent before is repaid"


def test_tied_lines_move_imports_to_the_lender() -> None:
    only = Where(countries=["IND"])
    more = ran(credit_volume=Setting(value=4.0, where=only), end=2017)
    less = ran(credit_volume=Setting(value=0.0, where=only), end=2017)
    india, nepal = (more.world.position(code) for code in ("IND", "NPL"))
    assert more.state.tied_freeness[india, nepal] > less.state.tied_freeness[india, nepal]
    share = [m.state.trade[india, nepal] / m.state.imports[nepal] for m in (more, less)]
    assert share[0] > share[1]


def test_focus_and_green_levers_move_what_they_name() -> None:
    def poorest(model: SouthSouthModel) -> float:
        group = model.world.membership("LDC") | model.world.membership("SIDS")
        new = lines(model, "CHN_STATE")
        return float(new["amount"][group[new["receiver"]]].sum() / new["amount"].sum())

    def renewable(model: SouthSouthModel) -> float:
        new = lines(model, "IND_EXIM")
        energy = new["sector"] == SECTORS_OF_LENDING.index("energy")
        return float(new["renewable"][energy].mean())

    plain, focus = ran(), ran(credit_focus=Setting(value=1.5))
    assert poorest(focus) > 1.5 * poorest(plain)
    green = ran(credit_green=Setting(value=1.0))
    assert renewable(green) == 1.0 > renewable(plain)
    np.testing.assert_array_equal(
        lines(green, "IND_EXIM")["amount"], lines(plain, "IND_EXIM")["amount"]
    )


def test_a_lender_more_leaves_the_others_their_luck(plain: SouthSouthModel, tmp_path: Path) -> None:
    import re

    text = (ROOT / "docs" / "add-a-bank.md").read_text(encoding="utf-8")
    for name, content in re.findall(r"<!-- file: (\S+) -->\n```yaml\n(.*?)```", text, re.DOTALL):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content, encoding="utf-8")
    with_more = ran(folder=tmp_path)
    assert lines(with_more, "ZAF_LINES")["amount"].sum() > 0.0
    first = [lines(m, "IND_EXIM") for m in (plain, with_more)]
    at = [one["year_approved"] == 2013 for one in first]
    np.testing.assert_array_equal(first[0]["receiver"][at[0]], first[1]["receiver"][at[1]])
    np.testing.assert_allclose(first[0]["amount"][at[0]], first[1]["amount"][at[1]])


def test_the_bank_of_the_documentation_lends(tmp_path: Path) -> None:
    import re

    text = (ROOT / "docs" / "add-a-bank.md").read_text(encoding="utf-8")
    for name, content in re.findall(r"<!-- file: (\S+) -->\n```yaml\n(.*?)```", text, re.DOTALL):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content, encoding="utf-8")
    model = ran(folder=tmp_path, end=2026)
    place = model.submodels["banking"].base.codes.index("DBSS")
    assert model.state.bank_approvals[place] > 0.0
    assert model.state.bank_loans[place] > 0.0
    assert model.state.bank_member[place, model.world.position("KEN")] == 1.0


def test_same_seed_same_books_and_other_seed_other() -> None:
    one, two, other = (
        ran(seed=s, end=2014).submodels["credit"].desk.book.approved for s in (3, 3, 4)
    )
    np.testing.assert_array_equal(one, two)
    assert not np.array_equal(one, other)


def test_a_table_of_loans_is_that_of_its_year_though_the_model_goes_on() -> None:
    model = SouthSouthModel(seed=1, end=2017)
    while model.year < 2015 or model.steps == 0:
        model.step()
    early = model.recorded()
    while model.running:
        model.step()
    there, whole = early.tables["loans"], SouthSouthModel(seed=1, end=2015).run().tables["loans"]
    assert there.content_hash == whole.content_hash
    assert there.content_hash != model.recorded().tables["loans"].content_hash
    assert early.tables["countries"].columns["gdp"].shape == (3 * len(model.world.iso3),)
