"""Figures say what is seen, cut nothing off, and are written whole or not at all."""

from __future__ import annotations

import re
import subprocess
import sys
from itertools import combinations
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from sscsim.errors import InputError, OutputError
from sscsim.reports import figures, fonts, style
from sscsim.reports.bands import Bands
from sscsim.reports.figures import income, parts, trade_flows
from sscsim.reports.style import NO_BREAK, overlap, quantity, readable, renderer_of, style_context


@pytest.fixture(scope="module")
def drawn(run):
    return {name: draw(run) for name, draw in figures.FIGURES.items()}


def title(figure: Figure) -> str:
    (words,) = [t.get_text() for t in figure.texts if t.get_gid() == "title"]
    return words.replace("\n", " ").replace(NO_BREAK, " ")


def visible_texts(figure: Figure) -> list[Text]:
    """Texts that are drawn: ticks outside the axes' limits and empty ones are not."""
    texts = []
    for text in figure.findobj(Text):
        if not text.get_text().strip() or not text.get_visible():
            continue
        texts.append(text)
    for ax in figure.axes:
        for axis in (ax.xaxis, ax.yaxis):
            low, high = sorted(axis.get_view_interval())
            for tick in [*axis.get_major_ticks(), *axis.get_minor_ticks()]:
                outside = not (low - 1e-9 <= tick.get_loc() <= high + 1e-9)
                for label in (tick.label1, tick.label2):
                    if label in texts and (outside or not ax.axison):
                        texts.remove(label)
    return texts


@pytest.mark.parametrize("name", list(figures.FIGURES))
def test_no_text_is_cut_off_and_none_lies_on_another(drawn, name):
    check_texts(drawn[name])


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_the_same_holds_for_runs_of_the_model(seed):
    from sscsim.model import simulate

    run = simulate("baseline", seed=seed)
    for draw in figures.FIGURES.values():
        check_texts(draw(run))


@pytest.mark.parametrize(
    # 72 is what SVG and PDF are set at; a caller who saves a figure himself has his own settings.
    ("dpi", "own_style"),
    [(72, True), (140, True), (300, True), (150, False), (300, False)],
)
def test_nothing_is_cut_off_at_another_resolution(run, dpi, own_style):
    with style_context() if own_style else mpl.rc_context():
        for name in ("trade_map", "growth", "south_south_trade", "cooperation_network"):
            figure = figures.FIGURES[name](run)
            figure.set_dpi(dpi)
            figure.draw_without_rendering()
            renderer = renderer_of(figure)
            width = figure.get_size_inches()[0] * dpi
            for text in visible_texts(figure):
                box = text.get_window_extent(renderer)
                assert box.x0 >= -0.5, text
                assert box.x1 <= width + 0.5, text


def check_texts(figure: Figure) -> None:
    renderer = renderer_of(figure)
    width, height = figure.get_size_inches() * figure.dpi
    boxes = [(t.get_text(), t.get_window_extent(renderer)) for t in visible_texts(figure)]
    assert len(boxes) >= 8
    for text, box in boxes:
        assert box.x0 >= -0.5, text
        assert box.y0 >= -0.5, text
        assert box.x1 <= width + 0.5, text
        assert box.y1 <= height + 0.5, text
    for (one, first), (other, second) in combinations(boxes, 2):
        # A tenth of a line of leading is not ink.
        assert not overlap(first.padded(-1.5), second.padded(-1.5)), (one, other)


@pytest.mark.parametrize("name", list(figures.FIGURES))
def test_nothing_is_drawn_beyond_the_paper(drawn, name):
    figure = drawn[name]
    box = figure.get_tightbbox(renderer_of(figure))
    width, height = figure.get_size_inches()
    assert box.x0 >= -0.01
    assert box.y0 >= -0.01
    assert box.x1 <= width + 0.01
    assert box.y1 <= height + 0.01


@pytest.mark.parametrize("name", list(figures.FIGURES))
def test_every_figure_names_unit_source_and_run(drawn, name):
    figure = drawn[name]
    words = {t.get_gid(): t.get_text().replace("\n", " ") for t in figure.texts}
    assert re.search(r"USD|per cent|dollars|0 to 100|share of|projects", words["subtitle"])
    assert words["source"].startswith("Source: sscsim 0.1.0, run baseline, seed 1; data: ")
    assert re.search(r"\d", words["title"])


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("south_south_trade", {"trade_growth": 0.06}),
        ("foreign_direct_investment", {"scale": 1.5}),
        ("growth", {"south_growth": 0.01}),
        ("goals", {"goal_gain": -0.4}),
        ("trade_map", {"seed": 2}),
        ("external_finance", {"scale": 1.5}),
        ("poverty", {"years": tuple(range(2013, 2026))}),
        ("cooperation_flows", {"seed": 2}),
        ("cooperation_network", {"seed": 2}),
        ("cooperation_reported", {"on_record": 0.3}),
    ],
)
def test_titles_are_computed_from_the_run(drawn, make_run, name, change):
    assert title(figures.FIGURES[name](make_run(**change))) != title(drawn[name])


def test_the_title_of_trade_gives_its_two_ends(make_run, run):
    table = run.series("trade_within", "South") / 1000.0
    expected = f"grows from {table[2013]:.1f} to {table[2034]:.1f} trn USD between 2013 and 2034"
    assert expected in title(figures.south_south_trade(run))
    falling = make_run(trade_growth=-0.02)
    assert "falls from" in title(figures.south_south_trade(falling))


def test_the_title_of_growth_says_how_far_the_south_leads_and_when(run, make_run):
    assert re.fullmatch(
        r"The South grows faster than the North throughout: by 2\.\d points a year in 2014–2018, "
        r"by 2\.\d in 2029–2034",
        title(figures.growth(run)),
    )
    slow = title(figures.growth(make_run(south_growth=0.01)))
    assert slow.startswith("The South grows slower than the North throughout: by 1.0 points a year")
    short = make_run(years=(2013, 2014, 2015), south_growth=0.01)
    assert title(figures.growth(short)) == (
        "The South grows 1.0 points a year slower than the North in 2014–2015"
    )
    mixed = income._growth_title([(2014, 2018), (2019, 2023)], np.array([0.01, -0.005]))
    assert mixed == (
        "The South grows faster than the North in 1 of 2 spans of years: its lead is +1.0 points a year in "
        "2014–2018 and −0.5 in 2019–2023"
    )


def test_a_number_and_its_unit_stay_on_one_line(drawn):
    for figure in drawn.values():
        for text in figure.texts:
            assert not re.search(r"\d\n(%|bn|trn)", text.get_text())
    assert quantity(671.2) == f"671{NO_BREAK}bn USD"
    assert quantity(9800.0) == f"9.8{NO_BREAK}trn USD"
    assert quantity(4.04) == f"4.0{NO_BREAK}bn USD"


def test_goals_that_lose_are_called_losers(make_run):
    words = title(figures.goals(make_run(goal_gain=-0.4)))
    assert "Goal 17 loses most" in words


def test_the_stack_adds_up_to_south_south_trade(drawn, run):
    ax = drawn["south_south_trade"].axes[0]
    top = max(c.get_paths()[0].vertices[:, 1].max() for c in ax.collections if c.get_paths())
    assert top >= run.series("trade_within", "South").max() * (1 - 1e-9)


def test_marks_of_the_report_come_from_the_targets():
    marks = parts.marks_of("fdi_inflow")
    assert {"WIR developing", "WIR developed", "BRA", "CHN", "IND", "IDN"} <= set(marks)
    for mark in marks.values():
        assert mark.year == 2017
        assert mark.low < mark.value < mark.high


def test_five_year_spans_cover_every_year_once():
    for last in range(2014, 2040):
        spans = income._spans(2013, last)
        years = [y for a, b in spans for y in range(a, b + 1)]
        assert years == list(range(2014, last + 1))
    assert income._spans(2013, 2034) == [(2014, 2018), (2019, 2023), (2024, 2028), (2029, 2034)]


def test_figures_leave_the_callers_settings_alone(run):
    with mpl.rc_context({"font.size": 31.0, "axes.facecolor": "yellow"}):
        before = dict(mpl.rcParams)
        figure = figures.growth(run)
        assert dict(mpl.rcParams) == before
    assert figure.axes[0].get_facecolor() == (1.0, 1.0, 1.0, 1.0)
    assert max(t.get_fontsize() for t in figure.findobj(Text)) < 12.0


def test_pyplot_is_not_needed():
    code = "import sys, sscsim.reports.figures; print('matplotlib.pyplot' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_text_colours_can_be_read_on_white():
    for colour in (*style.COLOURS.values(), *style.REGION_COLOURS.values()):
        rgb = np.asarray(mpl.colors.to_rgb(readable(colour)))
        linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
        assert 1.05 / (linear @ [0.2126, 0.7152, 0.0722] + 0.05) >= 4.49


# -------------------------------------------------------------------------------- what was not kept


def test_a_run_of_one_year_has_no_figure_over_time(make_run):
    single = make_run(years=(2013,), keep_matrices=(2013,))
    over_time = ("growth", "south_south_trade", "external_finance", "poverty")
    for name in (*over_time, "cooperation_reported"):
        with pytest.raises(InputError, match="two years"):
            figures.FIGURES[name](single)
    assert title(figures.trade_map(single))
    assert title(figures.goals(single))


@pytest.mark.parametrize("last", [2014, 2019])
def test_short_runs_can_be_drawn(make_run, last):
    short = make_run(years=tuple(range(2013, last + 1)), keep_matrices=(2013, last))
    for draw in figures.FIGURES.values():
        assert title(draw(short))


def test_a_map_of_a_year_that_was_not_kept(run, make_run):
    with pytest.raises(InputError, match="2030"):
        figures.trade_map(run, 2020)
    with pytest.raises(InputError, match="matrix"):
        figures.trade_map(make_run(keep_matrices=()))


def test_saving_leaves_out_what_cannot_be_drawn_and_says_so(make_run, tmp_path):
    bare = make_run(keep_matrices=(), countries=False, projects=False)
    skipped: dict[str, str] = {}
    paths = figures.save_figures(bare, tmp_path, on_skip=skipped.__setitem__)
    assert set(skipped) == {
        *("growth", "trade_map", "foreign_direct_investment"),
        *("cooperation_flows", "cooperation_network", "cooperation_reported"),
    }
    assert {p.stem for p in paths} == set(figures.FIGURES) - set(skipped)
    with pytest.raises(InputError):
        figures.save_figures(bare, tmp_path, names=["growth"])


# ------------------------------------------------------------------------------------------- saving


def test_saved_figures_are_whole_and_repeat_byte_for_byte(run, tmp_path):
    names = ["growth", "cooperation_network"]
    first = figures.save_figures(run, tmp_path / "new" / "deep", names=names)
    second = figures.save_figures(run, tmp_path / "again", names=names)
    assert [p.stem for p in first] == names
    for one, other in zip(first, second, strict=True):
        assert one.read_bytes() == other.read_bytes()
        assert one.read_bytes().startswith(b"\x89PNG")
    assert sorted(p.stem for p in (tmp_path / "again").iterdir()) == sorted(names)


def test_every_format_can_be_written_and_repeats(run, tmp_path):
    for folder in ("a", "b"):
        paths = figures.save_figures(run, tmp_path / folder, figures.FORMATS, names=["poverty"])
        assert [p.suffix for p in paths] == [".png", ".svg", ".pdf"]
    for suffix in (".png", ".svg", ".pdf"):
        one, other = (tmp_path / f / f"poverty{suffix}" for f in ("a", "b"))
        assert one.read_bytes() == other.read_bytes()


def test_unknown_names_are_answered_with_the_nearest(run, tmp_path):
    with pytest.raises(InputError, match="did you mean 'growth'"):
        figures.save_figures(run, tmp_path, names=["grwoth"])
    with pytest.raises(InputError, match="did you mean 'png'"):
        figures.save_figures(run, tmp_path, ["pngs"])
    assert not list(tmp_path.iterdir())


def test_a_file_in_the_way_is_one_clear_error(run, tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError, match="figures cannot be written to"):
        figures.save_figures(run, tmp_path / "file" / "figures", names=["growth"])


@pytest.mark.parametrize("failure", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_an_interruption_leaves_nothing_behind(run, tmp_path, monkeypatch, failure):
    monkeypatch.setattr(Figure, "savefig", lambda *_, **__: raise_(failure))
    expected = OutputError if isinstance(failure, OSError) else KeyboardInterrupt
    with pytest.raises(expected):
        figures.save_figures(run, tmp_path / "out", names=["growth"])
    assert not list(Path(tmp_path).iterdir())


def raise_(error: BaseException) -> None:
    raise error


# ------------------------------------------------------------------------------------------ geometry


def points_of(line) -> np.ndarray:
    """A line as it is on the paper, in points."""
    spots = line.get_transform().transform(np.column_stack(line.get_data()))
    return spots * 72.0 / line.get_figure(root=True).dpi


def test_no_line_of_trade_passes_over_the_dot_of_a_country_that_is_not_its_end(drawn):
    check_lines_of_trade(drawn["trade_map"])


@pytest.mark.slow
@pytest.mark.parametrize("seed", [2, 3, 4])
def test_the_same_holds_for_other_trade(make_run, seed):
    check_lines_of_trade(trade_flows.trade_map(make_run(seed=seed)))


def check_lines_of_trade(figure):
    looked = 0
    for ax in figure.axes:
        links = [line for line in ax.lines if "-" in (line.get_gid() or "")]
        dots = {d.get_gid(): d for d in ax.collections if d.get_gid()}
        for link in links:
            assert set(link.get_gid().split("-")) <= set(dots)
            way = points_of(link)
            for code, dot in dots.items():
                if code in link.get_gid().split("-"):
                    continue
                spot = dot.get_offset_transform().transform(dot.get_offsets())[0] * 72 / figure.dpi
                away = np.hypot(*(way - spot).T).min()
                ends = np.hypot(*(way[[0, -1]] - spot).T).min()
                # Where two places all but touch, no line to one of them keeps clear of the other.
                reach = np.sqrt(dot.get_sizes()[0]) / 2.0 + link.get_linewidth() / 2.0
                assert away >= min(reach, 0.75 * ends), (link.get_gid(), code)
                looked += 1
    assert looked > 300


def test_a_link_within_east_asia_is_in_the_inset_and_every_link_is_drawn_once(drawn):
    figure = drawn["trade_map"]
    drawn = {
        ax.get_gid(): {line.get_gid() for line in ax.lines if "-" in (line.get_gid() or "")}
        for ax in figure.axes
    }
    assert len(drawn["world"] | drawn["inset"]) == 40
    assert not drawn["world"] & drawn["inset"]
    for name, links in drawn.items():
        for link in links:
            near = all(trade_flows._in_inset(code) for code in link.split("-"))
            assert near == (name == "inset"), link


def test_china_and_hong_kong_are_far_enough_apart_to_be_seen():
    ax = Figure(dpi=72).add_axes((0, 0, 1, 1))
    figure = ax.get_figure()
    figure.set_size_inches(trade_flows._inset_shape() * 2.6, 2.6)
    trade_flows.maps.frame(ax, trade_flows._EAST.longitudes, trade_flows._EAST.latitudes)
    ax.apply_aspect()
    ends = [trade_flows.maps.place_of(i, trade_flows._EAST.centre) for i in ("CHN", "HKG")]
    assert np.hypot(*np.diff(ax.transData.transform(ends), axis=0)[0]) > 25.0


def luminance(colour) -> float:
    rgb = np.asarray(mpl.colors.to_rgb(colour))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def contrast(one, other) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_lines_of_trade_stand_out_from_every_tint_without_their_colour():
    tints = (*trade_flows._SHARE_TINTS, trade_flows._OTHERS)
    for tint in tints:
        assert contrast(trade_flows._LINE, tint) >= 3.0
    shades = [luminance(tint) for tint in trade_flows._SHARE_TINTS]
    assert shades == sorted(shades, reverse=True)
    assert contrast(trade_flows._SHARE_TINTS[0], trade_flows._OTHERS) > 1.15


@pytest.mark.parametrize("name", figures.OVER_TIME)
def test_lines_of_one_panel_are_told_apart_in_grey(drawn, name):
    for ax in drawn[name].axes:
        lines = [
            line
            for line in ax.lines
            if len(line.get_xdata()) > 2
            and line.get_gid() not in ("record", "band")
            and line.get_color() != "white"
            and line.get_linestyle() != "None"
        ]
        for one, other in combinations(lines, 2):
            broken = one._unscaled_dash_pattern != other._unscaled_dash_pattern
            assert broken or contrast(one.get_color(), other.get_color()) >= 2.0


@pytest.mark.parametrize("name", figures.OVER_TIME)
def test_every_time_series_has_a_line_where_the_record_ends(drawn, name):
    from sscsim.steps.shocks import RECORDED_TO

    figure = drawn[name]
    timed = [ax for ax in figure.axes if ax.lines and ax.get_xlim()[1] > 2000]
    timed += [ax for ax in figure.axes if name == "growth" and ax not in timed]
    for ax in timed:
        (mark,) = [line for line in ax.lines if line.get_gid() == "record"]
        assert mark.get_xdata()[0] == (0.5 if ax.get_xlim()[1] < 2000 else RECORDED_TO)
    assert len(timed) == {
        "south_south_trade": 1,
        "external_finance": 1,
        "cooperation_reported": 8,
    }.get(name, 2)


def test_a_run_that_ends_before_the_record_does_has_no_such_line(make_run):
    early = figures.poverty(make_run(years=tuple(range(2013, 2018)), keep_matrices=(2013, 2017)))
    assert not [line for ax in early.axes for line in ax.lines if line.get_gid() == "record"]


def test_figures_of_the_report_stand_at_their_year(drawn):
    figure = drawn["foreign_direct_investment"]
    years = [
        line.get_xdata()[0]
        for ax in figure.axes[:2]
        for line in ax.lines
        if line.get_marker() == "D"
    ]
    assert years == [2017, 2017]


def test_the_part_on_record_is_told_of_the_year_of_the_goals_and_of_the_end(drawn):
    figure = drawn["cooperation_reported"]
    for ax in figure.axes:
        told = " ".join(t.get_text() for t in ax.texts)
        for year in (2030, 2034):
            assert f"on record in {year}" in told
        dots = [line.get_xdata()[0] for line in ax.lines if line.get_marker() == "o"]
        assert dots == [2030, 2030]


# --------------------------------------------------------------------------------------------- foot


def foot(figure: Figure) -> str:
    (words,) = [t.get_text() for t in figure.texts if t.get_gid() == "source"]
    return words.replace("\n", " ").replace(NO_BREAK, " ")


def test_the_foot_names_parameters_and_all_that_was_changed(make_run):
    run = make_run()
    usual = {"parameters_from": {"source": "central", "posterior": "ab", "draw": 3}}
    run._details |= usual
    plain = foot(figures.poverty(run))
    assert "run baseline, seed 1, parameters at the posterior's central draw; data:" in plain
    run._details |= {
        "parameters_set": {f"name_{k}": 0.5 + k for k in range(5)},
        "off": ["lending"],
        "inputs": {
            "institutions": {"name": "my_banks"},
            "trade_matrix": {"name": "mine.csv"},
            "classes": {"country": "own.model:Frugal"},
        },
    }
    words = foot(figures.poverty(run))
    for k in range(5):
        assert f"name_{k} = {0.5 + k:g}" in words
    for part in ("without lending", "own institutions my_banks", "own trade mine.csv", "Frugal"):
        assert part in words


# -------------------------------------------------------------------------------------------- bands


@pytest.fixture(scope="module")
def bands(make_run):
    rng = np.random.default_rng(5)
    table: dict[tuple[str, str], np.ndarray] = {}
    run = make_run()
    frame = run.indicators
    for (indicator, group), lines in frame.groupby(["indicator", "group"]):
        values = lines.sort_values("year")["value"].to_numpy()
        table[indicator, group] = values * rng.uniform(0.8, 1.2, (40, 1))
    return Bands(run.years, 40, "40 draws, parameters drawn from the posterior", table)


@pytest.mark.parametrize(
    "name",
    [
        name
        if name in ("growth", "external_finance")
        else pytest.param(name, marks=pytest.mark.slow)
        for name in figures.OVER_TIME
    ],
)
def test_every_time_series_takes_bands_of_draws(run, bands, name):
    figure = figures.FIGURES[name](run, bands=bands)
    check_texts(figure)
    drawn = [a for ax in figure.axes for a in (*ax.collections, *ax.lines) if a.get_gid() == "band"]
    assert drawn
    words = {t.get_gid(): t.get_text().replace("\n", " ") for t in figure.texts}
    assert f"90{NO_BREAK}% of 40 draws" in words["subtitle"]
    assert "bands: 40 draws, parameters drawn from the posterior; data:" in foot(figure)


def test_a_band_reaches_from_the_fifth_to_the_ninety_fifth_percentile(run, bands):
    figure = figures.poverty(run, bands=bands)
    (band,) = [
        c
        for c in figure.axes[0].collections
        if c.get_gid() == "band"
        and np.allclose(c.get_facecolor()[0][:3], mpl.colors.to_rgb(style.INK))
    ]
    heights = band.get_paths()[0].vertices
    draws = bands.values("poverty_headcount", "World")
    at = heights[heights[:, 0] == 2030][:, 1]
    low, high = np.quantile(draws[:, 2030 - 2013], (0.05, 0.95))
    assert at.min() == pytest.approx(low)
    assert at.max() == pytest.approx(high)


# --------------------------------------------------------------------------------------------- fonts


def test_chinese_names_are_drawn_with_a_font_that_has_them(make_run):
    run = make_run()
    run._details["scenario_name"] = "南南合作"
    figure = figures.poverty(run)
    (text,) = [t for t in figure.texts if t.get_gid() == "source"]
    assert text.get_fontfamily() == ["DejaVu Sans", fonts.chinese_font()]
    assert figures.poverty(make_run()).texts[0].get_fontfamily() == ["DejaVu Sans"]


def test_without_such_a_font_the_error_names_some(make_run, monkeypatch):
    fonts.chinese_font.cache_clear()
    monkeypatch.setattr(fonts, "_found", list)
    run = make_run()
    run._details["scenario_name"] = "南南合作"
    with pytest.raises(InputError, match="Noto Sans CJK SC"):
        figures.poverty(run)
    fonts.chinese_font.cache_clear()
