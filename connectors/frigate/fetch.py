"""The half that talks to the MQTT broker; it decides nothing about the data.

Nothing acknowledged is lost: the session is persistent, and a message is acknowledged to the
broker (PUBACK, by hand) only after `cursor.save` returned, that is, after Kafka acknowledged
everything yielded before.  A kill in between makes the broker send it again, and the same bytes
are the same events.  Two limits lie outside: Frigate must publish with QoS 1 (`mqtt: qos: 1` in
its configuration; QoS 0 is never sent again), and the broker must keep enough of the queue while
we are away (Mosquitto: `max_queued_messages`, 1,000 by default).
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import aiomqtt
from aiomqtt.exceptions import MqttConnectError
from paho.mqtt.reasoncodes import ReasonCode
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from core import moment
from core.manifest import Cursor, Raw
from core.outcome import Halt, Retry

TOPICS = (
    "available",
    "events",
    "reviews",
    "stats",
    "tracked_object_update",
    "triggers",
    "+/status/#",
)
UNACKNOWLEDGED = 500
"""Messages taken before Kafka must have acknowledged them, when they never pause."""
_REFUSED = {
    2: "client id",
    4: "user name or password",
    5: "user",
    133: "client id",
    134: "user name or password",
    135: "user",
}
"""CONNACK codes of MQTT 3.1.1, and what paho makes of them."""
_FAILED = 128


class Settings(BaseSettings):
    """Where Frigate's MQTT broker is."""

    model_config = SettingsConfigDict(
        env_prefix="JCOC_FRIGATE__", frozen=True, use_attribute_docstrings=True
    )

    host: str = "127.0.0.1"
    """Host of the MQTT broker that Frigate publishes to."""
    port: int = Field(1883, ge=1, le=65535)
    """Its port; 8883 is usual with TLS."""
    topic_prefix: str = Field("frigate", min_length=1, pattern=r"^[^#+]*[^#+/]$")
    """`mqtt.topic_prefix` of Frigate's configuration."""
    username: str = ""
    """User at the broker; empty for a broker that asks for none."""
    password: SecretStr = SecretStr("")
    """Password of that user."""
    client_id: str = Field("jcoc-frigate", min_length=1)
    """Names our session at the broker, which keeps messages for it; one per running connector."""
    tls: bool = False
    """Whether to encrypt and to check the broker's certificate."""
    ca_file: Path | None = None
    """Certificate authority of the broker, when it is not one the system knows."""
    keepalive: int = Field(30, ge=5, le=3600)
    """Seconds after which a silent connection is checked."""


async def fetch(settings: Settings, cursor: Cursor) -> AsyncIterator[Raw]:
    """Yield each message as it came, its topic in the headers."""
    try:
        async with _client(settings) as client:
            await _subscribe(client, settings)
            waiting: list[aiomqtt.Message] = []
            async for message in client.messages:
                received_at = moment.from_datetime(datetime.now(UTC))
                yield Raw(_bytes(message), received_at, {"topic": message.topic.value})
                waiting.append(message)
                if len(client.messages) == 0 or len(waiting) >= UNACKNOWLEDGED:
                    await cursor.save(moment.rfc3339(received_at))
                    _acknowledge(client, waiting)
    except aiomqtt.MqttError as error:
        raise _judged(error, settings) from error


def _client(settings: Settings) -> aiomqtt.Client:
    client = aiomqtt.Client(
        settings.host,
        settings.port,
        username=settings.username or None,
        password=settings.password.get_secret_value() or None,
        identifier=settings.client_id,
        clean_session=False,
        keepalive=settings.keepalive,
        tls_context=_tls(settings),
    )
    # aiomqtt hands a message on and acknowledges it at once; only paho below it can wait.
    client._client.manual_ack_set(on=True)  # noqa: SLF001
    return client


def _tls(settings: Settings) -> ssl.SSLContext | None:
    if not settings.tls:
        return None
    try:
        return ssl.create_default_context(cafile=settings.ca_file)
    except OSError as error:
        raise Halt(f"frigate: ca_file {settings.ca_file} cannot be read: {error}") from error


async def _subscribe(client: aiomqtt.Client, settings: Settings) -> None:
    wanted = [(f"{settings.topic_prefix}/{topic}", 1) for topic in TOPICS]
    granted: list[int | ReasonCode] = [*await client.subscribe(wanted)]
    for (topic, _), answer in zip(wanted, granted, strict=True):
        if _code(answer) >= _FAILED:
            raise Halt(f"frigate: the broker refused the subscription to {topic}: check its ACL")


def _acknowledge(client: aiomqtt.Client, waiting: list[aiomqtt.Message]) -> None:
    for message in waiting:
        client._client.ack(message.mid, message.qos)  # noqa: SLF001 - see _client
    waiting.clear()


def _bytes(message: aiomqtt.Message) -> bytes:
    return bytes(message.payload or b"")


def _code(answer: int | ReasonCode | None) -> int:
    return answer.value if isinstance(answer, ReasonCode) else answer or 0


def _judged(error: aiomqtt.MqttError, settings: Settings) -> Retry | Halt:
    """Bad weather, unless the broker says that it will never take us."""
    where = f"frigate: broker {settings.host}:{settings.port}"
    refused = _REFUSED.get(_code(error.rc)) if isinstance(error, MqttConnectError) else None
    if refused:
        return Halt(f"{where} refuses our {refused}: {error}")
    return Retry(f"{where}: {error}")
