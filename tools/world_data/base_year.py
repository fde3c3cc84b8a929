"""The base-year table: one row an economy, one column a figure, no silent gap."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .common import Marks, Observations
from .factbook import Factbook
from .imputation import expit, group_median, least_squares, logit
from .series import FDI_YEARS, US_DEFLATOR

TABLE = "base_year"
BASE_YEAR = 2013

# World goods trade in billions of US dollars (UNCTADstat), to bring 2015 figures to the base year.
WORLD_GOODS_TRADE = {2013: 18300.0, 2015: 16400.0}

# Stocks that this edition of UNCTAD counts with the companies that investment only passes through, as the
# older edition of the flows does not: its flow into the Netherlands in 2013 is 114 bn there and 51 bn here.
# The Factbook prints them without.
PASSES_THROUGH = ("NLD",)

# Remittances received where the World Bank's series is silent, billions of US dollars, rounded as
# published. World Bank, Migration and Development Brief 22 (April 2014).
REMITTANCES_2013 = {"VNM": 11.0}

# Timor-Leste's income is its petroleum fund's, three times what it produces: no slip.
FUND_INCOME = "TLS"

# National income over GDP where profits of foreign firms drive them far apart and the debt
# statistics do not reach; national accounts of 2013, rounded.
GNI_RATIO_BY_HAND = {"IRL": 0.85, "LUX": 0.66}

# An investment share above this is a mismeasured price level rather than saving.
INVESTMENT_SHARE_MAX = 0.6


def last_of(found: dict[int, float], *years: int) -> tuple[float, int]:
    """Return the figure of the first of ``years`` that was found, and its year."""
    for year in years:
        if year in found:
            return found[year], year
    return np.nan, 0


class BaseYear:
    """Builds the columns one after another; later ones use earlier ones."""

    def __init__(
        self,
        observations: Observations,
        factbook: Factbook,
        newer: Factbook,
        countries: pd.DataFrame,
        growth: pd.DataFrame,
        marks: Marks,
    ) -> None:
        self.observations = observations
        self.factbook = factbook
        self.newer = newer
        self.countries = countries
        self.growth = growth
        self.marks = marks
        self.members = [str(i) for i in countries.index]
        self.index = countries.index
        self.table = pd.DataFrame(index=countries.index)
        # How alike economies are judged: income group first, subregion within it.
        self.alike = (countries["income_group"], countries["subregion"])

    # -- helpers ---------------------------------------------------------------------------

    def indicator(self, name: str) -> pd.Series:
        """Return an indicator of the year nearest to 2013."""
        return self.observations.get(name)

    def published(self, field: str, *years: int) -> pd.Series:
        """Return an amount of the Factbook in the first of ``years`` that it gives, billions."""
        values = {i: last_of(self.factbook.money(i, field), *years)[0] for i in self.members}
        return pd.Series(values, dtype=float).reindex(self.index)

    def fill(self, column: str, values: pd.Series, fallback: pd.Series, method: str) -> pd.Series:
        """Fill gaps of one column and mark them."""
        return self.marks.fill(TABLE, column, values, fallback, method)

    def printed(self, column: str, *figures: tuple[pd.Series, str]) -> pd.Series:
        """Return a column of published figures: each cell from the first publisher that prints it."""
        values = pd.Series(np.nan, index=self.index)
        for figure, source in figures:
            values = self.marks.printed(TABLE, column, values, figure.reindex(self.index), source)
        return values

    def ratio_fill(self, column: str, values: pd.Series, base: pd.Series, what: str) -> pd.Series:
        """Fill gaps by the median ratio to ``base`` among alike economies."""
        ratio = group_median(values / base, *self.alike)
        return self.fill(
            column,
            values,
            ratio * base,
            f"median ratio to {what} of the income group and subregion",
        )

    # -- columns ---------------------------------------------------------------------------

    def build(self) -> pd.DataFrame:
        """All columns in the order of the table."""
        self.gdp()
        self.people()
        self.production()
        self.distribution()
        self.trade()
        self.investment()
        self.external_finance()
        self.debt()
        self.institutions()
        return self.table

    def gdp(self) -> None:
        """Gross domestic product in three units, and gross national income."""
        t, obs = self.table, self.observations
        official = {i: self.factbook.money(i, "GDP (official exchange rate)") for i in self.members}
        inflation = {y: US_DEFLATOR[y] / US_DEFLATOR[BASE_YEAR] for y in (2013, 2014)}
        guess = pd.Series(np.nan, index=self.index)
        for iso3 in self.members:
            value, year = last_of(official[iso3], 2013, 2014)
            if year:
                # Brought back a year by the economy's own growth and the dollar's inflation.
                real = 1.0 + self.growth.loc[iso3, 2014] / 100.0 if year == 2014 else 1.0
                guess[iso3] = value / real / inflation[year]
        official_2013 = pd.Series({i: found.get(2013, np.nan) for i, found in official.items()})
        t["gdp_current_busd"] = self.fill(
            "gdp_current_busd",
            self.printed(
                "gdp_current_busd",
                # One edition for the base year and the years of the record (`series.gdp_in_dollars`).
                (obs.get("gdp_current_wdi_busd", 2013), "wb_wdi"),
                (obs.get("gdp_current_busd", 2013), "wb_wdi"),
                (official_2013, "factbook_2015"),
            ),
            guess,
            "World Factbook (mid-2015), official exchange rate, brought back to 2013",
        )
        real_growth = (1 + self.growth[2014] / 100) * (1 + self.growth[2015] / 100)
        # Two vintages that disagree on two years' growth by this much cannot be combined.
        constant = {}
        for name in ("gdp_current_wdi_busd", "gdp_current_busd"):
            value = obs.get(name, 2015) / real_growth
            constant[name] = value.where((value / t["gdp_current_busd"]).between(0.5, 1.45))
        t["gdp_constant_2015_busd"] = self.fill(
            "gdp_constant_2015_busd",
            self.printed(
                "gdp_constant_2015_busd",
                *((value, "wb_wdi+imf_weo_2019_04") for value in constant.values()),
            ),
            t["gdp_current_busd"] * US_DEFLATOR[2015] / US_DEFLATOR[BASE_YEAR],
            "GDP of 2013 in 2015 dollars by the US deflator (no GDP of 2015 at hand, or one that "
            "cannot be reconciled with the growth record)",
        )
        t["gdp_ppp_busd"] = self.ratio_fill(
            "gdp_ppp_busd",
            self.printed(
                "gdp_ppp_busd",
                (
                    self.published("GDP (purchasing power parity)", 2013, 2014, 2012),
                    "factbook_2015",
                ),
            ),
            t["gdp_current_busd"],
            "GDP at current prices",
        )
        # The World Bank publishes external debt both in dollars and as a share of GNI: their ratio
        # is GNI. A ratio far from GDP comes of a rebased GDP in one of the two, not of the economy.
        debt, share = self.indicator("external_debt_usd"), self.indicator("external_debt_pct_gni")
        gni = debt / 1e9 / (share / 100.0)
        year = obs.table[obs.table["variable"] == "external_debt_pct_gni"].set_index("iso3")["year"]
        plausible = (gni / t["gdp_current_busd"]).between(0.89, 1.16)
        plausible |= self.countries.index == FUND_INCOME
        gni = gni.where(plausible & (year.reindex(self.index) == BASE_YEAR))
        by_hand = pd.Series(GNI_RATIO_BY_HAND, dtype=float).reindex(self.index)
        gni = self.fill(
            "gni_current_busd",
            self.printed("gni_current_busd", (gni, "wb_ids")),
            by_hand * t["gdp_current_busd"],
            "GDP times the ratio of the national accounts, rounded, entered by hand",
        )
        t["gni_current_busd"] = self.fill(
            "gni_current_busd", gni, t["gdp_current_busd"], "set equal to GDP"
        )

    def people(self) -> None:
        """Set population and employment."""
        t, obs = self.table, self.observations
        heads = pd.Series(
            {
                i: (self.factbook.number(i, "People and Society", "Population") or np.nan) / 1e6
                for i in self.members
            }
        )
        pace = pd.Series(
            {
                i: next(
                    iter(
                        self.factbook.percent(
                            i, "People and Society", "Population growth rate"
                        ).values()
                    ),
                    0.0,
                )
                for i in self.members
            }
        )
        t["population_m"] = self.fill(
            "population_m",
            self.printed("population_m", (obs.get("population_m", 2013), "wb_wdi")),
            heads * np.exp(-2.0 * pace / 100.0),
            "World Factbook (mid-2015), brought back two years by its growth rate",
        )
        force = pd.Series(
            {
                i: (self.factbook.number(i, "Economy", "Labor force") or np.nan) / 1e6
                for i in self.members
            }
        )
        # A labour force larger than three quarters of the people is a slip of the source.
        force = force.where((force / t["population_m"]).between(0.15, 0.75))
        idle = pd.Series(
            {
                i: last_of(self.factbook.percent(i, "Economy", "Unemployment rate"), 2013, 2014)[0]
                for i in self.members
            }
        )
        employed = self.fill(
            "employment_m",
            self.printed(
                "employment_m",
                (obs.get("employment_m", 2013), "pwt_10_01"),
                (force * (1.0 - idle / 100.0), "factbook_2015"),
            ),
            force * (1.0 - 8.0 / 100.0),
            "World Factbook (mid-2015), labour force less 8 % unemployed (unpublished)",
        )
        t["employment_m"] = self.ratio_fill(
            "employment_m", employed, t["population_m"], "population"
        )

    def production(self) -> None:
        """Capital, human capital, and the shares of the production function."""
        t, obs = self.table, self.observations
        t["capital_output_ratio"] = self.median("capital_output_ratio")
        hdi = obs.get("hdi", 2013)
        wealth = np.log(t["gdp_ppp_busd"] / t["population_m"])
        hdi = self.fill(
            "hdi",
            self.printed("hdi", (hdi, "undp_hdr")),
            least_squares(hdi, wealth).clip(0.3, 0.95),
            "least squares on log GDP per head at purchasing power parity",
        )
        human = obs.get("human_capital_index", 2013)
        t["human_capital_index"] = self.fill(
            "human_capital_index",
            self.printed("human_capital_index", (human, "pwt_10_01")),
            least_squares(human, hdi).clip(human.min(), human.max()),
            "least squares on the human development index",
        )
        invested = obs.get("investment_share", 2013)
        invested = invested.where(invested <= INVESTMENT_SHARE_MAX)
        at_current_prices = self.indicator("investment_pct_gdp") / 100.0
        invested = self.printed(
            "investment_share",
            (invested, "pwt_10_01"),
            (
                at_current_prices.where(at_current_prices.between(0.05, INVESTMENT_SHARE_MAX)),
                "wb_wdi",
            ),
        )
        t["investment_share"] = self.fill(
            "investment_share",
            invested,
            group_median(invested, *self.alike),
            "median of the income group and subregion",
        )
        t["depreciation"] = self.median("depreciation")
        self.hdi = hdi

    def median(self, column: str) -> pd.Series:
        """Return a column of 2013 whose gaps take the median of alike economies."""
        values = self.printed(column, (self.observations.get(column, BASE_YEAR), "pwt_10_01"))
        return self.fill(
            column,
            values,
            group_median(values, *self.alike),
            "median of the income group and subregion",
        )

    def distribution(self) -> None:
        """Inequality and poverty."""
        t = self.table
        published = pd.Series(
            {
                i: next(
                    iter(
                        gini_of(
                            self.factbook.text(
                                i, "Economy", "Distribution of family income - Gini index"
                            )
                        )
                    ),
                    np.nan,
                )
                for i in self.members
            }
        )
        gini = self.printed(
            "gini",
            (self.indicator("gini_index") / 100.0, "wb_pip"),
            (published / 100.0, "factbook_2015"),
        )
        t["gini"] = self.fill(
            "gini",
            gini,
            group_median(self.indicator("gini_index") / 100.0, self.countries["subregion"]),
            "median of the subregion",
        )
        poor = self.indicator("poverty_300_pct") / 100.0
        wealth = np.log(t["gdp_ppp_busd"] / t["population_m"])
        odds = least_squares(logit(poor), wealth, t["gini"], wealth**2)
        t["poverty_headcount"] = self.fill(
            "poverty_headcount",
            self.printed("poverty_headcount", (poor, "wb_pip")),
            expit(odds).clip(upper=float(poor.max())),
            "least squares of log odds on log GDP per head (PPP), its square, and Gini",
        )

    def trade(self) -> None:
        """Goods exports and imports."""
        t, obs = self.table, self.observations
        scale = WORLD_GOODS_TRADE[2013] / WORLD_GOODS_TRADE[2015]
        for way, field in (("exports", "Exports"), ("imports", "Imports")):
            column = f"goods_{way}_busd"
            values = self.printed(
                column,
                (
                    obs.get(column, 2013).where(lambda x: x > 0.0),
                    "wb_wdi",
                ),  # zero: a rounded trifle
                (obs.get(f"goods_{way}_bop_busd", 2013), "wb_wdi"),
                (self.published(field, 2013), "factbook_2015"),
                (obs.get(f"goods_{way}_pwt_busd", 2013), "pwt_10_01"),
            )
            later = obs.get(f"goods_{way}_unctad_busd", 2015)
            values = self.fill(
                column,
                values,
                later.where(later > 0.0) * scale,  # a zero there is a rounded trifle
                "UNCTAD figure of 2015 times world goods trade 2013 over 2015 (18.3 over 16.4 trn)",
            )
            other = self.published(field, 2012, 2014, 2011, 2010, 0)
            values = self.fill(column, values, other, "World Factbook (mid-2015), nearest year")
            t[column] = self.ratio_fill(column, values, t["gdp_current_busd"], "GDP")

    def investment(self) -> None:
        """Foreign direct investment: flows and stocks."""
        t = self.table
        flows = self.observations
        years = list(FDI_YEARS)[:4]
        for way in ("inflow", "outflow"):
            panel = flows.panel(f"fdi_{way}_busd")[years].astype(float)
            column = f"fdi_{way}_busd"
            supplement = self.fdi_supplement()
            t[column] = self.printed(column, (panel.mean(axis=1), "unctad_wir_2022"))
            for iso3 in t.index[t[column].isna()]:
                t.loc[iso3, column] = supplement.loc[iso3, way]
                self.marks.add(TABLE, str(iso3), column, supplement.loc[iso3, f"{way} method"])
        fields = {
            "fdi_inward_stock_busd": "Stock of direct foreign investment - at home",
            "fdi_outward_stock_busd": "Stock of direct foreign investment - abroad",
        }
        for column, field in fields.items():
            published = self.printed(
                column,
                (flows.get(column, BASE_YEAR).drop(list(PASSES_THROUGH)), "unctad_fdi"),
                (self.plausible_stock(column, self.published(field, 2013)), "factbook_2015"),
            )
            values = self.fill(
                column,
                published,
                self.plausible_stock(column, self.published(field, 2014, 2012, 2011, 2010, 2009)),
                "World Factbook (mid-2015), nearest year",
            )
            t[column] = self.ratio_fill(column, values, t["gdp_current_busd"], "GDP")

    def plausible_stock(self, column: str, stock: pd.Series) -> pd.Series:
        """Drop slips: no economy below high income owns more than its GDP abroad."""
        if column == "fdi_inward_stock_busd":
            return stock
        high = self.countries["income_group"] == "HIC"
        return stock.where(high | (stock <= self.table["gdp_current_busd"]))

    def fdi_supplement(self) -> pd.DataFrame:
        """Flows where UNCTAD prints none: the yearly change of the Factbook's stock, else zero."""
        rows = {}
        fields = {
            "inflow": "Stock of direct foreign investment - at home",
            "outflow": "Stock of direct foreign investment - abroad",
        }
        for iso3 in self.members:
            flows: dict[str, float] = {}
            methods = {}
            for way, field in fields.items():
                methods[f"{way} method"] = "no flow published: zero"
                stocks = self.factbook.money(iso3, field)
                years = sorted(y for y in stocks if 2009 <= y <= 2014)
                flows[way] = 0.0
                if len(years) >= 2:
                    change = stocks[years[-1]] - stocks[years[0]]
                    flows[way] = max(change / (years[-1] - years[0]), 0.0)
                    methods[f"{way} method"] = "yearly change of the World Factbook's stock"
            rows[iso3] = {**flows, **methods}
        return pd.DataFrame(rows).T.reindex(self.index)

    def external_finance(self) -> None:
        """Aid, remittances, portfolio and other loans."""
        t = self.table
        gdp = t["gdp_current_busd"]
        aid = self.observations.get("oda_received_busd", BASE_YEAR)
        # Aid is official *development* assistance by the list of who may receive it: what is not on
        # the list of 2012-2013 receives none by definition. The series prints all that are.
        t["oda_received_busd"] = self.printed(
            "oda_received_busd",
            (aid, "wb_wdi"),
            (pd.Series(0.0, index=self.index), "oecd_dac_list"),
        )

        sent = pd.Series(np.nan, index=self.index)
        for iso3 in self.members:
            dated = self.newer.percent(iso3, "Economy", "Remittances")
            if dated:
                sent[iso3] = dated[min(dated)] / 100.0
        column = "remittances_received_busd"
        remitted = self.printed(
            column,
            (self.observations.get(column, BASE_YEAR), "wb_wdi"),
            (pd.Series(REMITTANCES_2013, dtype=float), "wb_remittances"),
        )
        for year in (2014, 2012):
            remitted = self.fill(
                column,
                remitted,
                self.observations.get(column, year),
                f"World Bank's figure of {year}, the nearest year",
            )
        remitted = self.fill(
            column,
            remitted,
            sent * gdp,
            "share of GDP of the earliest later year that the World Factbook gives (2017-2023), "
            "times GDP of 2013",
        )
        t[column] = self.fill(
            column,
            remitted,
            group_median(remitted / gdp, *self.alike) * gdp,
            "median share of GDP of the income group and subregion, times GDP of 2013",
        )

    def debt(self) -> None:
        """External debt and its service."""
        t = self.table
        year = self.observations.year("external_debt_usd")
        owed = self.printed(
            "external_debt_busd",
            ((self.indicator("external_debt_usd") / 1e9).where(year == BASE_YEAR), "wb_ids"),
            (self.published("Debt - external", 2013), "factbook_2015"),
        )
        owed = self.fill(
            "external_debt_busd",
            owed,
            self.observations.get("external_debt_2014_busd", 2014),
            "World Bank's figure of 2014, the nearest year",
        )
        owed = self.fill(
            "external_debt_busd",
            owed,
            self.published("Debt - external", 2014, 2012, 2011, 2010),
            "World Factbook (mid-2015), nearest year",
        )
        t["external_debt_busd"] = self.ratio_fill(
            "external_debt_busd", owed, t["gdp_current_busd"], "GDP"
        )
        year = self.observations.year("debt_service_pct_exports")
        service = self.printed(
            "debt_service_share_exports",
            (
                (self.indicator("debt_service_pct_exports") / 100.0).where(year == BASE_YEAR),
                "wb_ids",
            ),
        )
        service = self.fill(
            "debt_service_share_exports",
            service,
            self.observations.get("debt_service_2014_pct_exports", 2014) / 100.0,
            "World Bank's figure of 2014, the nearest year",
        )
        borrower = self.countries["income_group"] != "HIC"
        service = self.fill(
            "debt_service_share_exports",
            service,
            group_median(service, *self.alike).where(borrower),
            "median of the income group and subregion",
        )
        t["debt_service_share_exports"] = self.fill(
            "debt_service_share_exports",
            service,
            pd.Series(0.0, index=self.index),
            "not collected for high-income economies: zero",
        )

    def institutions(self) -> None:
        """Human development, and how well public administration works."""
        t, obs = self.table, self.observations
        t["hdi"] = self.hdi
        wealth = np.log(t["gdp_ppp_busd"] / t["population_m"])
        # Estimates of the two indicators lie within -2.5 and 2.5; their mean is put on 0 to 100.
        estimate = (
            obs.get("control_of_corruption", BASE_YEAR)
            + obs.get("government_effectiveness", BASE_YEAR)
        ) / 2.0
        quality = self.printed("administration_quality", (50.0 + 20.0 * estimate, "wb_wgi"))
        t["administration_quality"] = self.fill(
            "administration_quality",
            quality,
            least_squares(quality, wealth, t["hdi"]).clip(quality.min(), quality.max()),
            "least squares on log GDP per head (PPP) and human development index",
        )


def gini_of(text: str) -> list[float]:
    """Gini indices printed in a Factbook field ("35.3 (1995) ++ ...")."""
    found = []
    for part in text.split("++"):
        word = part.strip().split(" ")[0]
        try:
            found.append(float(word))
        except ValueError:
            continue
    return found
