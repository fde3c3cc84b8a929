"""Tables as publishers write them, made up and small, with the traps of the real ones."""

from __future__ import annotations

import csv
import io
import itertools
import zipfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest

from sscsim import simulate
from sscsim.errors import InputError
from sscsim.world.loading import load_world
from sscsim.world.tables import World
from sscsim.world.trade_files import LAYOUTS, ImportedTrade, import_trade
from sscsim.world.trade_files.mirrors import FREIGHT

CODES = ("BRA", "CHN", "IND", "KEN", "ZAF", "DEU")
NUMBERS = {"BRA": 76, "CHN": 156, "IND": 699, "KEN": 404, "ZAF": 710, "DEU": 276}
"""As BACI and Comtrade number them: India is 699 there."""
NAMES = {
    "BRA": "Brazil",
    "CHN": "China",
    "IND": "India",
    "KEN": "Kenya",
    "ZAF": "South Africa",
    "DEU": "Germany",
}
IMF = NAMES | {"CHN": "China, P.R.: Mainland"}


@pytest.fixture(scope="module")
def world() -> World:
    return load_world()


@pytest.fixture(scope="module")
def trade(world: World) -> dict[tuple[str, str], float]:
    """Trade among six economies in billions, by what each sells and buys."""
    exports, imports = (world.base[f"goods_{side}_busd"] for side in ("exports", "imports"))
    at = world.position
    return {
        (o, d): round(float(exports[at(o)] * imports[at(d)] / imports.sum()), 6)
        for o, d in itertools.permutations(CODES, 2)
    }


def written(path: Path, lines: Iterable[str], encoding: str = "utf-8") -> Path:
    path.write_bytes(("\r\n".join(lines) + "\r\n").encode(encoding))
    return path


def same(found: ImportedTrade, trade: dict[tuple[str, str], float], rel: float = 1e-6) -> None:
    values = {(o, d): v for o, d, v in found.table.itertuples(index=False)}
    assert set(values) == set(trade)
    for pair, value in trade.items():
        assert values[pair] == pytest.approx(value, rel=rel), pair


# ------------------------------------------------------------------------------------------ one layout, its own traps


def baci(trade: dict[tuple[str, str], float], year: int = 2013) -> list[str]:
    """Two products a pair, thousand dollars, another year beside it, a quantity that is not known."""
    lines = ["t,i,j,k,v,q"]
    for (o, d), value in trade.items():
        lines.append(f"{year},{NUMBERS[o]},{NUMBERS[d]},10110,{value * 0.25e6:.3f},           NA")
        lines.append(f"{year},{NUMBERS[o]},{NUMBERS[d]},870323,{value * 0.75e6:.3f},12.5")
        lines.append(f"{year + 1},{NUMBERS[o]},{NUMBERS[d]},870323,{value * 9e6:.3f},1")
    return lines


def test_baci_sums_products_in_thousand_dollars(
    tmp_path: Path, world: World, trade: dict[tuple[str, str], float]
) -> None:
    found = import_trade(written(tmp_path / "BACI.csv", baci(trade)), world)
    assert (found.layout, found.unit, found.year, found.mirrors) == ("baci", "kusd", 2013, None)
    same(found, trade)


def test_bacis_archive_is_read_as_it_comes(
    tmp_path: Path, world: World, trade: dict[tuple[str, str], float]
) -> None:
    with zipfile.ZipFile(tmp_path / "BACI_HS12.zip", "w") as archive:
        archive.writestr("country_codes_V202401b.csv", "country_code,country_name\n76,Brazil\n")
        archive.writestr("BACI_HS12_Y2012_V202401b.csv", "\n".join(baci(trade, 2012) * 3))
        archive.writestr("BACI_HS12_Y2013_V202401b.csv", "\n".join(baci(trade)))
    same(import_trade(tmp_path / "BACI_HS12.zip", world), trade)


def unctad(trade: dict[tuple[str, str], float], header: str) -> list[str]:
    """Groups beside economies, two reports a flow, products beside their sum, notes under the table."""
    lines = [header]
    whole = {code: sum(v for (o, _), v in trade.items() if o == code) for code in CODES}

    everything = "TOTAL - All products"

    def line(
        who: str, name: str, whom: str, other: str, flow: str, value: str, product: str = everything
    ) -> str:
        number, label = {"X": ("02", "Exports"), "M": ("01", "Imports")}[flow]
        return f'2013,{who},"{name}",{whom},"{other}","{product}",{number},{label},{value},'

    for (o, d), value in trade.items():
        one, two = f"{NUMBERS[o]:04d}", f"{NUMBERS[d]:04d}"
        if o == "IND":
            one = "0356"
        if d == "IND":
            two = "0356"
        lines.append(line(one, NAMES[o], two, NAMES[d], "X", f"{value * 1e6:.3f}"))
        lines.append(line(two, NAMES[d], one, NAMES[o], "M", f"{value * 1e6 * (1 + FREIGHT):.3f}"))
        lines.append(line(one, NAMES[o], two, NAMES[d], "X", "1", "0 - Food"))
    for code in CODES:
        number = "0356" if code == "IND" else f"{NUMBERS[code]:04d}"
        lines.append(line(number, NAMES[code], "0000", "World", "X", f"{whole[code] * 1e6:.3f}"))
        lines.append(
            line(
                number, NAMES[code], "1400", "Developing economies", "X", f"{whole[code] * 5e5:.3f}"
            )
        )
        lines.append(line(number, NAMES[code], "5100", "Africa", "X", ".."))
    lines += ["", "Note: figures are estimated where italic", "Source: the publisher, 2020"]
    return lines


UNCTAD_HEADERS = {
    "until 2021": 'Year,"Economy","Economy Label","Partner","Partner Label","Product Label","Flow","Flow Label",'
    '"US dollars at current prices in thousands","US dollars at current prices in thousands Footnote"',
    "today": "Year,Economy,Economy_Label,Partner,Partner_Label,Product_Label,Flow,Flow_Label,"
    "US_dollars_at_current_prices_in_thousands_Value,US_dollars_at_current_prices_in_thousands_Footnote",
}


@pytest.mark.parametrize("header", UNCTAD_HEADERS.values(), ids=list(UNCTAD_HEADERS))
def test_unctadstat(
    tmp_path: Path, world: World, trade: dict[tuple[str, str], float], header: str
) -> None:
    lines = unctad(trade, header)
    found = import_trade(written(tmp_path / "matrix.csv", lines, "utf-8-sig"), world)
    assert (found.layout, found.unit) == ("unctad", "kusd")
    assert {"World", "Developing economies"} <= set(found.aggregates)
    assert found.mirrors is not None
    assert found.mirrors.ratio == pytest.approx(1.0, abs=1e-6)
    same(found, trade)


def imf_series(trade: dict[tuple[str, str], float]) -> list[str]:
    """A column a year, status lines beside values, the IMF's own numbers: its 223 is Brazil, the UN's is nobody."""
    lines = [
        '"Country Name","Country Code","Indicator Name","Indicator Code","Counterpart Country Name",'
        '"Counterpart Country Code","Attribute","2012","2013","2014",'
    ]
    own = {"BRA": 223, "CHN": 924, "IND": 534, "KEN": 664, "ZAF": 199, "DEU": 134}
    for (o, d), value in trade.items():
        sent = f'"{IMF[o]}",{own[o]},"Goods, Value of Exports, Free on board (FOB), US Dollars",TXG_FOB_USD'
        lines.append(f'{sent},"{IMF[d]}",{own[d]},Value,1,{value * 1e9:.1f},2,')
        lines.append(f'{sent},"{IMF[d]}",{own[d]},Status,E,E,E,')
    for o, d in trade:
        lines.append(
            f'"{IMF[d]}",{own[d]},"Goods, Value of Trade Balance, US Dollars",TBG_USD,"{IMF[o]}",{own[o]},Value,,-5e9,,'
        )
    exports = '"Goods, Value of Exports, Free on board (FOB), US Dollars",TXG_FOB_USD'
    lines.append(f'"World",1,{exports},"Brazil",223,Value,,9e12,,')
    lines.append(f'"Brazil",223,{exports},"Emerging and Developing Europe",903,Value,,9e9,,')
    return lines


def imf_panel(trade: dict[tuple[str, str], float]) -> list[str]:
    lines = [
        '"Country Name","Country Code","Counterpart Country Name","Counterpart Country Code","Time Period",'
        '"Goods, Value of Exports, Free on board (FOB), US Dollars (TXG_FOB_USD)",'
        '"Goods, Value of Imports, Cost, Insurance, Freight (CIF), US Dollars (TMG_CIF_USD)",'
        '"Goods, Value of Imports, Free on board (FOB), US Dollars (TMG_FOB_USD)","Status"'
    ]
    for (o, d), value in trade.items():
        lines.append(f'"{IMF[o]}",1,"{IMF[d]}",2,2013,{value * 1e9:.1f},,,')
        lines.append(f'"{IMF[d]}",2,"{IMF[o]}",1,2013,,{value * 1e9 * (1 + FREIGHT):.1f},,')
        lines.append(f'"{IMF[o]}",1,"{IMF[d]}",2,2014,5e9,5e9,,')
    return lines


def imf_lines(trade: dict[tuple[str, str], float]) -> list[str]:
    lines = ["DATASET,COUNTRY,COUNTERPART_COUNTRY,INDICATOR,FREQUENCY,TIME_PERIOD,SCALE,OBS_VALUE"]
    for (o, d), value in trade.items():
        scale, factor = ("Units", 1e9) if o == "CHN" else ("Millions", 1e3)
        lines.append(f"IMF.STA:IMTS,{o},{d},XG_FOB_USD,A,2013,{scale},{value * factor:.6f}")
        lines.append(f"IMF.STA:IMTS,{o},{d},XG_FOB_USD,M,2013-M01,Millions,1")
        lines.append(f"IMF.STA:IMTS,{o},G001,XG_FOB_USD,A,2013,Millions,99999")
    return lines


@pytest.mark.parametrize("make", [imf_series, imf_panel, imf_lines])
def test_the_imfs_layouts(
    tmp_path: Path, world: World, trade: dict[tuple[str, str], float], make
) -> None:
    found = import_trade(written(tmp_path / "DOT.csv", make(trade), "utf-8-sig"), world)
    assert found.layout == "imf-dots"
    assert found.unit == "usd"  # the scale that lines state is taken line by line
    same(found, trade)


def wits_lines(trade: dict[tuple[str, str], float]) -> list[str]:
    lines = [
        "Nomenclature,ReporterISO3,ProductCode,ReporterName,PartnerISO3,PartnerName,Year,TradeFlowName,TradeFlowCode,"
        "TradeValue in 1000 USD"
    ]
    for (o, d), value in trade.items():
        lines.append(f'H4,{o},Total,{NAMES[o]},{d},{NAMES[d]},2013,Export,6,"{value * 1e6:,.3f}"')
        lines.append(f"H4,{o},Total,{NAMES[o]},{d},{NAMES[d]},2013,Re-Export,7,77")
        lines.append(f"H4,{o},8703,{NAMES[o]},{d},{NAMES[d]},2013,Export,6,77")
    lines.append('H4,BRA,Total,Brazil,WLD,World,2013,Export,6,"242,178,649.1"')
    lines.append("H4,BRA,Total,Brazil,UNS,Unspecified,2013,Export,6,5")
    return lines


def wits_columns(trade: dict[tuple[str, str], float]) -> list[str]:
    lines = ["Reporter,Partner,Product categories,Indicator Type,Indicator,2012,2013"]
    for (o, d), value in trade.items():
        lines.append(
            f"{NAMES[o]},{NAMES[d]},All Products,Export,Export (US$ Thousand),1,{value * 1e6:.3f}"
        )
        lines.append(f"{NAMES[o]},{NAMES[d]},All Products,Export,Export Partner Share (%),1,12")
    return lines


@pytest.mark.parametrize("make", [wits_lines, wits_columns])
def test_wits(tmp_path: Path, world: World, trade: dict[tuple[str, str], float], make) -> None:
    found = import_trade(written(tmp_path / "wits.csv", make(trade)), world)
    assert (found.layout, found.unit) == ("wits", "kusd")
    same(found, trade)


def comtrade(trade: dict[tuple[str, str], float]) -> list[str]:
    """Parts by second partner, customs procedure and transport beside the whole; re-exports; areas not specified."""
    lines = [
        "typeCode,freqCode,refPeriodId,refYear,refMonth,period,reporterCode,reporterISO,reporterDesc,flowCode,flowDesc,"
        "partnerCode,partnerISO,partnerDesc,partner2Code,cmdCode,customsCode,motCode,primaryValue,isReported"
    ]

    def line(
        who: str,
        whom: str,
        flow: str,
        value: float,
        two: str = "0",
        customs: str = "C00",
        mot: str = "0",
    ) -> str:
        a, b = (f"{NUMBERS[c]},{c},{NAMES[c]}" for c in (who, whom))
        return f"C,A,20130101,2013,52,2013,{a},{flow},,{b},{two},TOTAL,{customs},{mot},{value:.2f},true"

    for (o, d), value in trade.items():
        lines.append(line(o, d, "X", value * 1e9))
        lines.append(line(o, d, "RX", value * 3e8))
        lines.append(line(d, o, "M", value * 1e9 * (1 + FREIGHT)))
        lines.append(line(o, d, "X", 5e8, two="156"))
        lines.append(line(o, d, "X", 5e8, customs="C04"))
        lines.append(line(o, d, "X", 5e8, mot="1000"))
    lines.append(
        'C,A,20130101,2013,52,2013,76,BRA,Brazil,X,,899,_X,"Areas, nes",0,TOTAL,C00,0,1e9,true'
    )
    lines.append("C,A,20130101,2013,52,2013,76,BRA,Brazil,X,,0,W00,World,0,TOTAL,C00,0,2.4e11,true")
    return lines


def comtrade_until_2022(trade: dict[tuple[str, str], float]) -> list[str]:
    lines = [
        "Classification,Year,Period,Period Desc.,Aggregate Level,Is Leaf Code,Trade Flow Code,Trade Flow,Reporter Code,"
        "Reporter,Reporter ISO,Partner Code,Partner,Partner ISO,Commodity Code,Commodity,Trade Value (US$),Flag"
    ]
    for (o, d), value in trade.items():
        a, b = (f"{NUMBERS[c]},{NAMES[c]},{c}" for c in (o, d))
        lines.append(
            f"HS,2013,2013,2013,0,0,2,Export,{a},{b},TOTAL,All Commodities,{value * 1e9:.0f},0"
        )
        lines.append(f"HS,2013,2013,2013,0,0,3,Re-Export,{a},{b},TOTAL,All Commodities,5,0")
    return lines


@pytest.mark.parametrize("make", [comtrade, comtrade_until_2022])
def test_comtrade(tmp_path: Path, world: World, trade: dict[tuple[str, str], float], make) -> None:
    found = import_trade(written(tmp_path / "comtrade.csv", make(trade)), world)
    assert (found.layout, found.unit) == ("comtrade", "usd")
    same(found, trade)


# ------------------------------------------------------------------------- the same traps in every publisher's layout

FEDERATIONS = {
    "baci": [
        "2013,891,276,10110,1500000,1",
        "2013,58,156,10110,2000000,1",
        "2013,736,156,10110,500000,1",
    ],
    "unctad": [
        '2013,0891,"Serbia and Montenegro",0276,"Germany","TOTAL - All products",02,Exports,1500000,',
        '2013,0058,"Belgium-Luxembourg",0156,"China","TOTAL - All products",02,Exports,2000000,',
        '2013,0736,"Sudan (...2011)",0156,"China","TOTAL - All products",02,Exports,500000,',
    ],
    "imf-dots": [
        "IMTS,Serbia and Montenegro,Germany,XG_FOB_USD,A,2013,Billions,1.5",
        "IMTS,Belgium-Luxembourg,China,XG_FOB_USD,A,2013,Billions,2",
        "IMTS,Fmr Sudan,China,XG_FOB_USD,A,2013,Billions,0.5",
    ],
    "wits": [
        "H4,SER,Total,Serbia and Montenegro,DEU,Germany,2013,Export,6,1500000",
        "H4,BLX,Total,Belgium-Luxembourg,CHN,China,2013,Export,6,2000000",
        'H4,SUD,Total,Fm Sudan,CHN,China,2013,Export,6,"500,000"',
    ],
    "comtrade": [
        "C,A,20130101,2013,52,2013,891,SCG,Serbia and Montenegro,X,,276,DEU,Germany,0,TOTAL,C00,0,1500000000,true",
        "C,A,20130101,2013,52,2013,58,BLX,Belgium-Luxembourg,X,,156,CHN,China,0,TOTAL,C00,0,2000000000,true",
        "C,A,20130101,2013,52,2013,736,SUD,Fmr Sudan,X,,156,CHN,China,0,TOTAL,C00,0,500000000,true",
    ],
    "csv": ["Serbia and Montenegro,DEU,1.5", "Belgium-Luxembourg,CHN,2", "Fmr Sudan,CHN,0.5"],
}


def own(trade: dict[tuple[str, str], float]) -> list[str]:
    return ["exporter,importer,value", *(f"{o},{d},{v}" for (o, d), v in trade.items())]


MADE = {
    "baci": baci,
    "unctad": lambda trade: unctad(trade, UNCTAD_HEADERS["today"]),
    "imf-dots": imf_lines,
    "wits": wits_lines,
    "comtrade": comtrade,
    "csv": own,
}


@pytest.mark.parametrize("semicolons", [False, True], ids=["commas", "semicolons"])
@pytest.mark.parametrize("name", list(LAYOUTS))
def test_federations_marks_notes_and_semicolons_in_every_layout(
    tmp_path: Path, world: World, trade: dict[tuple[str, str], float], name: str, semicolons: bool
) -> None:
    lines = [*MADE[name](trade), *FEDERATIONS[name]]
    cells = [next(csv.reader([line])) for line in lines if line]
    width = len(cells[0])
    cells = [
        one for one in cells if len(one) >= width - 1
    ]  # notes of the layout's own: ours come below
    text = io.StringIO()
    csv.writer(text, delimiter=";" if semicolons else ",").writerows(cells)
    table = [
        "Title of a publisher",
        "",
        *text.getvalue().splitlines(),
        "",
        "Note: provisional",
        "Source: made up",
    ]
    found = import_trade(written(tmp_path / "table.csv", table, "utf-8-sig"), world)
    assert found.layout == name
    values = {(o, d): v for o, d, v in found.table.itertuples(index=False)}
    for now, buyer, whole in (
        (("SRB", "MNE"), "DEU", 1.5),
        (("BEL", "LUX"), "CHN", 2.0),
        (("SDN", "SSD"), "CHN", 0.5),
    ):
        assert sum(values.get((one, buyer), 0.0) for one in now) == pytest.approx(whole)
        assert now in found.split.values()
    for pair, value in trade.items():
        assert values[pair] == pytest.approx(value, rel=1e-6)


# -------------------------------------------------------------------------------------------- how text may be written


@pytest.mark.parametrize(
    ("delimiter", "number", "encoding"),
    [
        (";", lambda v: f"{v:.6f}".replace(".", ","), "utf-8"),
        (";", lambda v: f"{v * 1e6:,.2f}".translate(str.maketrans(",.", ".,")), "cp1252"),
        ("\t", lambda v: f"{v:.6f}", "utf-16"),
        ("|", lambda v: f"{v * 1e9:,.0f}".replace(",", " "), "utf-8-sig"),
        (",", lambda v: f'"{v * 1e3:,.6f}"', "utf-8"),
    ],
    ids=[
        "decimal comma",
        "points for thousands",
        "tabs, UTF-16",
        "blanks for thousands",
        "quoted commas",
    ],
)
def test_ones_own_table_however_it_is_written(
    tmp_path: Path, world: World, trade: dict[tuple[str, str], float], delimiter, number, encoding
) -> None:
    lines = ["Handelsmatrix, Übersicht", "", delimiter.join(("Exporter", "Importer", "Value"))]
    lines += [delimiter.join((o, NAMES[d], number(v))) for (o, d), v in trade.items()]
    lines += ["", "Quelle: eigene Rechnung"]
    found = import_trade(written(tmp_path / "own.csv", lines, encoding), world)
    assert found.layout == "csv"
    same(found, trade, rel=1e-4)


def test_the_unit_of_a_table_that_states_none_is_the_one_that_fits(
    tmp_path: Path, world: World, trade: dict[tuple[str, str], float]
) -> None:
    for unit, factor in (("usd", 1e9), ("kusd", 1e6), ("musd", 1e3), ("busd", 1.0)):
        lines = [
            "exporter,importer,value",
            *(f"{o},{d},{v * factor}" for (o, d), v in trade.items()),
        ]
        path = written(tmp_path / f"{unit}.csv", lines)
        assert import_trade(path, world).unit == unit
        wrong = "usd" if unit == "busd" else "busd"
        with pytest.raises(InputError, match="far from the recorded trade"):
            import_trade(path, world, unit=wrong)


# ------------------------------------------------------------------------------------------------- who is meant


@pytest.mark.parametrize(
    ("name", "now"),
    [
        ("Serbia and Montenegro", ("SRB", "MNE")),
        ("Belgium-Luxembourg", ("BEL", "LUX")),
        ("Fmr Sudan", ("SDN", "SSD")),
        ("SCG", ("SRB", "MNE")),
        ("891", ("SRB", "MNE")),
        ("Sudan (...2011)", ("SDN", "SSD")),
    ],
)
def test_trade_of_a_federation_is_shared_by_what_its_economies_trade_today(
    tmp_path: Path, world: World, name: str, now: tuple[str, str]
) -> None:
    path = written(
        tmp_path / "old.csv", ["exporter,importer,value", f"{name},DEU,1.5", "DEU,CHN,90"]
    )
    found = import_trade(path, world)
    values = {o: v for o, _, v in found.table.itertuples(index=False)}
    sold = world.base["goods_exports_busd"][[world.position(one) for one in now]]
    for one, share in zip(now, sold / sold.sum(), strict=True):
        assert values.get(one, 0.0) == pytest.approx(1.5 * share)
    assert list(found.split.values()) == [now]


def test_what_no_list_knows_is_said_at_once_and_may_be_left_out(
    tmp_path: Path, world: World
) -> None:
    lines = [
        "exporter,importer,value",
        "DEU,CHN,90",
        "Atlantis,CHN,1",
        "CHN,Lemuria,2",
        "World,CHN,900",
        "Aruba,CHN,1",
    ]
    path = written(tmp_path / "odd.csv", lines)
    with pytest.raises(InputError) as refused:
        import_trade(path, world)
    assert "Atlantis" in str(refused.value)
    assert "Lemuria" in str(refused.value)
    found = import_trade(path, world, drop_unknown=True)
    assert set(found.unknown) == {"Atlantis", "Lemuria"}
    assert found.aggregates == {"World": 900.0}
    assert found.elsewhere == {"Aruba": 1.0}
    assert found.total == 90.0


# ----------------------------------------------------------------------------------------------------- two reports


def test_the_importers_report_is_taken_less_freight_else_the_exporters(
    tmp_path: Path, world: World
) -> None:
    head = "DATASET,COUNTRY,COUNTERPART_COUNTRY,INDICATOR,FREQUENCY,TIME_PERIOD,SCALE,OBS_VALUE"
    rows = [
        ("CHN", "DEU", "XG_FOB_USD", 100.0),
        ("DEU", "CHN", "MG_CIF_USD", 116.6),
        ("CHN", "KEN", "XG_FOB_USD", 5.0),
        ("IND", "CHN", "MG_FOB_USD", 40.0),
        ("IND", "BRA", "MG_CIF_USD", 0.0),
        ("BRA", "IND", "XG_FOB_USD", 3.0),
        ("ZAF", "DEU", "XG_FOB_USD", 20.0),
        ("DEU", "ZAF", "MG_CIF_USD", 0.2 * (1 + FREIGHT)),
    ]
    lines = [head, *(f"IMTS,{a},{b},{code},A,2013,Billions,{v}" for a, b, code, v in rows)]
    found = import_trade(written(tmp_path / "two.csv", lines), world)
    values = {(o, d): v for o, d, v in found.table.itertuples(index=False)}
    assert values == pytest.approx(
        {
            ("CHN", "DEU"): 110.0,
            ("CHN", "KEN"): 5.0,
            ("CHN", "IND"): 40.0,
            ("BRA", "IND"): 3.0,
            ("ZAF", "DEU"): 2.0,  # apart by a factor of a hundred: the geometric mean, and named
        }
    )
    assert found.mirrors is not None
    assert [far[:2] for far in found.mirrors.far] == [("ZAF", "DEU")]
    assert (found.mirrors.both, found.mirrors.importer, found.mirrors.exporter) == (2, 1, 2)


# ------------------------------------------------------------------------------------------------------- refusals


def test_mistakes_are_named(
    tmp_path: Path, world: World, trade: dict[tuple[str, str], float]
) -> None:
    plain = ["exporter,importer,value", *(f"{o},{d},{v}" for (o, d), v in trade.items())]
    cases = {
        "is the header of a layout": (["a,b,c", "1,2,3"], {}),
        "is a header of BACI": (plain, {"layout": "baci"}),
        "there is no layout of this name": (plain, {"layout": "bacy"}),
        "there is no unit of this name": (plain, {"unit": "eur"}),
        "the table has no trade of 2014": (baci(trade)[:1] + baci(trade)[1::3], {"year": 2014}),
        "this pair stands more than once": ([*plain, "Brazil,India,3"], {}),
        "the value is negative": ([*plain, "KEN,KEN,1", "KEN,UGA,-3"], {}),
        "far from the recorded trade": (baci({pair: v * 1e3 for pair, v in trade.items()}), {}),
        "no line of this table is trade between two": (
            ["exporter,importer,value", "World,CHN,3"],
            {},
        ),
        "the file is empty": ([""], {}),
    }
    for said, (lines, options) in cases.items():
        with pytest.raises(InputError) as refused:
            import_trade(written(tmp_path / "case.csv", lines), world, **options)
        assert said in str(refused.value), (said, str(refused.value))


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["BRA,CHN,1,234.5", "CHN,BRA,30"], "more cells than its header"),
        (["Korea, Rep.,CHN,180", "CHN,BRA,30"], "more cells than its header"),
        (["CHN,BRA,30", "BRA,CHN,1,234,567.8"], "more cells than its header"),
        (["CHN,BRA,30", "BRA,CHN,88 e"], "neither a number nor a mark"),
        (["CHN,BRA,30", "BRA,CHN,abc"], "neither a number nor a mark"),
        (["CHN,BRA,30.5", 'BRA,CHN,"90,5"'], "neither a number nor a mark"),
    ],
)
def test_no_number_is_read_as_another_or_passed_over(
    tmp_path: Path, world: World, lines: list[str], said: str
) -> None:
    with pytest.raises(InputError, match=said):
        import_trade(written(tmp_path / "odd.csv", ["exporter,importer,value", *lines]), world)


def test_notes_and_marks_of_missing_values_are_no_mistake(tmp_path: Path, world: World) -> None:
    lines = [
        "exporter,importer,value",
        "CHN,BRA,30",
        "BRA,CHN,..",
        "IND,CHN,n.a.",
        "Source: mine, 2020, revised",
    ]
    assert import_trade(written(tmp_path / "notes.csv", lines), world).total == 30.0


@pytest.mark.parametrize(
    "note",
    ["Note: a, b, c, d, e, f", "Source: mine, 2020, revised, twice", "x,y,z,and,words,alone"],
)
def test_a_note_may_have_more_commas_than_the_table(
    tmp_path: Path, world: World, note: str
) -> None:
    lines = ["exporter,importer,value", "CHN,BRA,30", note]
    found = import_trade(written(tmp_path / "n.csv", lines), world)
    assert found.total == 30.0


def test_a_flow_without_a_line_of_all_products_is_the_sum_of_its_coarsest(
    tmp_path: Path, world: World
) -> None:
    """One reporter has the total and chapters, another chapters and headings alone."""
    head = "reporterCode,reporterISO,partnerCode,partnerISO,period,flowCode,cmdCode,primaryValue"
    rows = [
        ("156,CHN,276,DEU", "X", "TOTAL", 9e10),
        ("156,CHN,276,DEU", "X", "84", 4e10),
        ("842,USA,156,CHN", "X", "84", 6e10),
        ("842,USA,156,CHN", "X", "85", 5e10),
        ("842,USA,156,CHN", "X", "8542", 2e10),
    ]
    lines = [head, *(f"{who},2013,{flow},{code},{value}" for who, flow, code, value in rows)]
    found = import_trade(written(tmp_path / "c.csv", lines), world)
    values = {(o, d): v for o, d, v in found.table.itertuples(index=False)}
    assert values == pytest.approx({("CHN", "DEU"): 90.0, ("USA", "CHN"): 110.0})


@pytest.mark.parametrize("labels", [("Fuels", "Hides"), ("Food", "Misc"), ("Capital goods", "84")])
def test_products_by_name_are_not_guessed_to_add_up(
    tmp_path: Path, world: World, labels: tuple[str, str]
) -> None:
    head = "ReporterISO3,PartnerISO3,Year,TradeFlowName,ProductCode,TradeValue in 1000 USD"
    lines = [head, *(f"CHN,DEU,2013,Export,{one},40000000" for one in labels)]
    with pytest.raises(InputError, match="no line of all products"):
        import_trade(written(tmp_path / "w.csv", lines), world)


@pytest.mark.parametrize("text", ["90000,123", "90.000,123", "90000,1", "0,9e5"])
def test_decimal_commas_of_any_length(tmp_path: Path, world: World, text: str) -> None:
    lines = ["exporter;importer;value", f"CHN;DEU;{text}", "DEU;CHN;80000,5"]
    found = import_trade(written(tmp_path / "d.csv", lines), world, unit="musd")
    assert found.table["value"].to_numpy() == pytest.approx([90.0, 80.0], abs=0.01)


def test_a_federation_may_stand_beside_one_of_its_economies(tmp_path: Path, world: World) -> None:
    lines = ["exporter,importer,value", "SCG,DEU,1.5", "SRB,DEU,1.0", "DEU,CHN,90"]
    found = import_trade(written(tmp_path / "s.csv", lines), world)
    assert found.total == pytest.approx(92.5)


def test_an_economy_out_of_scale_is_named(
    tmp_path: Path, world: World, trade: dict[tuple[str, str], float]
) -> None:
    odd = dict(trade) | {("KEN", "ZAF"): 40.0}
    lines = ["exporter,importer,value", *(f"{o},{d},{v}" for (o, d), v in odd.items())]
    found = import_trade(written(tmp_path / "one.csv", lines), world)
    assert [one[:2] for one in found.odd] == [("KEN", "exports")]


# ------------------------------------------------------------------------------------ the whole world, and a run of it


@pytest.fixture(scope="module")
def whole(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A full bilateral table of all economies: gravity with noise, zeros where it is little, in BACI's layout."""
    luck = np.random.default_rng(5)
    exports, imports = (world.base[f"goods_{side}_busd"] for side in ("exports", "imports"))
    distance = world.distance
    with np.errstate(divide="ignore"):
        raw = np.outer(exports, imports) / np.where(distance > 0.0, distance, np.inf)
    raw *= np.exp(luck.normal(0.0, 1.0, raw.shape))
    np.fill_diagonal(raw, 0.0)
    for _ in range(30):
        raw *= (exports / np.maximum(raw.sum(axis=1), 1e-12))[:, None]
        raw *= (imports * exports.sum() / imports.sum() / np.maximum(raw.sum(axis=0), 1e-12))[
            None, :
        ]
    raw[raw < 1e-4] = 0.0
    numbers = world.attributes["m49"].astype(int).tolist()
    lines = ["t,i,j,k,v,q"]
    lines += [
        f"2013,{numbers[o]},{numbers[d]},999999,{raw[o, d] * 1e6:.3f},1"
        for o, d in zip(*np.nonzero(raw), strict=True)
    ]
    return written(tmp_path_factory.mktemp("whole") / "BACI_HS12_Y2013.csv", lines)


def test_a_table_of_the_world_is_saved_and_read_again(
    whole: Path, world: World, tmp_path: Path
) -> None:
    found = import_trade(whole, world)
    assert found.coverage == pytest.approx(1.0, abs=0.02)
    assert not found.odd
    matrices = []
    for name in ("trade.parquet", "trade.csv"):
        found.save(tmp_path / name)
        matrix = load_world(None, tmp_path / name).trade_matrix
        assert matrix is not None
        matrices.append(matrix)
    assert np.array_equal(*matrices)
    assert matrices[0].sum() == pytest.approx(found.total)


def test_a_table_of_the_world_runs_to_2034(whole: Path, world: World, tmp_path: Path) -> None:
    import_trade(whole, world).save(tmp_path / "trade.parquet")
    run = simulate("baseline", seed=1, trade_matrix=tmp_path / "trade.parquet", keep="indicators")
    years = run.indicators.query("indicator == 'gdp' and group == 'World'")["value"]
    assert len(years) == 22
    assert np.isfinite(years).all()


def test_layouts_are_told_apart_by_their_headers() -> None:
    """No header of one is known to another that is tried before it."""
    headers = {
        "baci": ["t", "i", "j", "k", "v", "q"],
        "unctad": UNCTAD_HEADERS["today"].split(","),
        "imf-dots": ["Country Name", "Counterpart Country Name", "Indicator Code", "2013"],
        "wits": ["ReporterISO3", "PartnerISO3", "Year", "TradeValue in 1000 USD"],
        "comtrade": ["reporterCode", "partnerCode", "flowCode", "primaryValue"],
        "csv": ["exporter", "importer", "value"],
    }
    assert set(headers) == set(LAYOUTS)
    for name, header in headers.items():
        assert [one for one, kind in LAYOUTS.items() if kind.knows(header)] == [name]
