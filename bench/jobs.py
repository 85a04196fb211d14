"""Every throughput job, by the name that the command line knows."""

from __future__ import annotations

from collections.abc import Mapping

from bench import fold, normalize
from bench.job import Job

JOBS: Mapping[str, Job] = {job.name: job for job in (fold.JOB, normalize.JOB)}
EVENTS: Mapping[str, int] = {"fold": 2_000_000, "normalize": 1_000_000}
"""How many of them are measured, unless told otherwise."""
