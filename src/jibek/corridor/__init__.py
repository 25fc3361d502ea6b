"""What the world is: tables of places, links, borders and the rest, read, checked and changed by a scenario."""

from __future__ import annotations

from jibek.corridor.application import OPEN_SHARE_TABLES, apply_scenario
from jibek.corridor.closings import closings_in
from jibek.corridor.corridor import Corridor, find_id, leaves, lineages
from jibek.corridor.reader import check_corridor, embedded_corridors, read_corridor
from jibek.corridor.scenario import Entry, Scenario
from jibek.corridor.scenario_reader import packaged_scenarios, read_scenario
from jibek.corridor.schema import TABLES, datapackage, schema_of
from jibek.corridor.sources import grade_shares, list_sources, where_from
from jibek.corridor.vocabulary import countries, units

__all__ = [
    "OPEN_SHARE_TABLES",
    "TABLES",
    "Corridor",
    "Entry",
    "Scenario",
    "apply_scenario",
    "check_corridor",
    "closings_in",
    "countries",
    "datapackage",
    "embedded_corridors",
    "find_id",
    "grade_shares",
    "leaves",
    "lineages",
    "list_sources",
    "packaged_scenarios",
    "read_corridor",
    "read_scenario",
    "schema_of",
    "units",
    "where_from",
]
