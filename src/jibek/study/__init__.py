"""The whole chain: from a corridor and a scenario to results, and the folder in which they are kept."""

from __future__ import annotations

from jibek.study.calibration import calibrate_corridor, write_calibration
from jibek.study.comparison import Comparison, compare, compare_runs
from jibek.study.flow_comparison import FlowComparison, compare_flows
from jibek.study.manifest import manifest_of
from jibek.study.operations import operations_of
from jibek.study.run_folder import Run, clear_place, read_run, write_run
from jibek.study.study import STAGES, Study, run_study
from jibek.study.variants import evaluate_variants

__all__ = [
    "STAGES",
    "Comparison",
    "FlowComparison",
    "Run",
    "Study",
    "calibrate_corridor",
    "clear_place",
    "compare",
    "compare_flows",
    "compare_runs",
    "evaluate_variants",
    "manifest_of",
    "operations_of",
    "read_run",
    "run_study",
    "write_calibration",
    "write_run",
]
