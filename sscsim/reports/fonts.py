"""Fonts that have the letters of a language: figures draw with them, and a PDF holds them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from sscsim.errors import InputError

__all__ = ["CHINESE", "chinese_font", "families", "families_for"]

CHINESE = {
    "notosanssc": "Noto Sans SC",
    "sourcehansanssc": "Source Han Sans SC",
    "sourcehansanscn": "Source Han Sans CN",
    "msyh": "Microsoft YaHei",
    "pingfang": "PingFang SC",
    "hiraginosansgb": "Hiragino Sans GB",
    "notosanscjk": "Noto Sans CJK SC",
    "wqymicrohei": "WenQuanYi Micro Hei",
    "wqyzenhei": "WenQuanYi Zen Hei",
    "droidsansfallback": "Droid Sans Fallback",
    "simhei": "SimHei",
}
"""Sans-serif fonts with simplified Chinese: how their file's name begins, and what a style sheet calls them."""

PROBE = "南"


def families(code: str) -> list[str]:
    """Return the families that figures in a language are drawn with, first choice first.

    Raises
    ------
    InputError
        When the language needs a font that is not installed.
    """
    return [_USUAL] if code != "zh" else [_USUAL, chinese_font()]


def families_for(letters: Iterable[str]) -> list[str]:
    """Return the families that letters are drawn with: one more where those of figures lack some that are Chinese.

    Raises
    ------
    InputError
        When Chinese letters are among them and no font that has them is installed.
    """
    beyond = {ord(one) for one in letters if one.isprintable()} - _letters_of(_USUAL)
    chinese = any(low <= code <= high for code in beyond for low, high in _CHINESE_LETTERS)
    return families("zh" if chinese else "en")


_USUAL = "DejaVu Sans"
_CHINESE_LETTERS = (
    (0x3000, 0x303F),  # punctuation
    (0x3400, 0x9FFF),
    (0xF900, 0xFAFF),
    (0xFF00, 0xFFEF),  # full width
)
"""Of Unicode: CJK ideographs with extension A, compatibility ideographs, signs."""


@lru_cache(maxsize=1)
def _letters_of(family: str) -> frozenset[int]:
    from matplotlib.font_manager import findfont, get_font

    return frozenset(get_font(findfont(family)).get_charmap())


@lru_cache(maxsize=1)
def chinese_font() -> str:
    """Return a family with Chinese characters, made known to Matplotlib.

    The system is asked and not Matplotlib's list, which does not know what was installed since it was made.

    Raises
    ------
    InputError
        When none of `CHINESE` is installed.
    """
    from matplotlib.font_manager import fontManager, get_font

    for path in _found():
        try:
            font = get_font(str(path))
        except (OSError, RuntimeError):  # a broken file, or a format that FreeType does not read
            continue
        if font.get_char_index(ord(PROBE)):
            fontManager.addfont(str(path))
            bold = path.with_name(path.name.replace("Regular", "Bold"))
            if bold != path and bold.exists():  # of titles
                fontManager.addfont(str(bold))
            return str(font.family_name)
    raise InputError(
        "text in Chinese takes a font with Chinese characters, and none is installed",
        allowed=f"one of {', '.join(CHINESE.values())}; on Debian and Ubuntu: apt-get install fonts-noto-cjk, "
        "or the smaller fonts-wqy-microhei",
    )


def _found() -> list[Path]:
    """Return files of fonts with Chinese characters, the best first."""
    from matplotlib.font_manager import findSystemFonts

    names = list(CHINESE)
    found: list[tuple[int, str, Path]] = []
    for path in map(Path, findSystemFonts()):
        stem = path.stem.lower().replace("-", "").replace("_", "").replace(" ", "")
        for rank, name in enumerate(names):
            if stem.startswith(name) and not any(w in stem for w in ("bold", "light", "thin")):
                found.append((rank, str(path), path))
                break
    return [path for _, _, path in sorted(found)]
