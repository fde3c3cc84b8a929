"""Double entry: what is posted balances, and what does not hold is found."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sscsim.flows import books
from sscsim.flows.books import Payments, Sheet

SHAPE = (3, 5)


def sheet(rng: np.random.Generator) -> Sheet:
    liquid, loans, borrowings, payables, paid_in = rng.uniform(1.0, 50.0, (5, SHAPE[0]))
    return Sheet(
        liquid,
        loans,
        borrowings,
        payables,
        paid_in,
        liquid + loans - borrowings - payables - paid_in,
    )


def payments(rng: np.random.Generator, size: float = 0.1) -> Payments:
    cells = {
        f.name: rng.uniform(0.0, size, SHAPE)
        for f in fields(Payments)
        if f.name != "interest_capitalised"
    }
    return Payments(**cells, interest_capitalised=rng.uniform(0.0, size, SHAPE[0]))


@given(st.integers(0, 2**32 - 1))
def test_any_payments_keep_the_books_balanced_and_have_two_ends(seed: int) -> None:
    rng = np.random.default_rng(seed)
    before, year = sheet(rng), payments(rng)
    after = books.close_books(before, year)
    assert np.allclose(after.gap, 0.0, atol=1e-12)
    cash = (after.liquid_assets - before.liquid_assets).sum()
    assert cash + year.net_to_countries.sum() == pytest.approx(0.0, abs=1e-12)
    assert books.audit_books(before, after, year) == []


@pytest.mark.parametrize("account", [f.name for f in fields(Sheet)])
def test_a_dollar_posted_once_is_found(account: str) -> None:
    rng = np.random.default_rng(1)
    before, year = sheet(rng), payments(rng)
    after = books.close_books(before, year)
    values = getattr(after, account).copy()
    values[1] += 1e-6
    found = books.audit_books(before, replace(after, **{account: values}), year)
    assert any("bank 1" in line for line in found)


@pytest.mark.parametrize("account", [f.name for f in fields(Payments)])
def test_a_payment_that_runs_backwards_or_nowhere_is_found(account: str) -> None:
    rng = np.random.default_rng(2)
    before, year = sheet(rng), payments(rng)
    for wrong in (-0.5, np.nan):
        values = getattr(year, account).copy()
        values.flat[0] = wrong
        broken = replace(year, **{account: values})
        after = books.close_books(before, broken)
        assert any(account in line for line in books.audit_books(before, after, broken))


def test_net_income_is_what_reserves_move_by() -> None:
    rng = np.random.default_rng(3)
    before, year = sheet(rng), payments(rng)
    after = books.close_books(before, year)
    assert np.allclose(after.reserves - before.reserves, year.net_income)


def loans() -> dict[str, np.ndarray]:
    return {
        "amount": np.array([10.0, 10.0, 5.0]),
        "cancelled": np.array([0.0, 2.0, 5.0]),
        "disbursed": np.array([6.0, 8.0, 0.0]),
        "repaid": np.array([1.0, 5.0, 0.0]),
        "written_off": np.array([0.0, 1.0, 0.0]),
        "arrears": np.array([0.5, 0.0, 0.0]),
        "bank": np.array([0, 1, 1]),
        "loans": np.array([5.0, 2.0]),
    }


def test_projects_that_conserve_principal_pass() -> None:
    assert books.audit_projects(**loans()) == []


@pytest.mark.parametrize(
    ("column", "row", "value", "message"),
    [
        ("cancelled", 0, 5.0, "more is paid out and cancelled"),
        ("repaid", 1, 9.0, "more is repaid and written off"),
        ("arrears", 0, 6.0, "more is overdue"),
        ("cancelled", 2, -1.0, "runs backwards"),
        ("loans", 0, 5.1, "loans in the books"),
    ],
)
def test_principal_that_appears_or_is_lost_is_found(column, row, value, message) -> None:
    columns = loans()
    columns[column][row] = value
    assert any(message in line for line in books.audit_projects(**columns))


def limits() -> dict[str, np.ndarray]:
    return {
        name: np.array([value])
        for name, value in {
            "outstanding": 90.0,
            "disbursed": 5.0,
            "statutory": 100.0,
            "borrowings": 40.0,
            "bonds_sold": 3.0,
            "borrowing_limit": 50.0,
            "liquid_assets": 10.0,
            "liquidity": 8.0,
        }.items()
    }


@pytest.mark.parametrize(
    ("name", "value", "act"),
    [
        ("outstanding", 101.0, "disbursed"),
        ("borrowings", 51.0, "bonds_sold"),
        ("liquid_assets", 7.0, "disbursed"),
    ],
)
def test_a_limit_holds_in_what_a_bank_does(name: str, value: float, act: str) -> None:
    assert books.audit_limits(**limits()) == []
    passed = limits() | {name: np.array([value])}
    assert len(books.audit_limits(**passed)) == 1
    # Passed by a loss and not by an act: nothing to complain of.
    assert books.audit_limits(**passed | {act: np.zeros(1)}) == []
