"""Briefs of a made-up comparison, made once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from brief._made import made_comparison

from sscsim.brief import brief_of
from sscsim.brief.document import Document
from sscsim.errors import InputError
from sscsim.reports.fonts import chinese_font
from sscsim.results.comparison import Comparison


@pytest.fixture(scope="session")
def comparison() -> Comparison:
    return made_comparison()


@pytest.fixture(scope="session")
def place(comparison: Comparison, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return comparison.save(tmp_path_factory.mktemp("brief") / "made")


@pytest.fixture(scope="session")
def english(place: Path) -> Document:
    return brief_of(place, "en", country="KEN")


@pytest.fixture(scope="session")
def font() -> None:
    """Leave out what needs Chinese characters where none are installed; continuous integration installs them."""
    try:
        chinese_font()
    except InputError:
        if os.environ.get("CI"):
            raise
        pytest.skip("no font with Chinese characters is installed")


@pytest.fixture(scope="session")
def chinese(place: Path, font: None) -> Document:
    return brief_of(place, "zh", country="KEN")
