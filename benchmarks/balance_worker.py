"""Build and solve a drawn corridor in linopy or PyPSA; `balance_peers.py` starts this where both are installed.

    python balance_worker.py linopy|pypsa ELEMENTS.npz build|solve

One line of JSON on standard output: ``seconds`` from arrays to HiGHS (and its answer), ``mb`` at the process's peak,
``version``, and ``usd`` where it is solved.
"""

from __future__ import annotations

import json
import logging
import os
import resource
import sys
import time
from importlib.metadata import version

import numpy as np
import pandas as pd
import xarray as xr
from linopy import Model, merge
from linopy.io import to_highspy

Arrays = dict[str, np.ndarray]


def in_linopy(parts: Arrays) -> Model:
    """Write the corridor as a model of arrays of variables, as linopy's documentation does."""
    n = parts["supply_most"].shape[1]
    periods = pd.RangeIndex(n, name="period")

    def axes(name: str) -> list[pd.Index]:
        return [pd.RangeIndex(len(parts[name]), name=name), periods]

    model = Model()
    flow = model.add_variables(lower=0, coords=axes("tail"), name="flow")
    supply = model.add_variables(0, xr.DataArray(parts["supply_most"], coords=axes("supply")), name="supply")
    need = model.add_variables(0, xr.DataArray(parts["need_most"], coords=axes("need")), name="need")
    content = model.add_variables(0, float(parts["capacity"]), coords=axes("store"), name="content")

    def at(expression: object, name: str, where: np.ndarray) -> object:
        groups = xr.DataArray(where, dims=[name], coords={name: np.arange(len(where))}, name="account")
        return (1 * expression).groupby(groups).sum()

    late = parts["late"]
    soon, later = np.flatnonzero(late == 0), np.flatnonzero(late == 1)
    parted = [
        -at(flow, "tail", parts["tail"]),
        at(flow.isel(tail=soon).assign_coords(tail=np.arange(len(soon))), "tail", parts["head"][soon]),
        at(flow.isel(tail=later).assign_coords(tail=np.arange(len(later))), "tail", parts["head"][later]).shift(
            period=1
        ),
        at(supply, "supply", parts["supply"]),
        -at(need, "need", parts["need"]),
        -at(content, "store", parts["store"]),
        at(content, "store", parts["store"]).shift(period=1),
    ]
    owed = xr.DataArray(np.zeros((int(parts["accounts"]), n)), dims=["account", "period"])
    owed[parts["store"], 0] = -float(parts["initial"])
    model.add_constraints(merge(parted, join="outer", cls=type(parted[0])) == owed, name="balance")
    groups = xr.DataArray(parts["link"], dims=["tail"], coords={"tail": np.arange(len(parts["link"]))}, name="link")
    most = xr.DataArray(parts["link_most"], dims=["link", "period"])
    model.add_constraints((1 * flow).groupby(groups).sum() <= most, name="line")
    usd = xr.DataArray(parts["usd"], dims=["tail"], coords={"tail": np.arange(len(parts["usd"]))})
    model.add_objective((flow * usd).sum() - float(parts["worth"]) * need.sum())
    return model


def in_pypsa(parts: Arrays) -> Model:
    """Write the corridor as buses, links that may be late, generators, and stores; lines are shared by links."""
    import pypsa

    n = parts["supply_most"].shape[1]
    network = pypsa.Network(snapshots=range(n))
    bus = pd.Index([f"b{number}" for number in range(int(parts["accounts"]))])
    network.add("Bus", bus)
    names = pd.Index([f"f{number}" for number in range(len(parts["tail"]))])
    network.add(
        "Link",
        names,
        bus0=bus[parts["tail"]],
        bus1=bus[parts["head"]],
        p_nom=np.inf,
        marginal_cost=parts["usd"],
        delay=parts["late"],
        cyclic_delay=False,
    )
    for name, sign, usd in (("supply", 1.0, 0.0), ("need", -1.0, -float(parts["worth"]))):
        most = parts[f"{name}_most"]
        its = pd.Index([f"{name}{number}" for number in range(len(most))])
        share = pd.DataFrame((most / most.max(axis=1, keepdims=True)).T, columns=its, index=network.snapshots)
        at = bus[parts[name]]
        network.add("Generator", its, bus=at, sign=sign, p_nom=most.max(axis=1), p_max_pu=share, marginal_cost=usd)
    its = pd.Index([f"s{number}" for number in range(len(parts["store"]))])
    sizes = {"e_nom": float(parts["capacity"]), "e_initial": float(parts["initial"])}
    network.add("Store", its, bus=bus[parts["store"]], **sizes)
    model = network.optimize.create_model()
    groups = xr.DataArray(parts["link"], dims=["name"], coords={"name": names}, name="link")
    most = xr.DataArray(parts["link_most"].T, dims=["snapshot", "link"], coords={"snapshot": network.snapshots})
    model.add_constraints((1 * model.variables["Link-p"]).groupby(groups).sum() <= most, name="line")
    return model


def main() -> None:
    """Do one side and measure it."""
    side, file, what = sys.argv[1:]
    logging.disable()
    answer = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    with np.load(file) as stored:
        parts = dict(stored)
    began = time.perf_counter()
    highs = to_highspy({"linopy": in_linopy, "pypsa": in_pypsa}[side](parts))
    found = {"version": version(side)}
    if what == "solve":
        for name, value in (("output_flag", False), ("threads", 1), ("solver", "simplex")):
            highs.setOptionValue(name, value)
        highs.run()
        found["usd"] = highs.getInfo().objective_function_value
    found |= {
        "seconds": time.perf_counter() - began,
        "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    print(json.dumps(found), file=answer)


if __name__ == "__main__":
    main()
