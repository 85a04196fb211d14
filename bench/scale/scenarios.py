"""Every scenario, by the name that the command line knows."""

from __future__ import annotations

from collections.abc import Mapping

from bench.detections import Shape
from bench.scale import meddling
from bench.scale.scenario import Scenario

_FIFTHS = (
    "events_per_s_first_fifth",
    "events_per_s_last_fifth",
    "rss_mib_first_fifth",
    "rss_mib_last_fifth",
)
_LONG = 10_000_000
_SOON = ("--session-timeout=6",)
"""So a killed worker's partitions are free after 6 s: Kafka's least."""
_LATE = ("--session-timeout=90",)
"""A worker that stands still keeps its partitions that long: Faust takes no more."""
_LOAD = 100_000
"""Events a second: ten times 1,000 cameras."""

SCENARIOS: Mapping[str, Scenario] = {
    scenario.name: scenario
    for scenario in (
        Scenario(
            "even",
            "The stream of the fold job: 200 cameras, 500 events a second of event time.  The "
            "yardstick of the others.",
        ),
        Scenario(
            "hot",
            "One camera sends 90 % of all events, so one partition holds more than that.",
            Shape(hot=0.9),
            shows=("largest_partition_share",),
        ),
        Scenario(
            "cameras",
            "10,000 cameras that each see something every second: 50,000 cells in each minute.",
            Shape(cameras=10_000, a_second=10_000),
            events=4_000_000,
            shows=("cells",),
        ),
        Scenario(
            "cells",
            "More than 1,000,000 cells: 10,000 cameras that see something three times a minute, "
            "so that few events share one.",
            Shape(cameras=10_000),
            shows=("cells",),
        ),
        Scenario(
            "partitions-48",
            "The even stream over 48 partitions of each topic, all read by one worker.",
            events=4_000_000,
            partitions=48,
            shows=("largest_partition_share", "published_later_s"),
        ),
        Scenario(
            "uneven",
            "One partition holds 70 %, and two are read last: of two workers in a group one stands "
            "still (SIGSTOP) from its first records until the other has read and committed all of "
            "its own partitions.",
            Shape(hot=0.6),
            events=_LONG,
            workers=2,
            options=_LATE,
            meddle=meddling.one_reads_last,
            shows=(
                "largest_partition_share", "read_last", "read_last_share",
                "done_of_it_when_the_rest_was_through_share", "late",
            ),
        ),
        Scenario(
            "long",
            "Five times the even stream: speed and memory in the first and last fifth of it.",
            events=_LONG,
            shows=_FIFTHS,
        ),
        Scenario(
            "slow-broker",
            "The even stream while the broker may run for 10 ms of each 250 ms only "
            "(SIGSTOP, SIGCONT).",
            meddle=meddling.broker_held_up,
            shows=("longest_lag_records",),
        ),
        Scenario(
            "killed",
            "The worker is killed (SIGKILL) at a quarter and at half of the input and another "
            "one started at once, which gets the partitions when Kafka gives the dead one up "
            "(6 s).  Every 10,000th record of a partition is one that nobody can read.  What is "
            "rejected is counted by a process for itself, so that this count ends with it.",
            events=4_000_000,
            options=_SOON,
            poison_every=10_000,
            meddle=meddling.killed_twice,
            shows=("killed_at", "until_read_again_s", "poison", "letters"),
        ),
        Scenario(
            "rebalance",
            f"The even stream comes at {_LOAD:,} events a second.  A second worker joins at a "
            "quarter of the input and leaves in good order at half of it, or as soon as it has "
            "joined.  The pause is the longest time between two growths of a partition's "
            "committed offset; the usual one is that between two ticks, as only they commit.",
            events=4_000_000,
            rate=_LOAD,
            meddle=meddling.one_joins_and_leaves,
            shows=("usual_pause_s", "joining_pause_s", "leaving_pause_s"),
        ),
        *(
            Scenario(
                name,
                f"The even stream comes at {_LOAD:,} events a second; one of two workers is "
                f"stopped in good order at a quarter of it and started again, {how}.",
                events=4_000_000,
                workers=2,
                instances=static,
                rate=_LOAD,
                meddle=meddling.one_restarts,
                shows=(
                    "usual_pause_s", "others_pause_s", "its_own_pause_s", "back_after_s",
                    "rebalances_of_the_other",
                ),
            )
            for name, static, how in (
                ("restart", False, "as another member of the group"),
                ("restart-static", True, "as the same member of the group (`--instance`)"),
            )
        ),
    )
}  # fmt: skip
