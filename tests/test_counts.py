"""Whole numbers from real ones: refused where they are no number of things."""

from __future__ import annotations

import ast
from collections import Counter

import numpy as np
import pytest

from sscsim.counts import LARGEST, whole, whole_one
from sscsim.errors import InadmissibleInput
from sscsim.resources import package_folder


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf, -1.0, -1e-9, 1e300, 2.0 * LARGEST])
@pytest.mark.parametrize("shape", [(), (3,), (2, 2)])
def test_what_is_no_number_of_things_is_refused_by_name(
    wrong: float, shape: tuple[int, ...]
) -> None:
    values = np.ones(shape)
    values[(-1,) * len(shape)] = wrong
    with pytest.raises(InadmissibleInput, match=r"the number of projects cannot be counted") as e:
        whole(values, "projects")
    assert e.value.found == wrong or np.isnan(wrong)
    assert e.value.allowed == "0 to 1,000,000,000"


@pytest.mark.parametrize(("given", "counted"), [(0.0, 0), (0.999, 0), (7.0, 7), (LARGEST, LARGEST)])
def test_fractions_are_cut_off(given: float, counted: int) -> None:
    assert whole_one(given, "projects") == counted
    assert whole([given, 1.5], "projects").tolist() == [counted, 1]


def test_nothing_is_counted_as_nothing_and_a_bound_of_ones_own_holds() -> None:
    assert whole(np.zeros((0, 3)), "projects").shape == (0, 3)
    with pytest.raises(InadmissibleInput, match="0 to 10"):
        whole_one(11.0, "projects", largest=10)


# ---------------------------------------------------------------------------------------- nobody counts otherwise

KINDS = {"int", "np.intp", "np.uintp"} | {
    f"np.{u}int{n}" for u in ("", "u") for n in (8, 16, 32, 64)
}

CASTS = {
    "flows/banking/base.py": {
        "rules.window_grace[terms]": "whole in the file",
        "rules.window_maturity[terms]": "whole in the file",
    },
    "flows/banking/proposals.py": {
        "np.minimum(np.searchsorted(ends / ends[-1], uniform, side='right'), len(shares) - 1)": "places",
    },
    "flows/knowledge/beginning.py": {"modality": "places"},
    "flows/knowledge/luck.py": {"np.floor(share * (1.0 - 1e-06) * 2.0 ** 24)": "of a share"},
    "flows/knowledge/matching.py": {
        "bits ^ bits >> 31 & 2147483647": "bits",
        "2 ** 31 - 1 - (key >> _OFFERS & 2 ** 32 - 1)": "bits",
    },
    "steps/banking.py": {"whole(np.rint(decisions), 'decisions')": "counted already"},
    "steps/credit.py": {"columns[name]": "places and years"},
    "steps/goals.py": {"np.unique(regions, return_inverse=True)[1]": "places"},
    "steps/knowledge.py": {
        "np.where(running, flows.RUNNING, good)": "places",
        "values": "places",
        "world.membership('LLDC')": "truths",
        "world.membership('SIDS')": "truths",
    },
}
"""What is made whole by a cast in the code of a year, and why it is no count of real numbers."""


def casts(text: str) -> Counter[str]:
    """Return what a file casts to whole numbers."""
    return Counter(
        ast.unparse(node.func.value)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "astype"
        and any(
            ast.unparse(kind).strip("'\"") in {*KINDS, *(k[3:] for k in KINDS)}
            for kind in (*node.args, *(k.value for k in node.keywords))
        )
    )


def test_real_numbers_become_counts_in_one_place() -> None:
    package = package_folder()
    found = {
        path.relative_to(package).as_posix(): {*cast}
        for top in ("agents", "flows", "outcomes", "steps")
        for path in sorted((package / top).rglob("*.py"))
        if (cast := casts(path.read_text(encoding="utf-8")))
    }
    assert found == {name: {*held} for name, held in CASTS.items()}


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("a.astype(int)", "a"),
        ("(mean / other).astype(np.intp)", "mean / other"),
        ("np.floor(x).astype(dtype='int64')", "np.floor(x)"),
        ("x.astype(np.uint32, copy=False)", "x"),
    ],
)
def test_a_cast_is_seen(line: str, what: str) -> None:
    assert casts(line) == {what: 1}
    assert not casts("x.astype(float) + whole(x, 'projects')")
