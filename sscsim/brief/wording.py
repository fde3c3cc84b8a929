"""What groups, indicators and Goals are called where a sentence speaks of them."""

from __future__ import annotations

import re

from sscsim.brief.document import Text
from sscsim.brief.language import Language

__all__ = ["GOALS", "group_in_table", "group_in_text", "indicator_in_table", "indicator_in_text"]

GROUPS = {
    "World": ("World", "the world"),
    "South": ("The South", "the South"),
    "North": ("The North", "the North"),
    "Transition": ("Transition economies", "the transition economies"),
    "WIR developing": ("Developing economies", "the developing economies"),
    "WIR developed": ("Developed economies", "the developed economies"),
    "UN programme": (
        "United Nations programme countries",
        "the United Nations programme countries",
    ),
    "Africa": ("Africa", "Africa"),
    "Arab States": ("Arab States", "the Arab States"),
    "Asia-Pacific": ("Asia and the Pacific", "Asia and the Pacific"),
    "Latin America and the Caribbean": (
        "Latin America and the Caribbean",
        "Latin America and the Caribbean",
    ),
    "Europe and others": ("Europe and others", "Europe and others"),
    "LDC": ("Least developed countries", "the least developed countries"),
    "LLDC": ("Landlocked developing countries", "the landlocked developing countries"),
    "SIDS": ("Small island developing States", "the small island developing States"),
    "LIC": ("Low-income economies", "the low-income economies"),
    "LMIC": ("Lower-middle-income economies", "the lower-middle-income economies"),
    "UMIC": ("Upper-middle-income economies", "the upper-middle-income economies"),
    "HIC": ("High-income economies", "the high-income economies"),
    "G20": ("G20", "the G20"),
    "BRICS": ("BRICS", "the BRICS"),
    "Ibero-America": ("Ibero-America", "Ibero-America"),
    "G77": ("Group of 77 and China", "the Group of 77 and China"),
    "IBSA": ("India, Brazil and South Africa", "India, Brazil and South Africa"),
    "ASEAN": ("ASEAN", "ASEAN"),
    "SAARC": ("SAARC", "SAARC"),
    "AfCFTA": ("African Continental Free Trade Area", "the African Continental Free Trade Area"),
    "ECOWAS": ("ECOWAS", "ECOWAS"),
    "MERCOSUR": ("MERCOSUR", "MERCOSUR"),
    "GCC": ("Gulf Cooperation Council", "the Gulf Cooperation Council"),
    "EU": ("European Union", "the European Union"),
    "Africa (continent)": ("African continent", "the African continent"),
    "Asia (continent)": ("Asian continent", "the Asian continent"),
}
"""What a group is called in a table, and in a sentence."""

LISTS = {
    "south_unctad_2014": "South",
    "developed_unctad_2014": "North",
    "transition_unctad_2014": "Transition",
    "developing_wir_2018": "WIR developing",
    "developed_wir_2018": "WIR developed",
    "un_programme": "UN programme",
    "IBERO_AMERICA": "Ibero-America",
    "africa": "Africa (continent)",
    "asia": "Asia (continent)",
}
"""Lists of the data that are a group by another name: scenarios speak of lists."""

INDICATORS = {
    "goal_index": ("Index of the Goals", "the index of the Sustainable Development Goals"),
    "poverty_people": ("People in poverty", "the number of people in poverty"),
    "poverty_headcount": ("Share of people in poverty", "the share of people in poverty"),
    "gdp": ("Gross domestic product", "gross domestic product"),
    "gdp_growth": (
        "Growth of gross domestic product",
        "the yearly growth of gross domestic product",
    ),
    "real_income": ("Real income", "real income"),
    "trade_within": ("Trade within the group", "trade in goods among members"),
    "exports": ("Goods exports", "the value of exports of goods"),
    "fdi_inflow": (
        "Inflow of foreign direct investment",
        "the yearly inflow of foreign direct investment",
    ),
    "goals_on_track": ("Goals on track", "the number of Goals on track"),
    "projects_received": (
        "Cooperation projects received",
        "the number of cooperation projects received",
    ),
    "projects_received_triangular": (
        "Triangular projects received",
        "the number of triangular projects received",
    ),
    "provider_share": (
        "Countries that provide cooperation",
        "the share of countries that provide cooperation",
    ),
    "cooperation_capacity": (
        "Capacity to manage cooperation",
        "the capacity to manage cooperation",
    ),
    "capability": ("Capability", "capability"),
    "bank_lending_received": (
        "Lending of development banks received",
        "lending received from Southern development banks",
    ),
    "credit_disbursed": ("Credit lines paid out", "credit received from Southern lenders"),
    "transaction_cost": ("Transaction cost", "the cost of arranging cooperation"),
    "fragmentation": ("Fragmentation", "fragmentation"),
    "coordination": ("Actors under coordination", "the part of actors under coordination"),
}
"""What an indicator is called in a table, and in a sentence."""


def group_in_table(language: Language, name: str) -> Text:
    """Return what a group, or a country by its code, is called where it stands alone."""
    return _group(language, name, 0)


def group_in_text(language: Language, name: str) -> Text:
    """Return what a group, or a country by its code, is called in a sentence."""
    return _group(language, name, 1)


def _group(language: Language, name: str, form: int) -> Text:
    name = LISTS.get(name, name)
    if name in GROUPS:
        return language.name("group", GROUPS[name][form])
    if re.fullmatch("[A-Z]{3}", name) and language.country(name) != name:
        return Text((language.country(name),))
    from sscsim.outcomes.indicators import indicator_table

    groups = indicator_table().groups
    return language.name("group", name, groups[name].title if name in groups else name)


GOAL_FORMS = {
    "": "Goal {k}: {goal}",
    "_people": "Goal {k}, by people",
    "_worst_tenth": "Goal {k}, worst-off tenth",
    "_on_track": "Countries on track for Goal {k}",
    "_lost": "Countries that lose ground on Goal {k}",
}
"""Indicators of a single Goal."""


def indicator_in_table(language: Language, name: str) -> Text:
    """Return what an indicator is called where it stands alone."""
    goal = re.fullmatch(r"goal_(\d+)(_\w+)?", name)
    if goal is not None and (goal[2] or "") in GOAL_FORMS:
        named = language.name("goal", GOALS[int(goal[1]) - 1])
        return language.say(GOAL_FORMS[goal[2] or ""], k=goal[1], goal=named)
    if name in INDICATORS:
        return language.name("indicator", INDICATORS[name][0])
    return language.name("indicator", _title(name))


def indicator_in_text(language: Language, name: str) -> Text:
    """Return what an indicator is called in a sentence."""
    if name in INDICATORS:
        return language.name("indicator", INDICATORS[name][1])
    if name.startswith("goal_"):
        return indicator_in_table(language, name)
    title = _title(name)
    found = language.name("indicator", title)
    if found.plain != title or title[1:2].isupper():
        return found
    return Text((_one_thing(title[:1].lower() + title[1:], name),), found.language)


WHAT = {"fraction": "share", "bn USD": "amount", "bn 2015 USD": "amount", "ratio": "level"}
"""What an amount of a unit is of many things; else their number."""


def _one_thing(title: str, name: str) -> str:
    """Return an English title as one thing: sentences say that it is higher or lower."""
    from sscsim.outcomes.indicators import indicator_table

    first = title.split()[0]
    if not first.endswith("s") or first.endswith("'s") or first == "gross":
        return title
    table = indicator_table().indicators
    unit = table[name].unit if name in table else ""
    return f"the {WHAT.get(unit, 'number')} of {title}"


def _title(name: str) -> str:
    from sscsim.outcomes.indicators import indicator_table

    table = indicator_table().indicators
    return table[name].title if name in table else name


GOALS = (
    "No poverty",
    "Zero hunger",
    "Good health and well-being",
    "Quality education",
    "Gender equality",
    "Clean water and sanitation",
    "Affordable and clean energy",
    "Decent work and economic growth",
    "Industry, innovation and infrastructure",
    "Reduced inequalities",
    "Sustainable cities and communities",
    "Responsible consumption and production",
    "Climate action",
    "Life below water",
    "Life on land",
    "Peace, justice and strong institutions",
    "Partnerships for the Goals",
)
"""Names of the Sustainable Development Goals, 1 to 17."""
