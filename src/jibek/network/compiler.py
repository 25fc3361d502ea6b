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
    inline: bool = False,
    merged: bool = False,
    counted: bool = True,
) -> Callable[[Callable[..., Any]], Any]:
    """Compile a kernel for the types of a signature.

    Parameters
    ----------
    signature
        Result and arguments, in Numba's types.
    within
        Whether only other kernels call it; then no entrance from Python is made, which takes time.
    inline
        Whether it is written into the kernels that call it: for the smallest, in the innermost loops.
    merged
        Whether its machine code becomes part of the kernels that call it: where passing many arrays on takes longer
        than the work; types are still worked out once.
    counted
        Whether references to arrays are counted; a kernel that makes none need not, and finds no division by zero.
    """
    decorate: Callable[[Callable[..., Any]], Any] = njit(
        signature,
        cache=True,
        nogil=True,
        inline="always" if inline else "never",
        no_cfunc_wrapper=True,
        no_cpython_wrapper=within,
        forceinline=merged,
        _nrt=counted,
        error_model="python" if counted else "numpy",
    )
    return decorate
