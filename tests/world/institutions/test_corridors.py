"""Corridors: those that ship, one of a user, and one clear error for each mistake."""

from __future__ import annotations

from pathlib import Path

import pytest

from sscsim.errors import InputError
from sscsim.world import load_world
from sscsim.world.institutions import Corridor, Lender, load_institutions
from sscsim.world.institutions.corridors import corridor_ends

CORRIDOR = """\
code: LAPSSET
name: Lamu Port, South Sudan and Ethiopia
ends: [KEN, SSD, ETH]
lender: [CHN_POLICY]
opens: {2019: 0.1, 2025: 0.4}
cut: 0.5
source: A test of corridors
"""


def written(folder: Path, old: str = "", new: str = "") -> Path:
    assert old in CORRIDOR
    path = folder / "corridors" / "mine.yaml"
    path.parent.mkdir()
    path.write_text(CORRIDOR.replace(old, new) if old else CORRIDOR, encoding="utf-8")
    return path


def test_corridors_are_dated_and_open_after_the_base_year() -> None:
    world = load_world()
    corridors = load_institutions().of(Corridor)
    lenders = {lender.code for lender in load_institutions().of(Lender)}
    assert len(corridors) == 7
    for corridor in corridors:
        assert set(corridor.ends) <= set(world.iso3), corridor.code
        assert set(corridor.lender) <= lenders, corridor.code
        assert min(corridor.opens) > 2013, "the base matrix holds no corridor"
        assert len(corridor_ends(corridor, world.iso3)) == len(corridor.ends)
    pakistan = next(c for c in corridors if c.code == "CPEC")
    assert corridor_ends(pakistan, ("CHN", "IND")).tolist() == [0]


def test_a_user_adds_one_with_a_file(tmp_path: Path) -> None:
    written(tmp_path)
    codes = [c.code for c in load_institutions(folder=tmp_path).of(Corridor)]
    assert len(codes) == 8
    assert codes == sorted(codes)
    assert "LAPSSET" in codes


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "says"),
    [
        ("SSD", "ssd", 3, "ends.1", "no country of this name"),
        ("SSD", "KEN", 3, "ends.1", "stands twice"),
        ("[KEN, SSD, ETH]", "[KEN]", 3, "ends", "at least 2"),
        ("[CHN_POLICY]", "[]", 4, "lender", "at least 1"),
        ("CHN_POLICY", "CHN_POLICIES", 4, "lender.0", "did you mean 'CHN_POLICY'"),
        ("CHN_POLICY", "AIIB", 4, "lender.0", "no lender of this code"),
        ("2025: 0.4", "2025: 0.95", 5, "opens", "above 100 %"),
        ("2025: 0.4", "2025: -0.4", 5, "opens.2025", "0 to 1"),
        ("2025: 0.4", "2036: 0.4", 5, "opens.2036", "2013 to 2034"),
        ("cut: 0.5", "cut: 0", 6, "cut", "above 0, at most 5"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, old, new, line, key, says) -> None:
    path = written(tmp_path, old, new)
    with pytest.raises(InputError) as failure:
        load_institutions(folder=tmp_path)
    error = failure.value
    assert says in str(error)
    assert (error.file, error.line, error.key) == (str(path), line, key)
