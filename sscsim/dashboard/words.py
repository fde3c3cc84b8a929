"""What the dashboard says, in a language, and how it writes numbers."""

from __future__ import annotations

import math
from functools import lru_cache

from sscsim.errors import unknown
from sscsim.page.outputs import outputs
from sscsim.page.sliders import Words as Both
from sscsim.resources import package_folder
from sscsim.yamlfile import read_yaml

__all__ = ["LANGUAGES", "Words", "words_of"]

LANGUAGES = ("en", "zh")
MINUS = "\N{MINUS SIGN}"
NO_FIGURE = "\N{EN DASH}"


class Words:
    """The dashboard's words in one language.

    Parameters
    ----------
    language
        One of `LANGUAGES`.

    Raises
    ------
    InputError
        For a language that there is not.
    """

    def __init__(self, language: str) -> None:
        if language not in LANGUAGES:
            raise unknown("language of this code", language, LANGUAGES, key="lang")
        self.language = language

    def __call__(self, key: str, **values: object) -> str:
        """Return a text, its places filled."""
        return self.of(_texts()[key]).format(**values)

    def of(self, both: Both) -> str:
        """Return a text that is given in every language."""
        return str(getattr(both, self.language))

    def group(self, name: str) -> str:
        """Return what a group is called; a name of its own where the page has none for it."""
        known = outputs().groups
        return self.of(known[name]) if name in known else name

    def number(self, value: float, *, signed: bool = False) -> str:
        """Return a number of four digits that count, or as many as stand before its point."""
        if not math.isfinite(value):
            return NO_FIGURE
        size = abs(value)
        if size == 0:
            return "0"
        digits = max(0, 3 - math.floor(math.log10(size)))
        text = f"{size:,.{digits}f}" if digits < 8 else f"{size:.2e}"
        if "." in text and "e" not in text:
            text = text.rstrip("0").rstrip(".")
        return (MINUS if value < 0 else "+" if signed else "") + text


@lru_cache(maxsize=1)
def _texts() -> dict[str, Both]:
    document = read_yaml(package_folder() / "dashboard" / "words.yaml")
    return {key: document.validate(Both, raw, key) for key, raw in document.data.items()}


@lru_cache(maxsize=len(LANGUAGES))
def words_of(language: str) -> Words:
    """Return the words of a language.

    Raises
    ------
    InputError
        For one that there is not.
    """
    return Words(language)
