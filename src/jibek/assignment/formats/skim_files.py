"""Skims of classes as one long table, and as the matrices of an OMX file."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from jibek.assignment.formats.matrices import encode_matrices
from jibek.assignment.skims import Skims

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["encode_skims", "skim_name", "skim_table"]

_MEASURES = tuple(field.name for field in fields(Skims))


def skim_table(skims: Mapping[str, Skims], zone_ids: Sequence[str]) -> pl.DataFrame:
    """Put skims into one table.

    Parameters
    ----------
    skims
        Of each class, by its name.
    zone_ids
        Names of the zones.

    Returns
    -------
    polars.DataFrame
        ``class``, ``origin``, ``destination``, in the order of zones; ``cost``, ``time``, ``length`` and ``toll``,
        null where no way leads.
    """
    zones = pl.Series(zone_ids, dtype=pl.String)
    row, column = (number.ravel() for number in np.indices((len(zones),) * 2, dtype=np.uint32))
    ends = {"origin": zones.gather(row), "destination": zones.gather(column)}
    tables = [
        pl.DataFrame({**ends, **{measure: getattr(its, measure).ravel() for measure in _MEASURES}}).select(
            pl.lit(name).alias("class"), *ends, pl.when(pl.col(_MEASURES).is_finite()).then(pl.col(_MEASURES))
        )
        for name, its in skims.items()
    ]
    return pl.concat(tables)


def skim_name(measure: str, name: str, classes: Sequence[str]) -> str:
    """Call the matrix of a class: ``cost``, with several classes ``cost_<class>``."""
    return measure if len(classes) == 1 else f"{measure}_{name}"


def encode_skims(skims: Mapping[str, Skims], zone_ids: Sequence[str]) -> bytes:
    """Write skims as the bytes of an OMX file; needs the package h5py.

    Matrices are called as `skim_name` says, from ``cost``, ``time``, ``length`` and ``toll``; cells are infinite where
    no way leads. The lookup ``zone`` names rows and columns.
    """
    matrices = (
        (skim_name(measure, name, list(skims)), getattr(its, measure))
        for name, its in skims.items()
        for measure in _MEASURES
    )
    return encode_matrices(matrices, zone_ids)
