"""Development banks: what members propose, how much a bank may approve, how loans are paid out and back (¶82–85).

All functions are pure, but for those that work on a `Portfolio`. Money is in billions of current US dollars; a bank's
year is: capital comes in, borrowers pay, members bring proposals, the bank scores and approves them within its envelope
and limits, what was approved is paid out, bonds keep the bank liquid, and governors look ahead.

One ramp and one ``κ`` serve all banks: a bank of age ``t`` approves at most ``ramp(t) · κ · headroom`` a year, headroom
being its statutory limit less what is outstanding. What differs between banks is their data.
"""

from sscsim.flows.banking.base import (
    BankFiles,
    BankingBase,
    Windows,
    disbursement_profile,
    opening_loans,
    opening_pace,
)
from sscsim.flows.banking.capital import (
    Capital,
    Membership,
    Shares,
    members_of_year,
    paid_in_share,
    subscribe,
)
from sscsim.flows.banking.debt import distress_hazard, infrastructure_growth_by_sector
from sscsim.flows.banking.governors import DECISIONS, Outlook, decide, headroom_years
from sscsim.flows.banking.parameters import BankingParameters
from sscsim.flows.banking.portfolio import (
    Collection,
    PaidOut,
    Portfolio,
    Served,
    collect,
    disbursed_share,
    due_to_borrowers,
    give_up,
    pay_out,
    serve,
    share_paid,
    total,
)
from sscsim.flows.banking.proposals import (
    DRAWS,
    SLOTS,
    Mandates,
    Proposals,
    Slate,
    Standing,
    Weights,
    approve,
    approve_side_by_side,
    demand,
    draw_proposals,
    score,
)
from sscsim.flows.banking.treasury import (
    Borrowing,
    Means,
    Obligations,
    borrow,
    envelope,
    ramp_between,
)

__all__ = [
    "DECISIONS",
    "DRAWS",
    "SLOTS",
    "BankFiles",
    "BankingBase",
    "BankingParameters",
    "Borrowing",
    "Capital",
    "Collection",
    "Mandates",
    "Means",
    "Membership",
    "Obligations",
    "Outlook",
    "PaidOut",
    "Portfolio",
    "Proposals",
    "Served",
    "Shares",
    "Slate",
    "Standing",
    "Weights",
    "Windows",
    "approve",
    "approve_side_by_side",
    "borrow",
    "collect",
    "decide",
    "demand",
    "disbursed_share",
    "disbursement_profile",
    "distress_hazard",
    "draw_proposals",
    "due_to_borrowers",
    "envelope",
    "give_up",
    "headroom_years",
    "infrastructure_growth_by_sector",
    "members_of_year",
    "opening_loans",
    "opening_pace",
    "paid_in_share",
    "pay_out",
    "ramp_between",
    "score",
    "serve",
    "share_paid",
    "subscribe",
    "total",
]
