"""Settings: defaults, what the environment says, and what is refused."""

import os
from dataclasses import fields
from pathlib import Path

import pytest

from analysis.service.settings import Settings, SettingsError, variable

README = Path(__file__).parents[2] / "README.md"


def test_nothing_set_gives_the_defaults() -> None:
    """An empty environment, and variables set to nothing, change nothing."""
    assert Settings.from_environment({}) == Settings()
    assert Settings.from_environment({"TWO_BOWLS_KEEP_H": " ", "KEEP_H": "3"}) == Settings()
    assert Settings().keep_s == 24 * 3600
    assert Settings().film_s == 30 * 60


def test_defaults_follow_the_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    """A film takes two cores, and one film always runs."""
    for cores, expected in ((1, 1), (2, 1), (8, 4), (None, 1)):
        monkeypatch.setattr(os, "cpu_count", lambda cores=cores: cores)
        assert Settings().at_once == expected


def test_what_is_set_is_read(tmp_path: Path) -> None:
    """Paths, whole numbers and numbers."""
    given = {
        "TWO_BOWLS_DATA": str(tmp_path),
        "TWO_BOWLS_KEEP_H": "0.5",
        "TWO_BOWLS_AT_ONCE": "3",
        "TWO_BOWLS_STORE_MB": "100",
    }
    settings = Settings.from_environment(given)
    assert settings.data == tmp_path
    assert settings.keep_s == 1800
    assert settings.at_once == 3
    assert settings.store_bytes == 100 * 1024 * 1024


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param("AT_ONCE", "0", id="under-the-range"),
        pytest.param("AT_ONCE", "1.5", id="not-whole"),
        pytest.param("NICE", "20", id="over-the-range"),
        pytest.param("KEEP_H", "a day", id="no-number"),
        pytest.param("KEEP_H", "nan", id="nan"),
        pytest.param("JOB_S", "-1", id="negative"),
        pytest.param("DATA", "films", id="relative"),
        pytest.param("STORE", "results", id="a-relative-store"),
        pytest.param("SCHEDULER", "host:8786", id="no-protocol"),
        pytest.param("SCHEDULER", "tcp://127.0.0.1", id="no-port"),
        pytest.param("SCHEDULER", "tcp://127.0.0.1:many", id="port-of-letters"),
        pytest.param("SCHEDULER", "ucx://127.0.0.1:8786", id="other-protocol"),
        pytest.param("SCHEDULER", "tcp://10.0.0.1:8786", id="plain-on-another-machine"),
        pytest.param("SCHEDULER", "tcp://scheduler:8786", id="plain-by-name"),
        pytest.param("SCHEDULER", "tcp://[2001:db8::1]:8786", id="plain-on-another-machine-ipv6"),
        pytest.param("SCHEDULER_PLAIN", "yes", id="no-number-for-yes"),
    ],
)
def test_bad_values_are_named(name: str, text: str) -> None:
    """The host reads which variable is wrong."""
    with pytest.raises(SettingsError, match=f"TWO_BOWLS_{name}"):
        Settings.from_environment({f"TWO_BOWLS_{name}": text})


@pytest.mark.parametrize(
    ("address", "more"),
    [
        ("tcp://127.0.0.1:8786", {}),
        ("tcp://127.0.0.2:8786", {}),
        ("tcp://localhost:8786", {}),
        ("tcp://[::1]:8786", {}),
        ("tls://scheduler:8786", {}),
        ("tcp://10.0.0.1:8786", {"TWO_BOWLS_SCHEDULER_PLAIN": "1"}),
    ],
)
def test_schedulers_that_are_taken(address: str, more: dict[str, str]) -> None:
    """On this machine, with TLS, or because the host says so."""
    settings = Settings.from_environment({"TWO_BOWLS_SCHEDULER": address, **more})
    assert settings.scheduler == address


def test_where_films_and_results_lie(tmp_path: Path) -> None:
    """In the data folder, in a shared one, or the results behind a URL."""
    own, shared = tmp_path / "own", tmp_path / "shared"
    assert Settings(data=own).shared == own
    assert Settings(data=own, store=str(shared)).shared == shared
    behind_url = Settings(data=own, store="s3://gym/two-bowls")
    assert (behind_url.shared, behind_url.store_url) == (own, "s3://gym/two-bowls")


def test_the_readme_lists_them_all() -> None:
    """One row for each setting, with its default and the words that stand in the code."""
    rows = [line for line in README.read_text("utf-8").splitlines() if line.startswith("| `TWO_")]
    told = {row.split("`")[1]: row for row in rows}
    listed = {variable(each.name) for each in fields(Settings)}
    assert listed == set(told) - {"TWO_BOWLS_MODEL"}
    for each in fields(Settings):
        row = told[variable(each.name)]
        assert str(each.metadata["about"]) in row
        if isinstance(each.default, int | float):
            assert f"| {each.default:g} |" in row
