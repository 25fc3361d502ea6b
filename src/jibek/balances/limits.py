"""Resources of a corridor as limits on what activities use together, by period or season."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from jibek.balances.system import Reading

    Floats = NDArray[np.float64]
    Member = tuple[str, str, str | None, float | Floats]
    Members = Mapping[tuple[str, str], list[Member]]

__all__ = ["add_limits"]

_HOURS_PER_DAY = 24.0


def add_limits(reading: Reading, members: Members) -> None:
    """Add the limits of resources that a commodity uses.

    A ``rate`` is a limit in each period by its days, a ``total`` one of its months together. ``each`` says for whom:
    all users together, or each member, each direction, or both apart. What moves there outside (``background``) is
    taken off first; what is open for a part of the year has that part of its capacity, background and minimum.

    A minimum above what is left of the capacity is a fault, and so is a background above the capacity, or a user whose
    commodity has no conversion to the resource's unit.
    """
    world = reading.world
    resources = {row["id"]: row for row in world["resources"].iter_rows(named=True)}
    per_unit = _per_unit(reading)
    for user in world["resource_users"].iter_rows(named=True):
        its = [
            member
            for member in members.get((user["table"], user["id"]), ())
            if user["direction"] in {None, member[1]} or not member[1]
        ]
        named = [member for member in its if _is_meant(reading, user, member)]
        if not named:
            if user["table"] == "stores":
                reading.leave_out(
                    "resource_users", f"{user['resource']}/{user['id']}", "table", "stores", "what draws on it"
                )
            continue
        resource = resources.get(user["resource"])
        if resource is None:
            reading.leave_out("resource_users", user["resource"], "resource", user["id"], "a resource, not a service")
            continue
        for member in named:
            weight = _weight(reading, user, resource, member, per_unit)
            if weight is not None:
                _use(reading, resource, user, member, weight)


def _is_meant(reading: Reading, user: Mapping[str, Any], member: Member) -> bool:
    """Say whether a user's commodity means a member; of a process blank means its activity."""
    if user["table"] == "processes" or member[2] is None:
        return bool(user["commodity"] == member[2])
    return member[2] in reading.means(user["commodity"])


def _weight(
    reading: Reading,
    user: Mapping[str, Any],
    resource: Mapping[str, Any],
    member: Member,
    per_unit: Mapping[tuple[str, str], float],
) -> float | Floats | None:
    """Give units of the resource that a level of 1 uses (in each period); None, and a fault, where nothing converts."""
    name, _, commodity, units = member
    unit = resource["unit"]
    if commodity is None:
        return (user["weight"] or 1.0) * units
    per = per_unit.get((commodity, unit))
    if per is None:
        expected = f"a conversion of {commodity} to {unit}"
        reading.refuse("resource_users", f"{resource['id']}/{name}", "commodity", f"{commodity} in {unit}", expected)
        return None
    return (user["weight"] or 1.0) * reading.scale[commodity] / per * units


def _use(
    reading: Reading, resource: Mapping[str, Any], user: Mapping[str, Any], member: Member, weight: float | Floats
) -> None:
    """Add the limits of a resource for whom a member counts, and its use of them.

    What is decided by year has its level in the first period. What goes in or out of it counts when it does; the
    activity itself, such as sown land, counts in a sum of any months, and in a rate by days.
    """
    gathered, each = reading.gathered, resource["each"] or ""
    name = resource["id"]
    name += f"/{user['table']}/{user['id']}" if each.startswith("member") else ""
    name += f"/{member[1]}" if each.endswith("direction") and member[1] else ""
    below = np.inf if resource["usd_below_minimum"] is None else resource["usd_below_minimum"]
    room, minimum = _room(reading, resource)
    if resource["limit"] == "total":
        its = reading.calendar.within(resource["first_month"], resource["last_month"])
        if not its:
            reading.leave_out("resources", resource["id"], "first_month", resource["first_month"], "monthly periods")
            return
        label = _season(reading, resource)
        days = float(reading.calendar.days[its].sum())
        gathered.limits[name, label] = (minimum or -np.inf, _left(reading, name, float(room[0]), minimum, days), below)
        if isinstance(weight, float):
            gathered.uses += [(name, label, member[0], period, weight) for period in its]
        else:
            counted = weight if member[2] is None else weight[its]
            gathered.uses.append((name, label, member[0], 0, float(counted.sum())))
        return
    per = _per_period(reading, resource)
    for period, label in enumerate(gathered.periods):
        least, most = (float(each * per[period]) for each in (minimum, room[period]))
        most = _left(reading, name, most, least, float(reading.calendar.days[period]))
        gathered.limits[name, label] = (least or -np.inf, most, below)
        if isinstance(weight, float):
            gathered.uses.append((name, label, member[0], period, weight))
        else:
            gathered.uses.append((name, label, member[0], 0, float(weight[period])))


def _room(reading: Reading, resource: Mapping[str, Any]) -> tuple[Floats, float]:
    """Give what is left of the capacity in each period, and the minimum, in the resource's unit and time."""
    capacity, background, minimum = (resource[name] or 0.0 for name in ("capacity", "background", "minimum"))
    _, factors = reading.profiles.get(resource["profile"], ("factor", None))
    room = capacity * reading.calendar.mean(factors) - background
    for period in np.flatnonzero((room < 0) | (minimum > room)).tolist()[:1]:
        column, value = ("background", background) if room[period] < 0 else ("minimum", minimum)
        left = room[period] + background if room[period] < 0 else room[period]
        when = reading.gathered.periods[period]
        reading.refuse("resources", resource["id"], column, value, f"at most what there is in {when}, {left:.6g}")
    open_share = resource.get("open_share", 1.0)
    return room * open_share, minimum * open_share


def _left(reading: Reading, name: str, most: float, least: float, days: float) -> float:
    """Take off a limit what others use of it, as far as the least allows."""
    return max(most - reading.taken[name] * days, least) if name in reading.taken else most


def _season(reading: Reading, resource: Mapping[str, Any]) -> str:
    """Name the months of a total."""
    periods = reading.gathered.periods
    if len(periods) == 1:
        return periods[0]
    return f"{periods[(resource['first_month'] or 1) - 1]} to {periods[(resource['last_month'] or 12) - 1]}"


def _per_period(reading: Reading, resource: Mapping[str, Any]) -> Floats:
    """Say how many times the capacity's unit of time goes into each period; a season is a year's."""
    days = reading.calendar.days
    hours = resource["open_hours_per_day"] or _HOURS_PER_DAY
    if resource["per"] == "hour":
        return days * hours
    if resource["per"] == "day":
        return days
    return reading.calendar.share * (12.0 if resource["per"] == "month" else 1.0)


def _per_unit(reading: Reading) -> Mapping[tuple[str, str], float]:
    """Say how many of a commodity's units fill one of another; the nearest of its parents in the same unit says it."""
    world = reading.world
    unit = dict(world["commodities"].select("id", "unit").iter_rows())
    found: dict[tuple[str, str], float] = {}
    for commodity in reading.commodities:
        for ancestor in reversed(reading.lineage[commodity]):
            if unit[ancestor] == unit[commodity]:
                rows = world["conversions"].filter(commodity=ancestor).select("unit", "per_unit")
                found |= {(commodity, name): per for name, per in rows.iter_rows()}
        found[commodity, unit[commodity]] = 1.0
    return found
