"""Networks of flows: at their ends, whatever the unit, and as networkx has it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sscsim.outcomes import networks
from sscsim.outcomes.networks import Networks

N = 8
MODULES = np.repeat(np.eye(4), 2, axis=1)
seeds = st.integers(0, 2**32 - 2)


def flows_of(seed):
    rng = np.random.default_rng(seed)
    flows = rng.lognormal(0.0, 1.0, (N, N)) * (rng.random((N, N)) > 0.2)
    np.fill_diagonal(flows, 0.0)
    return flows


MEASURES = {
    "density": lambda network, others: networks.density(network, 0.05),
    "reciprocity": lambda network, others: networks.reciprocity(network),
    "concentration": lambda network, others: networks.strength_concentration(network),
    "participation": lambda network, others: networks.participation(network),
    "assortativity": lambda network, others: networks.assortativity(network),
    "common part": lambda network, others: networks.common_part(network, others),
}


@given(seeds, st.floats(1e-3, 1e3))
@settings(max_examples=25)
def test_networks_know_no_unit(seed, factor):
    flows, others = flows_of(seed), flows_of(seed + 1)
    one, other = Networks.whole(flows, MODULES), Networks.whole(flows * factor, MODULES)
    for measure in MEASURES.values():
        assert measure(other, others) == pytest.approx(measure(one, others), abs=1e-9)


@given(seeds, st.lists(st.booleans(), min_size=N, max_size=N))
@settings(max_examples=25)
def test_a_group_is_measured_as_if_nobody_else_were_there(seed, chosen):
    flows, others = flows_of(seed), flows_of(seed + 1)
    inside = np.flatnonzero(chosen)
    members = np.array([np.ones(N), np.array(chosen, dtype=float)])
    both = Networks(flows, MODULES, members)
    cut = np.ix_(inside, inside)
    whole = Networks.whole(flows, MODULES)
    alone = Networks.whole(flows[cut], MODULES[:, inside])
    for name, measure in MEASURES.items():
        found = measure(both, others)
        assert found[0] == pytest.approx(measure(whole, others)[0], nan_ok=True), name
        assert found[1] == pytest.approx(measure(alone, others[cut])[0], nan_ok=True), name


def test_networks_at_their_ends():
    two = np.array([[1.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 1.0]])
    ring = np.roll(np.eye(4), 1, axis=1)
    inside = np.kron(np.eye(2), np.ones((2, 2)) - np.eye(2))
    across = np.kron(1 - np.eye(2), np.ones((2, 2)))
    assert networks.density(Networks.whole(ring, two), 0.5) == pytest.approx(4 / 12)
    assert networks.density(Networks.whole(ring, two), 0.0) == pytest.approx(4 / 12)
    assert networks.reciprocity(Networks.whole(ring, two)) == 0.0
    assert networks.reciprocity(Networks.whole(ring + ring.T, two)) == 1.0
    assert networks.strength_concentration(Networks.whole(ring, two)) == pytest.approx(1 / 4)
    assert networks.assortativity(Networks.whole(inside, two)) == 1.0
    assert networks.participation(Networks.whole(inside, two)) == 0.0
    assert networks.assortativity(Networks.whole(across, two)) == -1.0
    both = Networks.whole(inside + across, two)
    assert networks.participation(both) == pytest.approx(1 - 1 / 9 - 4 / 9)
    assert np.isnan(networks.assortativity(Networks.whole(inside, np.ones((1, 4)))))
    assert networks.common_part(Networks.whole(inside, two), across) == 0.0
    assert np.isnan(networks.common_part(Networks.whole(inside, two), np.zeros((4, 4))))
    assert np.isnan(networks.density(Networks.whole(np.zeros((1, 1)), np.ones((1, 1))), 0.1))


@given(seeds)
@settings(max_examples=10)
def test_assortativity_agrees_with_the_modularity_of_networkx(seed):
    nx = pytest.importorskip("networkx")
    flows, modules = flows_of(seed), MODULES
    graph = nx.from_numpy_array(flows, create_using=nx.DiGraph)
    by_module = [set(np.flatnonzero(m).tolist()) for m in modules]
    modularity = nx.community.modularity(graph, by_module, weight="weight")
    mixing = modules @ flows @ modules.T / flows.sum()
    expected = mixing.sum(axis=0) @ mixing.sum(axis=1)
    found = networks.assortativity(Networks.whole(flows, modules))
    assert found == pytest.approx(modularity / (1 - expected))
