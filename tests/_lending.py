"""A run of banks and lenders made by hand, in numbers that are easy to check."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

YEARS = range(2013, 2035)


def lending_run(**changes: Any) -> Any:
    """Return what reports read of a run: a bank that opens in 2016, another that never lends, and a lender."""
    rows = []
    for year in YEARS:
        at = max(year - 2015, 0)
        rows.append(
            {
                "bank": "AAB",
                "year": year,
                "approvals": 2.0 * (at > 0),
                "cancellations": 0.2 * (at > 1),
                "disbursements": 1.0 * (at > 0),
                "repayments": 0.25 * (at > 4),
                "interest": 0.1 * (at > 1),
                "write_offs": 0.0,
                "bonds_sold": 0.5 * (at > 3),
                "expenses": 0.05,
                "liquid_assets": 3.0,
                "loans": 1.0 * at,
                "borrowings": 0.5 * at,
                "paid_in": 2.5,
                "payable": 0.0,
                "reserves": 0.5 + 0.5 * at,
                "statutory_limit": 40.0,
                "headroom": 40.0 - at,
                "arrears": 0.1 * at,
            }
        )
    bank = pd.DataFrame(rows)
    idle = bank.assign(bank="ZZB", approvals=0.0, loans=0.0, disbursements=0.0)
    lender = pd.DataFrame(
        {
            "lender": "IND_EXIM",
            "year": list(YEARS),
            "approvals": 3.0,
            "cancellations": 0.5,
            "disbursements": 1.5,
            "repayments": 0.5,
            "interest": 0.1,
            "outstanding": np.arange(len(YEARS)) + 2.0,
            "arrears": 0.1,
            "undisbursed": 5.0,
        }
    )
    loans = pd.DataFrame(
        {
            "lender": ["AAB", "AAB", "AAB", "IND_EXIM", "IND_EXIM"],
            "kind": ["loan"] * 3 + ["credit_line"] * 2,
            "receiver": ["IND", "IND", "KEN", "ETH", "BGD"],
            "sector": ["energy", "water", "energy", None, "energy"],
            "renewable": [True, False, False, False, False],
            "year_approved": [2016, 2017, 2018, 2012, 2015],
            "amount": [1.0, 1.0, 2.0, 9.0, 3.0],
            "outstanding": [0.5, 1.0, 1.25, 4.0, 1.0],
        }
    )
    run = SimpleNamespace(
        scenario="baseline",
        seed=7,
        years=tuple(YEARS),
        manifest={"version": "0.0.0", "seed": 7},
        banks=pd.concat([bank, idle], ignore_index=True),
        lenders=lender,
        loans=loans,
        value=lambda indicator, group="World", year=None: 1000.0,
    )
    vars(run).update(changes)
    return run
