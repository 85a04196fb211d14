"""Standard Webhooks, with the PyPI package `standardwebhooks` as the oracle."""

import base64
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook

from core import moment
from core.webhook_signature import TOLERANCE, key_of, sign, signed_headers, verify

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
OTHER = "whsec_" + base64.b64encode(bytes(range(1, 25))).decode()
KEYS = (key_of(SECRET),)
NOON = moment.parse("2026-11-23T12:00:00Z")
BODY = b'{"versi": 1}'


def headers(**changed: str) -> dict[str, str]:
    named = {name.replace("_", "-"): value for name, value in changed.items()}
    return signed_headers(SECRET, "msg_1", NOON, BODY) | named


@given(
    body=st.text(st.characters(codec="utf-8")),
    message_id=st.from_regex(r"[0-9A-Za-z_.-]{1,40}", fullmatch=True),
    key=st.binary(min_size=24, max_size=64),
    seconds=st.integers(0, 4_000_000_000),
)
def test_signs_like_the_reference(body: str, message_id: str, key: bytes, seconds: int) -> None:
    at = datetime.fromtimestamp(seconds, UTC)
    expected = Webhook(key).sign(message_id, at, body)
    assert sign(key, message_id, str(seconds), body.encode()) == expected


def test_the_reference_believes_what_we_sign() -> None:
    now = moment.from_datetime(datetime.now(UTC))
    Webhook(SECRET).verify(BODY, signed_headers(SECRET, "msg_1", now, BODY))


def test_takes_a_signed_body() -> None:
    assert verify(KEYS, headers(), BODY, NOON).status == 204


@given(body=st.binary())
def test_takes_bodies_that_are_no_text(body: bytes) -> None:
    assert verify(KEYS, signed_headers(SECRET, "m", NOON, body), body, NOON).status == 204


@pytest.mark.parametrize("keys", [(key_of(OTHER), *KEYS), (*KEYS, key_of(OTHER))])
def test_takes_either_secret_while_it_is_being_changed(keys: tuple[bytes, ...]) -> None:
    assert verify(keys, headers(), BODY, NOON).status == 204


def test_takes_either_signature_while_the_secret_is_being_changed() -> None:
    old = sign(key_of(OTHER), "msg_1", headers()["webhook-timestamp"], BODY)
    both = f"{old} {headers()['webhook-signature']}"
    assert verify(KEYS, headers(webhook_signature=both), BODY, NOON).status == 204


@pytest.mark.parametrize("off", [-TOLERANCE, TOLERANCE])
def test_takes_a_clock_that_is_five_minutes_off(off: int) -> None:
    assert verify(KEYS, headers(), BODY, NOON + off).status == 204


@pytest.mark.parametrize(("off", "word"), [(-TOLERANCE - 1, "ahead of"), (TOLERANCE + 1, "behind")])
def test_refuses_a_clock_that_is_further_off(off: int, word: str) -> None:
    reply = verify(KEYS, headers(), BODY, NOON + off)
    assert reply.status == 401
    assert word in reply.detail


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_names_the_header_that_is_missing(name: str) -> None:
    reply = verify(KEYS, {k: v for k, v in headers().items() if k != name}, BODY, NOON)
    assert reply.status == 400
    assert name in reply.detail


@pytest.mark.parametrize("text", ["1.5", "1e9", "-1", "+1", " 1", "٣", "nan", "9" * 13, "0x1"])
def test_refuses_a_timestamp_that_is_not_whole_seconds(text: str) -> None:
    assert verify(KEYS, headers(webhook_timestamp=text), BODY, NOON).status == 400


@pytest.mark.parametrize(
    "text", ["v1", "v1,", "v1,!!", "v1,aGk=", "v2,aGk=", ",", "v1,a,b", "v1,\udcff", "sig"]
)
def test_a_malformed_signature_is_told_as_such(text: str) -> None:
    reply = verify(KEYS, headers(webhook_signature=text), BODY, NOON)
    assert reply.status == 400
    assert "v1" in reply.detail


def test_a_malformed_signature_beside_a_good_one_does_no_harm() -> None:
    mixed = f"v1,!! v1 v2,x {headers()['webhook-signature']}"
    assert verify(KEYS, headers(webhook_signature=mixed), BODY, NOON).status == 204


def test_refuses_more_signatures_than_any_rotation_needs() -> None:
    many = " ".join([headers()["webhook-signature"]] * 33)
    assert verify(KEYS, headers(webhook_signature=many), BODY, NOON).status == 400


@pytest.mark.parametrize(
    ("changed", "body"),
    [
        ({"webhook_id": "msg_2"}, BODY),
        ({"webhook_timestamp": str(NOON // moment.SECOND + 1)}, BODY),
        ({}, BODY + b" "),
    ],
)
def test_refuses_what_was_changed_after_signing(changed: dict[str, str], body: bytes) -> None:
    assert verify(KEYS, headers(**changed), body, NOON).status == 401


def test_refuses_everybody_while_no_secret_is_set() -> None:
    assert verify((), headers(), BODY, NOON).status == 401


def test_refuses_an_id_that_is_not_text() -> None:
    assert verify(KEYS, headers(webhook_id="\udcff"), BODY, NOON).status == 400


@given(st.dictionaries(st.sampled_from(sorted(headers())), st.text(), min_size=3), st.binary())
def test_never_raises_and_never_believes_a_stranger(sent: dict[str, str], body: bytes) -> None:
    assert verify(KEYS, sent, body, NOON).status in (400, 401)


@given(st.sampled_from([headers(), headers(webhook_id="x"), {}]), st.binary())
def test_never_shows_the_secret(sent: dict[str, str], body: bytes) -> None:
    shown = verify(KEYS, sent, body, NOON).detail
    assert SECRET not in shown
    assert sign(KEYS[0], "msg_1", headers()["webhook-timestamp"], body) not in shown


@pytest.mark.parametrize(
    "secret",
    [
        "", "whsec_", "AAAA", "whsec_!!!!", "whsec_ü",
        "whsec_" + base64.b64encode(bytes(23)).decode(),
        "whsec_" + base64.b64encode(bytes(65)).decode(),
    ],
)  # fmt: skip
def test_refuses_a_secret_that_is_none_without_showing_it(secret: str) -> None:
    with pytest.raises(ValueError, match="a webhook secret") as caught:
        key_of(secret)
    assert len(secret) < 8 or secret not in str(caught.value)
