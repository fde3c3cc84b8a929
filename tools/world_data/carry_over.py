"""One-off: carry compiled public figures over into the project's own long table of observations.

``python -m tools.world_data.carry_over --facts DIR`` reads four compiled tables in DIR and writes
``observations/*.csv``. It was run once; the observations are committed, so that a rebuild of the
tables needs only the packages named in README.md. What each source code means is under
``sources`` in ``sscsim/world/data/columns.yaml``.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd

from .common import LISTS, OBSERVATIONS, write_csv

# compiled column -> (variable, year, source code)
ECONOMY_COLUMNS: dict[str, tuple[str, int, str]] = {
    "hdi_2013": ("hdi", 2013, "undp_hdr"),
    "lpi_2016": ("logistics_index", 2016, "wb_lpi_2016"),
    "corruption_perceptions_2017": ("corruption_perceptions", 2017, "ti_cpi_2017"),
    "capital_output_ratio_2013": ("capital_output_ratio", 2013, "pwt_10_01"),
    "human_capital_index_2013": ("human_capital_index", 2013, "pwt_10_01"),
    "labour_share_2013": ("labour_share", 2013, "pwt_10_01"),
    "investment_share_2013": ("investment_share", 2013, "pwt_10_01"),
    "depreciation_2013": ("depreciation", 2013, "pwt_10_01"),
    "employment_2013_m": ("employment_m", 2013, "pwt_10_01"),
    "population_2013_m": ("population_m", 2013, "wb_wdi"),
    "goods_exports_2015_busd": ("goods_exports_busd", 2015, "unctad_trade"),
    "goods_imports_2015_busd": ("goods_imports_busd", 2015, "unctad_trade"),
    **{f"gdp_{y}_current_busd": ("gdp_current_busd", y, "wb_wdi") for y in (2013, 2014, 2015)},
    **{
        f"population_{y}_m_wpp2019": ("population_wpp2019_m", y, "un_wpp_2019")
        for y in (2015, 2020, 2025, 2030, 2035)
    },
    **{
        f"fdi_{way}_{y}_busd": (f"fdi_{way}_busd", y, "unctad_fdi")
        for way in ("inflow", "outflow")
        for y in range(2010, 2016)
    },
    **{
        f"real_growth_{y}_pct_weo_apr2019": ("growth_pct", y, "imf_weo_2019_04")
        for y in range(2013, 2025)
    },
}

# compiled indicator -> (tidy name, source code)
INDICATORS: dict[str, tuple[str, str]] = {
    "aid_received_percent_of_gni": ("aid_received_pct_gni", "wb_wdi"),
    "aid_received_total_us_inflation_adjusted": ("aid_received_constant_usd", "wb_wdi"),
    "inequality_index_gini": ("gini_index", "wb_pip"),
    "extreme_poverty_percent_people_below_300_a_day": ("poverty_300_pct", "wb_pip"),
    "poverty_percent_people_below_420_a_day": ("poverty_420_pct", "wb_pip"),
    "poverty_percent_people_below_830_a_day": ("poverty_830_pct", "wb_pip"),
    "life_expectancy_at_birth_data_from_ihme": ("life_expectancy_years", "ihme_gbd"),
    "infant_mortality_rate_per_1000_births": ("infant_mortality_per_1000", "un_igme"),
    "maternal_mortality_ratio_per_100000_live_births": ("maternal_mortality_per_100k", "who"),
    "births_attended_by_skilled_health_staff_percent_of_total": ("skilled_births_pct", "wb_wdi"),
    "contraceptive_use_percent_of_women_ages_15_49": ("contraceptive_use_pct", "wb_wdi"),
    "government_health_spending_per_person_us": ("government_health_spending_usd_pc", "who"),
    "literacy_rate_adult_total_percent_of_people_ages_15_and_above": (
        "adult_literacy_pct",
        "unesco_uis",
    ),
    "mean_years_in_school_women_percent_men_25_to_34_years": (
        "schooling_women_to_men_pct",
        "ihme_gbd",
    ),
    "females_aged_15plus_labour_force_participation_rate_percent": (
        "female_participation_pct",
        "ilo",
    ),
    "at_least_basic_sanitation_overall_access_percent": ("basic_sanitation_pct", "who_jmp"),
    "at_least_basic_water_source_overall_access_percent": ("basic_water_pct", "who_jmp"),
    "electricity_use_per_person": ("electricity_use_kwh_pc", "iea"),
    "broadband_subscribers_per_100_people": ("broadband_per_100", "itu"),
    "internet_users": ("internet_users_pct", "itu"),
    "cell_phones_per_100_people": ("cell_phones_per_100", "itu"),
    "agriculture_percent_of_gdp": ("agriculture_pct_gdp", "wb_wdi"),
    "agriculture_workers_percent_of_employment": ("agriculture_pct_employment", "ilo"),
    "forest_coverage_percent": ("forest_pct_land", "fao"),
    "co2_intensity_of_economic_output_kg_co2_per_2021_ppp_of_gdp": (
        "co2_kg_per_ppp_usd",
        "wb_wdi",
    ),
    "energy_use_per_person": ("energy_use_kgoe_pc", "iea"),
    "high_technology_exports_percent_of_manufactured_exports": ("high_tech_exports_pct", "wb_wdi"),
    "patent_applications_total": ("patent_applications", "wipo"),
    "democracy_score_use_as_color": ("polity_score", "polity"),
    "murder_per_100000_people": ("homicides_per_100k", "ihme_gbd"),
    "military_expenditure_percent_of_gdp": ("military_spending_pct_gdp", "sipri"),
    "investments_percent_of_gdp": ("investment_pct_gdp", "wb_wdi"),
    "inflation_annual_percent": ("inflation_pct", "wb_wdi"),
    "exports_percent_of_gdp": ("exports_pct_gdp", "wb_wdi"),
    "imports_percent_of_gdp": ("imports_pct_gdp", "wb_wdi"),
    "debt_servicing_costs_percent_of_exports_and_net_income_from_abroad": (
        "debt_service_pct_exports",
        "wb_ids",
    ),
    "external_debt_total_us_not_inflation_adjusted": ("external_debt_usd", "wb_ids"),
    "debt_to_foreigners_by_public_and_private_percent_of_gni": (
        "external_debt_pct_gni",
        "wb_ids",
    ),
    "gdppercapita_us_inflation_adjusted": ("gdp_per_capita_constant_usd", "wb_wdi"),
    "urban_population_percent_of_total": ("urban_population_pct", "un_wup"),
    "malnutrition_weight_for_age_percent_of_children_under_5": (
        "child_underweight_pct",
        "who",
    ),
    "merchandise_trade_percent_of_gdp": ("goods_trade_pct_gdp", "wb_wdi"),
}

NAMES = {
    "BOL": "Bolivia (Plurinational State of)",
    "CIV": "Côte d'Ivoire",
    "COD": "Democratic Republic of the Congo",
    "COG": "Congo",
    "CPV": "Cabo Verde",
    "CZE": "Czechia",
    "FSM": "Micronesia (Federated States of)",
    "GBR": "United Kingdom",
    "HKG": "Hong Kong SAR",
    "IRN": "Iran (Islamic Republic of)",
    "KOR": "Republic of Korea",
    "LAO": "Lao People's Democratic Republic",
    "MAC": "Macao SAR",
    "MDA": "Republic of Moldova",
    "MKD": "North Macedonia",
    "PRK": "Democratic People's Republic of Korea",
    "PSE": "State of Palestine",
    "RUS": "Russian Federation",
    "STP": "Sao Tome and Principe",
    "SWZ": "Eswatini",
    "SYR": "Syrian Arab Republic",
    "TLS": "Timor-Leste",
    "TUR": "Türkiye",
    "TWN": "Taiwan Province of China",
    "TZA": "United Republic of Tanzania",
    "USA": "United States of America",
    "VEN": "Venezuela (Bolivarian Republic of)",
    "VNM": "Viet Nam",
}


def read(path: Path) -> pd.DataFrame:
    """Read a compiled table; the text "NA" is never a missing value (it is Namibia's ISO code)."""
    return pd.read_csv(path, keep_default_na=False, na_values=[""])


def save(rows: list[tuple[str, str, int, float, str]], name: str) -> None:
    """Write observations sorted by variable, economy and year."""
    table = pd.DataFrame(rows, columns=["iso3", "variable", "year", "value", "source"])
    table = table.dropna(subset=["value"]).sort_values(["variable", "iso3", "year"])
    write_csv(table, name, OBSERVATIONS)


def main() -> None:
    """Carry everything over."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--facts", type=Path, required=True, help="folder of compiled tables")
    facts: Path = parser.parse_args().facts

    economies = read(facts / "countries.csv").set_index("iso3")
    rows = [
        (str(iso3), variable, year, float(value), source)
        for column, (variable, year, source) in ECONOMY_COLUMNS.items()
        for iso3, value in economies[column].items()
    ]
    save(rows, "economies.csv")

    listing = economies[["name", "m49_subregion", "income_group_2016"]].rename(
        columns={"m49_subregion": "subregion", "income_group_2016": "income_group"}
    )
    listing.loc["MAC"] = ["Macao SAR", "Eastern Asia", "HIC"]
    listing["name"] = [NAMES.get(str(i), n) for i, n in listing["name"].items()]
    write_csv(listing.sort_index().reset_index(), "economies.csv", LISTS)

    indicators = read(facts / "indicators_2013.csv").set_index("iso3")
    rows = []
    for column, (variable, source) in INDICATORS.items():
        years = indicators[f"{column}__year"]
        rows += [
            (str(iso3), variable, int(years[iso3]), float(value), source)
            for iso3, value in indicators[column].dropna().items()
        ]
    save(rows, "indicators.csv")

    scores = read(facts / "sdg_scores_2018_edition.csv").set_index("iso3")
    rows = [
        (str(iso3), f"goal_{goal}_edition_2018", 2016, float(value), "sdg_index_2018")
        for goal in range(1, 18)
        for iso3, value in scores[f"sdg{goal}_2018"].items()
    ]
    save(rows, "goals_2018_edition.csv")

    panel = read(facts / "sdg_panel_2000_2013.csv")
    panel = panel[panel["country_code"].isin(listing.index)]  # regional aggregates are left out
    rows = [
        (str(iso3), f"goal_{goal}_edition_2023", int(year), float(value), "sdr_2023")
        for goal in range(1, 18)
        for iso3, year, value in zip(
            panel["country_code"], panel["year"], panel[f"goal_{goal}_score"], strict=True
        )
    ]
    save(rows, "goals_2023_edition.csv")


if __name__ == "__main__":
    main()
