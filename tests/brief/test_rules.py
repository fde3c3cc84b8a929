"""Sentences follow from numbers: which way, seen or not, beside what, for whom, how surely."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
from brief._made import line, made_comparison

from sscsim.brief import rules
from sscsim.brief.facts import ComparisonFacts, Effect
from sscsim.brief.language import language_of

EN, ZH = language_of("en"), language_of("zh")


def effect(indicator: str = "goal_index", of: str = "LDC", **changes: float) -> Effect:
    numbers: dict[str, Any] = line(indicator, "0 to 100", 58.1, 0.16, 0.05)
    values = {k: float(v) for k, v in numbers.items() if k not in ("indicator", "unit", "year")}
    return Effect("effects", of, indicator, 2030, str(numbers["unit"]), {**values, **changes})


UP = effect()
DOWN = effect(median=-0.2, low=-0.3, high=-0.1)
UNSEEN = effect(median=0.01, low=-0.3, high=0.4)


@pytest.mark.parametrize(
    ("effects", "begins"),
    [
        ([UP, UP], "An effect for the better is seen on all outcomes compared, 2 of 2."),
        ([DOWN], "An effect for the worse is seen on all outcomes compared, 1 of 1."),
        ([UNSEEN], "No effect is seen on any of the 1 outcomes compared."),
        (
            [UP, UNSEEN],
            "An effect for the better is seen on 1 of the 2 outcomes compared, one for the worse on none; on 1",
        ),
        (
            [DOWN, UNSEEN],
            "An effect for the worse is seen on 1 of the 2 outcomes compared, one for the better on none; on 1",
        ),
        (
            [UP, DOWN, UNSEEN],
            "An effect for the better is seen on 1 of the 3 outcomes compared, one for the worse on 1; on 1",
        ),
    ],
)
def test_the_verdict_counts_what_is_seen(effects: list[Effect], begins: str) -> None:
    assert rules.verdict(EN, effects).plain.startswith(begins)


def test_places_without_an_effect_are_named_once() -> None:
    kenya, nepal = (
        [replace(UNSEEN, indicator=name, of=of) for name in ("gdp", "exports")]
        for of in ("KEN", "NPL")
    )
    one = rules.unseen_sentence(EN, kenya)
    both = rules.unseen_sentence(EN, [*kenya, *nepal])
    assert one is not None
    assert one.plain.startswith(
        "In Kenya, no effect is seen on gross domestic product and the value of exports of goods: the intervals"
    )
    assert both is not None
    assert (
        "gross domestic product (Kenya and Nepal) and the value of exports of goods (Kenya and Nepal)"
        in both.plain
    )
    assert rules.unseen_sentence(EN, [UP]) is None


def test_what_no_pair_moves_is_told_apart_from_what_is_not_seen() -> None:
    still = effect("gdp", median=0.0, low=0.0, high=0.0, positive=math.nan)
    assert still.none
    assert not UNSEEN.none
    one = rules.undecided_sentence(EN, still).plain
    assert "there is no effect on gross domestic product in 2030: it is the same in every" in one
    assert "per cent" not in one
    unseen, unmoved = (
        say(EN, [still, UNSEEN]) for say in (rules.unseen_sentence, rules.unmoved_sentence)
    )
    assert unseen is not None
    assert unmoved is not None
    assert "gross domestic product" not in unseen.plain
    assert "there is no effect on gross domestic product" in unmoved.plain
    assert rules.unmoved_sentence(EN, [UNSEEN, UP]) is None


def test_less_poverty_is_better() -> None:
    assert effect("poverty_headcount", median=-0.1).better
    assert not effect("poverty_headcount", median=0.1).better


def test_an_effect_is_told_with_interval_and_yardstick() -> None:
    told = [text.plain for text in rules.effect_sentences(EN, UP)]
    assert told[0] == (
        "In the least developed countries, the index of the Sustainable Development Goals is higher by 0.16 points "
        "in 2030 (90 per cent interval 0.11 to 0.24)."
    )
    assert told[1] == "That adds 3.4 per cent to what the reference itself gains from 2018 to 2030."
    assert (
        rules.effect_sentences(EN, DOWN)[0]
        .plain.split(" is ")[1]
        .startswith("lower by 0.20 points")
    )


@pytest.mark.parametrize(
    ("indicator", "unit", "sign", "english", "chinese"),
    [
        ("goal_index", "0 to 100", 1, "is higher by", "最不发达国家的可持续发展目标指数提高"),
        ("gdp", "bn 2015 USD", 1, "is larger by", "最不发达国家的国内生产总值增加"),
        ("projects_received", "projects", 1, "is larger by", "最不发达国家接受的合作项目数增加"),
        ("projects_received", "projects", -1, "is smaller by", "最不发达国家接受的合作项目数减少"),
        ("poverty_people", "million", -1, "is smaller by", "最不发达国家的贫困人口减少"),
        (
            "reporting_share",
            "fraction",
            -1,
            "is lower by",
            "最不发达国家中报告其合作情况的国家降低",
        ),
    ],
)
def test_amounts_grow_and_shares_rise(
    indicator: str, unit: str, sign: int, english: str, chinese: str
) -> None:
    """In Chinese a number of projects is not raised but added to, and no name has one 的 after another."""
    values = dict.fromkeys(("median", "low", "high"), 3.0 * sign)
    one = Effect("effects", "LDC", indicator, 2030, unit, values)
    assert english in rules.effect_sentences(EN, one)[0].plain
    assert chinese in rules.effect_sentences(ZH, one)[0].plain


def test_a_price_year_and_an_interval_share_a_bracket() -> None:
    values = {"median": 0.24, "low": -0.21, "high": 0.81, "positive": 0.75}
    one = Effect("effects", "South", "gdp", 2030, "bn 2015 USD", values)
    told = rules.undecided_sentence(ZH, one).plain
    assert "+2.4亿美元（2015年价格，90%区间为−2.1至8.1）" in told
    assert "（2015年价格）" in rules.effect_scale(ZH, one).full(0.24, "").text


def test_what_the_effects_are_is_said_once() -> None:
    assert rules.medians(EN, 4).plain.startswith("All effects are medians over 4 pairs of runs")
    assert rules.medians(EN, 1).plain == "All effects are of 1 pair of runs."
    assert rules.medians(ZH, 4).plain == "以下影响均为4对模拟的中位数，并附涵盖其中90%的区间。"


@pytest.mark.parametrize(
    ("median", "progress", "words"),
    [
        (0.16, 4.0, "That adds 4.0 per cent to what the reference itself gains"),
        (-0.16, 4.0, "That takes away 4.0 per cent of what the reference itself gains"),
        (0.16, -4.0, "That makes up for 4.0 per cent of what the reference itself loses"),
        (-0.16, -4.0, "That adds 4.0 per cent to what the reference itself loses"),
    ],
)
def test_a_yardstick_says_whether_it_is_with_or_against_the_course(
    median: float, progress: float, words: str
) -> None:
    one = effect(median=median, progress=progress, of_progress=median / abs(progress))
    assert rules.yardstick_sentences(EN, one)[0].plain.startswith(words)


@pytest.mark.parametrize(("share", "told"), [(2e-6, True), (2e-7, False), (-2e-7, False)])
def test_a_share_that_is_written_as_nothing_is_not_told(share: float, told: bool) -> None:
    one = effect("gdp", of_progress=share)
    words = " ".join(text.plain for text in rules.yardstick_sentences(EN, one))
    assert ("0.0002 per cent" in words) == told
    assert "0.0000" not in words


def test_where_no_progress_is_known_the_poorest_are_held_against_the_south() -> None:
    one = effect(of_progress=math.nan)
    assert "2.5 per cent of the distance" in rules.yardstick_sentences(EN, one)[0].plain
    assert not rules.yardstick_sentences(EN, replace(one, of="South"))


def test_people_are_counted_where_poverty_changes() -> None:
    one = replace(effect("poverty_headcount", people=-3.4), unit="fraction")
    assert "3.4 million people fewer in poverty" in rules.yardstick_sentences(EN, one)[-1].plain
    assert "贫困人口减少340万人" in rules.yardstick_sentences(ZH, one)[-1].plain


@pytest.mark.parametrize(
    ("share", "word"), [(0.049, "small"), (0.05, None), (0.5, "large"), (math.nan, None)]
)
def test_size_is_judged_beside_the_references_own_progress(share: float, word: str | None) -> None:
    found = rules.size_sentence(EN, [effect(of_progress=share)])
    assert (found is None) if word is None else (found is not None and word in found.plain)


def test_the_answer_begins_with_the_poorest_and_with_ends_before_means() -> None:
    order = rules.in_order([effect("trade_within", "South"), effect(of="South"), effect()])
    assert [(e.indicator, e.of) for e in order] == [
        ("goal_index", "LDC"),
        ("goal_index", "South"),
        ("trade_within", "South"),
    ]


def facts(source: str = "posterior", **manifest: Any) -> ComparisonFacts:
    held = made_comparison(source=source)
    held._details.update(manifest)
    return ComparisonFacts("made", held, "full-agenda", 2030)


def test_who_is_counted_by_measure_and_losers_are_named() -> None:
    told = [text.plain for text in rules.who_sentences(EN, facts())]
    assert told == [
        "By real income, 3 of 197 countries are noticeably better off and none worse off.",
        "By gross domestic product, none of the 197 countries is noticeably better or worse off.",
        "By the mean over the Goals, 88 of 197 countries are noticeably better off and 4 worse off (90 per cent "
        "interval of the latter 0 to 8).",
        "Worse off by that measure in nine pairs of ten or more: Syrian Arab Republic and Tuvalu.",
    ]


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("posterior", "drawn from the model's posterior"),
        ("priors", "not calibrated"),
        ("tables", "luck alone"),
        ("draw:7", "luck alone"),
        ("/somewhere/mine.csv", "the file mine.csv"),
    ],
)
def test_where_parameters_come_from_is_said(source: str, words: str) -> None:
    assert words in rules.certainty(EN, facts(source))[1].plain


def test_few_pairs_and_pairs_left_out_are_said() -> None:
    few = " ".join(text.plain for text in rules.certainty(EN, facts(draws=19, left_out=2)))
    assert "These are few pairs" in few
    assert "2 pairs are left out" in few
    many = " ".join(text.plain for text in rules.certainty(EN, facts(draws=20, left_out=0)))
    assert "few pairs" not in many
    assert "left out" not in many


def test_those_without_any_effect_are_counted_among_those_without_a_visible_one() -> None:
    still = effect("gdp", median=0.0, low=0.0, high=0.0, positive=math.nan)
    said = rules.unmoved_count(EN, [UP, UNSEEN, still])
    assert said is not None
    assert said.plain == "Of these, 1 is the same in every pair."
    assert rules.verdict(EN, [UP, UNSEEN, still]).plain.endswith("on 2 no effect is seen.")
    assert rules.unmoved_count(EN, [UP, UNSEEN]) is None
    further = rules.unseen_sentence(EN, [UNSEEN], further=True)
    assert further is not None
    assert " either: " in further.plain


def test_no_country_written_as_nought_has_an_interval(tmp_path: Any) -> None:
    made = made_comparison()
    facts = ComparisonFacts("made", made, "full-agenda", 2030)
    line = {**facts.losers[2], "worse": 0.0, "worse_low": 0.0, "worse_high": 1.0}
    facts.__dict__["losers"] = [line]
    told = rules.who_sentences(EN, facts)[0].plain
    assert "none worse off; in nine pairs of ten at most 1." in told
    assert "0 worse" not in told


def test_whatever_is_higher_or_lower_is_one_thing() -> None:
    told = rules.effect_sentences(EN, replace(UP, indicator="un_support_share", unit="fraction"))
    assert "the share of countries supported by the United Nations is higher" in told[0].plain
    told = rules.effect_sentences(EN, replace(UP, indicator="bank_disbursements", unit="bn USD"))
    assert "the amount of disbursements of development banks is larger" in told[0].plain
