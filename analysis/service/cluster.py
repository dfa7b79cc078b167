"""Films analysed on a Dask cluster: the only file that imports Dask.

One film is one task, and the task does what this machine does with a film of its own:
it starts a child, which holds itself to its limits, and stays with it. So a film can
neither take a worker down nor stay behind on one. Dask brings the task to a machine with
room, gives it to another one when the first is lost, and carries the progress back.

Whoever can speak to a scheduler can run any code on its machines: see the README for TLS.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from analysis.errors import MissingPartError
from analysis.service import events
from analysis.service.bucket import bucket_of
from analysis.service.child import worker_command
from analysis.service.errand import Attendant, End, Errand
from analysis.service.ids import new_id
from analysis.service.job import Progress, State, progress_of
from analysis.service.machines import LostError
from analysis.service.nursery import Nursery
from analysis.service.private import private_folder
from analysis.service.settings import Settings
from analysis.service.spool import FILM, OUT, Spool

if TYPE_CHECKING:
    from distributed import Client, Future

# Seconds within which a scheduler answers, and between two looks at it.
_ANSWER_S: Final = 5.0
_LOOK_S: Final = 2.0
# A film's progress is told at most so often.
_TELL_S: Final = 0.5
# More files than this a child does not leave.
_MOST_PARTS: Final = 16
# In these states of Dask's worker somebody still waits for a task that runs.
_WANTED: Final = frozenset({"executing", "long-running"})
_WORKING: Final = frozenset({"running", "paused"})

_MISSING: Final = "Dask is not installed: pip install -r requirements-cluster.txt"
_UNSEEN: Final = "The machine that should analyse this film cannot see it."


class Cluster:
    """The machines behind a Dask scheduler; see `analysis.service.machines.Machines`.

    Parameters
    ----------
    settings : Settings
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._topic = f"two-bowls-{new_id()}"
        self._tells: dict[str, Callable[[Progress], None]] = {}
        self._client: Client | None = None
        self._is_closing = threading.Event()
        self._thread = threading.Thread(target=self._keep_in_touch, daemon=True, name="cluster")
        self.places = 0
        self.trouble = ""

    def open(self) -> None:
        """Begin to look for the scheduler; nobody waits for it."""
        self._thread.start()

    def begin(self, errand: Errand, tell: Callable[[Progress], None]) -> "ClusterWork":
        """See `Machines`."""
        key = f"clip-{errand.name}-{new_id()[:8]}"
        self._tells[key] = tell
        return ClusterWork(self, errand, key)

    def submit(self, errand: Errand, key: str) -> "Future":
        """Hand an errand to the scheduler.

        Raises
        ------
        LostError
        """
        client = self._client
        if client is None:
            raise LostError("no scheduler")
        try:
            return client.submit(analyse, errand, self._topic, key=key, pure=False)
        except Exception as error:  # whatever Dask raises when the line has just gone
            raise LostError("no scheduler") from error

    @property
    def url(self) -> str:
        """Where films and what is made of them travel, if not in a shared folder."""
        return self._settings.store_url

    def forget(self, key: str) -> None:
        """Listen to a task no more."""
        self._tells.pop(key, None)

    def close(self) -> None:
        """Take leave of the scheduler, which gives up what still runs for us."""
        self._is_closing.set()
        if self._thread.is_alive():
            self._thread.join(timeout=2 * _ANSWER_S)
        client, self._client = self._client, None
        if client is not None:
            with suppress(Exception):
                client.close(timeout=_ANSWER_S)

    def _keep_in_touch(self) -> None:
        """Find the scheduler, again and again if need be; the body of a thread."""
        while not self._is_closing.is_set():
            try:
                self._look()
            except ImportError:
                self._lost(_MISSING)
                return
            except Exception as error:  # Dask has many ways to say that nobody is there
                self._lost(
                    f"the scheduler at {self._settings.scheduler} does not answer "
                    f"({type(error).__name__})"
                )
            self._is_closing.wait(_LOOK_S)

    def _look(self) -> None:
        if self._client is not None and self._client.status == "closed":
            self._client = None
        if self._client is None:
            self._client = connect(self._settings)
            self._client.subscribe_topic(self._topic, self._heard)
        if self._client.status != "running":
            self._lost(f"the line to the scheduler at {self._settings.scheduler} is broken")
            return
        places = int(sum(self._client.nthreads().values()))
        was = self.places
        self.places = places
        self.trouble = "" if places else "the scheduler has no worker"
        if places and not was:
            # After a break the scheduler may know nothing of us any more.
            self._client.subscribe_topic(self._topic, self._heard)
            events.note("cluster_found", places=places)

    def _lost(self, why: str) -> None:
        if self.trouble != why:
            events.warn("cluster_lost", why=why)
        self.places, self.trouble = 0, why

    def _heard(self, event: tuple[float, dict[str, Any]]) -> None:
        _, said = event
        step, tell = progress_of(said), self._tells.get(str(said.get("key")))
        if step is not None and tell is not None:
            tell(step)


class ClusterWork:
    """One film on the cluster; see `analysis.service.machines.Work`."""

    def __init__(self, cluster: Cluster, errand: Errand, key: str) -> None:
        self._cluster = cluster
        self._errand = errand
        self._key = key
        self._lock = threading.Lock()
        self._future: Future | None = None
        self._cause: State | None = None

    def run(self) -> End:
        """See `Work`."""
        try:
            with _sent(self._errand, self._cluster.url) as errand:
                return _received(self._run(errand), Path(self._errand.request.out))
        finally:
            self._cluster.forget(self._key)

    def _run(self, errand: Errand) -> End:
        from distributed import KilledWorker
        from distributed.client import FutureCancelledError

        with self._lock:
            if self._cause is not None:
                return End(state=self._cause)
            future = self._future = self._cluster.submit(errand, self._key)
        try:
            end = future.result()
        except FutureCancelledError as error:
            return self._given_up(error)
        except KilledWorker:
            # One worker after the other was lost with this film.
            events.crash("workers_lost")
            return End(state=State.CRASHED)
        if not isinstance(end, End):
            raise TypeError("expected the end of an errand")
        return end

    def _given_up(self, error: Exception) -> End:
        """Tell a film that we have cancelled from one whose scheduler is gone."""
        if self._cause is None:
            raise LostError("the scheduler is gone") from error
        return End(state=self._cause)

    def end(self, cause: State) -> None:
        """See `Work`."""
        with self._lock:
            self._cause = self._cause or cause
            future = self._future
        if future is not None:
            with suppress(Exception):  # the line may be gone, and the film with it
                future.cancel()


def connect(settings: Settings) -> "Client":
    """Call the scheduler; certificates come from Dask's own configuration.

    Raises
    ------
    ImportError
        If Dask is not installed.
    OSError
        If nobody answers.
    """
    from distributed import Client

    return Client(settings.scheduler, timeout=_ANSWER_S, set_as_default=False, name="two-bowls")


def examine(settings: Settings) -> str:
    """Look at the cluster for the doctor, and whether its machines see the films.

    Raises
    ------
    MissingPartError
        If Dask is not installed.
    OSError
        If nobody answers, or there is no worker that sees the films.
    """
    try:
        client = connect(settings)
    except ImportError:
        raise MissingPartError("dask", _MISSING) from None
    except Exception as error:
        kind = type(error).__name__
        raise OSError(f"the scheduler at {settings.scheduler} does not answer ({kind})") from None
    try:
        seen = client.run(_sees, str(settings.shared), settings.store_url)
    finally:
        client.close(timeout=_ANSWER_S)
    if not seen:
        raise OSError(f"the scheduler at {settings.scheduler} has no worker")
    blind = sorted(name for name, ok in seen.items() if not ok)
    if blind:
        place = settings.store_url or settings.shared
        raise OSError(f"{', '.join(blind)} cannot read and write {place}")
    return f"{settings.scheduler}, {len(seen)} worker(s) that see the films"


# What follows runs on the machines of the cluster.


def analyse(errand: Errand, topic: str) -> End:
    """Do an errand on this worker: the task.

    Parameters
    ----------
    errand : Errand
    topic : str
        Of Dask's events, where the progress is told.

    Returns
    -------
    End
        Always: an error would be logged with all that was asked.
    """
    from distributed import get_worker

    events.show()
    worker = get_worker()
    key = worker.get_current_task()
    told_s = 0.0

    def tell(step: Progress) -> None:
        nonlocal told_s
        now = time.monotonic()
        if now - told_s >= _TELL_S:
            told_s = now
            worker.log_event(topic, {"key": key, **asdict(step)})

    def is_unwanted() -> bool:
        # A task that runs is not interrupted by Dask; its worker only notes that nobody
        # wants it, be it cancelled or its server gone, or that it is to end itself.
        task = worker.state.tasks.get(key)
        return worker.status.name not in _WORKING or task is None or task.state not in _WANTED

    try:
        with _fetched(errand) as near:
            if not Path(near.request.film).is_file():
                events.warn("film_not_seen", job=errand.name)
                return End(state=State.MISSING, message=_UNSEEN)
            child = _nursery(errand.nice).take()
            if child is None:
                return End(state=State.CRASHED)
            end = Attendant(child, near, tell=tell, is_unwanted=is_unwanted).run()
            return _brought_back(end, errand)
    except Exception:
        events.crash("errand_error")
        return End(state=State.CRASHED)


_nurseries: dict[int, Nursery] = {}
_lock: Final = threading.Lock()


def _nursery(nice: int) -> Nursery:
    """Where the children of this worker come from."""
    with _lock:
        if nice not in _nurseries:
            _nurseries[nice] = Nursery(worker_command(nice))
            _nurseries[nice].open()
        return _nurseries[nice]


def _sees(folder: str, url: str) -> bool:
    """Tell whether this worker can read and write where films and results lie."""
    mark = new_id()
    try:
        if url:
            bucket = bucket_of(url)
            bucket.write(mark, b"")
            bucket.remove(mark)
            return True
        path = Path(folder) / f".{mark}"
        path.touch()
        path.unlink()
    except OSError:
        return False
    return True


# How films travel where there is no folder that all machines see.


@contextmanager
def _sent(errand: Errand, url: str) -> Iterator[Errand]:
    """Lay a film where a worker can fetch it, for as long as it is wanted there."""
    if not url:
        yield errand
        return
    place = f"{url.rstrip('/')}/films/{new_id()}"
    bucket = bucket_of(place)
    try:
        bucket.send(Path(errand.request.film), FILM)
        yield replace(errand, request=replace(errand.request, film=f"{place}/{FILM}", out=place))
    finally:
        with suppress(OSError):
            bucket.remove()


@contextmanager
def _fetched(errand: Errand) -> Iterator[Errand]:
    """Have the film of an errand on this machine."""
    if "://" not in errand.request.film:
        yield errand
        return
    spool = _spool()
    job_id = spool.new()
    try:
        film = spool.film(job_id)
        bucket_of(errand.request.out).fetch(film.name, film)
        near = replace(errand.request, film=str(film), out=str(spool.out(job_id)))
        yield replace(errand, request=near)
    finally:
        spool.remove(job_id)


def _brought_back(end: End, errand: Errand) -> End:
    """Lay what a child wrote where the server can fetch it."""
    away = errand.request.out
    if "://" not in away or not end.out:
        return end
    bucket = bucket_of(away)
    # Nothing but plain files is taken from a child; which of them count the server knows.
    found = [p for p in Path(end.out).glob("*") if p.is_file() and not p.is_symlink()]
    for path in found[:_MOST_PARTS]:
        bucket.send(path, f"{OUT}/{path.name}")
    return replace(end, out=f"{away}/{OUT}")


def _received(end: End, out: Path) -> End:
    """Fetch what a worker brought back to a folder of the spool."""
    if "://" not in end.out:
        return end
    bucket, folder = bucket_of(end.out), private_folder(out / new_id())
    for name in bucket.names()[:_MOST_PARTS]:
        if "/" not in name:
            bucket.fetch(name, folder / name)
    return replace(end, out=str(folder))


_spools: list[Spool] = []


def _spool() -> Spool:
    """Folder of films on this worker; what a worker left here that was lost goes."""
    with _lock:
        if not _spools:
            settings = Settings.from_environment()
            spool = Spool(private_folder(settings.data) / "worker", max_bytes=settings.spool_bytes)
            spool.open()
            for job_id in spool.adopt():
                spool.remove(job_id)
            _spools.append(spool)
        return _spools[0]
