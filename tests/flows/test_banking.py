"""Banks as pure functions: ramp and envelope, proposals from fixed luck, approval, payment in and out, governors."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sscsim.compiled import SWITCH
from sscsim.flows import banking
from sscsim.flows.banking import BankingParameters, Outlook, Portfolio
from sscsim.parameters import default_parameters
from sscsim.world.loans import STATUSES, LoanTable

RULES = BankingParameters.from_parameters(default_parameters())


def test_the_ramp_is_the_integral_of_a_logistic() -> None:
    ages = np.linspace(2.0, 3.0, 20001)
    pace = 1.0 / (1.0 + np.exp(-(ages - 5.0) / 1.6))
    assert banking.ramp_between(2.0, 3.0, 5.0, 1.6) == pytest.approx(np.trapezoid(pace, ages))


def test_an_envelope_grows_with_age_to_kappa_of_headroom() -> None:
    headroom = np.full(60, 100.0)
    allowed = banking.envelope(headroom, np.arange(60.0), RULES)
    assert (np.diff(allowed) >= -1e-9).all()
    assert allowed[-1] == pytest.approx(100.0 * RULES.bank_envelope_share, rel=1e-6)
    assert allowed[0] == 0.0
    assert banking.envelope(np.array([-5.0]), np.array([20.0]), RULES) == 0.0
    half = banking.envelope(headroom / 2, np.arange(60.0), RULES)
    assert np.allclose(half, allowed / 2)


def test_what_is_repaid_in_revolving_windows_widens_an_envelope() -> None:
    headroom, age = np.array([-5.0, 40.0]), np.array([50.0, 50.0])
    plain = banking.envelope(headroom, age, RULES)
    wider = banking.envelope(headroom, age, RULES, revolved=np.array([3.0, 2.0]))
    assert plain[0] == 0.0
    assert wider == pytest.approx([3.0, plain[1] + 2.0])


def test_large_members_ask_for_less_of_their_output() -> None:
    gdp = np.array([100.0, 10_000.0])
    even = np.ones(2)
    asked = banking.demand(gdp, even, even, np.zeros(2), RULES) / gdp
    assert asked[1] / asked[0] == pytest.approx(100.0**-RULES.proposal_size_elasticity)


def test_disbursement_takes_six_to_seven_years_and_is_slow_at_first() -> None:
    share = banking.disbursed_share(np.arange(10.0), RULES)
    assert (np.diff(share) >= 0).all()
    assert share[6] == share[-1] == 1.0
    # What is known of AIIB: 19 % of the approvals of 2016 to 2018 were paid out by the end of 2018.
    approved = np.array([1.69, 2.50, 3.31])
    assert (approved * share[[2, 1, 0]]).sum() / approved.sum() == pytest.approx(0.19, abs=0.03)


BORROWERS = np.array([2, 3, 5, 7, 8, 9])


def proposals(wanted: float = 5.0, *, luck=None, active=None) -> banking.Proposals:
    """Return a year's proposals of six members of one bank in a world of ten economies."""
    if luck is None:
        luck = np.random.default_rng(1).random((len(banking.DRAWS), 6, banking.SLOTS))
    gdp, need = np.ones(10), np.zeros(10)
    gdp[BORROWERS], need[BORROWERS] = np.geomspace(10.0, 2000.0, 6), np.linspace(1.0, -1.0, 6)
    ldc = np.zeros(10, bool)
    ldc[BORROWERS[::2]] = True
    return banking.draw_proposals(
        luck,
        banking.Slate(np.zeros(6, np.intp), BORROWERS, np.zeros(6)),
        banking.Mandates.of([np.full(9, 1 / 9)], [np.array([0.8, 0.2])], [0.5]),
        banking.Standing(
            wanted=np.full(6, wanted) * (np.ones(6) if active is None else active),
            gdp=gdp,
            need=need,
            ldc=ldc,
            lldc=np.zeros(10, bool),
            sids=np.zeros(10, bool),
            exposure=np.zeros(6),
            mean_size=np.array([0.25]),
            cofinanced=np.array([0.3]),
        ),
        RULES,
    )


def two_banks(seed: int, wanted: tuple[float, float]) -> tuple[banking.Proposals, np.ndarray]:
    """Return the proposals of two banks that share members, and their luck."""
    luck = np.random.default_rng(seed).random((len(banking.DRAWS), 9, banking.SLOTS))
    bank, country = np.repeat([0, 1], [6, 3]), np.concatenate([BORROWERS, BORROWERS[:3]])
    drawn = banking.draw_proposals(
        luck,
        banking.Slate(bank, country, np.linspace(-1.0, 0.0, 9)),
        banking.Mandates.of(
            [np.full(9, 1 / 9), np.array([0.5, 0.0, 0.5])],
            [np.array([0.8, 0.2]), np.array([0.2, 0.3, 0.5])],
            [0.5, 1.0],
        ),
        banking.Standing(
            wanted=np.array(wanted)[bank],
            gdp=np.geomspace(1.0, 500.0, 10),
            need=np.linspace(1.0, -1.0, 10),
            ldc=np.arange(10) % 2 == 0,
            lldc=np.arange(10) % 3 == 0,
            sids=np.arange(10) % 4 == 0,
            exposure=np.linspace(0.0, 1.0, 9),
            mean_size=np.array([0.25, 0.1]),
            cofinanced=np.array([0.3, 0.9]),
        ),
        RULES,
    )
    return drawn, luck


@pytest.mark.parametrize("other", [0.0, 1.0, 30.0])
def test_what_one_bank_is_asked_for_leaves_the_other_as_it_was(other: float) -> None:
    alone, _ = two_banks(4, (3.0, 0.0))
    both, _ = two_banks(4, (3.0, other))
    mine = both.take(both.rows(0))
    assert (len(both) > len(mine)) == (other > 0.0)
    for name in mine.__dataclass_fields__:
        np.testing.assert_array_equal(getattr(mine, name), getattr(alone, name))


def test_a_proposal_falls_on_a_part_of_its_own_banks_mandate() -> None:
    drawn, luck = two_banks(5, (20.0, 20.0))
    second = drawn.take(drawn.rows(1))
    assert set(drawn.take(drawn.rows(0)).sector) == set(range(9))
    assert set(second.sector) == {0, 2}
    assert set(second.window) == {0, 1, 2}
    assert second.renewable.sum() == (second.sector == 0).sum()  # all its energy is
    assert set(second.receiver) <= set(BORROWERS[:3].tolist())
    row, slot = np.nonzero(np.isin(luck[7], second.cancel))
    assert (row >= 6).all()
    assert len(slot) == len(second)


def test_weights_of_banks_are_those_of_their_own_proposals() -> None:
    drawn, _ = two_banks(6, (5.0, 5.0))
    pieces = np.random.default_rng(0).normal(size=(8, 2))
    together = banking.score(drawn, banking.Weights(*pieces).of(drawn.bank))
    for place in (0, 1):
        rows = drawn.rows(place)
        alone = banking.score(drawn.take(rows), banking.Weights(*pieces[:, place].tolist()))
        np.testing.assert_array_equal(together[rows], alone)


def test_more_demand_adds_proposals_and_leaves_the_others_luck() -> None:
    few, many = proposals(1.0), proposals(3.0)
    assert 0 < len(few) < len(many)
    assert set(few.noise.tolist()) < set(many.noise.tolist())


def test_who_may_not_borrow_brings_nothing_and_changes_nobody() -> None:
    everyone = proposals()
    fewer = proposals(active=np.array([False] + [True] * 5))
    assert 2 not in fewer.receiver
    kept = everyone.receiver != 2
    assert set(fewer.noise.tolist()) & set(everyone.noise[kept].tolist())
    assert len(proposals(0.0)) == 0


def test_project_sizes_have_the_mean_they_should_and_rise_with_the_borrower() -> None:
    luck = np.random.default_rng(2).random((len(banking.DRAWS), 6, 4000))
    drawn = proposals(3.0, luck=luck)
    assert drawn.amount.mean() == pytest.approx(0.25, rel=0.1)
    by = [drawn.amount[drawn.receiver == r].mean() for r in (2, 9)]
    assert by[0] < by[1]


@given(st.integers(0, 2**32 - 1), st.floats(0.0, 20.0), st.floats(0.1, 5.0))
def test_approval_stays_within_envelope_and_rooms_and_leaves_nothing_that_fits(
    seed, limit, room
) -> None:
    rng = np.random.default_rng(seed)
    amount, receiver = rng.lognormal(-1.0, 0.7, 60), rng.integers(0, 8, 60)
    standing, rooms = rng.normal(size=60), rng.uniform(0.0, room, 8)
    taken = banking.approve(standing, amount, receiver, limit, rooms)
    assert amount[taken].sum() <= limit + 1e-9
    by = np.bincount(receiver[taken], weights=amount[taken], minlength=8)
    assert (by <= rooms + 1e-9).all()
    left = limit - amount[taken].sum()
    fits = (amount <= left - 1e-9) & (amount <= (rooms - by)[receiver] - 1e-9)
    assert not fits[~taken].any()


@given(
    st.integers(0, 2**32 - 1),
    st.lists(st.sampled_from([0.0, 0.5, 4.0, 100.0]), min_size=1, max_size=4),
    st.floats(0.1, 20.0),
    st.integers(0, 80),
)
def test_banks_side_by_side_approve_what_each_would_alone(seed, limits, room, count) -> None:
    rng = np.random.default_rng(seed)
    bank = np.sort(rng.integers(0, len(limits), count))
    amount, receiver = rng.lognormal(-1.0, 0.7, count), rng.integers(0, 8, count)
    standing = np.round(rng.normal(size=count), 1)  # some stand alike
    rooms = rng.uniform(0.0, room, (len(limits), 8))
    together = banking.approve_side_by_side(
        standing, bank, amount, receiver, np.array(limits), rooms
    )
    for place, limit in enumerate(limits):
        mine = bank == place
        alone = banking.approve(standing[mine], amount[mine], receiver[mine], limit, rooms[place])
        np.testing.assert_array_equal(together[mine], alone)


def test_a_loan_that_is_over_stays_as_it_is() -> None:
    table = LoanTable(["A"])
    table.append(
        amount=np.array([10.0, 10.0, 10.0]), disbursed=np.array([10.0, 10.0, 0.0]), lender=0, receiver=0, cell=0,
        repaid=np.array([10.0, 4.0, 0.0]), written_off=np.array([0.0, 6.0, 0.0]), cancelled=np.array([0.0, 0.0, 10.0]),
        first_disbursement=np.array([2015, 2015, -1]), year_approved=2014, grace=5, maturity=25,
        arrears=np.array([1e-14, 0.0, 0.0]), status=np.array([4, 6, 5]),
    )  # fmt: skip
    before = table.columns()
    loans = Portfolio.of(table)
    for year in range(2020, 2024):
        assert banking.give_up(loans, np.ones((1, 1)), year).sum() == 0.0
        got = banking.collect(loans, np.ones(1), year, RULES)
        assert not any(values.any() for values in (got.principal, got.interest, got.written_off))
        loans.book(got)
        due, following = banking.due_to_borrowers(
            loans, loans.undisbursed, np.ones((1, 1, 9)), year
        )
        assert not due.any()
        assert not following.any()
        loans.close(year)
    for name, values in before.items():
        if name != "completed":
            np.testing.assert_array_equal(getattr(table, name), values, err_msg=name)


def test_the_best_are_taken_first() -> None:
    amount, receiver = np.ones(10), np.zeros(10, int)
    taken = banking.approve(np.arange(10.0), amount, receiver, 3.0, np.array([100.0]))
    assert np.flatnonzero(taken).tolist() == [7, 8, 9]


def test_weights_move_what_is_approved() -> None:
    drawn = proposals(20.0)
    plain = banking.Weights(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0)
    room = np.full(10, 100.0)

    def share(weights: banking.Weights, mark: np.ndarray) -> float:
        taken = banking.approve(
            banking.score(drawn, weights), drawn.amount, drawn.receiver, 3.0, room
        )
        return float(drawn.amount[taken & mark].sum() / drawn.amount[taken].sum())

    assert share(replace(plain, ldc=5.0), drawn.ldc) > share(plain, drawn.ldc)
    assert share(replace(plain, renewable=5.0), drawn.renewable) > share(plain, drawn.renewable)


def some_loans(rng: np.random.Generator, banks: int, countries: int, count: int) -> LoanTable:
    """Return loans of a random little world, none of them begun."""
    table = LoanTable()
    lender, receiver = rng.integers(0, banks, count), rng.integers(0, countries, count)
    sovereign, approved = rng.random(count) < 0.6, rng.integers(2014, 2019, count)
    luck = rng.integers(2016, 2040, (2, count))
    table.append(
        lender=lender,
        receiver=receiver,
        cell=lender * countries + receiver,
        window=rng.integers(0, 2, count),
        sector=rng.integers(-1, 3, count),
        revolving=rng.random(count) < 0.2,
        renewable=rng.random(count) < 0.3,
        sovereign=sovereign,
        year_approved=approved,
        grace=rng.integers(0, 6, count),
        maturity=rng.integers(5, 20, count),
        margin=rng.normal(0.0, 0.05, count),
        amount=rng.lognormal(size=count),
        cancels=np.where(rng.random(count) < 0.1, luck[0], -1),
        defaults=np.where(rng.random(count) < 0.5, luck[1], -1),
    )
    return table


def some_years(seed: int) -> list[np.ndarray]:
    """Return all that thirty years of such loans come to, and where each of them leaves the table."""
    rng, found = np.random.default_rng(seed), []
    table = some_loans(rng, 3, 5, 200)
    profile = np.minimum(np.cumsum(rng.random((3, 2, 9)) * 0.3, axis=2), 1.0)
    for year in range(2018, 2048):
        loans = Portfolio.of(table)
        member = (rng.random((3, 5)) < 0.98).astype(float)
        distress = (rng.random(5) < 0.3).astype(float)
        served = banking.serve(loans, member, distress, profile, year, RULES)
        share = rng.choice([0.0, 0.4, 1.0], 3)
        paid = banking.pay_out(loans, served.due, share, (3, 5), 3, year)
        found += [getattr(one, f.name) for one in (served, paid) for f in fields(one)]
        found += [values.copy() for values in table.held().values()]
    return found


def test_compiled_loops_serve_loans_as_the_plain_code_does(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("numba")
    for seed in range(20):
        found = []
        for switch in "01":
            monkeypatch.setenv(SWITCH, switch)
            found.append(some_years(seed))
        for plain, fast in zip(*found, strict=True):
            np.testing.assert_array_equal(fast, plain, strict=True)
    statuses = {int(status) for table in found[0] if table.dtype == np.int8 for status in table}
    assert statuses == set(range(len(STATUSES)))


def life(distressed=(), failed_from: int = 99, years: int = 26) -> dict[str, np.ndarray]:
    """Serve one loan of 10, paid out at once, with 5 years of grace and 25 to maturity."""
    table = LoanTable(["A"])
    table.append(
        amount=np.array([10.0]), disbursed=np.array([10.0]), lender=0, receiver=0, sovereign=failed_from > years,
        first_disbursement=2020, year_approved=2020, grace=5, maturity=25, margin=0.01, defaults=2020 + failed_from,
    )  # fmt: skip
    loan = Portfolio.of(table)
    paid, written, interest = [], [], []
    for year in range(years):
        got = banking.collect(loan, np.array([float(year in distressed)]), 2020 + year, RULES)
        loan.book(got)
        for kept, value in (
            (paid, got.principal),
            (written, got.written_off),
            (interest, got.interest),
        ):
            kept.append(value[0])
    owed = loan.outstanding
    return {
        "owed": owed,
        "paid": np.array(paid),
        "written": np.array(written),
        "interest": np.array(interest),
    }


def test_a_loan_is_repaid_evenly_after_grace_and_on_time() -> None:
    found = life()
    assert (found["paid"][:5] == 0).all()
    assert np.allclose(found["paid"][5:25], 0.5)
    assert found["owed"] == pytest.approx(0.0, abs=1e-12)
    assert found["interest"][0] == pytest.approx(10.0 * (RULES.bank_funding_rate + 0.01))


def test_a_state_in_distress_pays_most_and_the_rest_when_it_can() -> None:
    found = life(distressed=(8, 9))
    assert found["paid"][8] == pytest.approx(0.5 * RULES.preferred_creditor_share)
    assert found["paid"].sum() == pytest.approx(10.0)
    assert found["written"].sum() == 0.0


def test_long_arrears_are_written_off_in_parts() -> None:
    found = life(distressed=range(5, 40), years=40)
    assert found["written"][: 5 + int(RULES.write_off_delay)].sum() == 0.0
    assert found["written"].sum() > 0.0
    assert found["paid"].sum() + found["written"].sum() + found["owed"][0] == pytest.approx(10.0)


def test_a_private_failure_is_recovered_in_part() -> None:
    found = life(failed_from=7)
    assert found["written"][7] / (found["written"][7] + found["paid"][7]) == pytest.approx(
        1.0 - RULES.private_recovery
    )
    assert found["owed"] == 0.0


@given(st.integers(0, 2**32 - 1))
def test_borrowing_keeps_cash_limits_and_identities(seed: int) -> None:
    rng = np.random.default_rng(seed)
    amounts = rng.uniform(0.0, 10.0, (11, 8)) * (rng.random((11, 8)) < 0.7)
    owed = banking.Obligations(*amounts[:4])
    means = banking.Means(*amounts[4:9])
    means = replace(means, borrowings=means.borrowings + owed.bonds)
    value = {"wanted": amounts[9], "room": amounts[10], "interest_due": owed.interest} | vars(means)
    done = banking.borrow(value["wanted"], value["room"], owed, means)
    left = (
        value["cash"] + done.called + done.bonds_sold - done.bonds_repaid - done.bond_interest
        - done.expenses - done.capital_returned - done.disbursed
    )  # fmt: skip
    assert (left >= -1e-9).all()
    assert (done.disbursed <= np.minimum(value["wanted"], value["room"]) + 1e-12).all()
    assert ((done.disbursed <= 1e-12) | (left >= value["target"] - 1e-9)).all()
    after = value["borrowings"] + done.bonds_sold - done.bonds_repaid
    assert ((done.bonds_sold <= 1e-12) | (after <= value["borrowing_limit"] + 1e-9)).all()
    assert np.allclose(done.bond_interest + done.interest_capitalised, value["interest_due"])
    assert (done.called <= value["callable_capital"] + 1e-12).all()
    for name in done.__dataclass_fields__:
        assert getattr(done, name).min() >= -1e-12, name


def test_members_pay_by_instalments_from_the_year_they_join() -> None:
    cumulative = np.array([0.2, 0.5, 1.0])
    since = np.array([2016.0, 2018.0, 2030.0])
    for year, expected in ((2016, (0.2, 0, 0)), (2018, (1.0, 0.2, 0)), (2025, (1.0, 1.0, 0))):
        share = banking.paid_in_share(cumulative[None], since[None], year)
        assert share[0].tolist() == list(expected)


def test_governors_decide_only_when_headroom_is_short_and_only_what_is_open() -> None:
    short = Outlook(2.0, True, True, True)
    sure = np.array([0.0, 0.5])
    assert banking.decide(replace(short, headroom_years=5.0), sure, 1.0, RULES) == 0
    assert banking.decide(short, np.array([0.9, 0.5]), 0.5, RULES) == 0
    kinds = {banking.decide(short, np.array([0.0, u]), 1.0, RULES) for u in (0.1, 0.7, 0.95)}
    assert kinds == {1, 2, 3}
    assert (
        banking.decide(replace(short, can_increase=False, can_admit=False), sure, 1.0, RULES) == 2
    )
    assert banking.decide(Outlook(0.0, False, False, False), sure, 1.0, RULES) == 0


def test_distress_is_likelier_where_debt_weighs_more() -> None:
    one = np.ones(1)
    base = banking.distress_hazard(0.15 * one, one, 0.5 * one, one, RULES)
    assert base == pytest.approx(RULES.distress_hazard)
    assert banking.distress_hazard(0.3 * one, one, 0.5 * one, one, RULES) > base
    assert banking.distress_hazard(0.15 * one, one, one, one, RULES) > base
    assert banking.distress_hazard(1e6 * one, one, 1e6 * one, one, RULES) == 1.0


def test_what_is_added_to_a_sector_shows_in_that_sector() -> None:
    added = np.array([[1.0, 0.0, 0.0, 0.0]])
    growth = banking.infrastructure_growth_by_sector(np.array([0.02]), np.array([100.0]), added)
    assert growth[0, 0] > 0.02 > growth[0, 1]
    even = banking.infrastructure_growth_by_sector(
        np.array([0.02]), np.array([100.0]), np.ones((1, 4))
    )
    assert np.allclose(even, 0.02)
