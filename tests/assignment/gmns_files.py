"""A small folder in the General Modeling Network Specification, with two uses."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["FILES", "folder_of"]

FILES = {
    "config.csv": "dataset_name,long_length,speed\nsmall,km,kph\n",
    "zone.csv": "zone_id\nNorth\nSouth\nForest\n",
    "node.csv": (
        "node_id,name,x_coord,y_coord,node_type,zone_id\n"
        "crossing,,71.5,51.25,,South\n"
        "s,,71.4,51.1,centroid,South\n"
        'bridge,"Old\nbridge",71.6,51.2,,\n'
        "n,,71.5,51.3,centroid,North\n"
    ),
    "link.csv": (
        "link_id,from_node_id,to_node_id,directed,length,free_speed,capacity,lanes,allowed_uses,toll,vdf_alpha,"
        "VDF_beta1,vdf_fftt\n"
        "a,n,crossing,1,10,60,1000,2,,,,,\n"
        'b,n,bridge,TRUE,6,,800,,"car, truck",2.5,0.5,1,4.5\n'
        "c,crossing,s,0,2,40,900,1,all,0,0.15,4,\n"
        "d,bridge,s,1,3,90,,,motor,,0,,\n"
        "e,bridge,crossing,1,1,30,500,0,truck,,,,\n"
    ),
    "use_definition.csv": (
        "use,persons_per_vehicle,pce,value_of_time,distance_cost\ncar,1.2,1,,\ntruck,1,2.5,30,0.25\nbike,1,0.2,,\n"
    ),
    "use_group.csv": 'use_group,uses\nmotor,"car, truck"\n',
    "demand.csv": (
        "o_zone_id,d_zone_id,mode_type,volume\nNorth,South,truck,40\nNorth,South,car,120.5\nSouth,North,car,0\n"
        "South,South,car,7\n"
    ),
}


def folder_of(parent: Path, **changes: str | bytes | None) -> Path:
    """Write the folder; ``node=...`` puts another text for ``node.csv``, None leaves the file out."""
    folder = parent / "folder"
    folder.mkdir(exist_ok=True)
    for name, text in FILES.items():
        content = changes.get(name.removesuffix(".csv"), text)
        if content is None:
            (folder / name).unlink(missing_ok=True)
        else:
            (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return folder
