"""Indicators: what a run tells of groups of countries, every year.

``outcomes/indicators.yaml`` declares them: for which groups, in which unit, how each is computed and
which law its numbers keep. One of a line, a sum, mean, share or ratio of sums, needs that line alone;
one that needs more has a function of its name in `definitions`. `table` reads the file, `formulas`
the lines, `year` holds what definitions share, and the `book` measures a year.

All groups are computed at once: with M the matrix of memberships, ``(group, country)`` of ones and
zeros, sums over members are ``M x``, exports of groups by destination ``M T``. What is not defined (a
group without members, a share of nothing) is NaN and is left out of the tables; nothing is infinite.
Membership is held as it stood in 2018, the report's year, so that a group's growth is growth and not
accession.
"""

from sscsim.outcomes.indicators.book import (
    MEMBERSHIP_YEAR,
    IndicatorBook,
    Row,
    group_members,
    place_names,
    rows_of,
)
from sscsim.outcomes.indicators.table import (
    Group,
    Indicator,
    IndicatorTable,
    indicator_table,
    read_indicators,
)

__all__ = [
    "MEMBERSHIP_YEAR",
    "Group",
    "Indicator",
    "IndicatorBook",
    "IndicatorTable",
    "Row",
    "group_members",
    "indicator_table",
    "place_names",
    "read_indicators",
    "rows_of",
]
