"""Programmes that benchmarks of the balances solve: a drawn corridor over twelve periods, with stores and delays."""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial import cKDTree

from jibek.balances.multicommodity import Multicommodity

__all__ = ["corridor_programme"]

LENGTH, WIDTH = 3000.0, 1000.0  # km
USD_PER_KM = 0.03
DELAYED = 0.15  # share of links
STORES, SUPPLIES, NEEDS = 0.24, 0.24, 0.5  # share of places, for each commodity
PLENTY = 1.15  # supply over need in the year
NEIGHBOURS = 12
TRACKS = np.array([1.0, 2.0, 4.0])
CAPACITY = 0.10  # of one track over the mean need of all commodities at a place and period, and the root of places


def corridor_programme(
    n_places: int, n_links: int, n_commodities: int, n_periods: int = 12, *, seed: int = 1
) -> Multicommodity:
    """Draw a corridor and what moves over it.

    Places lie in a strip of 3,000 by 1,000 km. The shortest tree joins all, then the nearest pairs, until there are
    ``n_links`` links, half of them in either direction. A random 15 % of the pairs arrive a period later; what leaves
    by them in the last period would arrive too late and can only stay away. For each commodity 24 % of the places
    supply it and half need it, quantities being log-normal; needs follow the year by a wave, supplies by another half
    a year apart, so that stores are of use. 24 % of the places and one more store it: they begin with a stock and pay
    for each unit that is missing from it at the end. A link has one, two or four tracks, each of the same capacity in
    every period, and all commodities share it by weights from 0.5 to 2.

    With ``v = n_commodities``, ``t = n_periods``: there are ``v t`` variables for each link, supply and need, and
    ``v (t + 1)`` for each store. That makes 120,130 for (200, 800, 10), 600,260 for (500, 2000, 20) and 6,000,260 for
    (5000, 20000, 20).
    """
    draw = np.random.default_rng(seed)
    place = draw.uniform(0, 1, (n_places, 2)) * (LENGTH, WIDTH)
    one, other, km = _pairs(place, n_links // 2)
    tail, head = np.concatenate([one, other]), np.concatenate([other, one])
    late = np.tile(draw.permutation(len(one)) < DELAYED * len(one), 2).astype(np.int64)
    tracks = np.tile(draw.choice(TRACKS, len(one), p=[0.5, 0.35, 0.15]), 2)
    usd = USD_PER_KM * np.tile(km, 2) * draw.uniform(0.9, 1.1, (n_commodities, n_links))
    usd *= draw.uniform(0.7, 1.4, (n_commodities, 1))

    period = np.repeat(np.arange(n_periods), n_links)
    after = period + np.tile(late, n_periods)
    link_tail = period * n_places + np.tile(tail, n_periods)
    link_head = after * n_places + np.tile(head, n_periods)  # after the last period: places from which nothing leads

    n_stores = round(STORES * n_places) + 1
    kept = np.arange((n_periods - 1) * n_places)
    carried = np.zeros((n_commodities, len(kept)))

    supplies, needs = [], []
    mean = n_places * NEEDS
    season = np.arange(n_periods) / n_periods * 2 * np.pi
    for commodity in range(n_commodities):
        wanted = draw.lognormal(0, 0.8, round(NEEDS * n_places))
        wave = 1 + 0.4 * np.cos(season + draw.uniform(0, 2 * np.pi))
        at = draw.choice(n_places, len(wanted), replace=False)
        need = np.outer(wave, wanted) * draw.uniform(0.9, 1.1, (n_periods, len(wanted)))
        short = np.broadcast_to(draw.uniform(150, 400, len(wanted)), need.shape)
        given = draw.lognormal(0, 0.8, round(SUPPLIES * n_places))
        made = np.outer(1 + 0.4 * np.cos(season + draw.uniform(0, 2 * np.pi)), given)
        made *= PLENTY * need.sum() / made.sum()
        where = draw.choice(n_places, len(given), replace=False)
        price = np.broadcast_to(draw.uniform(20, 60, len(given)), made.shape)
        store = draw.choice(n_places, n_stores, replace=False)
        size = draw.lognormal(0, 0.5, n_stores) * 2 * need.sum() / n_periods / n_stores
        carried[commodity].reshape(n_periods - 1, n_places)[:, store] = size
        first, last = 0 * n_places, (n_periods - 1) * n_places
        node = np.arange(n_periods)[:, None] * n_places
        supplies.append((commodity, node + where, made, price))
        supplies.append((commodity, first + store, 0.5 * size, np.zeros(n_stores)))
        needs.append((commodity, node + at, need, short))
        needs.append((commodity, last + store, 0.5 * size, np.full(n_stores, 100.0)))
    weight = draw.uniform(0.5, 2.0, n_commodities)
    total = sum(float(quantity.sum()) * weight[k] for k, _, quantity, _ in needs) / n_periods / mean
    keeping = np.broadcast_to(draw.uniform(0.5, 2.0, (n_commodities, 1)), carried.shape)
    return Multicommodity(
        n_nodes=(n_periods + 1) * n_places,
        tail=np.concatenate([link_tail, kept]).astype(np.int32),
        head=np.concatenate([link_head, kept + n_places]).astype(np.int32),
        cost=np.hstack([np.tile(usd, (1, n_periods)), keeping]),
        upper=np.hstack([np.full((n_commodities, n_links * n_periods), np.inf), carried]),
        row=np.concatenate([np.arange(n_links * n_periods), np.full(len(kept), -1)]).astype(np.int32),
        weight=weight,
        capacity=np.tile(CAPACITY * np.sqrt(n_places) * total * tracks, n_periods),
        **_table("supply", supplies, "usd"),
        **_table("need", needs, "usd_short"),
    )


def _pairs(place: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Join places by the shortest tree and then the nearest pairs, so many in all; give ends and distance."""
    apart, near = cKDTree(place).query(place, NEIGHBOURS + 1)
    one, other, km = np.repeat(np.arange(len(place)), NEIGHBOURS), near[:, 1:].ravel(), apart[:, 1:].ravel()
    one, other = np.minimum(one, other), np.maximum(one, other)
    number = np.unique(one * len(place) + other, return_index=True)[1]
    one, other, km = one[number], other[number], km[number]
    tree = minimum_spanning_tree(coo_array((km, (one, other)), shape=(len(place),) * 2)).tocoo()
    in_tree = np.isin(
        one * len(place) + other, np.minimum(*tree.coords).astype(np.int64) * len(place) + np.maximum(*tree.coords)
    )
    order = np.lexsort((km, ~in_tree))[:count]
    return one[order], other[order], km[order]


def _table(name: str, rows: list, money: str) -> dict[str, np.ndarray]:
    """Put the parts of a table together."""
    count = [np.size(node) for _, node, _, _ in rows]
    return {
        f"{name}_commodity": np.repeat([commodity for commodity, *_ in rows], count).astype(np.int32),
        f"{name}_node": np.concatenate([np.ravel(node) for _, node, _, _ in rows]).astype(np.int32),
        f"{name}_quantity": np.concatenate([np.ravel(quantity) for _, _, quantity, _ in rows]),
        f"{name}_{money}": np.concatenate([np.ravel(usd) for *_, usd in rows]),
    }
