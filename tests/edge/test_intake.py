"""Nothing personal leaves the edge, and nothing else is lost there."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.manifest import Raw
from core.normalize import CUT_FROM, normalize
from core.outcome import Reason, Reject
from edge.intake import LARGEST_BYTES, intake, redacted, scrubbed
from tests.edge.sources import KEY, MANIFEST, NOON, lines, redact

PERSONAL = replace(MANIFEST, redact=redact)
SPLIT = replace(MANIFEST, split=lines)
DEEP = b"[" * 100_000 + b"]" * 100_000


def test_personal_fields_become_pseudonyms() -> None:
    hidden = redacted(PERSONAL, b'{"name": "Siti"}', KEY)
    assert json.loads(hidden) == {"name": KEY.of("Siti")}


@pytest.mark.parametrize(
    "body",
    [
        b'{"name": "Siti", "phone": 081234567890',
        b'{"phone": "0812-3456-7890", "name": "Siti \\" Aminah", oops',
        b"<case><name>Siti</name><phone>+62 812 3456 7890</phone>",
        b"\xff name=Siti\nname=Siti&phone=081234567890",
        '{"name": "Siti", "phone": 081234567890'.encode("utf-16"),
        b"\xff\xfe" + '{"name": "Siti", "phone": 081234567890'.encode("utf-16-le") + b"\x00",
    ],
)
def test_a_body_that_cannot_be_read_shows_no_person_either(body: bytes) -> None:
    plain = redacted(PERSONAL, body, KEY).replace(b"\x00", b"")
    assert b"Siti" not in plain
    assert b"081234567890" not in plain
    assert b"[phone]" in plain


def test_a_body_too_deep_to_read_is_still_forwarded() -> None:
    assert redacted(PERSONAL, DEEP, KEY) == DEEP


@given(st.binary())
def test_scrubbing_keeps_bytes_that_show_nobody(body: bytes) -> None:
    # Above ASCII nothing is a letter of a number, an address or a plate.
    quiet = b"\xffx" + bytes(byte for byte in body if byte > 0x7F)
    assert scrubbed(quiet, ()) == quiet


def test_a_payload_over_the_limit_is_parted_by_the_split() -> None:
    line = b"x" * (LARGEST_BYTES - 1)
    sent = list(intake(SPLIT, Raw(line + b"\n" + line, NOON, {"topic": "t"}), KEY))
    assert [raw.body for raw in sent] == [line, line]
    assert [raw.headers for raw in sent] == [
        {"topic": "t", "part": "0"},
        {"topic": "t", "part": "1"},
    ]


def test_what_no_split_makes_smaller_ends_as_one_reject_with_its_beginning() -> None:
    giant = b"x" * 10_000_000
    (sent,) = intake(SPLIT, Raw(giant, NOON), KEY)
    assert sent.headers[CUT_FROM].startswith("10000000 bytes, sha256 ")
    (outcome,) = normalize(MANIFEST, sent)
    assert isinstance(outcome, Reject)
    assert outcome.reason == Reason.TOO_LARGE
    assert outcome.raw == giant[:LARGEST_BYTES]


def test_an_empty_payload_is_forwarded() -> None:
    assert [raw.body for raw in intake(MANIFEST, Raw(b"", NOON), KEY)] == [b""]
