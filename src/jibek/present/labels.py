"""Where a map's names go: from points and texts, most important first, to positions that do not overlap.

Greedy placement in the eight classic positions round a point (Imhof 1962; Christensen, Marks and Shieber 1995):
a name takes the first position free of all names and dots before it and inside the frame, or is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Label", "Layout", "text_width"]

POSITIONS: dict[str, tuple[float, float]] = {
    "middle right": (1, 0),
    "top right": (0.8, -1),
    "bottom right": (0.8, 1),
    "middle left": (-1, 0),
    "top left": (-0.8, -1),
    "bottom left": (-0.8, 1),
    "top center": (0, -1),
    "bottom center": (0, 1),
}
_NARROW, _WIDE = "iljtfrI.,:;'()-| ", "mwMWЖШЩЮФжшщюфмы"


@dataclass(frozen=True)
class Label:
    """A placed name: index of the point, Plotly's text position."""

    index: int
    position: str


def text_width(text: str, size: float) -> float:
    """Approximate width in pixels of a text in a sans-serif face of a size in pixels."""
    return size * sum(0.34 if c in _NARROW else 0.9 if c in _WIDE else 0.7 if c.isupper() else 0.58 for c in text)


class Layout:
    """Names placed so far in a frame of a width and height in pixels."""

    def __init__(self, width: float, height: float) -> None:
        self._width, self._height = width, height
        self._taken: list[tuple[float, float, float, float]] = []

    def block(self, x: float, y: float, radius: float) -> None:
        """Keep a dot free of names."""
        self._taken.append((x - radius, y - radius, x + radius, y + radius))

    def place(
        self, x: float, y: float, text: str, size: float, positions: Sequence[str] = tuple(POSITIONS)
    ) -> str | None:
        """Take the first free position of a name at a point; None if there is none."""
        for position in positions:
            box = _box(x, y, text_width(text, size), size * 1.15, position)
            if self._is_free(box):
                self._taken.append(box)
                return position
        return None

    def place_all(
        self,
        x: NDArray[np.float64],
        y: NDArray[np.float64],
        texts: Sequence[str],
        *,
        size: float,
        dot: float,
        most: int,
    ) -> list[Label]:
        """Place up to ``most`` names in the order given; the dot of a placed name keeps others off."""
        placed: list[Label] = []
        for index, text in enumerate(texts):
            if len(placed) == most:
                break
            position = self.place(float(x[index]), float(y[index]), text, size)
            if position is not None:
                self.block(float(x[index]), float(y[index]), dot)
                placed.append(Label(index, position))
        return placed

    def _is_free(self, box: tuple[float, float, float, float]) -> bool:
        left, top, right, bottom = box
        if left < 2 or top < 2 or right > self._width - 2 or bottom > self._height - 2:
            return False
        return all(right < t[0] or left > t[2] or bottom < t[1] or top > t[3] for t in self._taken)


def _box(x: float, y: float, width: float, height: float, position: str) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of a name at a point, with a gap of four pixels."""
    if position == "middle center":
        return x - width / 2, y - height / 2, x + width / 2, y + height / 2
    across, down = POSITIONS[position]
    left = x - width / 2 if across == 0 else (x + 4 if across > 0 else x - 4 - width)
    top = y - height / 2 if down == 0 else (y + 3 if down > 0 else y - 3 - height)
    return left, top, left + width, top + height
