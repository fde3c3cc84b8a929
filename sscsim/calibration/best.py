"""The best point of a fast fit, and the file that holds it: `best.yaml`, which `--parameters` and `--source` read."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field

from sscsim.names import FIRST_YEAR, LAST_YEAR
from sscsim.yamlfile import Block

__all__ = ["BestPoint", "best_text"]


class BestPoint(Block):
    """What `best.yaml` holds."""

    scenario: str = "baseline"
    seeds: int = Field(1, ge=1, le=1000, description="medians are over seeds 1 to this")
    end: int = Field(LAST_YEAR, ge=FIRST_YEAR, le=LAST_YEAR, description="last year simulated")
    parameters: dict[str, float]


def best_text(best: BestPoint, comments: Sequence[str]) -> str:
    """Return a point as the text of its file, with its origin as comments above."""
    lines = [f"# {line}".rstrip() for line in comments]
    lines += [
        f"scenario: {best.scenario}",
        f"seeds: {best.seeds}",
        f"end: {best.end}",
        "parameters:",
    ]
    lines += [f"  {name}: {_plain(value)}" for name, value in sorted(best.parameters.items())]
    return "\n".join(lines) + "\n"


def _plain(value: float) -> str:
    text = repr(value)
    return text if "." in text or "e" in text else f"{text}.0"
