"""The shape of the house: data runs one way, public names exist, help answers at once."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import jibek

SOURCE = Path(jibek.__file__).parent
# A package imports only from packages before it; those in one tuple are siblings and do not know each other.
ORDER = (
    ("errors",),
    ("corridor",),
    ("network",),
    ("routes", "trade", "flows", "assignment", "balances", "operations"),
    ("targets",),
    ("study",),
    ("present",),
    ("cli",),
)
LEVEL = {package: level for level, packages in enumerate(ORDER) for package in packages}
HEAVY = {
    "highspy",
    "numpy",
    "numba",
    "polars",
    "plotly",
    "scipy",
    "shapely",
    "pydantic",
    "jinja2",
    "yaml",
    "xlsxwriter",
}
MODULES = sorted(path for path in SOURCE.rglob("*.py"))


def package_of(path: Path) -> str:
    """Package of a file: the first folder below jibek, or the module itself."""
    first = path.relative_to(SOURCE).parts[0]
    return first.removesuffix(".py")


def imported_packages(path: Path) -> set[str]:
    """Packages of Jibek that a file imports, wherever in the file."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names = [node.module or ""]
        found |= {name.split(".")[1] for name in names if name.startswith("jibek.")}
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_imports_point_one_way(path: Path) -> None:
    here = package_of(path)
    if here == "__init__":
        return
    for other in imported_packages(path) - {here}:
        assert LEVEL[other] < LEVEL[here], f"{here} imports {other}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_all_is_true(path: Path) -> None:
    parts = path.relative_to(SOURCE.parent).with_suffix("").parts
    module = importlib.import_module(".".join(part for part in parts if part != "__init__"))
    assert list(module.__all__) == sorted(set(module.__all__), key=module.__all__.index)
    for name in module.__all__:
        assert getattr(module, name) is not None


def test_every_public_name_has_a_docstring() -> None:
    undocumented = [name for name in jibek.__all__ if not getattr(jibek, name).__doc__]
    assert not undocumented


@pytest.mark.parametrize("statement", ["import jibek", "import jibek.cli"])
def test_nothing_heavy_is_imported_at_start(statement: str) -> None:
    code = f"import sys; {statement}; print(*sorted({{name.split('.')[0] for name in sys.modules}}))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not HEAVY & set(loaded)


def test_no_file_clock_or_seed_below_study() -> None:
    """Only the readers, study and cli touch files, the clock or a seed."""
    for path in MODULES:
        if package_of(path) in {"study", "cli"} or path.name.endswith("reader.py"):
            continue
        nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
        modules = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
        modules |= {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
        assert not modules & {"time", "random", "os", "tempfile", "shutil", "numpy.random"}, path
        calls = {node.func.id for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
        assert "open" not in calls, path


def test_package_is_marked_as_typed() -> None:
    assert (SOURCE / "py.typed").exists()


def test_a_run_needs_no_extra() -> None:
    """SciPy, pyfixest and h5py are extras: whoever installs Jibek without them can import all that a run uses."""
    program = (
        "import sys\n"
        "for name in ('scipy', 'pyfixest', 'h5py', 'pandas'): sys.modules[name] = None\n"
        "import jibek.study, jibek.present, jibek.cli, jibek.balances, jibek.operations, jibek.trade\n"
        "from jibek.present import report_html\n"
        "from jibek.study import run_study\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
