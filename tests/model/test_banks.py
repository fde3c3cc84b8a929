"""Banks in the model: books that hold under any strain, paths that follow theory, a bank that decides otherwise."""

from __future__ import annotations

import pickle
import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from _worlds import drawn_parameters, random_world

from sscsim.agents import DevelopmentBank
from sscsim.errors import InputError
from sscsim.flows import banking, books
from sscsim.model import SouthSouthModel, simulate
from sscsim.parameters import default_parameters
from sscsim.policy import Scenario
from sscsim.policy.scenario import Setting, Where
from sscsim.resources import package_folder
from sscsim.steps.banking import AuditFailed, Banking
from sscsim.world.institutions import INFRASTRUCTURE, Bank, Lender, load_institutions
from sscsim.world.institutions.banks import lay_banks
from sscsim.world.loading import load_world
from sscsim.world.loans import KINDS

# What banks do not need of the rest of the year.
OFF = ("knowledge", "goals", "institutions", "investment", "trade")
BANKS = package_folder() / "institutions" / "banks"


def scenario(**levers: float | Setting) -> Scenario:
    return Scenario(
        "moved",
        {"en": "Moved"},
        levers={n: (v if isinstance(v, Setting) else Setting(value=v),) for n, v in levers.items()},
    )


def since(year: int, value: float, **where: str) -> Setting:
    return Setting(value=value, where=Where(**where) if where else None, **{"from": year})


@pytest.fixture(scope="session")
def leavers(tmp_path_factory) -> Path:
    """Banks whose largest members leave in 2024 and 2026."""
    folder = tmp_path_factory.mktemp("institutions")
    for name, members in {"aiib": ("CHN", "IND"), "ndb": ("RUS", "CHN")}.items():
        lines = (BANKS / f"{name}.yaml").read_text(encoding="utf-8").splitlines()
        for code, year in zip(members, (2024, 2026), strict=True):
            lines = [
                line.replace("{share", f"{{until: {year}, share")
                if line.startswith(f"    {code}:")
                else line
                for line in lines
            ]
        (folder / f"{name}.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


STRAINS = {
    "none": scenario(),
    "mass default": scenario(debt_distress=since(2023, 1.0)),
    "capital withdrawn": scenario(bank_capital=since(2024, 0.0)),
    "capital halved": scenario(bank_capital=since(2020, 0.5), bank_statutory_limit=0.5),
    "no demand": scenario(bank_proposals=since(2022, 0.0)),
    "all at once": scenario(
        debt_distress=since(2021, 1.0), bank_capital=since(2026, 0.1), bank_cancellations=5.0
    ),
    "members leave": scenario(),
}


def strained(strain: str, seed: int, folder: Path, spread: str) -> SouthSouthModel:
    """Run a draw of all parameters under a strain, its books audited every year."""
    chosen = drawn_parameters(seed, spread)
    if strain in ("mass default", "all at once"):
        chosen = chosen.replace({"preferred_creditor_share": 0.0, "private_default_rate": 0.2})
    model = SouthSouthModel(
        STRAINS[strain],
        seed=seed,
        parameters=chosen,
        institutions=folder if strain == "members leave" else None,
        off=OFF,
        keep="indicators",
        audit=True,
    )
    while model.running:
        model.step()
    return model


def check_end(model: SouthSouthModel) -> None:
    state, table = model.state, model.submodels["banking"].loans
    assert len(table) > 50
    assert np.allclose(
        table.disbursed, table.repaid + table.written_off + table.outstanding, atol=1e-9
    )
    assert np.allclose(
        table.amount, table.disbursed + table.cancelled + table.undisbursed, atol=1e-9
    )
    by_pair = np.zeros_like(state.bank_outstanding)
    mine = table.kind == KINDS.index("loan")
    np.add.at(by_pair, (table.lender[mine], table.receiver[mine]), table.outstanding[mine])
    assert np.allclose(by_pair, state.bank_outstanding, atol=1e-8)
    for name, values in state:
        if name.startswith(("bank_", "debt_")):
            assert np.isfinite(values).all(), name
            if name != "bank_reserves" and name != "bank_headroom" and "weight" not in name:
                assert values.min() >= -1e-9, name


@pytest.mark.parametrize("strain", list(STRAINS))
@pytest.mark.parametrize("seed", [1, 2])
def test_books_balance_under_any_strain(strain: str, seed: int, leavers: Path) -> None:
    check_end(strained(strain, seed, leavers, "corners" if seed == 2 else "uniform"))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(200))
def test_books_balance_in_two_hundred_draws(seed: int, leavers: Path) -> None:
    strain = list(STRAINS)[seed % len(STRAINS)]
    check_end(strained(strain, 1000 + seed, leavers, ("uniform", "corners")[seed // 7 % 2]))


def test_strains_bite(leavers: Path) -> None:
    """A strain that changed nothing would show nothing."""
    plain = strained("none", 5, leavers, "uniform")
    at = plain.submodels["banking"].base.codes.index("AIIB")
    assert strained("mass default", 5, leavers, "uniform").state.bank_reserves[at] < 0
    assert strained("capital withdrawn", 5, leavers, "uniform").state.bank_subscribed[at] == 0
    assert strained("no demand", 5, leavers, "uniform").state.bank_approvals.sum() == 0
    gone = strained("members leave", 5, leavers, "uniform")
    chn = gone.world.position("CHN")
    assert gone.state.bank_member[at, chn] == 0
    assert plain.state.bank_member[at, chn] == 1
    assert gone.state.bank_paid_in[at, chn] == 0


def test_an_audit_finds_what_is_wrong(monkeypatch) -> None:
    def one_end(sheet: books.Sheet, payments: books.Payments) -> books.Sheet:
        right = close(sheet, payments)
        return replace(right, liquid_assets=right.liquid_assets + 1e-3)

    close = books.close_books
    monkeypatch.setattr(books, "close_books", one_end)
    with pytest.raises(AuditFailed, match=r"2014: bank 0: assets less liabilities and equity"):
        SouthSouthModel(seed=1, audit=True, off=OFF).run()


@pytest.mark.parametrize("seed", range(4))
def test_books_hold_in_worlds_of_any_size(seed: int) -> None:
    model = SouthSouthModel(
        seed=seed, world=random_world(seed), parameters=drawn_parameters(seed), off=OFF, audit=True
    )
    model.run()


@pytest.mark.parametrize("demand", [0.0, 1e-9, 1.0])
def test_all_that_is_paid_out_beyond_the_base_years_pace_builds(demand: float, monkeypatch) -> None:
    """Whether loans are new, which name their sector, or old and as mixed as their bank, or all old."""
    seen = []
    plain = Banking.year_of_banks

    def watching(self, now):
        done = plain(self, now)
        dollars = now.state.gdp_current / now.state.gdp
        seen.append((done.infrastructure.T * dollars).sum())
        return done

    monkeypatch.setattr(Banking, "year_of_banks", watching)
    model = SouthSouthModel(scenario(bank_proposals=demand), end=2016, off=OFF)
    base = model.submodels["banking"].base
    mix = np.array([rules.sectors[:INFRASTRUCTURE] for rules in base.rules])
    additional = base.parameters.infrastructure_additionality
    so_far = disbursed_by_pair(model)
    while model.running:
        before = so_far
        model.step()
        state, so_far = model.state, disbursed_by_pair(model)
        loans = model.submodels["banking"].loans
        sectors = loans.sector[loans.kind == KINDS.index("loan")]
        working = (base.banks.first_year <= state.year)[:, None]
        grown = state.gdp_current / model.opening.gdp_current
        went_on = np.where(working, base.pace * grown, 0.0)
        built = seen[-1] / additional
        if (sectors < 0).all():
            # Everything paid out is of the opening books.
            more = (so_far - before - went_on).T @ mix
            assert built == pytest.approx(np.maximum(more, 0.0).sum(), abs=1e-12)
        else:
            assert 0.0 < built < state.bank_disbursements.sum() - 0.5 * went_on.sum()


def disbursed_by_pair(model: SouthSouthModel) -> np.ndarray:
    """Return what each bank has paid out to each country so far, ``(bank, country)``."""
    loans = model.submodels["banking"].loans
    mine = loans.kind == KINDS.index("loan")
    total = np.zeros(model.state.bank_outstanding.shape)
    np.add.at(total, (loans.lender[mine], loans.receiver[mine]), loans.disbursed[mine])
    return total


def test_an_old_bank_that_goes_on_as_before_adds_nothing() -> None:
    """The opening book pays out a year what was approved a year, in its first year all of it but the newest's start."""
    model = SouthSouthModel(scenario(bank_proposals=0.0), end=2014, off=OFF)
    base = model.submodels["banking"].base
    while model.running:
        model.step()
    # Every bank that ships pays out sovereign loans by the schedule of all.
    went_on = base.pace.sum(axis=1) * (1.0 - base.profile[:, 0, 0])
    assert model.state.bank_disbursements == pytest.approx(went_on)
    assert base.pace.sum() > 3.0
    opened = [rules.bank.opening_balance for rules in base.rules]
    for rules, opening, pace in zip(base.rules, opened, base.pace, strict=True):
        assert (pace.sum() > 0.0) == (opening is not None), rules.bank.code


def test_an_opening_book_holds_what_its_balance_says() -> None:
    model = SouthSouthModel(end=2013, off=OFF)
    loans, base = model.submodels["banking"].loans, model.submodels["banking"].base
    for place, rules in enumerate(base.rules):
        opening = rules.bank.opening_balance
        mine = loans.lender == place
        held = loans.disbursed[mine].sum(), loans.undisbursed[mine].sum()
        assert held == pytest.approx((opening.loans, opening.undisbursed) if opening else (0, 0))


# -------------------------------------------------------------------------------------------- what bounds an envelope


def test_headroom_is_what_neither_lent_nor_signed_leaves() -> None:
    model = SouthSouthModel(seed=2, off=OFF)
    while model.running:
        before = {n: getattr(model.state, n).copy() for n in ("bank_loans", "bank_undisbursed")}
        model.step()
        state = model.state
        loans = before["bank_loans"] - state.bank_repayments - state.bank_write_offs
        signed = before["bank_undisbursed"] - state.bank_cancellations
        working = state.bank_statutory_limit > 0.0
        if state.year > 2014:
            left = state.bank_statutory_limit - loans - signed
            assert state.bank_headroom[working] == pytest.approx(left[working])
        # Governors see no more than what is left of what was voted.
        rules = model.submodels["banking"].base.parameters
        pace = (1.0 - rules.cancellation_probability) * state.bank_pace - state.bank_repayments
        voted = state.bank_statutory_limit * state.bank_capital_voted / state.bank_capital_multiple
        voted *= state.bank_limit_voted / state.bank_limit_ratio
        left = np.maximum(voted - state.bank_loans - state.bank_undisbursed, 0.0)
        on_capital = ~model.submodels["banking"].base.banks.on_equity
        short = working & on_capital & (pace > 0.0) & (state.bank_headroom_years > 0.0)
        assert (state.bank_headroom_years * pace <= left * (1 + 1e-9) + 1e-9)[short].all()


def test_members_ask_for_so_much_and_no_more() -> None:
    """Where they ask for little all is approved that fits the country limit, and the envelope stays open."""
    model = SouthSouthModel(scenario(bank_proposals=since(2013, 0.1)), seed=1, end=2024, off=OFF)
    while model.running:
        model.step()
    state = model.state
    assert (state.bank_proposals < state.bank_envelope).all()
    assert state.bank_approvals == pytest.approx(state.bank_proposals, rel=0.05)


def test_revolving_lines_come_back_within_a_year_and_are_lent_again(tmp_path: Path) -> None:
    text = (BANKS / "caf.yaml").read_text(encoding="utf-8")
    assert text.count("revolving: true") == text.count("  revolving: 0.2\n") == 1
    once = text.replace("revolving: true", "revolving: false").replace("  revolving: 0.2\n", "")
    (tmp_path / "caf.yaml").write_text(once, encoding="utf-8")
    wide = SouthSouthModel(seed=1, end=2014, off=OFF)
    narrow = SouthSouthModel(seed=1, end=2014, off=OFF, institutions=tmp_path)
    for model in (wide, narrow):
        while model.running:
            model.step()
    caf = wide.submodels["banking"].base.codes.index("CAF")
    assert wide.state.bank_envelope[caf] > narrow.state.bank_envelope[caf] + 2.5
    loans = wide.submodels["banking"].loans
    lines = (loans.lender == caf) & (loans.maturity == 1)
    old = lines & (loans.year_approved < 2014)
    assert loans.disbursed[old].sum() == pytest.approx(0.2 * 17.0)
    assert np.allclose(loans.outstanding[old], 0.0, atol=1e-12)
    new = lines & (loans.year_approved == 2014)
    assert np.allclose(loans.disbursed[new], loans.amount[new])


def test_the_islamic_bank_lends_its_own_and_not_its_groups() -> None:
    """Its ordinary approvals are some 5 bn a year, and the Group's, trade finance of a sister among them, about 8."""
    path_ = np.array([path("approvals", "ISDB", s)[1:6].mean() for s in range(3)])
    assert 3.0 < np.median(path_) < 6.5


@pytest.mark.slow
def test_approvals_neither_hump_nor_collapse() -> None:
    for bank in ("AIIB", "CAF", "ISDB", "NDB"):
        median = np.median([path("approvals", bank, s) for s in range(9)], axis=0)
        for year in range(2024, 2035):
            at = year - 2013
            assert median[at] > 0.7 * median[at - 5 : at].mean(), (bank, year)


# --------------------------------------------------------------------------------- schedules give the figures they cite

SHIPPED = load_institutions()
RECORDS = [bank for bank in SHIPPED.of(Bank) if bank.paid_out]
DRAWN = [lender for lender in SHIPPED.of(Lender) if lender.disbursement.record]


@pytest.mark.parametrize("bank", RECORDS, ids=lambda b: b.code)
def test_a_banks_schedule_gives_what_its_record_shows(bank: Bank) -> None:
    rules = banking.BankingParameters.from_parameters(default_parameters())
    (laid,) = lay_banks([bank], load_world())
    profile = banking.disbursement_profile([laid], rules)[0]
    record = bank.paid_out
    delay, paid = int(rules.cancellation_delay), 0.0
    for year, approved in record.approved.items():
        ages = record.until - year
        by_age = laid.window_share @ np.diff(profile[:, : ages + 1], prepend=0.0)
        # Cancelled in one of the years after, each as likely, before anything is paid out in it.
        kept = 1.0 - rules.cancellation_probability * np.minimum(np.arange(ages + 1), delay) / delay
        paid += approved * by_age @ kept
    assert paid == pytest.approx(record.disbursed, rel=0.1)


@pytest.mark.parametrize("lender", DRAWN, ids=lambda f: f.code)
def test_a_lenders_schedule_gives_what_its_source_says(lender: Lender) -> None:
    record = lender.disbursement.record
    parts = []
    for seed in range(3):
        model = SouthSouthModel(seed=seed, end=record.until, off=OFF)
        while model.running:
            model.step()
        desk = model.submodels["credit"].desk
        at = desk.base.lenders.codes.index(lender.code)
        parts.append(desk.book.disbursed[at].sum() / desk.book.entered[at].sum())
    assert np.median(parts) == pytest.approx(record.disbursed / record.approved, abs=0.02)


def test_every_schedule_that_cites_what_was_paid_out_is_held_to_it() -> None:
    cites = re.compile(r"\d[^.;]*\b(disbursed|drawn by|paid out)\b", re.IGNORECASE)
    for lender in SHIPPED.of(Lender):
        if cites.search(lender.disbursement.source):
            assert lender.disbursement.record, lender.code
    for bank in SHIPPED.of(Bank):
        if bank.disbursement and cites.search(bank.disbursement.source):
            assert bank.paid_out, bank.code
    assert {"AIIB"} <= {b.code for b in RECORDS}
    assert {"IND_EXIM"} <= {f.code for f in DRAWN}


def test_renewable_power_is_what_green_banks_and_lines_add() -> None:
    def power(**levers: float) -> np.ndarray:
        model = SouthSouthModel(scenario(**levers), seed=1, end=2026, off=OFF)
        model.step()
        assert not model.state.renewable_capital.any()  # the base year's own
        while model.running:
            model.step()
        return model.state.renewable_capital

    plain, banks, lines = power(), power(bank_focus_renewable=3.0), power(credit_green=0.5)
    assert plain.sum() > 0.0
    assert banks.sum() > 1.1 * plain.sum()
    assert lines.sum() > 1.1 * plain.sum()


def test_what_economies_receive_banks_pay() -> None:
    """The world's net receipts from banks are what banks' cash falls by, year by year."""
    model = SouthSouthModel(seed=1, off=("finance", "knowledge", "goals"), keep="indicators")
    model.step()
    for _ in range(12):
        model.step()
        before = model.state.bank_liquid_assets.copy()
        model.state.financing_ratio = model.state.financing_ratio.copy()
        net = model.submodels.of(Banking).year_of_banks(model.now()).net
        after = model.state.bank_liquid_assets
        assert net.sum() == pytest.approx(before.sum() - after.sum(), abs=1e-9)


# --------------------------------------------------------------------------------------------- paths follow theory


@cache
def banks_of(lever: str, value: float, bank: str | None, seed: int) -> pd.DataFrame:
    """Return the table of banks under one lever from the base year on; of the baseline where none is named."""
    chosen = scenario()
    if lever:
        where = {} if bank is None else {"bank": bank}
        chosen = scenario(**{lever: since(2013, value, **where)})
    return simulate(chosen, seed=seed, off=OFF).banks


def path(
    name: str, bank: str, seed: int, lever: str = "", value: float = 0.0, of: str | None = None
) -> np.ndarray:
    """Return a bank's figures by year, under a lever of the bank `of` or of all."""
    table = banks_of(lever, value, of, seed)
    return table[table["bank"] == bank].sort_values("year")[name].to_numpy()


THEORY = [
    # lever, value, bank, what, years, sign
    ("bank_capital", 0.5, "AIIB", "approvals", (2016, 2034), -1),
    ("bank_capital", 0.5, "NDB", "approvals", (2016, 2034), -1),
    ("bank_capital", 0.5, "AIIB", "statutory_limit", (2034, 2034), -1),
    ("bank_membership", 0.0, "AIIB", "statutory_limit", (2020, 2022), -1),
    ("bank_membership", 0.0, "AIIB", "approvals", (2018, 2024), -1),
    ("bank_cancellations", 2.0, "AIIB", "disbursements", (2018, 2034), -1),
    ("bank_cancellations", 2.0, "AIIB", "headroom", (2024, 2026), +1),
    ("bank_ramp_up", 1.5, "NDB", "approvals", (2016, 2020), +1),
]


def effects(
    lever: str, value: float, bank: str, name: str, years: tuple[int, int], seeds: range
) -> np.ndarray:
    """Return the effect in each fair pair, relative to the baseline's mean."""
    span = slice(years[0] - 2013, years[1] - 2012)
    before = np.array([path(name, bank, seed)[span].mean() for seed in seeds])
    after = np.array([path(name, bank, seed, lever, value, bank)[span].mean() for seed in seeds])
    return (after - before) / before.mean()


@pytest.mark.parametrize(("lever", "value", "bank", "name", "years", "sign"), THEORY)
def test_levers_move_a_bank_as_theory_says(lever, value, bank, name, years, sign) -> None:
    effect = effects(lever, value, bank, name, years, range(3))
    assert np.median(effect) * sign > 0


@pytest.mark.slow
@pytest.mark.parametrize(("lever", "value", "bank", "name", "years", "sign"), THEORY)
def test_thirty_pairs_show_it_with_their_interval(lever, value, bank, name, years, sign) -> None:
    effect = sign * effects(lever, value, bank, name, years, range(30))
    assert np.percentile(effect, 5) > 0 or np.median(effect) > 3 * effect.std() / np.sqrt(30)


def test_without_a_decision_lending_falls_short() -> None:
    without = [path("approvals", "NDB", s, "bank_governors", 0.0)[-1] for s in range(3)]
    eager = [path("approvals", "NDB", s, "bank_governors", 4.0)[-1] for s in range(3)]
    assert np.mean(without) < np.mean(eager)


# ------------------------------------------------------------------------------------------------ one bank decides


class SmallFirst(DevelopmentBank):
    """A bank that takes the smallest first."""

    def score(self, proposals: banking.Proposals) -> np.ndarray:
        return -proposals.amount


class Reckless(DevelopmentBank):
    """A bank that approves whatever is brought."""

    def approve(self, proposals, standing, limit, room) -> np.ndarray:
        return np.ones(len(proposals), dtype=bool)


def test_a_bank_that_scores_otherwise_changes_itself_and_no_other() -> None:
    # No way back through the economy: what is lent builds nothing and burdens nobody.
    alone = default_parameters().replace(
        {"infrastructure_additionality": 0.0, "distress_hazard": 0.0}
    )
    plain = simulate(seed=3, parameters=alone, off=OFF)
    other = simulate(seed=3, parameters=alone, off=OFF, bank_classes={"NDB": SmallFirst})
    for code in ("AIIB", "CAF", "ISDB"):
        a, b = (run.banks[run.banks["bank"] == code].drop(columns="bank") for run in (plain, other))
        assert a.equals(b), code
    mean = [
        r.loans[(r.loans["lender"] == "NDB") & (r.loans["year_approved"] == 2020)]["amount"].mean()
        for r in (plain, other)
    ]
    assert mean[1] < mean[0]


def test_limits_bind_whatever_a_bank_chooses() -> None:
    model = SouthSouthModel(seed=1, off=OFF, bank_classes={"NDB": Reckless}, audit=True)
    while model.running:
        model.step()
        assert (model.state.bank_approvals <= model.state.bank_envelope + 1e-9).all()


def test_an_unknown_bank_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        SouthSouthModel(bank_classes={"NBD": SmallFirst})
    assert caught.value.suggestion == "NDB"
    with pytest.raises(InputError, match="no bank of this code"):
        SouthSouthModel().bank("XXX")
    with pytest.raises(InputError, match="no bank of this code"):
        SouthSouthModel(scenario(bank_capital=since(2020, 0.5, bank="AIB")))


def test_a_bank_of_the_users_leaves_the_luck_of_the_others(tmp_path: Path) -> None:
    text = (BANKS / "ndb.yaml").read_text(encoding="utf-8").replace("code: NDB", "code: ZZB")
    (tmp_path / "zzb.yaml").write_text(text, encoding="utf-8")
    alone = default_parameters().replace(
        {"infrastructure_additionality": 0.0, "distress_hazard": 0.0}
    )
    plain = simulate(seed=3, parameters=alone, off=OFF, end=2022).banks
    more = simulate(seed=3, parameters=alone, off=OFF, end=2022, institutions=tmp_path).banks
    assert set(more["bank"]) == {*plain["bank"], "ZZB"}
    kept = more[more["bank"] != "ZZB"].reset_index(drop=True)
    assert kept.equals(plain)


# -------------------------------------------------------------------------------------------------------- the tables


def test_tables_agree_with_each_other_and_survive(tmp_path: Path) -> None:
    run = simulate(seed=2, off=OFF)
    banks, loans = run.banks, run.loans
    for code in banks["bank"].unique():
        of = banks[banks["bank"] == code]
        mine = loans[loans["lender"] == code]
        by_year = mine.groupby("year_approved")["amount"].sum()
        for year, value in zip(of["year"], of["approvals"], strict=True):
            if value > 0:
                assert by_year[year] == pytest.approx(value)
        assert mine["outstanding"].sum() == pytest.approx(of["loans"].iloc[-1], abs=1e-8)
        gap = of["liquid_assets"] + of["loans"] - of["borrowings"] - of["payable"] - of["equity"]
        assert np.allclose(gap, 0.0, atol=1e-8)
    from sscsim import Run

    assert Run.load(run.save(tmp_path / "run")).banks.equals(banks)


def test_a_model_in_mid_run_can_be_pickled() -> None:
    model = SouthSouthModel(seed=1, off=OFF, end=2019)
    for _ in range(5):
        model.step()
    again = pickle.loads(pickle.dumps(model))
    assert again.run() == model.run()
