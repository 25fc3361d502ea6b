"""How kernels are compiled: once, kept beside the code, free of the interpreter's lock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from numba import njit

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["compiled"]


def compiled(
    signature: Any,  # noqa: ANN401 - Numba's types have none
    *,
    within: bool = False,
) -> Callable[[Callable[..., Any]], Any]:
    """Compile a kernel for the types of a signature.

    Parameters
    ----------
    signature
        Result and arguments, in Numba's types.
    within
        Whether only other kernels call it; then no entrance from Python is made, which takes time.
    """
    options = {"cache": True, "nogil": True, "no_cfunc_wrapper": True, "no_cpython_wrapper": within}
    decorate: Callable[[Callable[..., Any]], Any] = njit(signature, **options)
    return decorate
