"""What goes over the wire, and what is known about it beforehand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

Render = Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class Payload:
    """One raw payload as a source sends it, at the moment when the edge gets it.

    `headers` are those of `core.manifest.Raw`: `topic` for MQTT, `content-type` for a webhook.
    Personal fields are still in it: the edge takes them out.
    """

    connector: str
    body: bytes
    headers: Mapping[str, str]
    at: int


@dataclass(frozen=True, slots=True)
class Parcel:
    """A payload not yet written out: `good` events of records that fit, `bad` ones that do not.

    `again` marks a resend, whose good records are all duplicates.
    """

    connector: str
    at: int
    render: Render
    headers: Mapping[str, str]
    good: int = 1
    bad: int = 0
    again: bool = False

    def payload(self) -> Payload:
        """The payload itself."""
        return Payload(self.connector, self.render(), self.headers, self.at)


@dataclass(slots=True)
class Account:
    """Records of one connector by what must become of them."""

    received: int = 0
    accepted: int = 0
    duplicate: int = 0
    rejected: int = 0


@dataclass(slots=True)
class Ledger:
    """The accounts of all connectors."""

    accounts: dict[str, Account] = field(default_factory=dict)

    def book(self, parcels: Iterable[Parcel]) -> None:
        """Count parcels in."""
        for parcel in parcels:
            account = self.accounts.setdefault(parcel.connector, Account())
            account.received += parcel.good + parcel.bad
            account.rejected += parcel.bad
            if parcel.again:
                account.duplicate += parcel.good
            else:
                account.accepted += parcel.good
