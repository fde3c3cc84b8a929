"""Which country is meant: an ISO code, a name, or what people call it."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

from sscsim.errors import InputError, nearest

__all__ = ["find_country"]

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
"""What people call countries that the tables give another name."""

MOST = 4
"""Countries that are named where several may be meant."""


def find_country(typed: str, names: Mapping[str, str]) -> str:
    """Return the ISO code of the country that is meant.

    Parameters
    ----------
    typed
        A code, a name, or a common name, in any case and with or without accents.
    names
        Name of each country by its code.

    Raises
    ------
    InputError
        Where none is called so, with the one that was probably meant, or with the few that may be.
    """
    if typed.upper() in names:
        return typed.upper()
    called: dict[str, str] = {}
    for name, code in [*COMMON.items(), *((name, code) for code, name in names.items())]:
        if code in names:
            called[_fold(name.partition(" (")[0])] = called[_fold(name)] = code
    word = _fold(typed)
    if word in called:
        return called[word]
    meant = _begun(word, called) or _abbreviated(word, called)
    if not meant:
        by_name = nearest(word, called) if len(word) > 3 else None
        by_code = nearest(typed, names)
        if by_name is not None:
            meant = [called[by_name]]
        elif by_code is not None and _is_slip(typed.upper(), by_code):
            meant = [by_code]
    several = 1 < len(meant) <= MOST
    raise InputError(
        "there is no country of this code or name",
        found=typed,
        allowed="such as " + " or ".join(f"{code} ({names[code]})" for code in meant)
        if several
        else "an ISO 3166-1 alpha-3 code such as BRA, or a name such as Brazil",
        suggestion=meant[0] if len(meant) == 1 else None,
    )


def _begun(word: str, called: Mapping[str, str]) -> list[str]:
    """Return the codes of countries whose name begins so, else of those with a word that does."""
    if len(word) < 2:
        return []
    first = {code: None for name, code in called.items() if name.startswith(word)}
    return list(first or {code: None for name, code in called.items() if f" {word}" in name})


def _abbreviated(word: str, called: Mapping[str, str]) -> list[str]:
    """Return the codes of countries that three letters stand for: GER, NED, BRZ.

    Codes of other systems are letters of the name in order. Names that share more first letters
    come before others, and one name that shares but the first letter is a guess and none.
    """
    if len(word) != 3:
        return []
    found: dict[int, dict[str, None]] = {1: {}, 2: {}}
    for name, code in called.items():
        if name[:1] == word[0] and _in_order(word, name):
            found[1 + (name[1:2] == word[1])].setdefault(code)
    return list(found[2]) or (list(found[1]) if len(found[1]) > 1 else [])


def _is_slip(typed: str, code: str) -> bool:
    # Two letters of three are shared by half of all codes: only a wrong end or swapped letters are near.
    return typed[:2] == code[:2] or sorted(typed) == sorted(code)


def _in_order(letters: str, text: str) -> bool:
    rest = iter(text)
    return all(letter in rest for letter in letters)


def _fold(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name)
    bare = "".join(c for c in plain if not unicodedata.combining(c)).casefold()
    words = bare.replace("-", " ").replace("\u2019", "'").split()
    return " ".join("st." if word in ("saint", "st") else word for word in words)
