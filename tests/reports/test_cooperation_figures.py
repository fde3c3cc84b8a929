"""Pictures of cooperation: sums that agree with the run, names that are legible, refusals in words."""

from __future__ import annotations

import re
from itertools import pairwise

import numpy as np
import pytest

from sscsim.errors import InputError
from sscsim.reports import figures as reports
from sscsim.reports.countries import country_lists
from sscsim.reports.figures import network
from sscsim.reports.style import NO_BREAK, overlap, renderer_of


def words_of(figure, gid="title"):
    (text,) = [t.get_text() for t in figure.texts if t.get_gid() == gid]
    return text.replace("\n", " ").replace(NO_BREAK, " ")


# ------------------------------------------------------------------------------------------ regions


def test_the_matrix_of_regions_adds_up_to_the_links(run):
    matrix = reports.region_matrix(run, 2030)
    edges = run.network(2030)
    assert int(matrix.to_numpy().sum()) == int(edges["projects"].sum()) > 0
    region = country_lists().table["report_region"]
    africa = edges[edges["provider"].map(region) == "Africa"]["projects"].sum()
    assert matrix.loc["Africa"].sum() == africa


def test_the_title_of_the_flows_counts_what_stays_within_a_region(run):
    matrix = reports.region_matrix(run, 2025, "health").to_numpy(float)
    share = 100.0 * np.trace(matrix) / matrix.sum()
    title = words_of(reports.cooperation_flows(run, 2025, "health"))
    assert title.startswith(f"{share:.0f} % of learning in health in 2025 stays within a region;")


# ------------------------------------------------------------------------------------------ network


def test_the_title_of_the_network_counts_and_names_who_teaches(run):
    edges = run.network(2030)
    given = edges.groupby("provider")["projects"].sum().sort_values(ascending=False, kind="stable")
    first = [country_lists().name(code) for code in given.index[:3]]
    assert words_of(reports.cooperation_network(run)) == (
        f"{len(given)} countries teach and {edges['receiver'].nunique()} learn in 2030; "
        f"{first[0]}, {first[1]} and {first[2]} teach most"
    )


def test_every_region_is_named_with_its_largest_providers_and_no_others(run):
    edges = run.network(2030)
    given = edges.groupby("provider")["projects"].sum()
    region = country_lists().table["report_region"]
    figure = reports.cooperation_network(run)
    texts = {re.sub(r"\s", " ", t.get_text()) for t in figure.axes[0].texts}
    matrix = reports.region_matrix(run, 2030)
    for name in matrix.index:
        assert name in texts
        own = given[[c for c in given.index if region[c] == name]]
        named = [c for c in own.index if f"{country_lists().name(c)} {own[c]:,}" in texts]
        assert len(named) == min(network.NAMED, len(own))
        assert own.drop(named).max() <= own[named].min() if len(own) > len(named) else True
    assert len(texts) < 2 * len(matrix) + network.NAMED * len(matrix) + 1


def test_names_lie_beside_the_circle_and_on_no_dot(run):
    figure = reports.cooperation_network(run)
    ax = figure.axes[0]
    renderer = renderer_of(figure)
    names = [t.get_window_extent(renderer) for t in ax.texts]
    scale = figure.dpi / 72.0
    dots = ax.collections[1]  # after the links
    spots = ax.transData.transform(dots.get_offsets())
    edges = run.network(2030)
    assert len(spots) == len({*edges["provider"], *edges["receiver"]})
    for spot, area in zip(spots, dots.get_sizes(), strict=True):
        for box in names:
            nearest = np.clip(spot, box.min, box.max)
            assert np.hypot(*(nearest - spot)) > scale * np.sqrt(area) / 2.0


def test_every_leader_ends_in_its_dot_and_touches_no_other_that_is_named(run):
    figure = reports.cooperation_network(run)
    ax = figure.axes[0]
    dots = ax.collections[1]
    spots, sizes = np.asarray(dots.get_offsets()), np.sqrt(dots.get_sizes()) / 2.0
    leaders = [line for line in ax.lines if line.get_gid() == "leader"]
    named = sum("," not in t.get_text() for t in ax.texts)
    assert len(leaders) > 15
    assert named >= len(leaders)
    for line in leaders:
        x, y = (np.asarray(z) for z in line.get_data())
        away = np.hypot(*(spots - [x[0], y[0]]).T)
        own = int(np.argmin(away))
        assert away[own] < sizes[own]
        # What runs on beyond the straight way out of the row of dots.
        t = np.linspace(0.0, 1.0, 60)[:, None]
        rest = np.concatenate([(1 - t) * [x[k], y[k]] + t * [x[k + 1], y[k + 1]] for k in (1, 2)])
        near = np.hypot(*(rest[:, None, :] - spots[None]).transpose(2, 0, 1)).min(axis=0)
        assert (near > sizes).all()


@pytest.mark.parametrize("domain", ["health", "agriculture", "frontier_technology"])
def test_names_touch_in_no_domain_and_no_year(run, domain):
    for year in (2013, 2034):
        figure = reports.cooperation_network(run, year, domain)
        renderer = renderer_of(figure)
        boxes = [t.get_window_extent(renderer) for t in [*figure.axes[0].texts, *figure.texts]]
        width, height = figure.get_size_inches() * figure.dpi
        for k, box in enumerate(boxes):
            assert box.x0 >= 0
            assert box.x1 <= width
            assert box.y0 >= 0
            assert box.y1 <= height
            assert not any(overlap(box.padded(-1.5), other.padded(-1.5)) for other in boxes[:k])


def test_type_is_never_smaller_than_on_the_map(run):
    for draw in (
        reports.cooperation_network,
        reports.cooperation_flows,
        reports.cooperation_reported,
    ):
        figure = draw(run)
        sizes = [t.get_fontsize() for ax in figure.axes for t in ax.texts]
        assert min(sizes) >= 6.5


def test_only_the_strongest_links_are_drawn_when_asked_for(run):
    edges = run.network(2030)
    figure = reports.cooperation_network(run, links=50)
    assert len(figure.axes[0].collections[0].get_paths()) == 50
    subtitle = words_of(figure, "subtitle")
    assert f"the 50 strongest links of {len(edges):,}" in subtitle
    assert f"all {len(edges):,} links" in words_of(reports.cooperation_network(run), "subtitle")


def test_members_of_a_region_stand_side_by_side_and_none_on_another(run):
    codes = sorted({*run.network(2030)["provider"], *run.network(2030)["receiver"]})
    places = network._circle(codes)
    assert sorted(places) == codes
    spots = np.array([[p.x, p.y] for p in places.values()])
    np.testing.assert_allclose(np.hypot(*spots.T), network._RADIUS)
    apart = np.hypot(*(spots[:, None] - spots[None]).transpose(2, 0, 1))
    assert apart[~np.eye(len(codes), dtype=bool)].min() > 2.0
    around = sorted(places.values(), key=lambda p: np.arctan2(p.x, p.y))
    turns = [a.region for a, b in pairwise(around) if a.region != b.region]
    assert len(turns) == len({p.region for p in around}) - 1


# ------------------------------------------------------------------------ what happens and is on record


def test_the_title_gives_the_part_on_record_and_its_ends(make_run):
    title = words_of(reports.cooperation_reported(make_run(on_record=0.37)))
    assert title.startswith("37 % of projects are on record in 2030, 37 % in 2013: 37 % in ")


def test_two_lines_a_panel_and_the_gap_between_them(run):
    figure = reports.cooperation_reported(run)
    assert len(figure.axes) == 8
    happens = run.series("projects_provided", "Africa")
    (ax,) = [ax for ax in figure.axes if ax.get_title(loc="left") == "Africa"]
    lines = [line.get_ydata() for line in ax.lines]
    np.testing.assert_array_equal(lines[0], happens)
    np.testing.assert_array_equal(lines[1], run.series("reported_projects_provided", "Africa"))
    assert len(ax.collections) == 1


@pytest.mark.parametrize("on_record", [0.0, 0.05, 0.5, 0.95])
def test_the_names_of_the_lines_lie_on_no_line(make_run, on_record):
    figure = reports.cooperation_reported(make_run(on_record=on_record))
    ax = figure.axes[0]
    renderer = renderer_of(figure)
    words = {t.get_text(): t.get_window_extent(renderer) for t in ax.texts}
    for word in ("happens", "on record"):
        box = words[word]
        for line in ax.lines[:2]:
            years = np.linspace(2013.0, 2034.0, 500)
            heights = np.interp(years, line.get_xdata(), line.get_ydata())
            spots = ax.transData.transform(np.column_stack([years, heights]))
            assert not ((spots > box.min) & (spots < box.max)).all(axis=1).any()


# ------------------------------------------------------------------------------------------ refusals


def test_a_run_without_projects_is_refused_in_words(make_run):
    bare = make_run(projects=False)
    for draw in (reports.cooperation_flows, reports.cooperation_network):
        with pytest.raises(InputError, match="kept no table of projects"):
            draw(bare)
    with pytest.raises(InputError, match="projects_provided"):
        reports.cooperation_reported(bare)


def test_a_year_or_a_domain_that_is_none_is_refused(run):
    with pytest.raises(InputError, match="2013 to 2034"):
        reports.cooperation_network(run, 2050)
    with pytest.raises(InputError, match="did you mean 'health'"):
        reports.cooperation_flows(run, 2030, "helth")


def test_where_nothing_is_under_way_there_is_nothing_to_draw(make_run):
    still = make_run(cooperation=0.0)
    with pytest.raises(InputError, match="no cooperation project is under way"):
        reports.cooperation_reported(still)
    for draw in (reports.cooperation_flows, reports.cooperation_network):
        with pytest.raises(InputError, match="no cooperation project is under way"):
            draw(still)
