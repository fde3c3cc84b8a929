"""Read the World Factbook (public domain): money, percentages, years, partner shares."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

SCALE = {"trillion": 1000.0, "billion": 1.0, "million": 1e-3, "": 1e-9}
MONEY = re.compile(r"(-?)\$\s*(-?)([\d,]+(?:\.\d+)?)\s*(trillion|billion|million)?")
PERCENT = re.compile(r"(-?\d+(?:\.\d+)?)\s*%")
NUMBER = re.compile(r"([\d,]+(?:\.\d+)?)\s*(million|billion)?")
YEAR = re.compile(r"\b((?:19|20)\d\d)\b")
PARTNER = re.compile(r"([^,;%]*?[^,;%\d\s.])\s+(\d+(?:\.\d+)?)\s*%")


class Factbook:
    """One edition of the Factbook, addressed by ISO code.

    Parameters
    ----------
    folder
        Folder whose subfolders hold one JSON file a country, named by the Factbook's own code.
    fips_by_iso3
        The Factbook's code of each economy.
    """

    def __init__(self, folder: Path, fips_by_iso3: dict[str, str]) -> None:
        files = {f.stem: f for f in sorted(folder.glob("*/*.json"))}
        self.pages: dict[str, dict[str, Any]] = {}
        for iso3, fips in fips_by_iso3.items():
            path = files.get(fips.lower())
            if path is not None:
                self.pages[iso3] = json.loads(path.read_text("utf-8"))

    def text(self, iso3: str, section: str, *keys: str) -> str:
        """Return the text of a field, with the texts of its dated sub-fields joined by " ++ "."""
        node: Any = self.pages.get(iso3, {}).get(section, {})
        for key in keys:
            node = node.get(key, {}) if isinstance(node, dict) else {}
        if isinstance(node, str):
            return node
        if not isinstance(node, dict):
            return ""
        if node.get("text"):
            return str(node["text"])
        dated = [v["text"] for v in node.values() if isinstance(v, dict) and v.get("text")]
        return " ++ ".join(dated)

    def money(self, iso3: str, field: str) -> dict[int, float]:
        """Amounts of an Economy field by year, in billions of US dollars (year 0: undated)."""
        found: dict[int, float] = {}
        for part in self.text(iso3, "Economy", field).split("++"):
            match = MONEY.search(part)
            if match:
                amount = float(match[3].replace(",", "")) * SCALE[match[4] or ""]
                sign = -1.0 if match[1] or match[2] else 1.0
                found.setdefault(year_of(part), sign * amount)
        return found

    def percent(self, iso3: str, section: str, *keys: str) -> dict[int, float]:
        """Percentages of a field by year (year 0: undated)."""
        found: dict[int, float] = {}
        for part in self.text(iso3, section, *keys).split("++"):
            match = PERCENT.search(part)
            if match:
                found.setdefault(year_of(part), float(match[1]))
        return found

    def number(self, iso3: str, section: str, *keys: str) -> float | None:
        """First plain number of a field ("12.19 million" gives 12.19e6)."""
        match = NUMBER.search(self.text(iso3, section, *keys))
        if match is None or not match[1].strip(","):
            return None
        scale = {"million": 1e6, "billion": 1e9, None: 1.0}[match[2]]
        return float(match[1].replace(",", "")) * scale

    def partners(self, iso3: str, flow: str) -> tuple[list[tuple[str, float]], int]:
        """Return published partner names and shares of ``"Exports"`` or ``"Imports"``."""
        # "Bahamas, The 6.2%" is one name.
        text = self.text(iso3, "Economy", f"{flow} - partners").replace(", The ", " ")
        pairs = [(m[1].strip(), float(m[2]) / 100.0) for m in PARTNER.finditer(text)]
        return pairs, year_of(text)


def year_of(text: str) -> int:
    """Return the last year that a piece of text names, or 0."""
    years = YEAR.findall(text)
    return int(years[-1]) if years else 0
