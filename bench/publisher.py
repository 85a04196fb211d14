"""Publishes MQTT messages on a schedule that the other side cannot slow down."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from core import moment

_PACE_S = 0.005


class Publisher:
    """Numbers its messages from 0; `due` keeps when each should have left (Unix seconds)."""

    def __init__(self, port: int, topic: str, make: Callable[[int, int], bytes]) -> None:
        """`make` gives the payload of a number and a moment."""
        self.due: list[float] = []
        self._topic = topic
        self._make = make
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, "jcoc-bench")
        # The default of 20 unacknowledged messages would let the broker's pace become ours.
        self._client.max_inflight_messages_set(0)
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()

    def __enter__(self) -> Self:
        """It is connected."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave the broker."""
        self._client.disconnect()
        self._client.loop_stop()

    async def publish(self, messages: int, rate: int) -> None:
        """`messages` at `rate` a second, from now on."""
        begin = time.time()
        for number in range(messages):
            due = begin + number / rate
            if time.time() < due:
                await asyncio.sleep(max(_PACE_S, due - time.time()))
            payload = self._make(len(self.due), int(due * moment.SECOND))
            self.due.append(due)
            self._client.publish(self._topic, payload, qos=1)
            if number % 50 == 0:
                await asyncio.sleep(0)
