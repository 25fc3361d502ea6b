"""The whole of what is simulated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from jibek.operations.checks import check

if TYPE_CHECKING:
    from jibek.operations.elements import Closure, Route, Service, Station, Stoppage

__all__ = ["Model"]


@dataclass(frozen=True)
class Model:
    """All that takes part; the order of the rows makes no difference.

    Raises
    ------
    OperationsError
        If anything is wrong: all faults at once.
    """

    stations: tuple[Station, ...]
    routes: tuple[Route, ...]
    services: tuple[Service, ...] = ()
    closures: tuple[Closure, ...] = ()
    stoppages: tuple[Stoppage, ...] = ()

    def __post_init__(self) -> None:
        check(self)
