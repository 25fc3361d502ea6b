"""Programmes at random, and programmes as one matrix in HiGHS, which benchmarks take from here, too."""

from __future__ import annotations

import highspy
import numpy as np
from scipy import sparse

from jibek.balances.multicommodity import Multicommodity


def drawn(seed: int, size: int = 1) -> Multicommodity:
    """Draw a programme: parallel arcs, loops, closed arcs, capacities of 0, places that nothing reaches."""
    draw = np.random.default_rng(seed)
    n_nodes, n_commodities = size * int(draw.integers(1, 9)), int(draw.integers(1, 5))
    n_arcs, n_rows = size * int(draw.integers(0, 25)), size * int(draw.integers(0, 9))
    n_supplies, n_needs = size * int(draw.integers(0, 9)), size * int(draw.integers(0, 9))

    def amounts(shape: tuple[int, ...], zeros: float) -> np.ndarray:
        values = draw.integers(1, 20, shape) if draw.uniform() < 0.5 else draw.uniform(0.1, 20, shape)
        return np.where(draw.uniform(size=shape) < zeros, 0.0, values)

    upper = amounts((n_commodities, n_arcs), 0.2)
    upper[draw.uniform(size=upper.shape) < 0.5] = np.inf
    return Multicommodity(
        n_nodes=n_nodes,
        tail=draw.integers(0, n_nodes, n_arcs, dtype=np.int32),
        head=draw.integers(0, n_nodes, n_arcs, dtype=np.int32),
        cost=amounts((n_commodities, n_arcs), 0.1),
        upper=upper,
        row=draw.integers(-1, n_rows, n_arcs, dtype=np.int32),
        weight=draw.uniform(0.5, 2, n_commodities),
        capacity=amounts((n_rows,), 0.2),
        supply_commodity=draw.integers(0, n_commodities, n_supplies, dtype=np.int32),
        supply_node=draw.integers(0, n_nodes, n_supplies, dtype=np.int32),
        supply_quantity=amounts((n_supplies,), 0.1),
        supply_usd=amounts((n_supplies,), 0.1) - 2.0,
        need_commodity=draw.integers(0, n_commodities, n_needs, dtype=np.int32),
        need_node=draw.integers(0, n_nodes, n_needs, dtype=np.int32),
        need_quantity=amounts((n_needs,), 0.1),
        need_usd_short=10 * amounts((n_needs,), 0.1),
    )


def least_cost(programme: Multicommodity) -> float:
    """Ask HiGHS for the optimum of the whole programme."""
    model = in_highs(programme)
    model.run()
    assert model.getModelStatus() in {highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kModelEmpty}
    return cost_in(model, programme)


def cost_in(model: highspy.Highs, programme: Multicommodity) -> float:
    """Give the cost of the answer that HiGHS holds."""
    return model.getInfo().objective_function_value + float(programme.need_quantity @ programme.need_usd_short)


def in_highs(programme: Multicommodity) -> highspy.Highs:
    """Write the whole programme as one matrix."""
    n_nodes, n_arcs = programme.n_nodes, programme.n_arcs
    blocks = []
    for k in range(programme.n_commodities):
        arcs = np.arange(n_arcs)
        incidence = sparse.coo_array(
            (np.repeat([1.0, -1.0], n_arcs), (np.append(programme.head, programme.tail), np.tile(arcs, 2))),
            shape=(n_nodes, n_arcs),
        )
        at = (programme.supply_commodity == k) * 1.0, np.arange(len(programme.supply_node))
        supplies = sparse.coo_array(
            (at[0], (programme.supply_node, at[1])), shape=(n_nodes, len(programme.supply_node))
        )
        at = (programme.need_commodity == k) * -1.0, np.arange(len(programme.need_node))
        needs = sparse.coo_array((at[0], (programme.need_node, at[1])), shape=(n_nodes, len(programme.need_node)))
        blocks.append([None] * k + [incidence] + [None] * (programme.n_commodities - 1 - k) + [supplies, needs])
    shared = programme.row >= 0
    use = [
        sparse.coo_array(
            (np.full(shared.sum(), weight), (programme.row[shared], np.flatnonzero(shared))),
            shape=(len(programme.capacity), n_arcs),
        )
        for weight in programme.weight
    ]
    matrix = sparse.csr_array(sparse.block_array([*blocks, [*use, None, None]]))
    model = highspy.Highs()
    model.silent()
    model.setOptionValue("threads", 1)
    upper = np.concatenate([programme.upper.ravel(), programme.supply_quantity, programme.need_quantity])
    cost = np.concatenate([programme.cost.ravel(), programme.supply_usd, -programme.need_usd_short])
    model.addVars(len(upper), np.zeros(len(upper)), upper)
    model.changeColsCost(len(upper), np.arange(len(upper), dtype=np.int32), cost)
    balanced = np.zeros(n_nodes * programme.n_commodities)
    model.addRows(
        matrix.shape[0],
        np.append(balanced, np.full(len(programme.capacity), -np.inf)),
        np.append(balanced, programme.capacity),
        matrix.nnz,
        matrix.indptr[:-1].astype(np.int32),
        matrix.indices.astype(np.int32),
        matrix.data,
    )
    return model
