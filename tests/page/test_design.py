"""The design of the page's emulator: settings within the sliders, of two kinds, the same whenever asked for."""

from __future__ import annotations

import numpy as np
import pytest

from sscsim.errors import InputError
from sscsim.page.design import MOST_MOVED, design, settings
from sscsim.page.sliders import sliders


def test_fewer_draws_are_the_first_of_more() -> None:
    whole, part = design(), design(4)
    assert whole.runs == 16 * (1 + 37 + 12) == 800
    assert part.runs == 200
    assert part.seen == whole.seen[:4]
    assert part.unseen == whole.unseen
    assert part.draw.tolist() == [draw for draw in range(4) for _ in range(37)]
    for draws in (1, 17):
        with pytest.raises(InputError, match="2 to 16"):
            design(draws)


def test_settings_are_of_all_kinds_and_within_the_sliders() -> None:
    found, table = settings(200, 1), sliders().table
    for setting in found:
        sliders().check(setting)
    assert {len(one) for one in found[::5] + found[2::5]} == {len(table)}
    few = found[1::5] + found[3::5]
    assert {len(one) for one in few} == set(range(1, MOST_MOVED + 1))
    assert {name for one in few for name in one} == set(table)
    assert all(v in (table[n].min, table[n].max) for one in found[4::5] for n, v in one.items())


def test_settings_are_the_same_when_asked_again_and_others_have_another_seed() -> None:
    assert settings(50, 1) == settings(50, 1)
    assert settings(12, 2)[0] != settings(12, 1)[0]


def test_draws_see_settings_from_everywhere() -> None:
    found = design()
    for several in found.seen:
        x = sliders().scaled([one for one in several if len(one) > 8])
        assert (np.ptp(x, axis=0) > 0.6).all()


def test_settings_fill_the_space_evenly() -> None:
    found = settings(1280, 1)
    scaled = sliders().scaled(found[::5] + found[2::5])
    for i, one in enumerate(sliders().table.values()):
        ends = one.scaled(one.min), one.scaled(one.max)
        parts, _ = np.histogram(scaled[:, i], bins=4, range=ends)
        assert parts.min() > 0.8 * len(scaled) / 4
    assert np.abs(np.corrcoef(scaled.T) - np.eye(len(scaled.T))).max() < 0.2
