"""The README's commands are the ones that are really run."""

from pathlib import Path

ROOT = Path(__file__).parent.parent


def commands() -> list[str]:
    """Return the one-line commands of the README that set a machine up."""
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.startswith("apt-get ")]


def test_ci_runs_the_test_command_of_the_readme_to_the_letter() -> None:
    """CI and README cannot drift apart."""
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert commands()[1] == ci[-1]


def test_there_are_two_commands_and_the_first_starts_the_app() -> None:
    """One line to run, one line to test."""
    run, test = commands()
    assert run.endswith("streamlit run app.py")
    assert "python -m pytest tests/browser &&" in test
    assert test.endswith("--ignore=tests/browser")


def test_every_requirement_stands_under_its_reason() -> None:
    """No pin without a word on why it is there."""
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    blocks = "\n".join(lines).split("\n\n")
    assert all(block.startswith("#") for block in blocks)
