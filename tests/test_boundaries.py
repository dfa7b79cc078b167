"""Which file may import what: the order of the layers, held by reading the source."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parent.parent
ANALYSIS = PROJECT / "analysis"
# The tools that render bodies and train on them are not part of the running app.
CALIBRATION = ANALYSIS / "calibration"
# What stands between a page and the analysis; see its own docstring.
SERVICE = ANALYSIS / "service"

# The homes of third-party libraries in analysis/.
HOMES = {
    "av": {"frame.py", "preview.py", "smallfilm.py", "source.py", "video.py"},
    "mediapipe": {"pose.py", "bundle.py"},
    "altair": {"chartparts.py", "charts.py", "comparecharts.py", "winkmap.py"},
    "distributed": {"cluster.py"},
    "fsspec": {"bucket.py"},
    "cv2": {
        *("backnet.py", "cutout.py", "draw.py", "legnet.py"),
        *("seeding.py", "silhouette.py", "stance.py", "view.py"),
    },
    "PIL": {"photo.py"},
    "pillow_heif": {"photo.py"},
}


def imported(path: Path) -> set[str]:
    """Name every module that a file imports, at the top or inside a function."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"), filename=str(path))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} imports relatively"
            names.add(node.module or "")
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def packages(path: Path) -> set[str]:
    """Name the top packages that a file imports."""
    return {name.split(".")[0] for name in imported(path)}


def sources() -> list[Path]:
    """List the files of the running app's analysis."""
    return [p for p in sorted(ANALYSIS.rglob("*.py")) if CALIBRATION not in p.parents]


def test_sources_are_found() -> None:
    """The tests below look at something."""
    assert {"pipeline.py", "pose.py", "cli.py"} <= {p.name for p in sources()}


@pytest.mark.parametrize("path", sorted(ANALYSIS.rglob("*.py")), ids=lambda p: p.name)
def test_analysis_knows_no_screen(path: Path) -> None:
    """Nothing under analysis/ imports Streamlit or the pages."""
    assert not packages(path) & {"streamlit", "pages", "app"}


@pytest.mark.parametrize("library", HOMES)
def test_library_has_its_home(library: str) -> None:
    """A third-party library is imported in its own files only."""
    users = {path.name for path in sources() if library in packages(path)}
    assert users
    assert users <= HOMES[library]


@pytest.mark.parametrize("path", sources(), ids=lambda p: p.name)
def test_app_does_not_need_the_calibration(path: Path) -> None:
    """What renders and trains is not needed to run."""
    assert not any(name.startswith("analysis.calibration") for name in imported(path))


def test_stages_do_not_reach_back() -> None:
    """Stages know what comes before them; only the command line knows the pipeline."""
    early = {"geometry", "filtering", "pose", "silhouette", "angles", "view", "reps", "wink"}
    late = {"analysis.pipeline", "analysis.cli", "analysis.report", "analysis.filmcheck"}
    for name in early:
        assert not imported(ANALYSIS / f"{name}.py") & late, name
    users = {p.name for p in sources() if "analysis.pipeline" in imported(p)}
    assert users == {"cli.py"}


def test_no_stage_knows_the_service() -> None:
    """Only the command line, for its doctor, looks at the server's side."""
    for path in sources():
        if SERVICE not in path.parents and path.name != "cli.py":
            assert not any(name.startswith("analysis.service") for name in imported(path)), path


def test_the_service_analyses_in_the_child_alone() -> None:
    """The server process loads no decoder through it; child and doctor may."""
    for path in SERVICE.glob("*.py"):
        if path.name not in ("worker.py", "doctor.py", "cluster.py", "bucket.py"):
            inner = {name for name in imported(path) if name.startswith("analysis")}
            assert all(name.startswith("analysis.service") for name in inner), path
            assert packages(path) <= {"analysis", *sys.stdlib_module_names}, path


def test_the_cluster_knows_no_decoder() -> None:
    """What it brings beside Dask are errors that people can read."""
    for name, library in (("cluster.py", "distributed"), ("bucket.py", "fsspec")):
        inner = {name for name in imported(SERVICE / name) if name.startswith("analysis")}
        outer = {name for name in inner if not name.startswith("analysis.service")}
        assert outer <= {"analysis.errors", "analysis.errors.MissingPartError"}
        assert packages(SERVICE / name) <= {"analysis", library, *sys.stdlib_module_names}


@pytest.mark.parametrize(
    "module",
    [
        "analysis.cli",
        "analysis.draw",
        "analysis.charts",
        "analysis.service.runner",
        "pages.shared.jobs",
        "pages.shared.result",
        "pages.shared.viewer",
        "pages.shared.verdict",
        "pages.shared.intake",
        "pages.shared.ankletest",
    ],
)
def test_import_does_not_load_mediapipe(module: str) -> None:
    """Mediapipe takes half a second and system libraries: only estimators load it."""
    code = f"import sys, {module}; print('mediapipe' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"


def test_nothing_of_a_cluster_is_loaded_without_one(tmp_path: Path) -> None:
    """A server that is alone works without Dask and fsspec, and does not load them."""
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "sys.modules['distributed'] = sys.modules['dask'] = sys.modules['fsspec'] = None\n"
        "from pages.shared import jobs\n"
        "from analysis.service.settings import Settings\n"
        "from analysis.service.runner import Runner\n"
        "runner = Runner(Settings(data=Path(sys.argv[1])), command=['true'])\n"
        "runner.open()\n"
        "runner.close()\n"
        "print([name for name in sys.modules if name.endswith(('.cluster', '.bucket'))])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        cwd=PROJECT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == "[]"
