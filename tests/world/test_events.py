"""Dated events: what ships, what is refused, what they multiply."""

import os

import numpy as np
import pytest

from sscsim.errors import InputError
from sscsim.world.events import Where, event_factors, load_events

ISO3 = ("BRA", "DEU", "IDN", "USA")
GROUPS = {"developed_wir_2018": np.array([False, True, False, True])}

ENTRY = """
  - id: an_event
    title: A title of some length
    what: fdi_host_attraction
    hosts: {iso3: [BRA]}
    factors: {2015: 0.5}
    derivation: as printed in the source
    source: a source with a name
"""


def write(folder, text):
    path = folder / "events.yaml"
    path.write_text("events:" + text, encoding="utf-8")
    return path


def test_every_shipped_event_says_where_it_comes_from_and_that_it_earns_no_credit():
    events = load_events()
    assert {e.id for e in events} >= {
        "developed_reconfigurations_2015",
        "indonesia_divestments_2016",
    }
    for event in events:
        assert "UNCTAD" in event.source
        assert "no credit" in event.note
        assert event.paragraph == 80


def test_no_event_touches_the_year_that_is_fitted():
    factors = event_factors(load_events(), 2017, ISO3, GROUPS)
    assert factors.names == ()
    assert factors.flow is factors.host is factors.investor is None


def test_the_surge_is_among_developed_economies_only():
    factors = event_factors(load_events(), 2015, ISO3, GROUPS)
    expected = np.ones((4, 4))
    expected[np.ix_([1, 3], [1, 3])] = 1.44
    np.testing.assert_array_equal(factors.flow, expected)
    assert factors.host is None


def test_divestments_lower_one_hosts_attraction():
    factors = event_factors(load_events(), 2016, ISO3, GROUPS)
    np.testing.assert_array_equal(factors.host, [1, 1, 0.24, 1])


def test_events_that_meet_are_multiplied(tmp_path):
    second = ENTRY.replace("an_event", "another").replace("{iso3: [BRA]}", "{iso3: [BRA, USA]}")
    events = load_events(write(tmp_path, ENTRY + second))
    factors = event_factors(events, 2015, ISO3, GROUPS)
    np.testing.assert_array_equal(factors.host, [0.25, 1, 1, 0.5])
    assert factors.names == ("an_event", "another")


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("what: fdi_host_attraction", "what: tariffs", "fdi_flows"),
        ("0.5}", "-0.5}", "2015"),
        ("factors: {2015: 0.5}", "factors: {}", "at least 1"),
        ("{iso3: [BRA]}", "{iso3: [BRA], group: LDC}", "either a group or"),
        ("{iso3: [BRA]}", "{}", "either a group or"),
        ("source:", "sauce:", "did you mean 'source'"),
        ("source:", "notes: {}\n    source:", "did you mean 'note'"),
        ("hosts:", "investors:", "not investors"),
        ("id: an_event", "id: An Event", "pattern"),
    ],
)
def test_a_wrong_entry_is_refused_with_its_line(tmp_path, old, new, complaint):
    with pytest.raises(InputError, match=complaint) as caught:
        load_events(write(tmp_path, ENTRY.replace(old, new)))
    assert caught.value.file is not None
    assert caught.value.line is not None
    assert caught.value.line >= 2


def test_an_id_stands_once(tmp_path):
    with pytest.raises(InputError, match="stands twice"):
        load_events(write(tmp_path, ENTRY + ENTRY))


def test_only_a_list_of_events_is_read(tmp_path):
    with pytest.raises(InputError, match="must be a list"):
        load_events(write(tmp_path, " 3\n"))
    path = tmp_path / "other.yaml"
    path.write_text("event: []\n", encoding="utf-8")
    with pytest.raises(InputError, match="not known"):
        load_events(path)


@pytest.mark.parametrize(
    ("where", "suggestion"),
    [("{group: developed_wir}", "developed_wir_2018"), ("{iso3: [BRR]}", "BRA")],
)
def test_unknown_places_are_refused_with_the_nearest_name(tmp_path, where, suggestion):
    events = load_events(write(tmp_path, ENTRY.replace("{iso3: [BRA]}", where)))
    with pytest.raises(InputError) as caught:
        event_factors(events, 2015, ISO3, GROUPS)
    assert caught.value.suggestion == suggestion


def test_where_names_one_kind_of_place():
    assert Where(group="LDC").iso3 is None
    assert Where(iso3=("BRA",)).group is None


@pytest.mark.parametrize("year", [2016, 2017, 2020])
def test_a_file_that_is_edited_is_read_again_whatever_its_time(tmp_path, year):
    path = write(tmp_path, ENTRY)
    times = path.stat().st_mtime_ns
    assert list(load_events(path)[0].factors) == [2015]
    write(tmp_path, ENTRY.replace("2015", str(year)))
    os.utime(path, ns=(times, times))
    assert list(load_events(path)[0].factors) == [year]
