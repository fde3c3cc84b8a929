"""The picture of a comparison: what is drawn is what was found, and the title says it."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from matplotlib.text import Text

from sscsim.errors import InputError
from sscsim.experiments.ensemble import Tally
from sscsim.experiments.gathering import Countries
from sscsim.experiments.pairs import Effects, Question, questions
from sscsim.reports import effects as reports
from sscsim.reports.effects_map import effects_map
from sscsim.reports.style import NO_BREAK, overlap, renderer_of
from sscsim.world.loading import load_world

QUESTIONS = (
    Question("gdp", "South", 2030, "bn 2015 USD"),
    Question("poverty_headcount", "LDC", 2030, "fraction"),
    Question("goal_index", "LDC", 2030, "0 to 100"),
    Question("fdi_inflow", "WIR developing", 2030, "bn USD"),
)
SCENARIOS = ("no-cooperation", "full-agenda")


def compared(
    questions: tuple[Question, ...] = QUESTIONS,
    scenarios: tuple[str, ...] = SCENARIOS,
    *,
    size: float = 1.0,
    draws: int = 20,
) -> Effects:
    """Return effects that grow with the scenario's place, clearest in the third number."""
    rng = np.random.default_rng(1)
    values = np.empty((len(questions), 1 + len(scenarios), draws))
    for place, question in enumerate(questions):
        level = 0.3 if question.unit == "fraction" else 60.0
        base = level * (1.0 + 0.01 * rng.standard_normal(draws))
        values[place, 0] = base
        for i in range(len(scenarios)):
            effect = size * 0.01 * level * (i - 0.5)
            spread = {2: 0.1, 3: 20.0}.get(place, 0.5)
            values[place, i + 1] = base + effect * (1.0 + spread * rng.standard_normal(draws))
    return Effects(
        reference="baseline",
        scenarios=scenarios,
        titles=dict.fromkeys(("baseline", *scenarios), "A title"),
        questions=questions,
        values=values,
        losses=(),
        tally=Tally(0, 0, 0, 0),
        source="priors",
        seeds=(1, draws),
        left_out=0,
        precision=0.05,
        absolute=False,
        drawn={},
    )


def words_of(figure, gid="title"):
    (text,) = [t.get_text() for t in figure.texts if t.get_gid() == gid]
    return text.replace("\n", " ").replace(NO_BREAK, " ")


def test_the_title_tells_the_clearest_number_and_counts_what_is_seen() -> None:
    effects = compared()
    low, high = (effects.effect(s, "goal_index", "LDC", 2030).median for s in SCENARIOS)
    seen = int(effects.table["seen"].sum())
    assert seen < 8
    assert words_of(reports.comparison_effects(effects)) == (
        f"no-cooperation changes the index of the Goals (Least developed countries) by −{abs(low):.2f} points in 2030, "
        f"full-agenda by +{high:.2f} points; {seen} of 8 effects are seen"
    )
    double = words_of(reports.comparison_effects(compared(size=2.0)))
    assert double != words_of(reports.comparison_effects(effects))


def test_dots_are_medians_and_lines_are_intervals_hollow_where_nothing_is_seen() -> None:
    effects = compared()
    figure = reports.comparison_effects(effects)
    assert len(figure.axes) == len(QUESTIONS)
    for ax, question in zip(figure.axes, QUESTIONS, strict=True):
        factor = 100.0 if question.unit == "fraction" else 1.0
        lines, dots = ax.collections[::2], ax.collections[1::2]
        for name, line, dot in zip(SCENARIOS, lines, dots, strict=True):
            effect = effects.effect(name, *question[:3])
            ends = line.get_segments()[0][:, 0]
            np.testing.assert_allclose(ends, [factor * effect.low, factor * effect.high])
            assert dot.get_offsets()[0][0] == pytest.approx(factor * effect.median)
            hollow = tuple(dot.get_facecolor()[0]) == (1.0, 1.0, 1.0, 1.0)
            assert hollow is not effect.seen


def test_units_groups_and_what_is_better_stand_over_a_panel() -> None:
    figure = reports.comparison_effects(compared())
    heads = [ax.texts[-1].get_text() for ax in figure.axes]
    assert heads[0] == "South, bn 2015 USD"
    assert heads[1].endswith("pp; less is better")
    assert heads[3] == "WIR developing, bn USD"
    several = (QUESTIONS[0], QUESTIONS[0]._replace(year=2025))
    heads = [ax.texts[-1].get_text() for ax in reports.comparison_effects(compared(several)).axes]
    assert heads == ["South, 2030, bn 2015 USD", "South, 2025, bn 2015 USD"]


def test_the_foot_says_what_varies() -> None:
    foot = words_of(reports.comparison_effects(compared()), "source")
    assert "baseline, no-cooperation, full-agenda" in foot
    assert "parameters drawn from their priors, luck of the seeds 1 to 20" in foot
    assert "90 % of 20 pairs" in words_of(reports.comparison_effects(compared()), "subtitle")


def test_the_foot_says_what_was_set_and_which_files_took_the_place_of_others(tmp_path) -> None:
    from sscsim.provenance import marks_of
    from sscsim.settings import RunSettings

    file = tmp_path / "mine.csv"
    file.write_text("exporter,importer,value\n")
    settings = RunSettings(set={"trade_elasticity": 4.0}, off=("lending",), trade_matrix=file)
    effects = replace(compared(), own=tuple(marks_of(settings)))
    foot = words_of(reports.comparison_effects(effects), "source")
    assert "trade_elasticity = 4, without lending, own trade mine.csv." in foot
    assert effects.kept().manifest["changed"] == list(effects.own)
    assert not marks_of(RunSettings())


@pytest.mark.parametrize("count", [1, 2, 5, 24])
@pytest.mark.parametrize(
    "scenarios",
    [
        ("trade-integration",),
        ("african-continental-area", "full-agenda", "a", "leave-no-one-behind"),
    ],
    ids=len,
)
def test_no_text_is_cut_off_and_none_lies_on_another(count, scenarios) -> None:
    questions = tuple(QUESTIONS[k % 4]._replace(year=2013 + k // 4) for k in range(count))
    figure = reports.comparison_effects(compared(questions, scenarios))
    renderer = renderer_of(figure)
    width, height = figure.get_size_inches() * figure.dpi
    texts = [t for t in figure.findobj(Text) if t.get_text().strip() and t.get_visible()]
    for ax in figure.axes:
        low, high = ax.get_xlim()
        for tick in ax.xaxis.get_major_ticks():
            if not low <= tick.get_loc() <= high and tick.label1 in texts:
                texts.remove(tick.label1)
    boxes = [(t.get_text(), t.get_window_extent(renderer)) for t in texts]
    for text, box in boxes:
        assert box.x0 >= -0.5, text
        assert box.x1 <= width + 0.5, text
        assert box.y0 >= -0.5, text
        assert box.y1 <= height + 0.5, text
    for (one, first), (other, second) in combinations(boxes, 2):
        assert not overlap(first.padded(-1.5), second.padded(-1.5)), (one, other)


def test_a_scenario_that_changes_nothing_can_be_drawn() -> None:
    title = words_of(reports.comparison_effects(compared(size=0.0)))
    assert title.startswith("No effect on ")
    assert "is seen in 2030, of no-cooperation or full-agenda" in title
    assert title.endswith("0 of 8 effects are seen")


def test_more_numbers_than_a_figure_holds_are_refused() -> None:
    many = tuple(QUESTIONS[0]._replace(year=2013 + k) for k in range(25))
    with pytest.raises(InputError, match="24 at most"):
        reports.comparison_effects(compared(many))


@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_the_file_is_whole_and_the_same_each_time(tmp_path, ending) -> None:
    one = reports.save_comparison(compared(), tmp_path / "a" / f"effects.{ending}")
    other = reports.save_comparison(compared(), tmp_path / "b" / f"effects.{ending}")
    assert one == tmp_path / "a" / f"effects.{ending}"
    assert one.read_bytes() == other.read_bytes()


def test_a_file_without_the_ending_of_a_format_is_refused(tmp_path) -> None:
    for name in ("effects", "effects.jpg"):
        with pytest.raises(InputError, match=r"\.png"):
            reports.figure_file(tmp_path / name)


# ------------------------------------------------------------------------------------------------- twenty scenarios


def test_twenty_scenarios_and_nine_numbers_fit_a_page_sorted_and_in_one_ink() -> None:
    names = tuple(f"scenario-of-a-long-name-{k:02}" for k in range(20))
    effects = compared(tuple(questions()), names)
    figure = reports.comparison_effects(effects)
    wide, tall = figure.get_size_inches()
    assert wide <= 6.3  # A4 within margins of 2.5 cm
    assert tall <= 9.72
    labels = [t.get_text() for t in figure.axes[0].get_yticklabels()]
    first = questions()[0]
    order = sorted(names, key=lambda name: -effects.effect(name, *first[:3]).median)
    assert labels == order
    colours = {tuple(dot.get_edgecolor()[0]) for ax in figure.axes for dot in ax.collections[1::2]}
    assert len(colours) == 1  # told apart by their rows, not by colours that come twice
    sizes = {t.get_fontsize() for ax in figure.axes for t in ax.get_yticklabels()}
    assert min(sizes) >= 5.5
    renderer = renderer_of(figure)
    for ax in figure.axes[::3]:
        boxes = [t.get_window_extent(renderer) for t in ax.get_yticklabels()]
        heights = [box.height for box in boxes]
        pitch = (boxes[0].y0 - boxes[-1].y0) / (len(boxes) - 1)
        assert pitch > 0.8 * max(heights)  # letters without their descents do not touch
    assert len(words_of(figure)) < 200


# ------------------------------------------------------------------------------------------------------------ maps


def on_countries(change: float) -> Effects:
    """Return effects on real income: Kenya gains, Brazil loses, all others stay; Tuvalu is a dot."""
    codes = tuple(load_world().iso3)
    values = np.full((1, 3, 20, len(codes)), 100.0)
    values[0, 1:, :, codes.index("KEN")] += change
    values[0, 1:, :, codes.index("BRA")] -= change
    held = Countries(
        2030,
        codes,
        codes,
        {"World": np.ones(len(codes), bool)},
        ("real_income",),
        ("bn 2015 USD",),
        values,
    )
    return replace(compared(), countries=(held,))


def test_the_map_says_who_gains_and_marks_losses_without_colour() -> None:
    figure = effects_map(on_countries(2.0))
    title = words_of(figure)
    assert title.startswith(
        "no-cooperation changes real income in 2030: Kenya (+2.0 %) gains most; Brazil (−2.0 %)"
    )
    assert "of 197 countries 1 noticeably gain, 1 lose" in title
    assert [ax.get_title(loc="left") for ax in figure.axes[:2]] == list(SCENARIOS)
    for ax in figure.axes[:2]:
        hatched = [c for c in ax.collections if c.get_hatch()]
        assert [len(c.get_paths()) for c in hatched] == [1]  # Brazil
        faces = {tuple(face) for face in ax.collections[0].get_facecolors()}
        assert len(faces) == 4  # a gain, a loss, no effect, no country of the model
    words = [t.get_text() for t in figure.axes[-1].get_legend().get_texts()]
    assert any(word.startswith("gain 1") for word in words)
    for nothing in (0.01, 1e-7, 0.0):
        told = words_of(effects_map(on_countries(nothing)))
        assert "no country gains or loses noticeably in real income in 2030" in told
        assert "Kenya" not in told


def test_what_no_map_can_show_is_said() -> None:
    with pytest.raises(InputError, match="2030, the first and the last"):
        effects_map(compared())
    many = replace(on_countries(1.0), scenarios=tuple("abcdefghi"))
    with pytest.raises(InputError, match="8 at most"):
        effects_map(many)
