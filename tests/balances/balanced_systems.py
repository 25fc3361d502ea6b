"""Systems to be balanced: small ones written by hand, and random ones that always have an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jibek.balances import Activities, Limits, Problem, Ratios, Stores

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

INF = float("inf")
NAN = float("nan")
GOODS = "water", "crop"


class System:
    """A problem written step by step; what is given once holds in every period."""

    def __init__(self, n_periods: int = 1, *, cyclic: bool = False) -> None:
        self.n, self.cyclic = n_periods, cyclic
        self.accounts: list[tuple[str, str]] = []
        self.acts: list[tuple[str, list[float], list[float], list[float], int]] = []
        self.entries: list[tuple[int, int, int, list[float]]] = []
        self.pairs: list[tuple[int, int, list[float], list[float]]] = []
        self.kept: list[tuple[str, int, float, float, float, float, list[float], list[float]]] = []
        self.rows: list[tuple[str, str, float, float, float]] = []
        self.uses: list[tuple[int, int, int, float]] = []

    def each(self, value: float | Sequence[float]) -> list[float]:
        return [float(value)] * self.n if isinstance(value, (int, float)) else [float(each) for each in value]

    def account(self, place: str, commodity: str = "goods") -> int:
        if (place, commodity) not in self.accounts:
            self.accounts.append((place, commodity))
        return self.accounts.index((place, commodity))

    def act(
        self,
        name: str,
        entries: dict[str | tuple[str, str], float | Sequence[float]],
        *,
        least: float | Sequence[float] = 0.0,
        most: float | Sequence[float] = INF,
        usd: float | Sequence[float] = 0.0,
        priority: int = 0,
        delay: float = 0.0,
    ) -> int:
        """Add an activity; what it brings arrives later by ``delay`` periods, a part of one in shares."""
        number = len(self.acts)
        self.acts.append((name, self.each(least), self.each(most), self.each(usd), priority))
        whole, part = int(delay // 1), delay % 1
        for where, amount in entries.items():
            account = self.account(*((where,) if isinstance(where, str) else where))
            amounts = np.array(self.each(amount))
            shares = [(whole, 1 - part), (whole + 1, part)] if amounts.max() > 0 else [(0, 1.0)]
            self.entries += [(number, account, late, list(share * amounts)) for late, share in shares if share]
        return number

    def ratio(self, activity: int, base: int, least: float | Sequence[float], most: float | Sequence[float]) -> None:
        self.pairs.append((activity, base, self.each(least), self.each(most)))

    def store(
        self,
        name: str,
        place: str,
        capacity: float,
        *,
        commodity: str = "goods",
        dead: float = 0.0,
        initial: float = NAN,
        final: float = NAN,
        loss: float | Sequence[float] = 0.0,
        loss_rate: float | Sequence[float] = 0.0,
    ) -> None:
        row = name, self.account(place, commodity), capacity, dead, initial, final
        self.kept.append((*row, self.each(loss), self.each(loss_rate)))

    def limit(
        self,
        name: str,
        weights: dict[int, float],
        *,
        most: float = INF,
        least: float = -INF,
        usd_below: float = INF,
        season: Sequence[int] | None = None,
    ) -> None:
        """Limit what activities use in each period, or in a season together."""
        for periods in [[t] for t in range(self.n)] if season is None else [list(season)]:
            self.rows.append((name, "-".join(map(str, periods)), least, most, usd_below))
            self.uses += [(len(self.rows) - 1, act, t, weight) for act, weight in weights.items() for t in periods]

    def problem(self) -> Problem:
        def floats(rows: Sequence[Sequence[object]], part: int) -> np.ndarray:
            wide = bool(rows) and isinstance(rows[0][part], list)
            shape = (len(rows), self.n) if wide or not rows else (len(rows),)
            return np.array([row[part] for row in rows], dtype=np.float64).reshape(shape)

        def flat(rows: Sequence[Sequence[object]], part: int, kind: type = np.float64) -> np.ndarray:
            return np.array([row[part] for row in rows], dtype=kind).reshape(len(rows))

        return Problem(
            periods=tuple(str(t) for t in range(self.n)),
            accounts=tuple(self.accounts),
            activities=Activities(
                tuple(row[0] for row in self.acts),
                *(floats(self.acts, part) for part in (1, 2, 3)),
                flat(self.acts, 4, np.int64),
                *(flat(self.entries, part, np.int64) for part in (0, 1, 2)),
                floats(self.entries, 3),
            ),
            ratios=Ratios(
                *(flat(self.pairs, part, np.int64) for part in (0, 1)), *(floats(self.pairs, part) for part in (2, 3))
            ),
            stores=Stores(
                tuple(row[0] for row in self.kept),
                flat(self.kept, 1, np.int64),
                *(flat(self.kept, part) for part in (2, 3, 4, 5)),
                *(floats(self.kept, part) for part in (6, 7)),
            ),
            limits=Limits(
                tuple(row[0] for row in self.rows),
                tuple(row[1] for row in self.rows),
                *(flat(self.rows, part) for part in (2, 3, 4)),
                *(flat(self.uses, part, np.int64) for part in (0, 1, 2)),
                flat(self.uses, 3),
            ),
            cyclic=self.cyclic,
        )


def random_problem(draw: random.Random) -> Problem:
    """Draw a system with every kind of element; whatever is too much can be spilt, and needs may go unmet."""
    system = System(draw.randint(1, 4), cyclic=draw.random() < 0.5)
    places = [f"p{number}" for number in range(draw.randint(1, 4))]
    for place in places:
        for good in GOODS:
            add_market(system, draw, place, good)
        add_field(system, draw, place)
        add_reservoir(system, draw, place)
    links = [number for number in range(draw.randint(0, 5)) if add_link(system, draw, places, number)]
    if links:
        acts = [number for number, act in enumerate(system.acts) if act[0].startswith("link/")]
        system.limit("line", dict.fromkeys(acts, 1.0), most=round(draw.uniform(1, 20), 2))
        system.limit("treaty", {acts[0]: 1.0}, most=round(draw.uniform(1, 20), 2), season=range(system.n))
        system.limit("contract", {acts[-1]: 1.0}, least=2.0, usd_below=round(draw.uniform(0, 5), 2))
    return system.problem()


def add_market(system: System, draw: random.Random, place: str, good: str) -> None:
    def some(high: float) -> list[float]:
        return [round(draw.uniform(0, high), 2) for _ in range(system.n)]

    system.act(f"spill/{place}/{good}", {(place, good): -1.0}, usd=0.5)
    if draw.random() < 0.6:
        system.act(f"supply/{place}/{good}", {(place, good): 1.0}, most=some(20), usd=some(3))
    if draw.random() < 0.7:
        price = draw.uniform(1, 60)
        system.act(f"need/{place}/{good}", {(place, good): -1.0}, most=some(20), usd=-price, priority=1)


def add_field(system: System, draw: random.Random, place: str) -> None:
    if draw.random() < 0.5:
        grown = system.act(f"field/{place}", {(place, "water"): -1.0}, most=30, usd=0.1)
        crop = system.act(f"field/{place}/crop", {(place, "crop"): 1.0})
        system.ratio(crop, grown, round(draw.uniform(0, 0.3), 2), round(draw.uniform(0.3, 0.9), 2))


def add_reservoir(system: System, draw: random.Random, place: str) -> None:
    if draw.random() < 0.6:
        initial = draw.choice([NAN, round(draw.uniform(2, 20), 2)])
        rate = round(draw.uniform(0, 0.1), 3)
        system.store(f"store/{place}", place, 30, commodity="water", dead=1.0, initial=initial, loss_rate=rate)
        system.act(f"rescue/{place}", {(place, "water"): 1.0}, usd=200)  # where evaporation empties the store


def add_link(system: System, draw: random.Random, places: list[str], number: int) -> bool:
    """Add a link that loses and may delay, unless it would lead nowhere."""
    start, end, good = draw.choice(places), draw.choice(places), draw.choice(GOODS)
    if start == end:
        return False
    gain, delay = round(draw.uniform(0.8, 1), 2), draw.choice([0, 0, 0.3, 1, 1.5])
    usd = round(draw.uniform(0, 2), 2)
    system.act(f"link/{number}", {(start, good): -1.0, (end, good): gain}, most=15, usd=usd, delay=delay)
    return True
