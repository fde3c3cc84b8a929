"""What the base-year trade matrix may rest on, where the user brings none: names, without any data."""

from __future__ import annotations

from typing import Literal

__all__ = ["BASE_TRADE", "BaseTrade"]

BaseTrade = Literal["itpde", "factbook", "gravity"]

BASE_TRADE: tuple[BaseTrade, ...] = ("itpde", "factbook", "gravity")
"""The USITC's partner shares, judged by the World Factbook's; the Factbook's shares, completed by gravity; gravity
alone."""
