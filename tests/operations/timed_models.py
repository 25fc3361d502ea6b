"""Models drawn at random, of every feature; times are such that no two things happen at the same moment."""

from __future__ import annotations

import random

from jibek.operations import Call, Closure, Model, Ride, Route, Service, Station, Travel, Visit, constant
from jibek.operations.distributions import Distribution


def odd(chance: random.Random, least: float, most: float) -> Distribution:
    return constant(chance.uniform(least, most))


def timed_model(seed: int) -> Model:
    """Draw a model without chance in it: hours are constant, arrivals given."""
    chance = random.Random(seed)
    stations = tuple(
        Station(
            f"s{k}",
            chance.randint(1, 3),
            room=chance.choice([None, None, 3, 6]),
            when_full=chance.choice(["block", "turn_away"]),
            least=(least := chance.choice([1, 1, 1, 2])),
            most=least + chance.choice([0, 0, 2]),
        )
        for k in range(5)
    )
    berths = (Station("b0", 1), Station("b1", 2))
    rule = chance.choice(["at_once", "full", "full_or_time", "timetable"])
    there = Call(
        "there",
        odd(chance, 0.5, 2),
        berth=chance.choice(["", "b0"]),
        rule=rule,
        full_share=chance.choice([0.5, 1.0]),
        max_wait_hours=chance.uniform(1, 9),
        departures=(0.123, 3.456, 11.789),
        period_hours=17.0,
        room=chance.choice([None, 4]),
    )
    back = Call("back", odd(chance, 0.5, 2), berth=chance.choice(["b0", "b1"]))
    path = (there, Travel(odd(chance, 1, 4)), back, Travel(odd(chance, 1, 4)))
    service = Service("f", chance.randint(1, 3), chance.choice([3.0, 5.0]), path, priority=chance.randint(0, 1))
    routes = []
    for k in range(3):
        steps: list[Travel | Visit | Ride] = []
        for at in sorted(chance.sample(range(5), chance.randint(1, 3))):  # always forward: no deadlock
            steps += [Visit(f"s{at}", odd(chance, 0.5, 3))]
            if chance.random() < 0.3:
                steps.append(Travel(odd(chance, 0, 5)))
        if k != 1:
            ways = ("there", "back") if k == 0 else ("back", "there")
            ride = Ride("f", *ways, size=chance.choice([1.0, 1.5]))
            steps.insert(chance.randrange(len(steps) + 1), ride)
        arrivals = tuple(sorted(chance.uniform(0, 200) for _ in range(60)))
        routes.append(Route(f"r{k}", tuple(steps), arrivals=arrivals, priority=k % 2))
    shut = chance.uniform(20, 60)
    closures = (Closure("c", ("b0", "b1"), shut, shut + chance.uniform(1, 20)),)
    return Model((*stations, *berths), tuple(routes), (service,), closures)
