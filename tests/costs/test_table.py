"""The table of costs: every lever has an entry, ranges are wide where they must be, and slips are said."""

from __future__ import annotations

import pytest
import yaml

from sscsim.costs.table import UNWRITTEN, CostTable, cost_table, read_costs
from sscsim.errors import InputError
from sscsim.policy import lever_table
from sscsim.resources import package_folder


def test_every_lever_has_a_price_or_a_reason() -> None:
    table = cost_table()
    assert set(table.levers) == set(lever_table())
    assert [name for name, one in table.levers.items() if one.none == UNWRITTEN] == []
    assert sum(one.priced for one in table.levers.values()) > 20


def test_a_shock_has_no_price_and_no_other_lever_hides_behind_one() -> None:
    for name, one in cost_table().levers.items():
        shock = lever_table()[name].group == "shocks"
        assert (one.none is not None and "shock is no policy" in one.none) == shock, name
        assert not (shock and one.priced), name


def test_what_nobody_looked_up_is_marked_and_wide() -> None:
    table = cost_table()
    own = [each for one in table.levers.values() for each in one.own]
    for one in (*table.quantities.values(), *own, *table.benchmarks.values()):
        low, high = one.price
        assert not one.from_memory or low == 0.0 or high >= 3.0 * low, one.source
        said = "from memory" in one.source or "judgement" in one.source
        assert one.from_memory == said, one.source


@pytest.fixture
def changed(tmp_path):
    """Read the table with something changed."""
    text = (package_folder() / "costs" / "costs.yaml").read_text(encoding="utf-8")

    def read(change) -> CostTable:
        held = yaml.safe_load(text)
        change(held)
        path = tmp_path / "costs.yaml"
        path.write_text(yaml.safe_dump(held, sort_keys=False), encoding="utf-8")
        return read_costs(path)

    return read


def _set(value, *keys):
    def change(held) -> None:
        for key in keys[:-1]:
            held = held[key]
        held[keys[-1]] = value

    return change


def _drop(*keys):
    def change(held) -> None:
        for key in keys[:-1]:
            held = held[key]
        del held[keys[-1]]

    return change


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_set({"none": "a reason, that is long"}, "levers", "platfrom"), "did you mean 'platform'"),
        (_set({}, "levers", "platform"), "says why not"),
        (_set(["project"], "levers", "funds", "counts"), "did you mean 'projects'"),
        (_set([3.0, 1.0], "quantities", "projects", "price"), "lower end"),
        (_set([-1.0, 1.0], "quantities", "projects", "price"), "lower end"),
        (_set([0.001, 10.0], "quantities", "projects", "price"), "thousandfold"),
        (_set("cooperation_costs", "quantities", "projects", "indicator"), "cooperation_cost"),
        (_set("Wrld", "quantities", "projects", "group"), "did you mean 'World'"),
        (_set("EUR an EUR", "quantities", "projects", "unit"), "unit"),
        (_set("bank", "quantities", "projects", "each"), "of a group, or of each bank"),
        (_set("x", "quantities", "projects", "pricee"), "did you mean 'price'"),
        (_set({}, "prices"), "part of the table"),
        (_drop("benchmarks", "goal_point"), "missing"),
        (_set([], "levers", "aid_volume", "counts"), "says why not"),
        (_set({"none": "a reason, that is long"}, "levers", "aid_volume"), "no lever counts"),
    ],
)
def test_what_is_wrong_in_the_table_is_said(changed, change, said) -> None:
    with pytest.raises(InputError, match=said) as refused:
        changed(change)
    assert "costs.yaml" in str(refused.value)
    assert refused.value.line is not None


def test_a_price_by_itself_goes_with_countries(changed) -> None:
    own = cost_table().levers["platform"].own[0].model_dump(exclude_none=True)
    own["price"] = list(own["price"])
    with pytest.raises(InputError, match="added up over countries"):
        changed(_set({"own": [own]}, "levers", "bank_lending"))


def test_a_lever_that_somebody_adds_has_no_price_until_one_is_written(changed) -> None:
    found = changed(_drop("levers", "platform")).levers["platform"]
    assert (found.priced, found.none) == (False, UNWRITTEN)
