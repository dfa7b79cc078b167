"""Starts the app with a made-up analysis behind it; the film uploaded names the scene.

    python -m tests.browser.play --server.port 8599

A "film" is a text such as ``scene: none``; anything else, the sample too, is a wink.
"""

import sys

from streamlit.web import cli

from pages.shared import jobs

if __name__ == "__main__":
    jobs.WORKER = [sys.executable, "-m", "tests.pages.made_up", "no file"]
    cli.main(["run", str(jobs.PROJECT / "app.py"), *sys.argv[1:]])
