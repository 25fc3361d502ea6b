"""Threads that work on bushes side by side; what comes out does not depend on how many there are."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Self

from numba import config

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any, TypeVar

    Result = TypeVar("Result")

__all__ = ["Workers", "workers_for"]

_SMALL = 50_000  # origins times arcs below which threads cost more than they bring


def workers_for(n_origins: int, n_arcs: int, threads: int | None) -> int:
    """Say how many threads are worth while; as many as there are processors if None are asked for."""
    return 1 if n_origins * n_arcs < _SMALL else threads or config.NUMBA_NUM_THREADS


class Workers:
    """Threads for compiled kernels, which let go of the interpreter; results come in the order of the items."""

    def __init__(self, count: int) -> None:
        self._pool = ThreadPoolExecutor(count) if count > 1 else None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown()

    def __call__(self, work: Callable[..., Result], *items: Iterable[Any]) -> Iterator[Result]:
        """Work on items."""
        return map(work, *items) if self._pool is None else self._pool.map(work, *items)
