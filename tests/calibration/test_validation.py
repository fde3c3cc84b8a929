"""Facts that no fit has seen: all there and cited, strictly read, and judged as they say."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from sscsim.calibration import load_targets
from sscsim.calibration.validation import (
    LAST_FACT,
    Fact,
    Facts,
    judge_facts,
    load_facts,
    validate,
)
from sscsim.errors import InputError
from sscsim.resources import calibration_folder

SHIPPED = (calibration_folder() / "validation.yaml").read_text(encoding="utf-8")

ONE = """sources:
  unctad: {publisher: UNCTAD, title: One, address: "https://unctad.org", edition: 2015, licence: facts, read: primary}
facts:
  made_up:
    topic: investment
    title: Inflow of FDI, world
    observable: fdi_inflow
    of: World
    year: 2014
    value: 1400
    unit: bn USD
    within: {kind: interval, plus_minus: 100}
    source: unctad
    printed: 1.4 trillion
    unseen: never fitted
    width: digits printed
    before: {value: 1500, when: "2013"}
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "facts.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def made_up(tmp_path: Path) -> Facts:
    return load_facts(written(tmp_path, ONE))


# ----------------------------------------------------------------------------------------- what ships


def test_enough_facts_ship_and_each_says_where_it_is_from() -> None:
    found = load_facts()
    assert len(found.facts) >= 36
    assert {fact.source for fact in found.facts} == set(found.sources)
    for source in found.sources.values():
        assert source.address.startswith("https://")
        assert source.edition > 2013
    for fact in found.facts:
        assert min(map(len, (fact.printed, fact.unseen, fact.width))) > 15, fact.id
        assert 0 < fact.scale < math.inf, fact.id
        years = fact.years or (fact.year, fact.year)
        assert all(year is not None and 2013 < year <= LAST_FACT for year in years), fact.id
    # What no prior was taken from either is enough to judge by.
    assert sum(not fact.partly_seen for fact in found.facts) >= 30
    # No topic carries the share of hits alone.
    topics = [fact.topic for fact in found.facts]
    assert len({*topics}) >= 6
    assert max(map(topics.count, topics)) < len(topics) / 3


def test_no_fact_is_a_target() -> None:
    targets = {(c.observable, c.of, c.when) for t in load_targets() for c in t.checks}
    assert not targets & {(f.observable, f.of, f.when) for f in load_facts().facts}


@pytest.mark.slow
def test_draws_move_every_fact() -> None:
    # What is the same whatever is drawn is an input, and validates nothing.
    verdicts = validate(load_facts(), 2, "priors")
    still = [j.fact.id for j in verdicts.judged if not j.low < j.high]
    assert not still


# ------------------------------------------------------------------------------------------- the file


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("fdi_inflow", "fdi_inflw", 7, "fdi_inflow"),
        ("unit: bn USD", "unit: percent", 11, "bn USD"),
        ("year: 2014", "year: 2020", 4, "2013 to 2019"),
        ("year: 2014", "years: [2019, 2020]", 4, "2013 to 2019"),
        ("year: 2014", "year: 2014\n    years: [2014, 2015]", 4, "one of year, years"),
        ("source: unctad", "source: unctd", 13, "unctad"),
        ("    width: digits printed\n", "", 4, "width"),
        ("    unseen: never fitted\n", "", 4, "unseen"),
        ("unseen: never fitted", 'unseen: ""', 15, "unseen"),
        ("value: 1400", "value: many", 10, "value"),
        ("value: 1400", "vale: 1400", 10, "value"),
        ("licence: facts, ", "", 2, "licence"),
        ("read: primary", "read: somewhere", 2, "secondary"),
        ("topic: investment", "id: mine\n    topic: investment", 5, "its key"),
        ("sources:", "source:", 1, "sources"),
        # The report's figure of 2017, which the fit sees.
        (
            "of: World\n    year: 2014",
            "of: WIR developing\n    year: 2017",
            4,
            "fdi_in_developing",
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_place(
    tmp_path: Path, old: str, new: str, line: int, said: str
) -> None:
    assert old in ONE
    with pytest.raises(InputError) as failure:
        load_facts(written(tmp_path, ONE.replace(old, new, 1)))
    assert failure.value.line == line, failure.value
    assert said in str(failure.value)
    assert "facts.yaml" in str(failure.value)


def test_a_fact_stands_there_once(tmp_path: Path) -> None:
    again = ONE[ONE.index("  made_up") :].replace("made_up", "once_more")
    with pytest.raises(InputError, match="the fact made_up already"):
        load_facts(written(tmp_path, ONE + again))


def test_a_file_without_facts_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="at least one"):
        load_facts(written(tmp_path, ONE[: ONE.index("facts:")] + "facts: {}\n"))


# --------------------------------------------------------------------------------------------- verdicts


def judged(fact: Fact, model: list[float], naive: list[float]) -> object:
    return judge_facts([fact], np.array([model]).T, np.array([naive]).T).judged[0]


@pytest.mark.parametrize(
    ("model", "inside", "within", "off"),
    [
        ([1380, 1400, 1420], True, True, 0.0),
        # The median is off by three widths, and the interval holds the fact.
        ([1390, 1700, 1800], False, False, 3.0),
        ([1300, 1700, 1800], True, False, 3.0),
        # All draws agree on a number that is near.
        ([1310, 1310, 1310], False, True, 0.9),
        ([1200, 1200, 1200], False, False, 2.0),
        ([math.nan, 1400, math.nan], True, True, 0.0),
        ([math.nan, math.nan, math.nan], False, False, math.nan),
    ],
)
def test_a_made_up_fact_is_hit_and_missed(
    made_up: Facts, model: list[float], inside: bool, within: bool, off: float
) -> None:
    # The ends are quantiles: of three draws the fifth per cent lies a tenth of the way to the second.
    one = judged(made_up.facts[0], model, [1400, 1400, 1400])
    assert (one.inside, one.within, one.hit) == (inside, within, inside or within)
    assert one.distance == pytest.approx(off, nan_ok=True)


@pytest.mark.parametrize(
    ("median", "naive", "than_naive", "than_before"),
    [
        (1410, 1300, "nearer", "nearer"),
        (1600, 1410, "farther", "farther"),
        (1310, 1490, "as near", "nearer"),
        (1300, math.nan, "not told", "as near"),
        (math.nan, 1400, "not told", "not told"),
    ],
)
def test_who_is_nearer(
    made_up: Facts, median: float, naive: float, than_naive: str, than_before: str
) -> None:
    one = judged(made_up.facts[0], [median] * 3, [naive] * 3)
    assert (one.than_naive, one.than_before) == (than_naive, than_before)


def test_the_summary_counts(made_up: Facts) -> None:
    fact = made_up.facts[0]
    model = np.array([[1390.0, 1200.0], [1430.0, 1200.0]])
    naive = np.array([[1500.0, 1200.0], [1500.0, 1200.0]])
    verdicts = judge_facts([fact, fact], model, naive)
    assert verdicts.hits == 1
    assert verdicts.count("naive") == {"nearer": 1, "as near": 1, "farther": 0, "not told": 0}
    assert verdicts.summary.startswith("1 of 2 facts hit (50%): 1 inside the 90 % interval, 1 with")
    heard = fact.model_copy(update={"partly_seen": "the centre of a prior"})
    half = judge_facts([heard, fact], model, naive)
    assert (half.hits, half.unseen.hits, len(half.unseen.judged)) == (1, 0, 1)
    assert "; 0 of the 1 that no prior has heard of. " in half.summary
    table = verdicts.table()
    assert table["hit"].tolist() == [True, False]
    assert table["distance"].tolist() == pytest.approx([0.1, 2.0])


def test_each_draw_is_run_twice_and_has_its_own_luck(made_up: Facts) -> None:
    asked: list[tuple[str, int, int]] = []
    one = validate(made_up, 2, "priors", progress=lambda *told: asked.append(told))
    assert asked[-1] == ("facts", 4, 4)
    # Investment is the same in the model and in the model to beat to a part in thousands.
    item = one.judged[0]
    assert item.naive == pytest.approx(item.median, rel=0.01)
    assert 500 < item.median < 3000
    other = validate(made_up, 2, "priors", first_seed=2).judged[0]
    assert other.median != item.median
