"""Plays the city's source systems: publishes over MQTT and calls the webhooks."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Self

import aiohttp
import aiomqtt

from core.webhook_signature import signed_headers
from jcoc.demo.parts import SECRET, Parts
from jcoc.exits import Away
from sim.payloads import Payload

_AT_ONCE = 50
_PATIENCE_S = 60.0


class Sources:
    """An async context manager; `send` returns when the edge has taken everything."""

    def __init__(self, parts: Parts) -> None:
        """`parts` are started."""
        self._parts = parts
        self._http: aiohttp.ClientSession | None = None
        self._mqtt: aiomqtt.Client | None = None
        self._calls = 0

    async def __aenter__(self) -> Self:
        """Connect, waiting for the receiver to come up."""
        self._http = aiohttp.ClientSession(f"http://127.0.0.1:{self._parts.webhook_port}")
        self._mqtt = aiomqtt.Client("127.0.0.1", self._parts.stack.mqtt_port)
        self._mqtt.pending_calls_threshold = 2 * _AT_ONCE
        await self._mqtt.__aenter__()
        end = time.monotonic() + _PATIENCE_S
        while not await self._answers():
            self._parts.check()
            if time.monotonic() > end:
                raise Away("the webhook receiver does not answer; see connect.log")
            await asyncio.sleep(0.1)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Disconnect."""
        if self._mqtt is not None:
            await self._mqtt.__aexit__(kind, error, trace)
        if self._http is not None:
            await self._http.close()

    async def send(self, payloads: Sequence[Payload]) -> None:
        """Send in order of arrival per source; webhooks are answered, MQTT acknowledged."""
        gate = asyncio.Semaphore(_AT_ONCE)

        async def one(payload: Payload) -> None:
            async with gate:
                if payload.connector == "frigate":
                    await self._publish(payload)
                else:
                    await self._call(payload)

        await asyncio.gather(*(one(payload) for payload in payloads))

    async def _answers(self) -> bool:
        assert self._http is not None
        try:
            async with self._http.get("/health") as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False

    async def _publish(self, payload: Payload) -> None:
        assert self._mqtt is not None
        await self._mqtt.publish(payload.headers["topic"], payload.body, qos=1, timeout=60)

    async def _call(self, payload: Payload) -> None:
        assert self._http is not None
        self._calls += 1
        now = time.time_ns() // 1000
        headers = signed_headers(SECRET, f"demo-{self._calls}", now, payload.body)
        headers |= {"content-type": payload.headers.get("content-type", "application/json")}
        path = f"/hooks/{payload.connector}"
        for pause in (0.2, 0.5, 1.0, 2.0, 5.0, 5.0):
            async with self._http.post(path, data=payload.body, headers=headers) as answer:
                if answer.status < 500:
                    return
            await asyncio.sleep(pause)
        raise Away(f"{path} answers {answer.status} again and again; see connect.log")
