"""A brief's language: its catalogue of sentences, and how it writes numbers, dates, lists and names.

Sentences are written in English in the code and looked up in a gettext catalogue, ``catalogues/LANGUAGE.po``, read as
it is: there is nothing to compile. How numbers and dates are written is Babel's to know. What no catalogue holds stays
English, and says so to screen readers.
"""

from __future__ import annotations

import dataclasses
import datetime
import gettext
import io
import itertools
import math
import os
import string
from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from sscsim.brief.document import Number, Run, Text
from sscsim.errors import unknown
from sscsim.resources import package_folder

if TYPE_CHECKING:
    from babel import Locale

__all__ = ["COMPLETE", "LANGUAGES", "Language", "Part", "decimals_of", "language_of", "today"]

COMPLETE = ("en", "zh")
"""Languages in which every sentence is there."""

LANGUAGES = ("en", "zh", "fr", "es", "ru", "ar")
"""The official languages of the United Nations; those that are not complete have titles and names of countries."""

MINUS = "\N{MINUS SIGN}"
NO_BREAK = "\N{NO-BREAK SPACE}"

Part = str | Number | Text


class Language:
    """How a brief is written in a language.

    Parameters
    ----------
    code
        One of `LANGUAGES`.
    """

    def __init__(self, code: str) -> None:
        self.code = code
        self._catalogue, self._known = _catalogue(code)

    @cached_property
    def locale(self) -> Locale:
        """Babel's locale."""
        from babel import Locale

        return Locale.parse(
            {"en": "en_GB", "zh": "zh_Hans_CN", "ar": "ar_001"}.get(self.code, self.code)
        )

    @property
    def direction(self) -> str:
        """``ltr`` or ``rtl``."""
        return str(self.locale.text_direction)

    # ---------------------------------------------------------------------------------- sentences

    def say(self, message: str, **parts: Part) -> Text:
        """Return a sentence in the language, its places filled.

        Parameters
        ----------
        message
            The English sentence, with places as ``{name}``.
        **parts
            What stands in them.
        """
        found = self._catalogue.gettext(message)
        if self.code == "zh":
            found = _without_second_de(found, parts)
        return self._filled(found, self._mark(message), parts)

    def count(self, one: str, many: str, number: Number, **parts: Part) -> Text:
        """Return a sentence whose form hangs on a number, which stands in it as ``{number}``."""
        n = round(abs(number.value * number.factor))
        found = self._catalogue.ngettext(one, many, n)
        return self._filled(found, self._mark(one), {"number": number, **parts})

    def name(self, kind: str, word: str, default: str | None = None) -> Text:
        """Return a name of a kind (``group``, ``indicator``, ``unit`` …) in the language.

        Parameters
        ----------
        kind
            The message's context in the catalogue.
        word
            The name that the model gives it.
        default
            What it is called in English, if not that.
        """
        plain = word if default is None else default
        found = self._catalogue.pgettext(kind, plain)
        return Text((found,), self._mark(plain, kind))

    def _mark(self, message: str, kind: str | None = None) -> str | None:
        """Return the language of a message that nobody translated, where that is not this one."""
        if self.code == "en" or (kind, message) in self._known:
            return None
        return "en" if any(c.isascii() and c.isalpha() for c in message) else None

    def _filled(self, message: str, language: str | None, parts: dict[str, Part]) -> Text:
        runs: list[Run] = []
        for literal, place_, _, _ in string.Formatter().parse(message):
            if literal:
                runs.append(literal)
            if place_ is not None:
                part = parts[place_]
                runs.extend(part.runs if isinstance(part, Text) else (part,))
        if self.code == "zh":
            runs = _in_one_bracket(runs)
        return Text(_joined(runs), language)

    def listed(self, items: Sequence[Part]) -> Text:
        """Return a list in a sentence: a, b and c."""
        from babel.lists import format_list

        if not items:
            return Text(())
        keys = [f"{{i{k}}}" for k in range(len(items))]
        comma, stop = ("，", "；") if self.code == "zh" else (",", "; ")
        if len(items) > 1 and any(comma in _plain(item) for item in items):
            # Items with commas of their own are told apart by more than a comma.
            pattern = stop.join(keys)
        else:
            pattern = format_list(keys, style="standard", locale=self.locale)
        return self._filled(pattern, None, {f"i{k}": item for k, item in enumerate(items)})

    # ---------------------------------------------------------------------------------- names

    def country(self, iso3: str) -> str:
        """Return what a country or territory is called.

        Names are the model's in English, else those of the catalogue, else those of Unicode's repository (CLDR).
        """
        if self.code == "en":
            return _english_names().get(iso3, iso3)
        own = self._catalogue.pgettext("country", iso3)
        if own != iso3:
            return own
        return str(self.locale.territories.get(_two_letters().get(iso3, ""), iso3))

    # ---------------------------------------------------------------------------------- numbers

    def decimal(self, value: float, decimals: int, *, plus: bool = False) -> str:
        """Return a number with so many decimals, grouped as the language does."""
        from babel.numbers import format_decimal

        pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
        size = round(abs(value), decimals)
        text = str(
            format_decimal(size, format=pattern, locale=self.locale, decimal_quantization=True)
        )
        if size == 0.0:
            return text
        return (MINUS if value < 0 else "+" if plus else "") + text

    def whole(self, value: float, source: str) -> Number:
        """Return a count."""
        return Number(self.decimal(value, 0), value, 1.0, source)

    def date(self, day: datetime.date) -> str:
        """Return a date in words."""
        from babel.dates import format_date

        return str(format_date(day, format="long", locale=self.locale))


def _plain(part: Part) -> str:
    """Return a part's letters."""
    return part if isinstance(part, str) else part.text if isinstance(part, Number) else part.plain


def _without_second_de(message: str, parts: Mapping[str, Part]) -> str:
    """Return a Chinese message in which no "of" stands before an indicator that has one: A的B的C is A B的C."""
    name = _plain(parts.get("indicator", ""))
    if "的" not in name:
        return message
    # Countries that do something are among those of the group.
    return message.replace(
        "{group}的{indicator}", f"{{group}}{'中' if name.endswith('国家') else ''}{{indicator}}"
    )


def _in_one_bracket(runs: Sequence[Run]) -> list[Run]:
    """Return Chinese pieces in which a bracket that follows another at once goes on in it."""
    found = list(runs)
    for k, (one, after) in enumerate(itertools.pairwise(found)):
        if (
            isinstance(one, Number)
            and one.text.endswith("）")
            and isinstance(after, str)
            and after.startswith("（")
        ):
            found[k] = dataclasses.replace(one, text=one.text[:-1])
            found[k + 1] = "，" + after[1:]
    return found


def _joined(runs: Sequence[Run]) -> tuple[Run, ...]:
    """Return pieces with texts that follow one another as one."""
    found: list[Run] = []
    for run in runs:
        if isinstance(run, str) and found and isinstance(found[-1], str):
            found[-1] += run
        else:
            found.append(run)
    return tuple(found)


def decimals_of(value: float, digits: int = 2, most: int = 6) -> int:
    """Return how many decimals a number takes to show so many digits; none for large ones."""
    if value == 0.0 or not math.isfinite(value):
        return 0
    return min(most, max(0, digits - 1 - math.floor(math.log10(abs(value)))))


def today() -> datetime.date:
    """Return the date of a brief: today's, or that of SOURCE_DATE_EPOCH for pages that repeat to the byte."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    if epoch.isdigit():
        return datetime.datetime.fromtimestamp(int(epoch), datetime.UTC).date()
    return datetime.date.today()


@lru_cache(maxsize=len(LANGUAGES))
def language_of(code: str) -> Language:
    """Return a language by its code.

    Raises
    ------
    InputError
        For another than those of `LANGUAGES`.
    """
    if code not in LANGUAGES:
        raise unknown("language of this code", code, LANGUAGES, key="--lang")
    return Language(code)


Known = frozenset[tuple[str | None, str]]
"""Context and message, the first form of those that count, of whatever a catalogue holds."""


@lru_cache(maxsize=len(LANGUAGES))
def _catalogue(code: str) -> tuple[gettext.NullTranslations, Known]:
    """Return a language's catalogue, and what is in it."""
    if code == "en":
        return gettext.NullTranslations(), frozenset()
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    path = package_folder() / "brief" / "catalogues" / f"{code}.po"
    with path.open("rb") as file:
        catalogue = read_po(file, locale=code)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    known = frozenset(
        (one.context, one.id if isinstance(one.id, str) else one.id[0])
        for one in catalogue
        if one.id and one.string
    )
    return gettext.GNUTranslations(compiled), known


@lru_cache(maxsize=1)
def _english_names() -> dict[str, str]:
    from sscsim.world.loading import load_world

    return {str(code): str(name) for code, name in load_world().countries["name"].items()}


@lru_cache(maxsize=1)
def _two_letters() -> dict[str, str]:
    """Return codes of two letters by those of three."""
    from babel.core import get_global

    return {
        code: now[0]
        for code, now in get_global("territory_aliases").items()
        if len(code) == 3 and code.isalpha() and len(now) == 1
    }
