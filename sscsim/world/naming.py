"""Which country is meant: one rule for files, commands and Python.

A country is known by its ISO 3166 codes of today (three letters, two letters, number), by the codes that trade
statistics and sports use where nothing else has them, by codes of yesterday where one successor is clear (ZAR is the
Congo, TMP is Timor-Leste), and by its names in English, French, Spanish and Chinese (Unicode's Common Locale Data
Repository). What is no single country of the model – an aggregate, a federation that fell apart, a territory – is
recognised as what it is and never taken for a neighbour in the alphabet.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Literal

from sscsim.errors import InputError, nearest

__all__ = ["AGGREGATES", "COMMON", "Found", "Gazetteer", "is_aggregate"]

LANGUAGES = ("en", "fr", "es", "zh")
"""Languages in which countries are known by name."""

COMMON = {
    "Britain": "GBR",
    "Great Britain": "GBR",
    "UK": "GBR",
    "America": "USA",
    "United States": "USA",
    "US": "USA",
    "Emirates": "ARE",
    "UAE": "ARE",
    "Burma": "MMR",
    "Cape Verde": "CPV",
    "Czech Republic": "CZE",
    "DR Congo": "COD",
    "DRC": "COD",
    "Zaire": "COD",
    "Congo, Dem. Rep.": "COD",
    "Congo, Rep.": "COG",
    "Dem. Rep. of the Congo": "COD",
    "Bosnia Herzegovina": "BIH",
    "Birmanie": "MMR",
    "Birmania": "MMR",
    "Siam": "THA",
    "DPRK": "PRK",
    "DPR Korea": "PRK",
    "Korea DPR": "PRK",
    "Korea, North": "PRK",
    "Korea, South": "KOR",
    "大韩民国": "KOR",
    "República Checa": "CZE",
    "Rép. tchèque": "CZE",
    "République tchèque": "CZE",
    "RDC": "COD",
    "République démocratique du Congo": "COD",
    "República Democrática del Congo": "COD",
    "刚果民主共和国": "COD",
    "Fédération de Russie": "RUS",
    "Federación de Rusia": "RUS",
    "俄罗斯联邦": "RUS",
    "EE. UU.": "USA",
    "États-Unis d'Amérique": "USA",
    "Estados Unidos de América": "USA",
    "美利坚合众国": "USA",
    "中国香港": "HKG",
    "中国澳门": "MAC",
    "中国台湾": "TWN",
    "Hong Kong Special Administrative Region, People's Republic of China": "HKG",
    "Macao Special Administrative Region, People's Republic of China": "MAC",
    "China, People's Republic of": "CHN",
    "Macau": "MAC",
    "Chinese Taipei": "TWN",
    "Costa de Marfil": "CIV",
    "Venezuela, República Bolivariana de": "VEN",
    "Serbia, FR(Serbia/Montenegro)": "SRB",
    "Occ.Pal.Terr": "PSE",
    "Occ. Palestinian Terr.": "PSE",
    "FS Micronesia": "FSM",
    "Former Yugoslav Republic of Macedonia": "MKD",
    "TFYR of Macedonia": "MKD",
    "Hong Kong, China": "HKG",
    "Macao, China": "MAC",
    "Taiwan, China": "TWN",
    "Switzerland, Liechtenstein": "CHE",
    "France, Monaco": "FRA",
    "USA, Puerto Rico and US Virgin Islands": "USA",
    "Korea, Rep.": "KOR",
    "Rep. of Korea": "KOR",
    "Korea, Republic of": "KOR",
    "Korea, Dem. People's Rep.": "PRK",
    "Dem. People's Rep. of Korea": "PRK",
    "China, mainland": "CHN",
    "China, P.R.: Mainland": "CHN",
    "China, Hong Kong SAR": "HKG",
    "China, P.R.: Hong Kong": "HKG",
    "Hong Kong SAR, China": "HKG",
    "China, Macao SAR": "MAC",
    "China, P.R.: Macao": "MAC",
    "Macao SAR, China": "MAC",
    "Other Asia, nes": "TWN",
    "Taiwan": "TWN",
    "Taiwan Province of China": "TWN",
    "China, Taiwan Province of": "TWN",
    "Egypt, Arab Rep.": "EGY",
    "Iran, Islamic Rep.": "IRN",
    "Iran, Islamic Republic of": "IRN",
    "Venezuela, RB": "VEN",
    "Venezuela, Bolivarian Rep. of": "VEN",
    "Yemen, Rep.": "YEM",
    "Gambia, The": "GMB",
    "Bahamas, The": "BHS",
    "Lao PDR": "LAO",
    "Lao People's Dem. Rep.": "LAO",
    "Kyrgyz Republic": "KGZ",
    "Slovak Republic": "SVK",
    "Micronesia, Fed. Sts.": "FSM",
    "St. Kitts and Nevis": "KNA",
    "St. Lucia": "LCA",
    "St. Vincent and the Grenadines": "VCT",
    "West Bank and Gaza": "PSE",
    "State of Palestine": "PSE",
    "United Rep. of Tanzania": "TZA",
    "Rep. of Moldova": "MDA",
    "Viet Nam": "VNM",
    "Türkiye": "TUR",
    "Türkiye, Rep. of": "TUR",
    "USA": "USA",
    "East Timor": "TLS",
    "Holland": "NLD",
    "Ivory Coast": "CIV",
    "KSA": "SAU",
    "Laos": "LAO",
    "Macedonia": "MKD",
    "North Korea": "PRK",
    "RSA": "ZAF",
    "Russia": "RUS",
    "South Korea": "KOR",
    "Swaziland": "SWZ",
    "Turkey": "TUR",
    "Vietnam": "VNM",
}
"""What people and statistical offices call countries that the tables give another name."""

FORMER: dict[str, tuple[str, tuple[str, ...]]] = {
    "ZAR": ("Zaire, until 1997", ("COD",)),
    "TMP": ("East Timor, until 2002", ("TLS",)),
    "BUR": ("Burma, until 1989", ("MMR",)),
    "ROM": ("Romania, until 2002", ("ROU",)),
    "HVO": ("Upper Volta, until 1984", ("BFA",)),
    "DHY": ("Dahomey, until 1977", ("BEN",)),
    "RHO": ("Southern Rhodesia, until 1980", ("ZWE",)),
    "NHB": ("New Hebrides, until 1980", ("VUT",)),
    "AFI": ("French Afars and Issas, until 1977", ("DJI",)),
    "BYS": ("Byelorussian SSR, until 1992", ("BLR",)),
    "DDR": ("German Democratic Republic, until 1990", ("DEU",)),
    "VDR": ("Democratic Republic of Viet Nam, until 1977", ("VNM",)),
    "YMD": ("Democratic Yemen, until 1990", ("YEM",)),
    "YUG": ("Yugoslavia, until 2003", ("SRB", "MNE")),
    "SCG": ("Serbia and Montenegro, until 2006", ("SRB", "MNE")),
    "CSK": ("Czechoslovakia, until 1993", ("CZE", "SVK")),
    "SUN": ("Soviet Union, until 1992", ("RUS", "UKR", "KAZ")),
    "ANT": ("Netherlands Antilles, until 2010", ()),
    "SDF": ("Sudan, until 2011, South Sudan included", ("SDN", "SSD")),
    "BLX": ("Belgium-Luxembourg, reported as one until 1998", ("BEL", "LUX")),
}
"""ISO 3166-3, BLX of trade statistics, and SDF, this module's own: what each was, and which economies it is today."""

OTHER_LISTS = {
    # UN Comtrade: Other Asia, not elsewhere specified
    "S19": "TWN",
    # World Bank and IMF
    "ADO": "AND",
    "WBG": "PSE",
    # International Olympic Committee, where its code is no ISO code of another country, now or before
    "ALG": "DZA",
    "ANG": "AGO",
    "BAH": "BHS",
    "BAN": "BGD",
    "BAR": "BRB",
    "BHU": "BTN",
    "BIZ": "BLZ",
    "BOT": "BWA",
    "BRU": "BRN",
    "BUL": "BGR",
    "CAM": "KHM",
    "CGO": "COG",
    "CHA": "TCD",
    "CRC": "CRI",
    "CRO": "HRV",
    "DEN": "DNK",
    "ESA": "SLV",
    "FIJ": "FJI",
    "GAM": "GMB",
    "GBS": "GNB",
    "GEQ": "GNQ",
    "GER": "DEU",
    "GRE": "GRC",
    "GRN": "GRD",
    "GUA": "GTM",
    "GUI": "GIN",
    "HAI": "HTI",
    "HON": "HND",
    "INA": "IDN",
    "IRI": "IRN",
    "KUW": "KWT",
    "LAT": "LVA",
    "LBA": "LBY",
    "LES": "LSO",
    "LIB": "LBN",
    "MAD": "MDG",
    "MAS": "MYS",
    "MAW": "MWI",
    "MGL": "MNG",
    "MON": "MCO",
    "MRI": "MUS",
    "MTN": "MRT",
    "MYA": "MMR",
    "NCA": "NIC",
    "NED": "NLD",
    "NEP": "NPL",
    "NGR": "NGA",
    "OMA": "OMN",
    "PAR": "PRY",
    "PHI": "PHL",
    "PLE": "PSE",
    "POR": "PRT",
    "SAM": "WSM",
    "SEY": "SYC",
    "SIN": "SGP",
    "SKN": "KNA",
    "SLO": "SVN",
    "SOL": "SLB",
    "SRI": "LKA",
    "SUD": "SDN",
    "SUI": "CHE",
    "TAN": "TZA",
    "TGA": "TON",
    "TOG": "TGO",
    "TPE": "TWN",
    "URU": "URY",
    "VAN": "VUT",
    "VIE": "VNM",
    "VIN": "VCT",
    "ZAM": "ZMB",
    "ZIM": "ZWE",
}
"""Codes of other lists that stand for one country, whoever reads them."""

TWO_READINGS = {
    # Burma by ISO until 1989, Burkina Faso by the Olympic Committee
    "BUR": ("MMR", "BFA"),
    # Chile by the Olympic Committee, the Channel Islands by the World Bank, China to a hasty reader
    "CHI": ("CHL", "CHN"),
    # Niger by the Olympic Committee, Nigeria in older tables
    "NIG": ("NER", "NGA"),
    # Netherlands Antilles by ISO until 2010, Antigua and Barbuda by the Olympic Committee
    "ANT": ("ATG",),
}
"""Codes that two lists give to different countries."""

NUMBERS = {
    842: "USA",
    841: "USA",
    251: "FRA",
    579: "NOR",
    757: "CHE",
    699: "IND",
    490: "TWN",
    381: "ITA",
    280: "DEU",
    886: "YEM",
    230: "ETH",
    592: "PAN",
    459: "MYS",
}
"""Numbers of UN Comtrade and CEPII's BACI that are not those of the UN's standard (M49) of today."""

FORMER_NUMBERS = {58: "BLX", 890: "YUG", 891: "SCG", 200: "CSK", 810: "SUN", 530: "ANT", 278: "DDR"}
GROUP_NUMBERS = {
    129: "Caribbean, nes",
    221: "Eastern Europe, nes",
    290: "Northern Africa, nes",
    471: "Central American Common Market, nes",
    472: "Africa CAMEU region, nes",
    473: "Latin American Integration Association, nes",
    492: "Europe EU, nes",
    527: "Oceania, nes",
    536: "Neutral Zone",
    568: "Other Europe, nes",
    577: "Other Africa, nes",
    636: "Rest of America, nes",
    637: "North America and Central America, nes",
    697: "Europe EFTA, nes",
    711: "Southern African Customs Union",
    837: "Bunkers",
    838: "Free Zones",
    839: "Special Categories",
    849: "United States miscellaneous Pacific islands",
    879: "Western Asia, nes",
    899: "Areas, nes",
}
"""Numbers of UN Comtrade and BACI for what is no single economy."""

FORMER_NUMBERS |= {720: "YMD", 736: "SDF"}

AGGREGATES = {
    "AFE": "Africa Eastern and Southern",
    "AFW": "Africa Western and Central",
    "AFR": "Africa",
    "ARB": "Arab World",
    "CEB": "Central Europe and the Baltics",
    "CSS": "Caribbean small states",
    "EAP": "East Asia & Pacific (excluding high income)",
    "EAR": "Early-demographic dividend",
    "EAS": "East Asia & Pacific",
    "ECA": "Europe & Central Asia (excluding high income)",
    "ECS": "Europe & Central Asia",
    "EMU": "Euro area",
    "EUN": "European Union",
    "EUU": "European Union",
    "FCS": "Fragile and conflict affected situations",
    "HIC": "High income",
    "HPC": "Heavily indebted poor countries (HIPC)",
    "IBD": "IBRD only",
    "IBT": "IDA & IBRD total",
    "IDA": "IDA total",
    "IDB": "IDA blend",
    "IDX": "IDA only",
    "INX": "Not classified",
    "LAC": "Latin America & Caribbean (excluding high income)",
    "LCN": "Latin America & Caribbean",
    "LDC": "Least developed countries: UN classification",
    "LIC": "Low income",
    "LMC": "Lower middle income",
    "LMY": "Low & middle income",
    "LTE": "Late-demographic dividend",
    "MEA": "Middle East & North Africa",
    "MIC": "Middle income",
    "MNA": "Middle East & North Africa (excluding high income)",
    "NAC": "North America",
    "OED": "OECD members",
    "OSS": "Other small states",
    "PRE": "Pre-demographic dividend",
    "PSS": "Pacific island small states",
    "PST": "Post-demographic dividend",
    "SAS": "South Asia",
    "SSA": "Sub-Saharan Africa (excluding high income)",
    "SSF": "Sub-Saharan Africa",
    "SST": "Small states",
    "TEA": "East Asia & Pacific (IDA & IBRD countries)",
    "TEC": "Europe & Central Asia (IDA & IBRD countries)",
    "TLA": "Latin America & the Caribbean (IDA & IBRD countries)",
    "TMN": "Middle East & North Africa (IDA & IBRD countries)",
    "TSA": "South Asia (IDA & IBRD)",
    "TSS": "Sub-Saharan Africa (IDA & IBRD countries)",
    "UMC": "Upper middle income",
    "WLD": "World",
    "UNS": "Unspecified",
    "OAS": "Other Asia",
    "_X": "Areas, nes",
    "W00": "World",
    "EA19": "Euro area",
    "EA20": "Euro area",
    "SPE": "Special categories",
    "BUN": "Bunkers",
    "FRE": "Free zones",
}
"""Codes of aggregates of the World Bank, WITS and the like."""

_AGGREGATE_NAMES = re.compile(
    r"""^(
        world | monde | mundo | 世界 | 欧盟 | union\ europ | uni[oó]n\ europ | am[eé]ri(ca|que)\ latin
      | all\ countries | total | rest\ of | other\ (countries|africa|europe)
      | (sub-saharan\ )?africa\b(?!.*republic) | (south|north|latin|central)\ america | americas?
      | asia\b | europe\b | oceania
      | (developing|developed|emerging|advanced|transition|industrial|least|low|middle|high|upper|lower)\b.*
        (econom|countr|income|asia|europe|africa|america)
      | european\ union | eu[-\ ]?\d* | euro\ area | eurozone
      | (east|south|central|southeast|middle)\b.*\b(asia|east|pacific|caribbean)
      | (northern|southern|eastern|western|south-eastern)\ (africa|america|asia|europe)\b
      | (north|east|west|middle|central)\ (africa|asia|europe)$
      | (small\ island|landlocked|heavily\ indebted|fragile|major|selected|other)\ .*(countr|state|econom|exporter)
      | economies\ in\ transition | ldcs? | lldcs? | sids | hipcs? | western\ hemisphere
      | (non-)?(oil|fuel)\ (export|import)
      | areas?,?\ n\.?e\.?s | bunkers | free\ zones | special\ categories | unspecified
      | not\ (elsewhere|classified|specified) | countries?\ (&\ areas\ )?not\ specified
      | (oecd|opec|asean|g-?\d+|brics|mercosur|nafta|usmca|cis|gcc|ecowas|sadc|comesa|eac|apec|rcep|efta|caricom)\b.*
      | small\ states | .*\bnes$ | .*\(excluding\ .*\) | .*\(ida\b.* | .*small\ states | arab\ world
      | confidential
    )""",
    re.VERBOSE | re.IGNORECASE,
)

MOST = 4
"""Countries that are named where several may be meant."""

Kind = Literal["economy", "former", "split", "ambiguous", "aggregate", "elsewhere", "unknown"]


@dataclass(frozen=True)
class Found:
    """What a code or a name stands for.

    Attributes
    ----------
    kind
        ``economy``, one of the model; ``former``, its code of yesterday or of another list; ``split``, what is several
        economies today, or none; ``ambiguous``, two lists disagree; ``aggregate``; ``elsewhere``, a place that is no
        economy of the model; ``unknown``.
    iso3
        The economy, for the first two.
    title
        What it is in words.
    near
        Economies that may be meant.
    """

    kind: Kind
    iso3: str | None = None
    title: str = ""
    near: tuple[str, ...] = ()


def is_aggregate(typed: str) -> bool:
    """Return whether a code or a name stands for a group of countries or for none in particular."""
    return typed.strip().upper() in AGGREGATES or bool(_AGGREGATE_NAMES.match(typed.strip()))


class Gazetteer:
    """Finds the economies of a world by whatever they are called.

    Parameters
    ----------
    names
        Name of each economy by its ISO 3166-1 alpha-3 code.
    numbers
        Number of each by the UN's standard (M49), as far as known.
    """

    def __init__(self, names: Mapping[str, str], numbers: Mapping[str, int] | None = None) -> None:
        self.names = dict(names)
        self._numbers = {number: code for code, number in (numbers or {}).items()}

    def code(self, typed: str | int) -> str:
        """Return the ISO code of the economy that is meant.

        Raises
        ------
        InputError
            Where none is, with what it stands for instead, or the economies that may be meant.
        """
        found = self.find(typed)
        if found.iso3 is not None:
            return found.iso3
        raise self.error(typed, found)

    def error(self, typed: str | int, found: Found | None = None) -> InputError:
        """Return the error for what is no economy of the model."""
        found = self.find(typed) if found is None else found
        several = ", ".join(f"{code} ({self.names[code]})" for code in found.near)
        message = {
            "split": f"{found.title} is no single economy of the model",
            "ambiguous": "two lists give this code to different countries",
            "aggregate": f"this is an aggregate: {found.title}",
            "elsewhere": f"{found.title} is no economy of the model",
        }.get(found.kind, "there is no country of this code or name")
        one = found.near[0] if len(found.near) == 1 and found.kind == "unknown" else found.iso3
        return InputError(
            message,
            found=typed,
            allowed=f"such as {several}"
            if several and one is None
            else "an ISO 3166-1 alpha-3 code such as BRA, or a name such as Brazil",
            suggestion=one,
        )

    def unknown(self, typed: Iterable[str | int]) -> dict[str, str]:
        """Return in words what is wrong with each of these that is no economy of the model; {} if all are."""
        said: dict[str, str] = {}
        for one in typed:
            found = self.find(one)
            if found.iso3 is None and str(one) not in said:
                near = f"; perhaps {', '.join(found.near)}" if found.near else ""
                said[str(one)] = (found.title or "unknown") + near
        return said

    def find(self, typed: str | int, *, near: bool = True) -> Found:
        """Return what a code or a name stands for.

        Parameters
        ----------
        typed
            The code or the name.
        near
            Whether economies are looked for that may be meant where none is: that takes the longest.
        """
        text = str(typed).strip()
        if not text:
            return Found("unknown")
        if text.isascii() and text.isdigit() and len(text) < 5:
            return self._by_number(int(text))
        found = self._by_code(text.upper()) or self._by_name(text)
        if found is not None:
            return found
        if is_aggregate(text):
            return Found("aggregate", title=AGGREGATES.get(text.upper(), text))
        return Found("unknown", near=self._near(text) if near else ())

    # ------------------------------------------------------------------------------------ by code

    def _by_code(self, code: str) -> Found | None:
        if code in self.names:
            return Found("economy", code, self.names[code])
        if code in TWO_READINGS:
            near = tuple(c for c in TWO_READINGS[code] if c in self.names)
            readings = [FORMER[code][0]] if code in FORMER else []
            readings += [self.names[c] for c in near]
            return Found("ambiguous", title=" or ".join(readings), near=near)
        if code in FORMER:
            was, now = FORMER[code]
            here = tuple(one for one in now if one in self.names)
            if len(now) == 1 and here:
                return Found("former", here[0], was)
            return Found("split", title=was, near=here)
        if OTHER_LISTS.get(code) in self.names:
            return Found("former", OTHER_LISTS[code], self.names[OTHER_LISTS[code]])
        if code in AGGREGATES:
            return Found("aggregate", title=AGGREGATES[code])
        if code in ("XKX", "KSV", "UVK"):
            return Found("elsewhere", title="Kosovo")
        if len(code) in (2, 3):
            return self._by_cldr(code)
        return None

    def _by_cldr(self, code: str) -> Found | None:
        """Look a code up in the Common Locale Data Repository: two letters, and territories outside the model."""
        two = code if len(code) == 2 else _two_letters().get(code)
        here = self._of_two.get(two or "")
        if here is not None and len(code) == 2:
            return Found("economy", here, self.names[here])
        title = _territories("en").get(two or "")
        if title is None or here is not None or two in _NOWHERE:
            return None
        return Found("aggregate" if two in _UNIONS else "elsewhere", title=title)

    def _by_number(self, number: int) -> Found:
        code = self._numbers.get(number) or NUMBERS.get(number)
        if code in self.names:
            return Found("economy", code, self.names[str(code)])
        if number in GROUP_NUMBERS:
            return Found("aggregate", title=GROUP_NUMBERS[number])
        if number in FORMER_NUMBERS:
            return self._by_code(FORMER_NUMBERS[number]) or Found("unknown")
        title = _territories("en").get(f"{number:03d}")
        if title is not None or number in (0, 97):
            return Found("aggregate", title=title or ("European Union" if number else "World"))
        two = _two_letters().get(f"{number:03d}", "")
        if two:
            return Found("elsewhere", title=_territories("en").get(two, two))
        return Found("unknown")

    # ------------------------------------------------------------------------------------ by name

    @cached_property
    def _of_two(self) -> dict[str, str]:
        """Economies by their code of two letters."""
        return {two: code for code, two in _two_letters().items() if code in self.names}

    @cached_property
    def _called(self) -> dict[str, str]:
        """Economies by the names of the tables and by what they are commonly called, folded."""
        called: dict[str, str] = {}
        for name, code in [*COMMON.items(), *((name, code) for code, name in self.names.items())]:
            if code in self.names:
                called.setdefault(fold(name), code)
                if " (" in name:
                    called.setdefault(fold(name.partition(" (")[0]), code)
        return called

    @cached_property
    def _abroad(self) -> dict[str, str]:
        """Economies by their names in the languages, folded."""
        called: dict[str, str] = {}
        for language in LANGUAGES:
            for two, name in _territories(language).items():
                if two in self._of_two:
                    called.setdefault(fold(name), self._of_two[two])
        return called

    def _by_name(self, text: str) -> Found | None:
        """Look a name up as it stands, then spelt out, then without what a State calls itself."""
        for one in dict.fromkeys((text, spelt_out(text), *_heads(spelt_out(text)))):
            found = self._by_one_name(one)
            if found is not None:
                return found
        return None

    def _by_one_name(self, text: str) -> Found | None:
        word = fold(text)
        code = self._called.get(word) or self._abroad.get(word)
        code = text if code is None and text in self.names else code
        if code is not None:
            return Found("economy", code, self.names[code])
        if word in _former():
            was, now = _former()[word]
            here = tuple(one for one in now if one in self.names)
            if len(now) == 1 and here:
                return Found("former", here[0], was)
            return Found("split", title=was, near=here)
        if word in ("kosovo", "holy see", "faeroe islands"):
            return Found("elsewhere", title=text.strip())
        if word in _elsewhere():
            return Found("elsewhere", title=_elsewhere()[word])
        return None

    # ----------------------------------------------------------------------------- what is near

    def _near(self, text: str) -> tuple[str, ...]:
        """Return economies that may be meant: near in meaning, and nobody where nothing is."""
        word = fold(text)
        meant = self._begun(word) or self._abbreviated(word)
        if not meant:
            by_name = nearest(word, self._called) if len(word) > 3 else None
            by_code = nearest(text.upper(), self.names)
            if by_name is not None and _is_misspelt(word, by_name):
                meant = [self._called[by_name]]
            elif by_code is not None and _is_slip(text.upper(), by_code, fold(self.names[by_code])):
                meant = [by_code]
        return tuple(meant) if len(meant) <= MOST else ()

    def _begun(self, word: str) -> list[str]:
        """Return the codes of countries whose name begins so, else of those with a word that does."""
        if len(word) < 2:
            return []
        first = {code: None for name, code in self._called.items() if name.startswith(word)}
        return list(
            first or {code: None for name, code in self._called.items() if f" {word}" in name}
        )

    def _abbreviated(self, word: str) -> list[str]:
        """Return the codes of countries that three letters stand for: NIC, BRZ.

        Codes of other systems are letters of the name in order; a name that shares but the first is a guess and none.
        """
        if len(word) != 3:
            return []
        found: dict[str, None] = {}
        for name, code in self._called.items():
            words = re.findall(r"[^\W\d_]+", name)
            initials = "".join(one[0] for one in words if one not in ("and", "of", "the"))
            if initials == word or (name[:2] == word[:2] and _in_order(word, words[0])):
                found.setdefault(code)
        return list(found)


_UNIONS = ("EU", "EZ", "UN", "QO")
_NOWHERE = ("XA", "XB", "ZZ")
"""Codes of two letters in the repository that are no territory."""


@lru_cache(maxsize=1)
def _two_letters() -> dict[str, str]:
    """Return codes of two letters by those of three, and by number as text: aliases of the repository."""
    from babel.core import get_global

    aliases: Mapping[str, list[str]] = get_global("territory_aliases")
    # Codes of yesterday are this module's own business.
    return {
        code: now[0]
        for code, now in aliases.items()
        if len(code) == 3 and len(now) == 1 and code not in FORMER
    }


@lru_cache(maxsize=len(LANGUAGES))
def _territories(language: str) -> Mapping[str, str]:
    from babel.core import Locale

    names: Mapping[str, str] = Locale(language).territories
    return names


@lru_cache(maxsize=1)
def _former() -> dict[str, tuple[str, Sequence[str]]]:
    """Return what was called so and what it is today, by the name, folded."""
    found: dict[str, tuple[str, Sequence[str]]] = {}
    for was, now in FORMER.values():
        for name in (was.partition(",")[0], was):
            if fold(name) != "sudan":
                found.setdefault(fold(name), (was, now))
    return found


@lru_cache(maxsize=1)
def _elsewhere() -> dict[str, str]:
    """Return names of territories by what they are, folded."""
    found: dict[str, str] = {}
    for two, name in _territories("en").items():
        if len(two) == 2 and two not in (*_UNIONS, *_NOWHERE):
            found.setdefault(fold(name), name)
    return found


def fold(name: str) -> str:
    """Return a name without case, accents and the ways of writing a saint."""
    plain = unicodedata.normalize("NFKD", name)
    bare = "".join(c for c in plain if not unicodedata.combining(c)).casefold()
    words = bare.replace("-", " ").replace("’", "'").split()
    return " ".join("st." if word in ("saint", "st") else word for word in words)


_SHORT = {
    "rep": "republic",
    "dem": "democratic",
    "isds": "islands",
    "is": "islands",
    "fed": "federated",
    "fmr": "former",
    "br": "british",
    "neth": "netherlands",
    "afr": "african",
    "plur": "plurinational",
}
"""How statistical offices shorten words of names."""
_FORMS = frozenset(
    {
        "republic",
        "kingdom",
        "union",
        "state",
        "states",
        "of",
        "the",
        "de",
        "and",
        "islamic",
        "arab",
        "federal",
    }
    | {
        "federated",
        "united",
        "people's",
        "plurinational",
        "bolivarian",
        "bolivariana",
        "democratic",
        "independent",
    }
    | {
        "socialist",
        "cooperative",
        "commonwealth",
        "hashemite",
        "sultanate",
        "principality",
        "netherlands",
    }
)
"""What a State calls itself beside its name."""
_TWO_STATES = {"congo": ("COG", "COD"), "korea": ("KOR", "PRK")}
"""Names that two States bear; the second of each calls itself democratic."""
_TIMES = re.compile(r"\s*\(([^)]*(?:\d{4}|excl|until|before)[^)]*)\)\s*$", re.IGNORECASE)
_OLD_SUDAN = re.compile(
    r"^((former|fm) sudan|sudan\s*\((?:former|before|until|\.\.\.|…|.*south sudan).*\))$",
    re.IGNORECASE,
)


def spelt_out(name: str) -> str:
    """Return a name with the short forms of statistical offices in full: Rep., Dem., Isds, &."""
    words = re.sub(r"\s*&\s*", " and ", name.strip()).split()
    return " ".join(
        _SHORT.get(word.rstrip(".,").casefold(), word.rstrip(".,"))
        + ("," if word.endswith(",") else "")
        if word.rstrip(".,").casefold() in _SHORT
        and (word.rstrip(",").endswith(".") or len(word) > 2)
        else word
        for word in words
    )


def _heads(name: str) -> list[str]:
    """Return shorter names that stand for the same: without form of State, article or time."""
    if _OLD_SUDAN.match(name) or _OLD_SUDAN.match(spelt_out(name)):
        return ["Sudan, until 2011, South Sudan included"]
    found = []
    timed = _TIMES.sub("", name)
    if timed != name:
        found.append(timed)
    head, comma, tail = timed.partition(",")
    words = {word.rstrip(".").casefold() for word in tail.split()}
    if comma and words and words <= _FORMS:
        two = _TWO_STATES.get(fold(head))
        found.append(two["democratic" in words] if two else head)
    return found


LEAST_ALIKE = 0.85
"""How much of two names must be the same letters in order for one to be a slip in writing the other."""


def _is_misspelt(word: str, name: str) -> bool:
    # A word too many, or another first letter, is another name: Birmania is not Romania, South-South no country.
    alike = difflib.SequenceMatcher(None, word, name).ratio()
    return word[:1] == name[:1] and len(word.split()) == len(name.split()) and alike >= LEAST_ALIKE


def _is_slip(typed: str, code: str, name: str) -> bool:
    # Two letters of three are shared by half of all codes: only swapped letters are near, or a wrong end that the name
    # has, too.
    wrong_end = typed[:2] == code[:2] and _in_order(typed.casefold(), name)
    return len(typed) == 3 and (wrong_end or sorted(typed) == sorted(code))


def _in_order(letters: str, text: str) -> bool:
    rest = iter(text)
    return all(letter in rest for letter in letters)
