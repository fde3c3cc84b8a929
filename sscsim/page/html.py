"""The file: template, style, words, shapes, payload, scripts and Plotly's own bundle put into one page.

The page asks no other place for anything: all that it loads stands in it.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sscsim.errors import InputError
from sscsim.files import write_text
from sscsim.page.lessons import lessons
from sscsim.page.shapes import dots, features
from sscsim.resources import package_folder
from sscsim.yamlfile import read_yaml

__all__ = ["LANGUAGES", "SCRIPTS", "page_html", "texts", "write_page"]

LANGUAGES = ("en", "zh")
SCRIPTS = (
    "emulator.js",
    "state.js",
    "follow.js",
    "charts.js",
    "panels.js",
    "lessons.js",
    "course.js",
    "main.js",
)
"""In the order in which they rest on each other."""

_CONTRACT = 1
_FILLED = re.compile(r'data-t="(\w+)"([^>]*)>')
_PLACES = re.compile(r"/\*(STYLE|TEXTS|LESSONS|PAYLOAD|SHAPES|APP|PLOTLY)\*/")


def _asset(name: str) -> Path:
    return package_folder() / "page" / "assets" / name


@functools.cache
def texts() -> dict[str, dict[str, str]]:
    """Return the words of the page, by language and key.

    Raises
    ------
    InputError
        For a key that lacks a language, with its line.
    """
    document = read_yaml(_asset("texts.yaml"))
    found: dict[str, dict[str, str]] = {language: {} for language in LANGUAGES}
    for key in document.data:
        both = document.mapping(key)
        for language in LANGUAGES:
            text = both.get(language)
            if not isinstance(text, str) or not text:
                raise document.error(
                    f"this text has no {language}", key, found=text, allowed="a text"
                )
            found[language][key] = text
    return found


def write_page(out: Path, lang: str, payload: Mapping[str, Any]) -> Path:
    """Write the page and return where it stands.

    Parameters
    ----------
    out
        File to write; it is written whole or not at all.
    lang
        Language that the page opens in, ``en`` or ``zh``; a reader changes it at a click.
    payload
        What `sscsim.page.payload.payload` returns.

    Raises
    ------
    InputError
        For another language, or a payload of another form.
    OutputError
        When the file cannot be written.
    """
    write_text(out, page_html(lang, payload))
    return out


def page_html(lang: str, payload: Mapping[str, Any]) -> str:
    """Return the page as one text; see `write_page`.

    Raises
    ------
    InputError
        For another language, or a payload of another form.
    """
    from plotly.offline import get_plotlyjs

    if lang not in LANGUAGES:
        raise InputError("the page has no such language", found=lang, allowed=LANGUAGES)
    if payload.get("contract") != _CONTRACT:
        raise InputError(
            "the page cannot read a payload of this form",
            key="contract",
            found=payload.get("contract"),
            allowed=str(_CONTRACT),
        )
    shapes = {
        "geo": features(),
        "dots": [
            {"iso3": dot.iso3, "longitude": dot.longitude, "latitude": dot.latitude}
            for dot in dots()
        ],
    }
    parts = {
        "STYLE": _asset("page.css").read_text(encoding="utf-8"),
        "TEXTS": _data(texts()),
        "LESSONS": _data({name: one.model_dump() for name, one in lessons().items()}),
        "PAYLOAD": _data(payload),
        "SHAPES": _data(shapes),
        "APP": "\n".join(_asset(name).read_text(encoding="utf-8") for name in SCRIPTS),
        "PLOTLY": _script(get_plotlyjs()),
    }
    said = texts()[lang]
    template = _asset("template.html").read_text(encoding="utf-8")
    # Words stand in the file itself, so that it can be read before its scripts are.
    template = _FILLED.sub(lambda m: f"{m[0]}{_escaped(said[m[1]])}", template)
    template = template.replace('<html lang="en">', f'<html lang="{lang}">')
    return _PLACES.sub(lambda m: parts[m[1]], template)


def _data(value: Any) -> str:
    """Write data so that nothing in it ends the element that it stands in."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c")


def _script(text: str) -> str:
    """Make sure that a script does not end its own element."""
    return text.replace("</script", "<\\/script")


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
