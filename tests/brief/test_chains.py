"""Why in words: drivers of a group and links of a country, by rule, or the line that adds them."""

from __future__ import annotations

from pathlib import Path

import pytest
from brief._made import YEAR, made_comparison

from sscsim.brief import brief_of
from sscsim.brief.chains import drivers_in_words
from sscsim.brief.document import Commands, Document, texts
from sscsim.brief.language import language_of

EN = language_of("en")


def told(document: Document) -> str:
    return "\n".join(text.plain for text in texts(document))


def lines(**shares: float) -> list[dict]:
    return [{"driver": k, "group": "LDC", "year": YEAR, "share": v} for k, v in shares.items()]


def whole(low: float) -> dict:
    return {"driver": "together", "group": "LDC", "year": YEAR, "low": low, "high": 1.0}


@pytest.mark.parametrize(
    ("shares", "low", "part"),
    [
        ({"income": 0.7, "capability": 0.3}, 0.1, "mostly from income (70% of it) and capability (30% of it)."),
        ({"income": 1.2, "shocks": -0.2}, 0.1, "against it works shocks (−20% of it)"),
        ({"income": 0.96, "shocks": -0.04, "poverty": 0.08}, 0.1, "mostly from income (96% of it)."),
        ({"income": 0.09, "capability": 0.09}, 0.1, "none makes a tenth"),
        ({"income": 1.0}, -0.1, "no effect on the index of the Goals is seen"),
    ],
)  # fmt: skip
def test_drivers_are_told_by_their_part_of_the_effect(
    shares: dict[str, float], low: float, part: str
) -> None:
    assert part in drivers_in_words(EN, lines(**shares), whole(low)).plain


def test_a_countrys_chain_stands_on_its_page_and_others_under_why(english: Document) -> None:
    text = told(english)
    chain = "triangular projects +2.1 → capability in health +0.40 points → Goal 3 +0.10 points."
    assert text.count(f"Kenya: {chain}") == 1
    assert text.index(f"Peru: {chain}") < text.index("A closer look: Kenya")
    assert text.index("A closer look: Kenya") < text.index(f"Kenya: {chain}")
    assert "capability, makes 125% of the change of Goal 3" in text
    # Only where the interval holds zero.
    assert text.count("The interval holds zero: the way is told") == 1


def test_chinese_tells_the_chain_in_chinese(chinese: Document) -> None:
    assert "三方合作项目+2.1个 → 卫生能力+0.40分 → 目标3 +0.10分。" in told(chinese)


@pytest.mark.parametrize(
    ("left_out", "message", "option"),
    [
        (("channels", "chains"), "What moved the Goals, driver by driver", "--why --country KEN"),
        (
            ("chains",),
            "How it came about in Kenya is not in this comparison",
            "--why --country KEN",
        ),
    ],
)
def test_what_is_not_held_is_told_with_the_line_that_adds_it(
    tmp_path: Path, left_out: tuple[str, ...], message: str, option: str
) -> None:
    made = made_comparison()
    for name in left_out:
        del made._tables[name]
    document = brief_of(made.save(tmp_path / "made"), "en", country="KEN")
    assert message in told(document)
    commands = [line for one in document.blocks if isinstance(one, Commands) for line in one.lines]
    assert any(option in line and "compare baseline" in line for line in commands)


def test_nothing_is_asked_for_where_all_is_held(english: Document) -> None:
    assert "is not in this comparison" not in told(english)
