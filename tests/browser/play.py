"""Starts the app with a made-up analysis behind it; the film uploaded names the scene.

    python -m tests.browser.play --server.port 8599

A "film" is a text such as ``scene: none``; anything else, the sample too, is a wink.
"""

import re
import sys
from pathlib import Path

from streamlit.web import cli

from pages.shared import jobs

MADE_UP = Path(__file__).parents[1] / "pages" / "made_up.py"
_real = jobs.command_for


def scene_of(film: Path) -> str:
    """Name of the scene that a film asks for."""
    found = re.match(rb"scene: (\w+)", film.read_bytes()[:40])
    return found[1].decode("ascii") if found else "wink"


def command_for(job: jobs.Job) -> list[str]:
    """Arguments of a child that plays a scene."""
    arguments = _real(job)
    after = arguments.index("analysis") + 1
    return [sys.executable, str(MADE_UP), scene_of(job.film), *arguments[after:]]


if __name__ == "__main__":
    jobs.command_for = command_for
    cli.main(["run", str(jobs.PROJECT / "app.py"), *sys.argv[1:]])
