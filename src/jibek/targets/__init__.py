"""Will the promises be kept? Commitments scored against observations, by a rule that anybody can repeat."""

from __future__ import annotations

from jibek.targets.assessment import Assessment, Promise, assess, judge

__all__ = ["Assessment", "Promise", "assess", "judge"]
