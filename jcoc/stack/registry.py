"""Apicurio Registry with its data in one H2 file; speaks the Confluent API."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from pathlib import Path

from jcoc.stack.java import JAVA
from jcoc.stack.state import CCOMPAT

OPTIONS = {
    "quarkus.http.host": "127.0.0.1",
    # Health and metrics on a second port that nobody of us needs: any free one, on loopback.
    "quarkus.management.host": "127.0.0.1",
    "quarkus.management.port": "0",
    "quarkus.http.access-log.enabled": "false",
    "apicurio.storage.kind": "sql",
    "apicurio.storage.sql.kind": "h2",
    "apicurio.datasource.jdbc.initial-size": "2",
    "apicurio.datasource.jdbc.min-size": "2",
    "apicurio.datasource.jdbc.max-size": "10",
}


def command(application: Path, data: Path, port: int) -> list[str]:
    """What to run."""
    # H2 writes half a second late by default: a kill would lose ids that clients already use.
    url = f"jdbc:h2:file:{data / 'registry' / 'registry'};WRITE_DELAY=0"
    options = {**OPTIONS, "quarkus.http.port": str(port), "apicurio.datasource.url": url}
    return [
        str(JAVA),
        "-Xmx192m",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        *(f"-D{name}={value}" for name, value in options.items()),
        "-jar",
        str(application / "quarkus-run.jar"),
    ]


def healthy(port: int) -> bool:
    """True once it lists its subjects."""
    url = f"http://127.0.0.1:{port}{CCOMPAT}/subjects"
    # No proxy of the environment may stand between us and loopback.
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(url, timeout=5) as answer:
            return isinstance(json.load(answer), list)
    except (OSError, ValueError):
        return False
