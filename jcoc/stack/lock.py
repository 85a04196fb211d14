"""Write `artifacts.lock` anew: `python -m jcoc.stack.lock`, after changing ROOTS.

Resolves the run-time dependencies of the roots with jgo and notes hash and size of each file.
Review the difference before committing it: from then on these bytes and no others are run.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from jgo.maven import MavenContext

from jcoc.stack.artifacts import LOCK, digest, download

ROOTS = {
    "kafka": (
        "org.apache.kafka:kafka_2.13:4.3.1",
        # Kafka logs through slf4j 1.7, and brings no binding of it.
        "org.apache.logging.log4j:log4j-slf4j-impl:2.25.4",
    ),
}
PACKED = {"registry": "io.apicurio:apicurio-registry-app:3.3.3:tar.gz:all"}


def main() -> None:
    """Resolve, download, hash, write."""
    with tempfile.TemporaryDirectory() as folder:
        lines = ["# part sha256 size group:artifact:version:packaging[:classifier]"]
        for part, roots in ROOTS.items():
            lines += [_line(part, name, Path(folder)) for name in _resolved(roots, Path(folder))]
        lines += [_line(part, name, Path(folder)) for part, name in PACKED.items()]
    LOCK.write_text("\n".join(lines) + "\n")


def _resolved(roots: tuple[str, ...], folder: Path) -> list[str]:
    # One by one: together, the version management of one root would rule over the others.
    context = MavenContext(repo_cache=folder, local_repos=[])
    chosen: dict[tuple[str, str], str] = {}
    for root in roots:
        given, found = context.resolver.resolve([context.create_dependency(root)])
        for wanted in (*given, *found):
            if wanted.scope in {None, "compile", "runtime"}:
                name = (wanted.groupId, wanted.artifactId)
                chosen.setdefault(name, f"{':'.join(name)}:{wanted.version}:{wanted.type}")
    return sorted(chosen.values())


def _line(part: str, coordinate: str, folder: Path) -> str:
    file = download(coordinate, folder, "")
    return f"{part} {digest(file)} {file.stat().st_size} {coordinate}"


if __name__ == "__main__":
    main()
