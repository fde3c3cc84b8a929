"""How each publisher writes bilateral trade: which columns say who, whom, what and how much.

A layout is one class: how its header is known, which columns it reads, and how a part of the table becomes reports.
Read from each publisher's own guide and files; `docs/own-trade.md` lists them.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from sscsim.world.trade_files.reading import amounts, unreadable

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["LAYOUTS", "UNITS", "Layout"]

UNITS = {"usd": 1e-9, "kusd": 1e-6, "musd": 1e-3, "busd": 1.0}
"""Billions of US dollars in one unit: dollars, thousands, millions, billions."""


class Layout(ABC):
    """One publisher's way to write bilateral trade.

    What `reports` returns has a row for each report: ``reporter`` and ``partner`` as the file calls them (a code of
    letters or numbers first, a name beside it in ``reporter_name`` and ``partner_name``), ``flow`` (``exports``;
    ``imports``, freight and insurance included; ``imports_fob``), ``value`` in units of the file, and ``product`` where
    a table has products and their sum side by side.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    unit: ClassVar[str] = "usd"
    """What values are in, by the publisher's guide."""
    mirrored: ClassVar[bool] = True
    """Whether both partners report, so that a pair may stand twice."""
    products: ClassVar[bool] = True
    """Whether a pair may stand on a line for each product, which are summed."""

    def __init__(self, header: Sequence[str], *, decimal_comma: bool = False) -> None:
        self.header = tuple(header)
        self._decimal_comma = decimal_comma
        self.odd: list[pd.Series] = []
        """Cells of the part read last that are no number and no mark of a missing one, by line."""

    def amounts(self, cells: pd.Series) -> pd.Series:
        """Return the numbers in cells as this file writes them, NaN where it has none."""
        found = amounts(cells, decimal_comma=self._decimal_comma)
        self.odd.append(unreadable(cells, found))
        return found

    @classmethod
    @abstractmethod
    def knows(cls, header: Sequence[str]) -> bool:
        """Return whether this is a header of the publisher's."""

    @abstractmethod
    def columns(self, year: int) -> list[str]:
        """Return the columns to read; of tables with a column a year, that year's alone."""

    @abstractmethod
    def reports(self, part: pd.DataFrame, year: int) -> pd.DataFrame:
        """Return the reports of a part of the table that are of this year."""

    def units_of(self, part: pd.DataFrame) -> str | None:
        """Return the unit that the table itself states, None where it states none."""
        return None

    @classmethod
    def member(cls, year: int) -> str:
        """Return what the name of the table holds within an archive of several."""
        return str(year)

    @staticmethod
    def is_group(code: str) -> bool:
        """Return whether a code of the publisher's own stands for a group of economies."""
        return False

    def _here(self, *names: str) -> str | None:
        """Return the first of these columns that the table has, whatever the case of its letters."""
        by_case = {name.casefold(): name for name in self.header}
        return next((by_case[n.casefold()] for n in names if n.casefold() in by_case), None)


def _has(header: Sequence[str], *names: str) -> bool:
    known = {name.casefold() for name in header}
    return all(name.casefold() in known for name in names)


class Baci(Layout):
    """CEPII's BACI: mirrors reconciled, thousand dollars, one line a product, numbers of its own for economies."""

    name = "baci"
    title = "BACI, CEPII"
    unit = "kusd"
    mirrored = False

    @classmethod
    def knows(cls, header: Sequence[str]) -> bool:
        return [name.casefold() for name in header[:5]] == ["t", "i", "j", "k", "v"]

    def columns(self, year: int) -> list[str]:
        return list(self.header[:5])

    def reports(self, part: pd.DataFrame, year: int) -> pd.DataFrame:
        t, i, j, _, v = self.columns(year)
        part = part[part[t] == str(year)]
        return part.assign(
            reporter=part[i], partner=part[j], flow="exports", value=self.amounts(part[v])
        )

    @classmethod
    def member(cls, year: int) -> str:
        return f"_Y{year}_"


class Unctad(Layout):
    """UNCTADstat's merchandise trade matrix: thousand dollars, economies and groups of them side by side."""

    name = "unctad"
    title = "UNCTADstat, merchandise trade matrix"
    unit = "kusd"

    @staticmethod
    def is_group(code: str) -> bool:
        return (
            code.isdigit() and int(code) >= 1000
        )  # the UN's numbers of economies have three digits

    @classmethod
    def knows(cls, header: Sequence[str]) -> bool:
        return _has(header, "Year", "Economy", "Partner") and any(
            "at current prices" in name.replace("_", " ").casefold() for name in header
        )

    def columns(self, year: int) -> list[str]:
        names = (
            "Year",
            "Economy",
            "Economy Label",
            "Partner",
            "Partner Label",
            "Flow",
            "Flow Label",
        )
        found = [self._here(n, n.replace(" ", "_")) for n in (*names, "Product", "Product Label")]
        return [one for one in found if one] + [self._value]

    @property
    def _value(self) -> str:
        return next(
            n
            for n in self.header
            if "at current prices" in n.replace("_", " ").casefold()
            and "footnote" not in n.casefold()
            and "missing" not in n.casefold()
        )

    def reports(self, part: pd.DataFrame, year: int) -> pd.DataFrame:
        part = part[part[self._here("Year") or ""] == str(year)]
        product = self._here("Product Label", "Product_Label", "Product")
        flow = part[self._here("Flow Label", "Flow_Label", "Flow") or ""].str.casefold()
        names = (
            self._here("Economy Label", "Economy_Label"),
            self._here("Partner Label", "Partner_Label"),
        )
        return part.assign(
            reporter=part[self._here("Economy") or ""],
            partner=part[self._here("Partner") or ""],
            reporter_name=part[names[0]] if names[0] else "",
            partner_name=part[names[1]] if names[1] else "",
            flow=flow.map(
                lambda f: (
                    "exports"
                    if f.startswith("export") or f == "02"
                    else "imports"
                    if f.startswith("import") or f == "01"
                    else None
                )
            ),
            value=self.amounts(part[self._value]),
            product=part[product] if product else "",
        )

    def units_of(self, part: pd.DataFrame) -> str | None:
        said = self._value.casefold()
        return next(
            (
                u
                for word, u in (("thousand", "kusd"), ("million", "musd"), ("billion", "busd"))
                if word in said
            ),
            None,
        )


class ImfDots(Layout):
    """The IMF's trade by partner: a column a year (time series), a column an indicator (panel), or a line a figure.

    Economies carry the IMF's own numbers, which are other countries' numbers of the UN: they are known by their names.
    """

    name = "imf-dots"
    title = "IMF, Direction of Trade Statistics (International Trade in Goods by Partner)"

    @staticmethod
    def is_group(code: str) -> bool:
        return re.match(r"^(GX?\d{2,}|W00|\dC)", code) is not None

    FLOWS: ClassVar[dict[str, str]] = {
        "XG_FOB_USD": "exports",
        "TXG_FOB_USD": "exports",
        "MG_CIF_USD": "imports",
        "TMG_CIF_USD": "imports",
        "MG_FOB_USD": "imports_fob",
        "TMG_FOB_USD": "imports_fob",
    }

    SCALES: ClassVar[dict[str, float]] = {
        **{"": 1.0, "units": 1.0, "0": 1.0, "thousands": 1e3, "3": 1e3},
        **{"millions": 1e6, "6": 1e6, "billions": 1e9, "9": 1e9},
    }

    @classmethod
    def knows(cls, header: Sequence[str]) -> bool:
        old = _has(header, "Country Name", "Counterpart Country Name")
        return old or _has(header, "COUNTRY", "COUNTERPART_COUNTRY", "INDICATOR")

    @property
    def _indicator(self) -> str | None:
        return self._here("Indicator Code", "INDICATOR.ID", "INDICATOR", "Indicator Name")

    @property
    def _panel(self) -> dict[str, str]:
        """Columns that are indicators themselves, with the flow of each."""
        found = {}
        for name in self.header:
            code = re.search(r"\(?\b(T?[XM]G_(?:FOB|CIF)_USD)\)?$", name)
            if code:
                found[name] = self.FLOWS[code.group(1)]
        return found

    def columns(self, year: int) -> list[str]:
        who = [
            self._here("Country Name", "COUNTRY"),
            self._here("Counterpart Country Name", "COUNTERPART_COUNTRY"),
            self._here("COUNTRY.ID"),
            self._here("COUNTERPART_COUNTRY.ID"),
            self._here("Attribute"),
            self._here("FREQUENCY", "FREQUENCY.ID"),
            self._here("SCALE", "Scale", "UNIT_MULT", "Unit Multiplier"),
            self._here("TIME_PERIOD", "Time Period"),
        ]
        found = list(dict.fromkeys(one for one in who if one))
        if self._panel:
            return found + list(self._panel)
        value = self._here("OBS_VALUE", "Value", str(year))
        return found + [one for one in (self._indicator, value) if one]

    def reports(self, part: pd.DataFrame, year: int) -> pd.DataFrame:
        import pandas as pd

        period = self._here("TIME_PERIOD", "Time Period")
        if period:
            part = part[part[period] == str(year)]
        elif self._here(str(year)) is None:
            part = part[:0]
        attribute = self._here("Attribute")
        if attribute:
            part = part[part[attribute].isin(["Value", ""])]
        frequency = self._here("FREQUENCY", "FREQUENCY.ID")
        if frequency:
            part = part[part[frequency].str.casefold().isin(["a", "annual", ""])]
        who = part.assign(
            reporter=part[self._here("COUNTRY.ID", "Country Name", "COUNTRY") or ""],
            partner=part[
                self._here(
                    "COUNTERPART_COUNTRY.ID", "Counterpart Country Name", "COUNTERPART_COUNTRY"
                )
                or ""
            ],
        )
        if self._panel:
            return pd.concat(
                [
                    who.assign(flow=flow, value=self.amounts(part[column]) * self._scaled(part))
                    for column, flow in self._panel.items()
                ]
            )
        code = part[self._indicator].map(self._flow) if self._indicator else None
        value = self._here("OBS_VALUE", "Value", str(year))
        return who.assign(
            flow=code,
            value=self.amounts(part[value]) * self._scaled(part) if value else float("nan"),
        )

    def _flow(self, text: str) -> str | None:
        if text in self.FLOWS:
            return self.FLOWS[text]
        said = text.casefold()
        if not said.startswith(("goods, value of", "exports of goods", "imports of goods")):
            return None
        if "export" in said:
            return "exports"
        return ("imports_fob" if "fob" in said else "imports") if "import" in said else None

    def _scaled(self, part: pd.DataFrame) -> pd.Series | float:
        """Return how many dollars one is, line by line as the table states it."""
        scale = self._here("SCALE", "Scale", "UNIT_MULT", "Unit Multiplier")
        if scale is None:
            return 1.0
        return part[scale].str.casefold().map(self.SCALES)


class Wits(Layout):
    """The World Bank's WITS: thousand dollars; lines of products and years, or a column a year."""

    name = "wits"
    title = "World Integrated Trade Solution, World Bank"
    unit = "kusd"

    @classmethod
    def knows(cls, header: Sequence[str]) -> bool:
        long = _has(header, "ReporterISO3", "PartnerISO3")
        return long or (
            _has(header, "Reporter", "Partner", "Indicator") and any(h.isdigit() for h in header)
        )

    @property
    def _value(self) -> str | None:
        return next((n for n in self.header if re.match(r"trade ?value", n, re.IGNORECASE)), None)

    def columns(self, year: int) -> list[str]:
        who = [
            self._here("ReporterISO3", "Reporter"),
            self._here("PartnerISO3", "Partner"),
            self._here("ReporterName"),
            self._here("PartnerName"),
            self._here("Year"),
            self._here("ProductCode", "Product categories", "Product Group"),
            self._here("TradeFlowName", "Trade Flow", "Indicator"),
            self._value or self._here(str(year)),
        ]
        return list(dict.fromkeys(one for one in who if one))

    def reports(self, part: pd.DataFrame, year: int) -> pd.DataFrame:
        value, when = self._value or self._here(str(year)), self._here("Year")
        if when:
            part = part[part[when] == str(year)]
        if value is None:
            part = part[:0]
        product = self._here("ProductCode", "Product categories", "Product Group")
        flow = part[self._here("TradeFlowName", "Trade Flow", "Indicator") or ""].map(self._flow)
        names = (self._here("ReporterName"), self._here("PartnerName"))
        return part.assign(
            reporter=part[self._here("ReporterISO3", "Reporter") or ""],
            partner=part[self._here("PartnerISO3", "Partner") or ""],
            reporter_name=part[names[0]] if names[0] else "",
            partner_name=part[names[1]] if names[1] else "",
            flow=flow,
            value=self.amounts(part[value]) if value else float("nan"),
            product=part[product] if product else "",
        )

    @staticmethod
    def _flow(text: str) -> str | None:
        said = text.casefold()
        if said.startswith("re-") or "share" in said or "%" in said:
            return None
        return (
            "exports"
            if "export" in said or "exp." in said
            else "imports"
            if "import" in said or "imp." in said
            else None
        )

    def units_of(self, part: pd.DataFrame) -> str | None:
        said = (self._value or "").casefold()
        return "usd" if "us$)" in said and "1000" not in said else None


class Comtrade(Layout):
    """UN Comtrade, today's columns and those of the service until 2022: dollars, what each reporter says."""

    name = "comtrade"
    title = "UN Comtrade"

    @classmethod
    def knows(cls, header: Sequence[str]) -> bool:
        new = _has(header, "reporterCode", "partnerCode", "flowCode", "primaryValue")
        return new or _has(header, "Trade Flow", "Reporter", "Partner", "Trade Value (US$)")

    WHOLE: ClassVar[tuple[tuple[str, tuple[str, ...]], ...]] = (
        ("partner2Code", ("0", "")),
        ("customsCode", ("C00", "")),
        ("motCode", ("0", "")),
        ("mosCode", ("0", "")),
        ("freqCode", ("A", "")),
        ("typeCode", ("C", "")),
    )
    """Columns that split a flow, and what they hold where it is whole."""

    def columns(self, year: int) -> list[str]:
        who = [
            self._here("reporterISO", "Reporter ISO"),
            self._here("partnerISO", "Partner ISO"),
            self._here("reporterCode", "Reporter Code"),
            self._here("partnerCode", "Partner Code"),
            self._here("reporterDesc", "Reporter"),
            self._here("partnerDesc", "Partner"),
            self._here("refYear", "Year"),
            self._here("period", "Period"),
            self._here("flowCode", "Trade Flow"),
            self._here("cmdCode", "Commodity Code"),
            self._here("primaryValue", "Trade Value (US$)"),
            *(self._here(name) for name, _ in self.WHOLE),
        ]
        return list(dict.fromkeys(one for one in who if one))

    def reports(self, part: pd.DataFrame, year: int) -> pd.DataFrame:
        when = self._here("period", "Period", "refYear", "Year")
        part = part[part[when or ""] == str(year)]
        for name, whole in self.WHOLE:
            column = self._here(name)
            if column:
                part = part[part[column].isin(whole)]
        product = self._here("cmdCode", "Commodity Code")
        flow = part[self._here("flowCode", "Trade Flow") or ""].str.casefold()
        codes = (
            self._here("reporterCode", "Reporter Code"),
            self._here("partnerCode", "Partner Code"),
        )
        names = (self._here("reporterDesc", "Reporter"), self._here("partnerDesc", "Partner"))
        return part.assign(
            reporter=part[codes[0]] if codes[0] else part[names[0] or ""],
            partner=part[codes[1]] if codes[1] else part[names[1] or ""],
            reporter_name=part[names[0]] if names[0] else "",
            partner_name=part[names[1]] if names[1] else "",
            flow=flow.map(
                {
                    "x": "exports",
                    "export": "exports",
                    "exports": "exports",
                    "m": "imports",
                    "import": "imports",
                    "imports": "imports",
                }
            ),
            value=self.amounts(part[self._here("primaryValue", "Trade Value (US$)") or ""]),
            product=part[product] if product else "",
        )


class Plain(Layout):
    """A table of one's own: exporter, importer, value, and year where it holds several."""

    name = "csv"
    title = "a table of exporter, importer, value"
    unit = ""
    mirrored = False
    products = False

    @classmethod
    def knows(cls, header: Sequence[str]) -> bool:
        return _has(header, "exporter", "importer", "value")

    def columns(self, year: int) -> list[str]:
        return [one for one in map(self._here, ("exporter", "importer", "value", "year")) if one]

    def reports(self, part: pd.DataFrame, year: int) -> pd.DataFrame:
        when = self._here("year")
        if when:
            part = part[part[when] == str(year)]
        return part.assign(
            reporter=part[self._here("exporter") or ""],
            partner=part[self._here("importer") or ""],
            flow="exports",
            value=self.amounts(part[self._here("value") or ""]),
        )


LAYOUTS: dict[str, type[Layout]] = {
    one.name: one for one in (Baci, Unctad, ImfDots, Wits, Comtrade, Plain)
}
"""Layouts that can be read, by name, in the order in which a header is tried against them."""
