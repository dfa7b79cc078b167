"""What the host may set, read from the environment once."""

import ipaddress
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

PREFIX: Final = "TWO_BOWLS_"

_MB: Final = 1 << 20


class SettingsError(ValueError):
    """A setting has a value that cannot be used."""


def _setting(default: Any, *, least: float, most: float, about: str) -> Any:  # noqa: ANN401
    """Declare a number with its range and the line that the README says about it."""
    return field(default=default, metadata={"least": least, "most": most, "about": about})


def _default_data() -> Path:
    # Below the temporary place, so that what a server left behind that never runs
    # again goes with the next start of the machine at the latest.
    return Path(tempfile.gettempdir()) / f"two-bowls-{os.getuid()}"


def _default_at_once() -> int:
    # A film takes about two cores and 550 MB (measured, see tests.benchmarks.speed).
    return max(1, (os.cpu_count() or 2) // 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All that a host can set; the variable is ``TWO_BOWLS_`` and the name in capitals."""

    data: Path = field(
        default_factory=_default_data,
        metadata={"about": "folder of films and results, readable by the app alone"},
    )
    store: str = field(
        default="",
        metadata={
            "about": "folder, or URL that fsspec knows, of the results, seen by all servers; "
            "in a folder lie the films too"
        },
    )
    scheduler: str = field(
        default="",
        metadata={
            "about": "Dask scheduler of the machines that analyse, such as `tls://host:8786`; "
            "this machine if empty"
        },
    )
    scheduler_plain: int = _setting(
        0, least=0, most=1, about="1 allows a scheduler without TLS on another machine"
    )
    keep_h: float = _setting(
        24.0, least=0.01, most=24 * 365, about="hours that a result is kept and its link works"
    )
    film_min: float = _setting(
        30.0,
        least=0,
        most=24 * 60,
        about="minutes that a film is kept whose analysis broke off, to try it once more",
    )
    store_mb: int = _setting(
        2000, least=10, most=10**7, about="size of all results; beyond it the oldest go"
    )
    share_days: float = _setting(7.0, least=0.0001, most=365, about="days that a shared link works")
    share_mb: int = _setting(
        500, least=1, most=10**7, about="size of all shared results; beyond it the oldest go"
    )
    spool_mb: int = _setting(
        4000, least=1, most=10**7, about="size of all films that wait or are being analysed"
    )
    at_once: int = field(
        default_factory=_default_at_once,
        metadata={
            "least": 1,
            "most": 64,
            "about": "films analysed at the same time; each takes two cores and 550 MB",
        },
    )
    per_visit: int = _setting(2, least=1, most=100, about="films waiting or running for one visit")
    queue: int = _setting(30, least=1, most=10**4, about="films waiting in all")
    job_memory_mb: int = _setting(
        1200, least=50, most=10**6, about="memory for one film, on top of the process at rest"
    )
    job_cpu_s: int = _setting(900, least=1, most=10**5, about="seconds of computing for one film")
    job_s: float = _setting(900.0, least=0.1, most=10**5, about="seconds by the clock for one film")
    job_silent_s: float = _setting(
        120.0, least=0.1, most=10**5, about="seconds without progress after which a film is ended"
    )
    nice: int = _setting(
        10, least=0, most=19, about="by how much the analysis steps back behind the page"
    )
    grace_s: float = _setting(
        8.0, least=0, most=3600, about="seconds that a stopping server lets running films finish"
    )

    def __post_init__(self) -> None:
        if not self.data.is_absolute():
            raise SettingsError(f"{PREFIX}DATA: expected an absolute path, got {str(self.data)!r}")
        if self.store and not self.store_url and not Path(self.store).is_absolute():
            raise SettingsError(f"{PREFIX}STORE: expected an absolute path or a URL")
        if self.scheduler:
            _check_scheduler(self.scheduler, may_be_plain=bool(self.scheduler_plain))
        for each in fields(self):
            value = getattr(self, each.name)
            least, most = (each.metadata.get(end) for end in ("least", "most"))
            if least is not None and not least <= value <= most:
                name = variable(each.name)
                raise SettingsError(f"{name}: expected {least:g} to {most:g}, got {value:g}")

    @property
    def store_url(self) -> str:
        """Where the results are, if that is no folder; empty if it is one."""
        return self.store if "://" in self.store else ""

    @property
    def shared(self) -> Path:
        """Folder of the films, and of the results unless they have a URL."""
        return Path(self.store).expanduser() if self.store and not self.store_url else self.data

    @property
    def keep_s(self) -> float:
        """Seconds that a result is kept."""
        return self.keep_h * 3600

    @property
    def film_s(self) -> float:
        """Seconds that a film is kept which may be wanted once more."""
        return self.film_min * 60

    @property
    def store_bytes(self) -> int:
        """Size of all results."""
        return self.store_mb * _MB

    @property
    def share_s(self) -> float:
        """Seconds that a shared link works."""
        return self.share_days * 24 * 3600

    @property
    def share_bytes(self) -> int:
        """Size of all shared results."""
        return self.share_mb * _MB

    @property
    def spool_bytes(self) -> int:
        """Size of all films."""
        return self.spool_mb * _MB

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "Settings":
        """Read the settings; what is not set, or set to nothing, has its default.

        Raises
        ------
        SettingsError
            Naming the variable, what was expected and what was found.
        """
        found = os.environ if environment is None else environment
        given: dict[str, Any] = {}
        for each in fields(cls):
            text = found.get(variable(each.name), "").strip()
            if text:
                given[each.name] = _read(each.name, each.type, text)
        return cls(**given)


def variable(name: str) -> str:
    """Name of the variable of a setting."""
    return PREFIX + name.upper()


def _check_scheduler(address: str, *, may_be_plain: bool) -> None:
    """Hold the address of a scheduler to what is safe.

    Who can speak to a scheduler can run any code on all its machines.
    """
    name = variable("scheduler")
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if host is None or port is None or parts.scheme not in ("tcp", "tls"):
        raise SettingsError(f"{name}: expected tls://host:port or tcp://host:port")
    if parts.scheme == "tcp" and not may_be_plain and not _is_loopback(host):
        raise SettingsError(
            f"{name}: a scheduler without TLS on another machine lets anybody in that network run "
            f"code; use tls://, or set {variable('scheduler_plain')}=1"
        )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _read(name: str, kind: Any, text: str) -> Path | str | int | float:  # noqa: ANN401
    if kind is Path:
        return Path(text).expanduser()
    if kind is str:
        return text
    try:
        return int(text) if kind is int else float(text)
    except ValueError:
        wanted = "a whole number" if kind is int else "a number"
        raise SettingsError(f"{variable(name)}: expected {wanted}, got {text!r}") from None
