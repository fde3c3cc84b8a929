"""Chains: links are differences of two arms, stand in order, and go into words."""

from __future__ import annotations

import re
import string

import numpy as np
import pytest
from _moved import BASELINE, END, THREE, TRADE

from sscsim.errors import InputError
from sscsim.experiments.members import members
from sscsim.experiments.why import ENGLISH, Chain, Link, effect_chains, goal_channels, sentence
from sscsim.experiments.why.chain import FACTORS, LINKS, _Before, _signed
from sscsim.flows.knowledge import MODALITIES
from sscsim.model import simulate
from sscsim.settings import RunSettings
from sscsim.world.state import DOMAINS, SECTORS

HOW = {"draws": 2, "source": "tables", "end": END}


@pytest.fixture(scope="module")
def chains() -> list[Chain]:
    return effect_chains(BASELINE, THREE, "Kenya", count=17, **HOW)


def test_links_are_the_difference_of_two_runs(chains: list[Chain]) -> None:
    settings = RunSettings(end=END, keep="standard")
    runs = [
        simulate(m.settings) for m in members([BASELINE, THREE], 2, 1, "tables", settings=settings)
    ]
    frames = [run.countries.query("iso3 == 'KEN'").set_index("year") for run in runs]
    for chain in chains:
        assert (chain.country, chain.since, chain.year, chain.draws) == ("KEN", 2014, END, 2)
        last = chain.links[-1]
        assert (last.kind, last.of, last.unit) == ("goal", str(chain.goal), "points")
        column = f"goal_{chain.goal}"
        points = [b.loc[END, column] - a.loc[END, column] for a, b in (frames[:2], frames[2:])]
        assert last.change == pytest.approx(np.mean(points), abs=1e-9)
        assert last.low <= last.change <= last.high
        for link in chain.links:
            if link.kind == "projects":
                counted = f"projects_received_{link.of}"
                means = [
                    (b[counted] - a[counted]).loc[2014:].mean() for a, b in (frames[:2], frames[2:])
                ]
                assert link.change == pytest.approx(np.mean(means))
    assert any(link.kind == "projects" for chain in chains for link in chain.links)


def test_goals_asked_for_and_levers_are_named() -> None:
    found = effect_chains(BASELINE, TRADE, "KEN", goals=["goal_8", "goal_1"], **HOW)
    assert [chain.goal for chain in found] == [8, 1]
    assert found[0].levers == ("trade",)
    channels = goal_channels(BASELINE, TRADE, indicators=["goal_8"], groups=["KEN"], **HOW)
    lines = channels.table.set_index("driver")
    assert found[0].share == pytest.approx(lines.loc[found[0].driver, "share"])
    poverty = found[1]
    assert poverty.driver == "poverty"
    assert [link.kind for link in poverty.links[-3:]] == ["income", "poor", "goal"]


def facts(**moved: float) -> dict[tuple[str, str], np.ndarray]:
    """Facts in which nothing moved but what is named, as ``kind__of``."""
    kinds = {
        "projects": MODALITIES,
        "service": DOMAINS,
        "capability": DOMAINS,
        "infrastructure": SECTORS,
        "part": FACTORS,
        "built": ("finance", "own"),
    }
    keys = [(kind, of) for kind in {**LINKS, **kinds} for of in kinds.get(kind, ("",))]
    found = {key: np.zeros(2) for key in keys}
    for name, value in moved.items():
        kind, _, of = name.partition("__")
        assert (kind, of) in found
        found[kind, of] = np.full(2, value)
    return found


@pytest.mark.parametrize(
    ("driver", "goal", "sign", "moved", "kinds"),
    [
        (
            "capability",
            3,
            1.0,
            {"projects__triangular": 8.0, "projects__regional": -2.0, "capability__health": 0.4},
            ["projects triangular", "capability health"],
        ),
        # A domain that does not serve the Goal is not named, however much it moved.
        ("capability", 3, 1.0, {"capability__climate": 9.0}, []),
        ("cooperation", 5, -1.0, {"service__gender_equality": -1.0}, ["service gender_equality"]),
        (
            "infrastructure",
            9,
            1.0,
            {"loans": 5.0, "built__finance": 2.0, "built__own": 1.0, "infrastructure__transport": 0.1},
            ["loans ", "infrastructure transport"],
        ),
        (
            "infrastructure",
            7,
            1.0,
            {
                "loans": 5.0,
                "built__finance": 0.1,
                "built__own": 1.0,
                "income": 0.1,
                "part__openness": 0.1,
                "openness": 0.1,
                "exports": 3.0,
                "infrastructure__energy": 0.1,
            },
            ["exports ", "openness ", "income ", "infrastructure energy"],
        ),
        # More income lowers Goal 13.
        (
            "emissions",
            13,
            -1.0,
            {"income": 0.1, "part__private_capital": 0.1, "private_capital": 0.3, "investment": 1.0},
            ["investment ", "private_capital ", "income "],
        ),
        (
            "income",
            8,
            1.0,
            {
                "income": 0.1,
                "part__productivity": 0.2,
                "productivity": 0.2,
                "learning": 0.1,
                "projects__bilateral": 1.0,
            },
            ["projects bilateral", "learning ", "productivity ", "income "],
        ),
        ("poverty", 1, 1.0, {"income": 0.1, "part__prices": 0.1, "prices": 0.1, "poor": -2.0},
         ["prices ", "income ", "poor "]),
        ("shocks", 2, -1.0, {"shock": 3.0}, ["shock "]),
        ("renewables", 7, 1.0, {"renewables": 1.0}, ["renewables "]),
        # What went the other way explains nothing.
        ("income", 8, 1.0, {"income": -0.1, "projects__bilateral": 1.0}, []),
    ],
)  # fmt: skip
def test_what_stands_before_a_driver(
    driver: str, goal: int, sign: float, moved: dict[str, float], kinds: list[str]
) -> None:
    found = _Before(facts(**moved), goal - 1, sign).links(driver)
    assert [f"{kind} {of}" for kind, of in found] == kinds


def chain(*links: Link) -> Chain:
    return Chain(
        "KEN", "Kenya", "a", "b", ("triangular",), 3, 2019, 2030, "capability", 0.9, links, 2
    )


def test_a_chain_goes_into_the_words_of_a_language() -> None:
    links = (
        Link("projects", "triangular", 8.2, 1.0, 9.0, "projects"),
        Link("capability", "health", 0.4, 0.1, 0.5, "points"),
        Link("goal", "3", 0.096, 0.0, 0.2, "points"),
    )
    assert sentence(chain(*links)) == (
        "triangular projects +8.2 → capability in health +0.40 points → Goal 3 +0.10 points"
    )
    swapped = {name: f"<{text}>" for name, text in ENGLISH.items()} | {"arrow": "; "}
    assert sentence(chain(*links), swapped).startswith("<<triangular> projects +8.2>; ")


def test_every_link_has_words_and_every_name_of_one() -> None:
    for kind in LINKS:
        fields = {field for _, field, *_ in string.Formatter().parse(ENGLISH[kind]) if field}
        assert fields <= {"of", "change"}
        assert "change" in fields
    for name in (*DOMAINS, *MODALITIES, *SECTORS):
        assert not re.search(r"_", ENGLISH[f"of.{name}"])


@pytest.mark.parametrize(
    ("value", "text"),
    [(1234.5, "+1,234"), (-8.24, "−8.2"), (0.4, "+0.40"), (0.0012345, "+0.0012"), (99.6, "+100")],
)
def test_numbers_have_a_sign_and_two_digits_that_count(value: float, text: str) -> None:
    assert _signed(value) == text


def test_what_cannot_be_asked_is_said() -> None:
    with pytest.raises(InputError, match="one country"):
        effect_chains(BASELINE, TRADE, "LDC", **HOW)
    with pytest.raises(InputError, match="no such Goal"):
        effect_chains(BASELINE, TRADE, "KEN", goals=["goal_18"], **HOW)
