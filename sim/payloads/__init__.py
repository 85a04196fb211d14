"""The story as the connectors' sources would send it: raw bodies, resends and noise included."""

from __future__ import annotations

from collections.abc import Iterator

from sim.chance import Chance
from sim.payloads import frigate, noise, sikesal, sipaten, webhooks
from sim.payloads.parcels import Account, Ledger, Parcel, Payload
from sim.story import Story

__all__ = ["Account", "Parcel", "Payload", "accounting", "parcels"]


def parcels(story: Story, seed: int) -> list[Parcel]:
    """Every parcel in the order of arrival."""
    chance = Chance(seed, "arrivals")
    facts = [*_facts(story, chance)]
    again = noise.resends(facts, Chance(seed, "resends"))
    bad = noise.broken(Chance(seed, "broken"), story.day, story.end)
    return sorted([*facts, *again, *bad], key=lambda parcel: (parcel.at, parcel.connector))


def _facts(story: Story, chance: Chance) -> Iterator[Parcel]:
    complaints = (*story.complaints, *story.strays.complaints)
    services = (*story.services, *story.strays.services)
    yield from webhooks.calls("sikesal", sikesal.records(complaints), chance, story.end)
    yield from webhooks.calls("sipaten", sipaten.records(services), chance, story.end)
    yield from frigate.detections(story.detections, chance, story.end)
    yield from frigate.statistics(story.watch.stats, chance)


def accounting(all_parcels: list[Parcel]) -> dict[str, Account]:
    """Per connector: received = accepted + duplicate + rejected, counted in records."""
    ledger = Ledger()
    ledger.book(all_parcels)
    return ledger.accounts
