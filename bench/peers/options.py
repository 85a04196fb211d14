"""What every Python peer is told on its command line."""

from __future__ import annotations

import argparse
import sys

FIRST = "first_event"
FINISHED = "finished"


def options() -> argparse.Namespace:
    """Bootstrap, group, topic and out; schema ids; a folder of its own."""
    parser = argparse.ArgumentParser()
    for name in ("bootstrap", "group", "topic", "out", "folder"):
        parser.add_argument(f"--{name}", required=True)
    for name in ("tick-schema", "detected-schema", "annotated-schema"):
        parser.add_argument(f"--{name}", type=int, required=True)
    return parser.parse_args()


def say(sign: str) -> None:
    """A line of the log that the measurement waits for."""
    sys.stderr.write(f"{sign}\n")
    sys.stderr.flush()
