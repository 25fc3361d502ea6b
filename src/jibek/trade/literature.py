"""What others found of the two figures on which the answer of trade to its cost rests.

Two years of trade identify neither, so both are taken from the literature. The figures are shares or elasticities
without unit unless said otherwise; sources are ids of the table ``sources`` of the embedded corridor.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ELASTICITIES", "ELASTICITY", "WORTH_OF_A_DAY", "Finding"]


@dataclass(frozen=True)
class Finding:
    """A published estimate.

    Attributes
    ----------
    value : float
        What the authors prefer; of a range, its middle.
    low, high : float
        Its range; the value itself where they give none that fits.
    what : str
        Which of their figures it is.
    source : str
        Id of the source.
    """

    value: float
    low: float
    high: float
    what: str
    source: str


ELASTICITIES = (
    Finding(5.03, 5.03, 5.03, "median of the structural estimates from tariffs in a survey", "head-mayer-2014"),
    Finding(4.55, 4.55, 4.55, "all sectors together, from tariffs", "caliendo-parro-2015"),
    Finding(4.0, 4.0, 4.0, "'roughly four', from prices of 123 countries", "simonovska-waugh-2014"),
    Finding(
        8.28, 3.60, 12.86, "from prices by the method of moments; the least and the most of theirs", "eaton-kortum-2002"
    ),
)
"""By how many percent trade falls when its cost rises by one."""

ELASTICITY = Finding(
    5.03, 4.0, 8.28, "the median of the survey; the least and the most preferred of the above", "head-mayer-2014"
)
"""The one that is used."""

WORTH_OF_A_DAY = Finding(
    1.35, 0.6, 2.1, "percent of the value of goods", "hummels-and-schaur-2013-time-as-a-trade-barrier-aer-103-7"
)
"""What goods lose by a day on the way, as ``time_cost_percent_per_day`` of the table ``commodities``."""
