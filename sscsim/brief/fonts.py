"""Fonts that have the letters of a language: figures draw with them, and a PDF holds them."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from sscsim.errors import InputError

__all__ = ["CHINESE", "chinese_font", "families"]

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
    return ["DejaVu Sans"] if code != "zh" else ["DejaVu Sans", chinese_font()]


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
            return str(font.family_name)
    raise InputError(
        "a brief in Chinese takes a font with Chinese characters, and none is installed",
        key="--lang",
        found="zh",
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
