"""Credit lines: principal is conserved, money has two ends, terms repay, luck belongs to whom it is drawn for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sscsim.flows import credit_lines as credit
from sscsim.flows.credit_lines import CreditBook, CreditParameters
from sscsim.parameters import default_parameters
from sscsim.types import Array
from sscsim.world.institutions.lenders import Lenders

FIRST, LAST = 2008, 2034
RULES = CreditParameters.from_parameters(default_parameters())


def some_lenders(rng: np.random.Generator, count: int = 3, countries: int = 9) -> Lenders:
    funders = rng.random((count, countries)) * (rng.random((count, countries)) < 0.4)
    funders[:, 0] += 0.1
    eligible = rng.random((count, countries)) < 0.8
    eligible[:, 1] = True
    years = rng.integers(1, 8, count)
    maturity = years[:, None] + rng.integers(1, 20, (count, countries))
    return Lenders(
        codes=tuple(f"L{i}" for i in range(count)),
        funders=funders / funders.sum(axis=1, keepdims=True),
        volume=rng.uniform(0.0005, 0.02, count),
        cycle={2013: rng.uniform(0.0, 2.0, count)},
        after=np.ones(count),
        eligible=eligible,
        focus=rng.normal(0.0, 1.0, (count, countries)) * (rng.random((count, countries)) < 0.5),
        line_size=rng.uniform(0.01, 1.0, count),
        rate=rng.uniform(0.0, 0.06, (count, countries)),
        maturity=maturity,
        grace=(maturity * rng.uniform(0.0, 0.9, maturity.shape)).astype(np.int64),
        tied=rng.random(count),
        years=years,
        cancelled=rng.uniform(0.0, 0.5, count),
    )


def simulated(
    seed: int, rules: CreditParameters = RULES, *, distress: float = 0.0, demand: float = 1.0
) -> tuple[Lenders, CreditBook, list[tuple[CreditBook, credit.CreditFlows, Array]], Array]:
    """Return lenders, the book before the first year, every year's book and payments, and the GDP."""
    rng = np.random.default_rng(seed)
    lenders = some_lenders(rng)
    count, n = lenders.eligible.shape
    gdp, population = np.exp(rng.normal(3.0, 2.0, n)), np.exp(rng.normal(2.0, 1.0, n))
    opening = rng.random((count, 5, n)) * lenders.eligible[:, None, :]
    times = credit.schedule(lenders, rules, LAST - FIRST + 1)
    book, _ = credit.open_book(lenders, opening, FIRST, times, rules)
    first, years = book, []
    for year in range(FIRST + 5, LAST + 1):
        hit = distress * (rng.random(n) < 0.5)
        weights = credit.borrower_weights(
            lenders,
            gdp,
            population,
            rng.random((count, n)),
            rng.normal(size=(count, n)),
            book.approved.any(axis=1),
            hit,
            rules,
        )
        approvals = credit.approve(
            lenders,
            book,
            weights,
            gdp,
            credit.Luck(
                volume=rng.normal(size=count),
                lines=rng.random((count, n)),
                sizes=rng.normal(size=(count, n, credit.MOST_LINES)),
            ),
            rules,
            year=year,
            volume_factor=demand,
        )
        assert approvals.amount.sum() == pytest.approx(approvals.size.sum())
        book, flows = credit.serve(credit.enter(book, approvals.amount), lenders, times, hit, rules)
        years.append((book, flows, approvals.amount))
    return lenders, first, years, gdp


# ----------------------------------------------------------------------------------------- the laws of the books


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([0.0, 0.5, 1.0]), st.sampled_from([0.0, 1.0, 20.0]))
def test_principal_is_conserved_whatever_happens(seed: int, distress: float, demand: float) -> None:
    lenders, before, years, _ = simulated(seed, distress=distress, demand=demand)
    for book, flows, amount in years:
        assert credit.audit(book) == []
        np.testing.assert_allclose(
            book.debt - before.debt,
            flows.disbursed - flows.repaid - flows.written_off,
            atol=1e-9 * max(1.0, book.debt.max()),
        )
        np.testing.assert_allclose(
            book.undisbursed - before.undisbursed,
            amount - flows.disbursed - flows.cancelled,
            atol=1e-9 * max(1.0, book.undisbursed.max()),
        )
        assert abs(flows.both_ends(lenders.funders).sum()) < 1e-9 * max(1.0, flows.disbursed.sum())
        before = book


def test_audit_finds_what_is_wrong() -> None:
    _, book, _, _ = simulated(3)
    assert "not conserved" in " ".join(credit.audit(replace(book, repaid=book.repaid + 1.0)))
    assert "arrears is negative" in " ".join(
        credit.audit(replace(book, arrears=book.arrears - 1.0))
    )
    assert "more is drawn" in " ".join(credit.audit(replace(book, cancelled=book.cancelled + 99.0)))


def test_a_line_is_drawn_and_repaid_as_its_terms_say() -> None:
    lenders = replace(
        some_lenders(np.random.default_rng(0), 1, 2),
        years=np.array([3]),
        maturity=np.full((1, 2), 10),
        grace=np.full((1, 2), 4),
        rate=np.full((1, 2), 0.02),
        cancelled=np.array([0.25]),
    )
    times = credit.schedule(lenders, RULES, LAST - FIRST + 1)
    lines = np.array([[[8.0, 0.0]]])
    drawn, repaid, interest = [], [], []
    for year in range(FIRST, FIRST + 13):
        approved = np.concatenate([lines, np.zeros((1, year - FIRST, 2))], axis=1)
        book, flows = credit.open_book(lenders, approved, FIRST, times, RULES)
        drawn.append(flows.disbursed[0, 0])
        repaid.append(flows.repaid[0, 0])
        interest.append(flows.interest[0, 0])
    assert sum(drawn) == pytest.approx(6.0)  # a quarter of 8 is cancelled
    assert min(drawn[:4]) > 0
    assert drawn[4:] == [0.0] * 9
    assert repaid[:5] == [0.0] * 5  # years 0 to 4 are grace
    np.testing.assert_allclose(repaid[5:11], 1.0)  # six equal instalments
    assert repaid[11:] == [0.0, 0.0]
    assert interest[1] == pytest.approx(0.02 * drawn[0])
    assert book.debt[0, 0] == pytest.approx(0.0, abs=1e-12)
    assert book.cancelled[0, 0] == pytest.approx(2.0)


def test_disbursement_adds_up_and_peaks_where_the_parameter_says() -> None:
    lenders = some_lenders(np.random.default_rng(1))
    lenders = replace(lenders, years=np.array([12, 8, 4]))
    times = credit.schedule(lenders, replace(RULES, disbursement_peak=0.5), 30)
    np.testing.assert_allclose(times.drawn.sum(axis=1), 1.0 - lenders.cancelled)
    np.testing.assert_allclose(
        (times.drawn + times.cancelled).sum(axis=1), 1.0, err_msg="drawn or cancelled, nothing else"
    )
    assert 29 - times.drawn[0].argmax() == 6


# ----------------------------------------------------------------------------------------- distress, limits, levers


def test_distress_makes_arrears_and_recovery_pays_them() -> None:
    _, _, calm, _ = simulated(5)
    _, _, hard, _ = simulated(5, distress=1.0)
    assert all(book.arrears.sum() == 0.0 for book, _, _ in calm)
    assert hard[-1][0].arrears.sum() > 0.0
    assert hard[-1][0].written_off.sum() > 0.0
    none = simulated(5, replace(RULES, arrears=0.0), distress=1.0)[2]
    assert none[-1][0].arrears.sum() == 0.0


def test_debt_to_a_lender_stays_below_its_limit() -> None:
    rules = replace(RULES, exposure_limit=0.05)
    _, first, years, gdp = simulated(7, rules, demand=50.0)
    limit = np.maximum(0.05 * gdp, first.debt + first.undisbursed)
    for book, _, _ in years:
        assert np.all(book.debt + book.undisbursed <= limit * (1 + 1e-9))
    assert max(amount.sum() for *_, amount in years) > 0.0, "the limit binds, it does not forbid"


def test_no_volume_no_lines_and_the_rest_is_paid_back() -> None:
    _, _, years, _ = simulated(9, demand=0.0)
    assert all(amount.sum() == 0.0 for *_, amount in years)
    assert years[-1][0].debt.sum() < 0.2 * max(book.debt.sum() for book, _, _ in years)
    assert years[-1][0].undisbursed.sum() < 1e-9


def test_a_country_in_full_distress_gets_no_line() -> None:
    lenders = some_lenders(np.random.default_rng(2))
    count, n = lenders.eligible.shape
    distress = np.zeros(n)
    distress[1] = 1.0
    weights = credit.borrower_weights(
        lenders,
        np.ones(n),
        np.ones(n),
        np.ones((count, n)),
        np.zeros((count, n)),
        np.ones((count, n), dtype=bool),
        distress,
        RULES,
    )
    assert np.all(weights[:, 1] == 0.0)
    np.testing.assert_allclose(weights.sum(axis=1), 1.0)
    assert np.all(weights[~lenders.eligible] == 0.0)


@pytest.mark.parametrize(
    ("what", "up"),
    [("gdp", True), ("ties", True), ("focus", True), ("partner", True), ("income", False)],
)
def test_weights_move_the_way_theory_says(what: str, up: bool) -> None:
    lenders = replace(some_lenders(np.random.default_rng(2)), eligible=np.ones((3, 9), dtype=bool))

    def weight(**moved: float) -> float:
        gdp, people = np.full(9, 10.0), np.full(9, 5.0)
        ties, partner = np.ones((3, 9)), np.zeros((3, 9), dtype=bool)
        focus = np.zeros((3, 9))
        if "gdp" in moved:  # richer in all, as rich a head
            gdp[4] *= 2
            people[4] *= 2
        if "income" in moved:
            people[4] /= 2
        ties[:, 4] += moved.get("ties", 0.0)
        focus[:, 4] += moved.get("focus", 0.0)
        partner[:, 4] = "partner" in moved
        return float(
            credit.borrower_weights(
                lenders,
                gdp,
                people,
                ties,
                np.zeros((3, 9)),
                partner,
                np.zeros(9),
                RULES,
                focus=focus,
            )[0, 4]
        )

    assert (weight(**{what: 1.0}) > weight()) == up


# --------------------------------------------------------------------------------------------------- luck and size


@settings(max_examples=30, deadline=None)
@given(st.floats(0.0, 3.0), st.integers(0, 10**6))
def test_counts_are_poisson_and_rise_with_the_mean(mean: float, seed: int) -> None:
    u = np.random.default_rng(seed).random(500)

    def counts(mean: float, most: int) -> Array:
        every = np.zeros(500)
        some, count = credit.inverse_poisson(u, np.full(500, mean), most)
        every[some] = count
        return every

    count = counts(mean, 40)
    np.testing.assert_array_equal(count, stats.poisson.ppf(u, mean) if mean else np.zeros(500))
    assert np.all(counts(mean + 0.5, 40) >= count)
    assert counts(mean, 2).max() <= 2


def test_lines_share_the_volume_and_one_lenders_luck_is_its_own() -> None:
    rng = np.random.default_rng(11)
    lenders = replace(some_lenders(rng), eligible=np.ones((3, 9), dtype=bool))
    rules = replace(RULES, volume_noise=0.0, exposure_limit=1.0)
    times = credit.schedule(lenders, rules, LAST - FIRST + 1)
    empty, _ = credit.open_book(lenders, np.zeros((3, 1, 9)), FIRST, times, rules)
    gdp = np.full(9, 500.0)
    weights = np.full((3, 9), 1 / 9)

    def lines(factor: Array) -> credit.Approvals:
        luck = np.random.default_rng(1)
        return credit.approve(
            lenders,
            empty,
            weights,
            gdp,
            credit.Luck(
                volume=np.zeros(3),
                lines=luck.random((3, 9)),
                sizes=luck.normal(size=(3, 9, credit.MOST_LINES)),
            ),
            rules,
            year=2020,
            volume_factor=factor,
        )

    plain, moved = lines(np.ones(3)), lines(np.array([1.0, 2.0, 1.0]))
    np.testing.assert_allclose(plain.amount.sum(axis=1), lenders.volume * 500.0)
    np.testing.assert_allclose(moved.amount.sum(axis=1)[1], 2 * plain.amount.sum(axis=1)[1])
    np.testing.assert_array_equal(moved.amount[[0, 2]], plain.amount[[0, 2]])


def test_the_cycle_of_the_record_scales_the_volume() -> None:
    lenders = some_lenders(np.random.default_rng(12))
    rules = replace(RULES, volume_noise=0.0, exposure_limit=1.0)
    times = credit.schedule(lenders, rules, LAST - FIRST + 1)
    empty, _ = credit.open_book(lenders, np.zeros((3, 1, 9)), FIRST, times, rules)
    weights = lenders.eligible / lenders.eligible.sum(axis=1, keepdims=True)

    def total(year: int) -> Array:
        result = credit.approve(
            lenders,
            empty,
            weights,
            np.full(9, 900.0),
            credit.Luck(
                volume=np.zeros(3),
                lines=np.full((3, 9), 0.999),
                sizes=np.zeros((3, 9, credit.MOST_LINES)),
            ),
            rules,
            year=year,
        )
        return result.amount.sum(axis=1)

    np.testing.assert_allclose(total(2013), total(2020) * lenders.cycle[2013])


# ---------------------------------------------------------------------------------------- trade: tied lines, corridors


def test_tied_purchases_are_neutral_where_nothing_changes_and_bounded() -> None:
    trade = np.array([[0.0, 10.0], [4.0, 0.0]])
    tied = np.array([[0.0, 2.0], [0.0, 0.0]])
    before = credit.tied_rise(tied, trade)

    def freeness(tied: Array, trade: Array) -> Array:
        return credit.tied_freeness(credit.tied_rise(tied, trade), before, 3.0)

    np.testing.assert_allclose(freeness(tied, trade), 1.0)
    np.testing.assert_allclose(freeness(2 * tied, 2 * trade), 1.0)
    more = freeness(3 * tied, trade)
    assert more[0, 1] == pytest.approx(1.6 / 1.2)
    assert more[1, 0] == 1.0
    assert freeness(1e6 * tied, trade).max() == 3.0
    nowhere = credit.tied_rise(tied, np.zeros((2, 2)))
    assert credit.tied_freeness(before, nowhere, 3.0).min() >= 1.0


def test_corridors_cut_between_their_ends_only() -> None:
    pairs = credit.CorridorPairs.along((np.array([0, 1]), np.array([0, 1, 2])), 4)
    cut = credit.corridor_cut(pairs, np.array([0.1, 0.2]), 4)
    np.testing.assert_array_equal(np.diag(cut), 0.0)
    assert cut[0, 1] == cut[1, 0] == pytest.approx(1 - 0.9 * 0.8)
    assert cut[0, 2] == pytest.approx(0.2)
    assert np.all(cut[3] == 0.0)
    assert np.all(cut[:, 3] == 0.0)
    np.testing.assert_array_equal(credit.corridor_cut(pairs, np.zeros(2), 4), np.zeros((4, 4)))


def test_a_corridor_stops_where_those_who_build_it_stop() -> None:
    built = credit.corridor_progress(
        np.array([0.2, 0.2, 0.9]), np.full(3, 0.3), np.array([1.0, 0.0, 1.0])
    )
    np.testing.assert_allclose(built, [0.5, 0.2, 1.0])


def test_books_that_go_on_from_one_leave_each_other_alone() -> None:
    lenders = some_lenders(np.random.default_rng(4))
    times = credit.schedule(lenders, RULES, LAST - FIRST + 1)
    first, _ = credit.open_book(lenders, np.ones((3, 2, 9)), FIRST, times, RULES)
    before = first.approved.copy()
    one = credit.enter(credit.enter(first, np.full((3, 9), 2.0)), np.full((3, 9), 3.0))
    other = credit.enter(first, np.full((3, 9), 4.0))
    again = credit.enter(other, np.full((3, 9), 5.0))
    beside = credit.enter(other, np.full((3, 9), 6.0))
    np.testing.assert_array_equal(first.approved, before)
    for book, added in (
        (one, (2.0, 3.0)),
        (other, (4.0,)),
        (again, (4.0, 5.0)),
        (beside, (4.0, 6.0)),
    ):
        assert book.approved.shape == (3, 2 + len(added), 9)
        np.testing.assert_array_equal(book.approved[:, :2], before)
        np.testing.assert_array_equal(book.approved[0, 2:, 0], added)


def test_a_pair_is_served_on_its_own_terms() -> None:
    rng = np.random.default_rng(5)
    lenders = some_lenders(rng)
    times = credit.schedule(lenders, RULES, LAST - FIRST + 1)
    approved = rng.random((3, 6, 9))
    book, flows = credit.open_book(lenders, approved, FIRST, times, RULES)
    for country in range(9):
        alone = replace(
            lenders,
            maturity=np.repeat(lenders.maturity[:, [country]], 9, axis=1),
            grace=np.repeat(lenders.grace[:, [country]], 9, axis=1),
        )
        own = credit.schedule(alone, RULES, LAST - FIRST + 1)
        expected, paid = credit.open_book(alone, approved, FIRST, own, RULES)
        np.testing.assert_allclose(book.principal[:, country], expected.principal[:, country])
        np.testing.assert_allclose(flows.repaid[:, country], paid.repaid[:, country])
    outstanding = (book.approved * times.outstanding(book.count)).sum(axis=1)
    np.testing.assert_allclose(outstanding, book.principal)
