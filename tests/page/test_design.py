"""The design of the page's emulator: settings within the sliders, of two kinds, the same whenever asked for."""

from __future__ import annotations

import numpy as np
import pytest

from sscsim.errors import InputError
from sscsim.page.design import MOST_MOVED, RUNS, design, settings
from sscsim.page.sliders import sliders


def test_runs_are_as_many_as_were_asked_for() -> None:
    for runs in (24, 30, 200, RUNS):
        found = design(runs)
        assert found.runs == runs
        assert len(found.seen) >= found.draws
    assert len(design().unseen) >= 10
    with pytest.raises(InputError, match="24 or more"):
        design(23)


def test_settings_are_of_both_kinds_and_within_the_sliders() -> None:
    found = settings(100, 1)
    for setting in found:
        sliders().check(setting)
    assert {len(one) for one in found[::2]} == {len(sliders().table)}
    assert {len(one) for one in found[1::2]} == set(range(1, MOST_MOVED + 1))


def test_fewer_settings_are_the_first_of_more_and_others_have_another_seed() -> None:
    # A Sobol sequence is extended, and not drawn anew.
    assert settings(50, 1) == settings(200, 1)[:50]
    assert settings(12, 2)[0] != settings(12, 1)[0]


def test_settings_fill_the_space_evenly() -> None:
    scaled = sliders().scaled(settings(512, 1)[::2])
    for i, one in enumerate(sliders().table.values()):
        ends = one.scaled(one.min), one.scaled(one.max)
        parts, _ = np.histogram(scaled[:, i], bins=4, range=ends)
        assert parts.min() > 0.8 * len(scaled) / 4
    assert np.abs(np.corrcoef(scaled.T) - np.eye(len(scaled.T))).max() < 0.2
