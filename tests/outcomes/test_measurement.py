"""What is reported as against what happened: only by reporters, within the stated error, more alike with one method."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from sscsim.outcomes import measurement as m
from sscsim.parameters import default_parameters

P = m.MeasurementParameters.from_parameters(default_parameters())
N = 9
unit = hnp.arrays(np.float64, N, elements=st.floats(0.0, 1.0))
flag = hnp.arrays(np.float64, N, elements=st.sampled_from([0.0, 1.0]))


@given(unit, flag, unit, unit)
def test_methods_only_come_closer_and_stay_within_bounds(method, reporting, bodies, policy) -> None:
    after = m.method_step(method, reporting, bodies, policy, P)
    assert ((after >= method) & (after <= 1.0 + 1e-12)).all()


def test_policy_reaches_those_who_do_not_report_yet() -> None:
    zero = np.zeros(N)
    assert m.method_step(zero, zero, zero, zero + 0.3, P) == pytest.approx(0.3)
    assert (m.method_step(zero, zero, zero, zero, P) == 0.0).all()


@given(unit)
def test_error_falls_and_coverage_rises_with_the_common_method(method) -> None:
    order = np.argsort(method)
    assert (np.diff(m.reporting_error(method, P)[order]) <= 1e-12).all()
    assert (np.diff(m.coverage(method, P)[order]) >= -1e-12).all()
    ends = np.array([0.0, 1.0])
    assert m.reporting_error(ends, P) == pytest.approx(
        [P.report_error, P.report_error_common_method]
    )
    assert m.coverage(ends, P) == pytest.approx(
        [P.report_coverage, P.report_coverage_common_method]
    )


@given(hnp.arrays(np.float64, (N, 4), elements=st.floats(0.0, 1e6)), flag, unit)
def test_only_reporters_report(values, reporting, method) -> None:
    normals = np.linspace(-2, 2, N)
    seen = m.report_values(
        values, reporting, m.coverage(method, P), m.reporting_error(method, P), normals
    )
    assert seen.shape == values.shape
    assert (seen[reporting == 0] == 0).all()
    assert ((seen > 0) <= (values > 0)).all()


def test_reports_are_right_on_average_and_off_by_the_stated_error() -> None:
    count = 40_000
    normals = np.random.default_rng(1).standard_normal(count)
    one = np.ones(count)
    for method in (0.0, 0.5, 1.0):
        cover, error = m.coverage(one * method, P), m.reporting_error(one * method, P)
        seen = m.report_values(10.0 * one, one, cover, error, normals)
        assert seen.mean() == pytest.approx(10.0 * cover[0], rel=0.02)
        assert np.log(seen).std() == pytest.approx(error[0], rel=0.02)


def test_flags_are_on_record_where_a_report_is() -> None:
    assert m.report_flags(np.array([1.0, 1.0, 0.0]), np.array([1.0, 0.0, 1.0])).tolist() == [
        1,
        0,
        0,
    ]


@given(st.integers(0, 1000))
def test_a_project_is_reported_by_a_party_that_reports_or_not_at_all(seed) -> None:
    rng = np.random.default_rng(seed)
    count = 20
    project, party = np.arange(count).repeat(2), rng.integers(0, N, 2 * count)
    seen = rng.choice([0.0, 0.6, 1.0], (6, N))
    first = rng.integers(0, 6, count)
    last = np.minimum(first + rng.integers(0, 4, count), 5)
    uniforms = rng.random(count)
    found = m.project_is_reported(project, party, first, last, seen, uniforms)
    for i in range(count):
        best = [seen[first[i] : last[i] + 1, p].max() for p in party[project == i]]
        assert found[i] == (uniforms[i] < 1.0 - np.prod([1.0 - b for b in best]))


def test_no_projects_no_reports() -> None:
    none = np.zeros(0, dtype=np.intp)
    assert m.project_is_reported(none, none, none, none, np.ones((1, N)), np.zeros(0)).shape == (0,)


def test_folded_uniforms_are_uniform_and_know_nothing_of_the_others() -> None:
    luck = np.random.default_rng(5).random(50_000)
    folded = m.folded_uniforms(luck)
    assert abs(np.corrcoef(luck, folded)[0, 1]) < 0.02
    counts = np.histogram(folded, 10, (0.0, 1.0))[0]
    assert counts == pytest.approx(5_000, rel=0.06)


@given(unit, flag, unit)
def test_evidence_is_a_part_and_fades_without_reports(evidence, reporting, method) -> None:
    after = m.evidence_step(evidence, reporting, method, P)
    assert ((after >= 0) & (after <= 1)).all()
    assert (m.evidence_step(evidence, 0 * reporting, method, P) <= evidence).all()


def test_a_common_method_makes_more_of_a_report() -> None:
    zero, one = np.zeros(N), np.ones(N)
    own, common = (m.evidence_step(zero, one, x, P) for x in (zero, one))
    assert (common > own).all()
    assert (own > 0).all()
