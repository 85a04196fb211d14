"""The Java artifacts of the stack: pinned by SHA-256 in `artifacts.lock`, fetched from Maven.

Nothing is used that does not have the locked hash.  A file appears under its name only when it
is whole and verified, and one download runs at a time, so any number of stacks may share a home.
"""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jcoc.exits import Away

LOCK = Path(__file__).with_name("artifacts.lock")
TRIES = 3

Progress = Callable[[int, int], None]
"""Called with (bytes fetched so far, bytes in all)."""


def silent(_done: int, _total: int) -> None:
    """Show no progress."""


@dataclass(frozen=True, slots=True)
class Artifact:
    """One locked file.  `coordinate` is group:artifact:version:packaging[:classifier]."""

    part: str
    sha256: str
    size: int
    coordinate: str

    @property
    def file(self) -> str:
        """File name in the home folder; the hash is in it, so versions never mix."""
        _, name, version, packaging, *classifier = self.coordinate.split(":")
        return f"{'-'.join((name, version, *classifier, self.sha256[:12]))}.{packaging}"


def locked(part: str) -> list[Artifact]:
    """What the lock file holds for `part` ("kafka" or "registry")."""
    lines = (line.split() for line in LOCK.read_text().splitlines() if not line.startswith("#"))
    artifacts = [Artifact(part, digest, int(size), name) for part, digest, size, name in lines]
    return [artifact for artifact in artifacts if artifact.part == part]


def jars(home: Path, repository: str = "", progress: Progress = silent) -> list[Path]:
    """Class path of Kafka, fetched if it is not there.  Raises `Away`."""
    artifacts = locked("kafka")
    with _alone(home):
        _fetch(artifacts, home, repository, progress)
    return [home / artifact.file for artifact in artifacts]


def application(home: Path, repository: str = "", progress: Progress = silent) -> Path:
    """Unpacked folder of the registry, fetched if it is not there.  Raises `Away`."""
    (artifact,) = locked("registry")
    folder = home / artifact.file.removesuffix(".tar.gz")
    with _alone(home):
        if not folder.exists():
            _fetch([artifact], home, repository, progress)
            draft = home / "unpacking"
            shutil.rmtree(draft, ignore_errors=True)
            with tarfile.open(home / artifact.file) as archive:
                # Python 3.11.2 (Debian 12) has no filter yet; the hash says what is in there.
                archive.extraction_filter = getattr(tarfile, "data_filter", None)
                archive.extractall(draft)
            draft.rename(folder)
            (home / artifact.file).unlink()
    return folder


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    home.mkdir(parents=True, exist_ok=True)
    with (home / "download.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _fetch(artifacts: Iterable[Artifact], home: Path, repository: str, progress: Progress) -> None:
    missing = [artifact for artifact in artifacts if not _there(home / artifact.file, artifact)]
    if not missing:
        return
    total = sum(artifact.size for artifact in missing)
    done = 0

    def seen(count: int) -> None:
        nonlocal done
        done += count
        progress(min(done, total), total)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda artifact: _one(artifact, home, repository, seen), missing))


def _there(path: Path, artifact: Artifact) -> bool:
    return path.exists() and path.stat().st_size == artifact.size


def _one(artifact: Artifact, home: Path, repository: str, seen: Callable[[int], None]) -> None:
    why = ""
    for _ in range(TRIES):
        with tempfile.TemporaryDirectory(dir=home) as draft:
            try:
                file = download(artifact.coordinate, Path(draft), repository, seen)
            except (OSError, RuntimeError) as error:  # requests' errors are OSErrors
                why = str(error)
                continue
            if digest(file) == artifact.sha256:
                file.rename(home / artifact.file)
                return
            why = f"its SHA-256 is {digest(file)}, the lock says {artifact.sha256}"
    raise Away(f"{artifact.coordinate} cannot be fetched from the Maven repository: {why}")


def download(
    coordinate: str, into: Path, repository: str, seen: Callable[[int], None] = lambda _: None
) -> Path:
    """Fetch one coordinate with jgo into an empty folder; raises OSError or RuntimeError."""
    # jgo takes long to import, and most commands never download anything.
    from jgo.maven import MavenContext, PythonResolver

    @contextmanager
    def report(_name: str, _size: int) -> Iterator[Callable[[int], None]]:
        yield seen

    context: Any = MavenContext(
        resolver=PythonResolver(progress_callback=report),
        repo_cache=into,
        local_repos=[],
        remote_repos={"configured": repository.rstrip("/")} if repository else None,
        timeout=60,
    )
    group, name, version, packaging, *classifier = coordinate.split(":")
    component = context.project(group, name).at_version(version)
    path: Path = component.artifact("".join(classifier), packaging).resolve()
    return path


def digest(file: Path) -> str:
    """SHA-256 of a file in hexadecimal."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
