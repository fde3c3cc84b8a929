"""Parameter tables: what they may hold, what a value may be set to; those that ship are whole and used."""

from __future__ import annotations

import math
import pickle
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sscsim.errors import InputError
from sscsim.model import SouthSouthModel
from sscsim.parameters import Parameters, default_parameters
from sscsim.parameters.table import Definition, Prior, load_tables
from sscsim.policy import Scenario, lever_table
from sscsim.policy.scenario import Setting
from sscsim.results.run import Run
from sscsim.world.keeping import forget

TABLE = default_parameters()
DEFINITIONS = TABLE.definitions()
DRAWN = [d for d in DEFINITIONS if d.drawn]
UNIT = st.floats(0.0, 1.0)

WAITING: set[str] = set()
"""Tables that stand before the step that reads them does; a name leaves this list with the step."""

PARAGRAPHS = {"trade": 79, "investment": 80, "finance": 80}
"""What the report itself quantifies, and the submodels that stand for it."""


# ---------------------------------------------------------------------------------------------- the tables that ship


@pytest.mark.parametrize("definition", DEFINITIONS, ids=lambda d: d.name)
def test_every_parameter_is_whole(definition: Definition) -> None:
    low, high = definition.bounds
    assert low <= definition.default <= high
    assert definition.source.strip()
    assert len(definition.source) > 15, "a source names author, year or publisher"
    assert definition.entry.unit
    assert definition.entry.symbol
    assert not definition.entry.description.endswith(".")


@pytest.mark.parametrize("definition", DRAWN, ids=lambda d: d.name)
def test_the_value_lies_inside_its_prior_and_near_its_centre(definition: Definition) -> None:
    if definition.default == definition.quantile(0.0):
        return  # a prior cut in half at its peak: "none, or a little"
    low, high = definition.quantile(0.025), definition.quantile(0.975)
    assert low <= definition.default <= high, f"{definition.default} outside [{low:g}, {high:g}]"
    # The prior's middle is the value, unless its source says it leans: then by no more than a third of its width.
    assert abs(definition.quantile(0.5) - definition.default) <= (high - low) / 3


@pytest.mark.parametrize("definition", DRAWN, ids=lambda d: d.name)
def test_quantiles_stay_inside_the_bounds_and_rise(definition: Definition) -> None:
    values = [definition.quantile(u) for u in (0.0, 1e-9, 0.1, 0.5, 0.9, 1 - 1e-9, 1.0)]
    low, high = definition.bounds
    assert all(math.isfinite(v) for v in values)
    assert low <= values[0]
    assert values[-1] <= high
    assert values == sorted(values)
    assert values[2] < values[4], "a prior without width"


@pytest.mark.parametrize("definition", DRAWN, ids=lambda d: d.name)
def test_bounds_cut_little_of_the_prior(definition: Definition) -> None:
    """Bounds are what is admissible; a prior mostly outside them would be another prior than the one written."""
    prior, goal = definition.entry.prior, definition.goal
    wide = (0.0, 1e12) if prior.distribution == "lognormal" else (-1e12, 1e12)
    middle = prior.quantile(0.5, wide, goal)
    assert abs(middle - definition.quantile(0.5)) <= definition.quantile(0.9) - definition.quantile(
        0.1
    )


def test_the_reports_own_submodels_name_its_paragraphs() -> None:
    named: dict[str, set[int]] = {}
    for definition in DEFINITIONS:
        paragraph = definition.entry.paragraph
        numbers = paragraph if isinstance(paragraph, list) else [paragraph] if paragraph else []
        assert all(1 <= number <= 134 for number in numbers), definition.name  # it has no more
        named.setdefault(definition.submodel, set()).update(numbers)
    for submodel, number in PARAGRAPHS.items():
        assert number in named[submodel], f"nothing in {submodel} points to paragraph {number}"


class Watched(Parameters):
    """Parameters that note which of them are read; a set shared by all copies."""

    asked: set[str]

    def __getitem__(self, name: str) -> float:
        self.asked.add(name)
        return super().__getitem__(name)

    def called(self, origin):
        return self._watched(super().called(origin))

    def replace(self, changes, *, source="--set"):
        return self._watched(super().replace(changes, source=source))

    def _watched(self, plain):
        copy = Watched(plain._definitions, plain._values, plain.origin)
        copy.asked = self.asked
        return copy


def test_every_parameter_is_read_when_a_model_is_built_and_run() -> None:
    watched = Watched(TABLE._definitions, TABLE._values)
    watched.asked = set()
    forget()  # bases that another test had worked out would read nothing
    model = SouthSouthModel(seed=1, parameters=watched, end=2020)
    while model.running:
        model.step()
    unread = {name: TABLE.definition(name).submodel for name in sorted(set(TABLE) - watched.asked)}
    assert [n for n, submodel in unread.items() if submodel not in WAITING] == [], (
        "nobody reads these"
    )
    shipped = {d.submodel for d in DEFINITIONS}
    assert WAITING & shipped <= set(unread.values()), "this table is read by now"
    assert watched.asked <= set(TABLE)


def test_every_drawn_parameter_changes_the_run_or_its_measurement() -> None:
    """Reading is not using: a parameter multiplied by zero would pass the test before. One table at a time."""
    options = {"seed": 1, "end": 2020, "keep": "indicators", "shocks": True}
    plain = SouthSouthModel(**options).run()
    for submodel in sorted({d.submodel for d in DRAWN} - WAITING):
        moved = TABLE.draw({d.name: 0.8 for d in DRAWN if d.submodel == submodel})
        assert SouthSouthModel(**options, parameters=moved).run() != plain


@cache
def moved_run(name: str | None, quantile: float = 0.4, shocks: bool = False) -> Run:
    """Return a run with every lever moved, where no response is switched off by a zero elsewhere.

    With shocks, each of them strikes often.
    """
    levers = {
        n: (Setting(value=1.1 if lever.combine == "multiply" else 0.02),)
        for n, lever in lever_table().items()
    }
    uniforms = {d.name: quantile if d.name.split(".")[0] == name else 0.4 for d in DRAWN}
    often = {d.name: d.bounds[1] for d in SHOCKS if "_rate" in d.name and d.name != name}
    return SouthSouthModel(
        Scenario("all", {"en": "All"}, levers=levers),
        seed=3 if shocks else 1,  # a seed that meets each kind by 2022, if rates are high
        end=2024 if shocks else 2022,
        keep="indicators",
        shocks=shocks,
        parameters=TABLE.draw(uniforms).replace(often if shocks else {}),
    ).run()


SHOCKS = [d for d in DRAWN if d.submodel == "shocks"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", sorted({d.name.split(".")[0] for d in DRAWN if d.submodel not in WAITING})
)
def test_each_drawn_parameter_by_itself_changes_the_run(name: str) -> None:
    # Some matter on one side only, such as what a floor holds at zero on the other.
    struck = name in {d.name for d in SHOCKS}
    # A rate that is drawn is looked at beside one that is as high as it may be.
    plain = moved_run(None, 0.4, struck)
    assert any(moved_run(name, quantile, struck) != plain for quantile in (0.05, 0.95))


# ------------------------------------------------------------------------------------------------------ setting values


def test_replacing_checks_bounds_and_leaves_the_original() -> None:
    low, high = TABLE.definition("capital_share").bounds
    changed = TABLE.replace({"capital_share": high})
    assert changed["capital_share"] == high
    assert changed.changed == {"capital_share": high}
    assert TABLE.changed == {}
    for value in (low - 1e-9, high + 1e-9, math.nan, math.inf, -math.inf):
        with pytest.raises(InputError) as caught:
            TABLE.replace({"capital_share": value}, source="scenario x")
        error = caught.value
        assert (error.file, error.key) == ("scenario x", "capital_share")
        assert f"{low:g} to {high:g}" in str(error)


def test_a_name_given_for_each_goal_is_set_whole_or_singly() -> None:
    whole = TABLE.replace({"goal_drift": 0.1})
    assert (whole.by_goal("goal_drift") == 0.1).all()
    single = TABLE.replace({"goal_drift.3": 0.1})
    assert single["goal_drift.3"] == 0.1
    assert single["goal_drift.4"] == TABLE["goal_drift.4"]
    assert list(single.changed) == ["goal_drift.3"]
    with pytest.raises(InputError):
        TABLE.replace({"goal_drift": 99.0})


@pytest.mark.parametrize(
    ("name", "suggestion"),
    [
        ("capital_shares", "capital_share"),
        ("Capital_Share", "capital_share"),
        ("goal_drift.18", None),
        ("goal_drifts", "goal_drift"),
        ("", None),
        ("x" * 5000, None),
    ],
)
def test_unknown_names_are_refused_with_the_nearest(name: str, suggestion: str | None) -> None:
    for ask in (
        lambda: TABLE[name],
        lambda: TABLE.definition(name),
        lambda: TABLE.replace({name: 1.0}),
        lambda: TABLE.draw({name: 0.5}),
    ):
        with pytest.raises(InputError) as caught:
            ask()
        if suggestion:
            assert caught.value.suggestion == suggestion
        assert len(str(caught.value)) < 500
    assert name not in TABLE


def test_parameters_are_a_mapping_that_pickles() -> None:
    assert len(TABLE) == len(list(TABLE)) == len(DEFINITIONS)
    assert set(TABLE.keys()) == {d.name for d in DEFINITIONS}
    copy = pickle.loads(pickle.dumps(TABLE.replace({"capital_share": 0.35})))
    assert copy.content_hash == TABLE.replace({"capital_share": 0.35}).content_hash


def test_the_hash_is_of_names_and_values() -> None:
    assert TABLE.content_hash == default_parameters().content_hash
    nudged = TABLE.replace({"capital_share": np.nextafter(TABLE["capital_share"], 1.0)})
    assert nudged.content_hash != TABLE.content_hash
    assert (
        nudged.replace({"capital_share": TABLE["capital_share"]}).content_hash == TABLE.content_hash
    )


@given(st.sampled_from(DRAWN), UNIT)
def test_a_draw_is_admissible_whatever_the_quantile(definition: Definition, u: float) -> None:
    drawn = TABLE.draw({definition.name: u})
    assert set(drawn.changed) <= {definition.name}
    low, high = definition.bounds
    assert low <= drawn[definition.name] <= high


@pytest.mark.parametrize(
    "name",
    [
        "goal_cooperation_response",
        "goal_capability_response",
        "learning_rate",
        "tie_trade_response",
        "fdi_capability_response",
        "fdi_tie_response",
    ],
)
def test_effects_that_nobody_measured_may_have_either_sign(name: str) -> None:
    """What no figure of the report observes is not decided by its prior: decisions 0146 and 0151.

    What capability does beyond (to productivity, to the cost of trade) has one; whether cooperation adds to it has not.
    """
    drawn = [d for d in DRAWN if d.name.split(".")[0] == name]
    assert drawn
    for definition in drawn:
        low, high = definition.bounds
        assert low < 0.0 < high, definition.name
        assert definition.quantile(0.02) < 0.0 < definition.quantile(0.98), definition.name


def test_a_fixed_number_is_never_drawn() -> None:
    fixed = next(d for d in DEFINITIONS if not d.drawn)
    with pytest.raises(ValueError, match="fixed"):
        TABLE.draw({fixed.name: 0.5})


# ------------------------------------------------------------------------------------------------------------ priors


def test_priors_have_the_quantiles_of_their_distributions() -> None:
    wide = (-1e9, 1e9)
    normal = Prior(distribution="normal", mean=2.0, sd=0.5)
    assert normal.quantile(0.5, wide) == pytest.approx(2.0)
    assert normal.quantile(0.975, wide) == pytest.approx(2.0 + 0.5 * 1.959964, rel=1e-6)
    lognormal = Prior(distribution="lognormal", median=3.0, sigma=0.4)
    assert lognormal.quantile(0.5, (0.0, 1e9)) == pytest.approx(3.0)
    assert lognormal.quantile(0.975, (0.0, 1e9)) == pytest.approx(
        3.0 * math.exp(0.4 * 1.959964), rel=1e-6
    )
    uniform = Prior(distribution="uniform", low=1.0, high=3.0)
    assert uniform.quantile(0.25, wide) == pytest.approx(1.5)
    # Truncated, not clipped: no draws heap up at a bound.
    assert normal.quantile(0.5, (2.0, 1e9)) == pytest.approx(2.0 + 0.5 * 0.67449, rel=1e-4)
    assert uniform.quantile(0.5, (2.0, 9.0)) == pytest.approx(2.5)


@given(UNIT)
def test_truncated_quantiles_stay_inside_even_far_in_a_tail(u: float) -> None:
    for bounds in ((9.0, 10.0), (-10.0, -9.0), (0.0, 0.0)):
        value = Prior(distribution="normal", mean=0.0, sd=1.0).quantile(u, bounds)
        assert bounds[0] <= value <= bounds[1]


# --------------------------------------------------------------------------------------------------------- bad tables

GOOD = """submodel: test
parameters:
  speed:
    symbol: v
    description: "How fast it goes on"
    unit: m/s
    value: 1.0
    bounds: [0, 2]
    prior: {distribution: normal, mean: 1.0, sd: 0.2}
    source: "A source, 2018"
"""
EACH = "{" + ", ".join(f"{g}: 0.5" for g in range(1, 18)) + "}"


def load(folder: Path, text: str, name: str = "test") -> dict[str, Definition]:
    (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return load_tables(folder)


def test_a_good_table_loads(tmp_path) -> None:
    definitions = load(tmp_path, GOOD)
    assert definitions["speed"].default == 1.0
    assert definitions["speed"].submodel == "test"
    assert definitions["speed"].source == "A source, 2018"
    by_goal = GOOD.replace("value: 1.0", f"by: goal\n    value: {EACH}")
    assert len(load(tmp_path, by_goal)) == 17


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("value: 1.0", "value: 3.0", "outside the bounds"),
        ("value: 1.0", "value: fast", "number"),
        ("value: 1.0", "value: {1: 0.5}", "by: goal"),
        ("value: 1.0", "by: goal\n    value: {1: 0.5}", "all of 1 to 17"),
        ("bounds: [0, 2]", "bounds: [2, 0]", "in order"),
        ("bounds: [0, 2]", "bounds: [0]", "missing"),
        ("mean: 1.0, sd: 0.2", "mean: 1.0", "takes mean, sd"),
        ("mean: 1.0, sd: 0.2", "mean: 1.0, sd: 0.2, low: 0", "takes mean, sd"),
        ("mean: 1.0, sd: 0.2", "mean: 1.0, sd: 0.0", "positive"),
        ("mean: 1.0, sd: 0.2", "mean: 1.0, sd: -1.0", "positive"),
        ("mean: 1.0, sd: 0.2", f"mean: {EACH}, sd: 0.2", "by: goal"),
        ("normal, mean: 1.0, sd: 0.2", "lognormal, median: 0.0, sigma: 0.3", "positive"),
        ("normal, mean: 1.0, sd: 0.2", "uniform, low: 1.5, high: 0.5", "below"),
        ("distribution: normal", "distribution: gauss", "normal"),
        ("source:", "origin:", None),
        ('    source: "A source, 2018"\n', "", "missing"),
        ('description: "How fast it goes on"', "description: fast", "10 characters"),
        ("submodel: test", "title: test", "text"),
        ("parameters:", "parameter:", "mapping"),
    ],
    ids=str,
)
def test_a_bad_table_is_refused_where_it_is_bad(
    tmp_path, old: str, new: str, words: str | None
) -> None:
    assert old in GOOD
    with pytest.raises(InputError) as caught:
        load(tmp_path, GOOD.replace(old, new))
    error = caught.value
    assert error.file == str(tmp_path / "test.yaml")
    assert error.line is not None
    if words is not None:
        assert words in str(error), str(error)


def test_a_name_in_two_tables_is_refused(tmp_path) -> None:
    load(tmp_path, GOOD, "a")
    with pytest.raises(InputError, match="defined twice"):
        load(tmp_path, GOOD, "b")
