"""Receives pushed payloads at `/hooks/<connector>`.

204 means that Kafka has it.  Everything else says why in an `application/problem+json` body
(RFC 9457) and leaves it to the sender to change the request (4xx) or to repeat it (503).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

import structlog
from aiohttp import web

from core.manifest import Raw, WebhookReply
from core.outcome import Halt, Retry
from edge.intake import LARGEST_BYTES
from edge.source import Source

log = structlog.get_logger()

KEPT_HEADERS = ("webhook-id", "content-type")
RETRY_AFTER_S = 5


@dataclass(frozen=True, slots=True)
class Limits:
    """What one receiver takes on."""

    body_bytes: int = LARGEST_BYTES
    at_once: int = 64
    """Requests in progress; more are answered 503."""
    read_s: float = 30.0
    """For the whole body to arrive."""
    acknowledge_s: float = 10.0
    """For Kafka to acknowledge it."""


@dataclass(slots=True)
class Receiver:
    """The hooks of every push connector of a process."""

    sources: Mapping[str, Source]
    limits: Limits = Limits()
    halt: asyncio.Future[None] | None = None
    """Gets the Halt when Kafka will never take what is pushed; the runtime then stops."""
    _busy: int = field(init=False, default=0)

    def app(self) -> web.Application:
        """The server: the hooks, and `GET /health`."""
        app = web.Application()
        app.router.add_post("/hooks/{connector}", self._hook)
        app.router.add_get("/health", _health)
        return app

    async def _hook(self, request: web.Request) -> web.Response:
        source = self.sources.get(request.match_info["connector"])
        if source is None:
            return _answer(WebhookReply(404, "no connector receives at this path"))
        if self._busy >= self.limits.at_once:
            reply = WebhookReply(503, f"{self.limits.at_once} requests are in progress")
        else:
            self._busy += 1
            try:
                reply = await self._receive(source, request)
            finally:
                self._busy -= 1
        source.edge.meter.answered(source.name, reply.status)
        if reply.status != 204:
            log.warning("push refused", source=source.name, status=reply.status, why=reply.detail)
        return _answer(reply)

    async def _receive(self, source: Source, request: web.Request) -> WebhookReply:
        if refusal := _wrong_type(request) or self._too_large(request.content_length or 0):
            return refusal
        body = await self._read(request)
        if isinstance(body, WebhookReply):
            return body
        headers = {name.lower(): value for name, value in request.headers.items()}
        now = source.edge.now()
        if source.manifest.verify is None:
            return WebhookReply(404, "no connector receives at this path")
        reply = source.manifest.verify(source.settings, headers, body, now)
        if reply.status >= 300:
            return reply
        kept = {name: headers[name] for name in KEPT_HEADERS if name in headers}
        return await self._keep(source, Raw(body, now, kept))

    async def _read(self, request: web.Request) -> bytes | WebhookReply:
        """The body; it may be longer than it said."""
        body = bytearray()
        try:
            async with asyncio.timeout(self.limits.read_s):
                async for chunk in request.content.iter_any():
                    body += chunk
                    if refusal := self._too_large(len(body)):
                        return refusal
        except TimeoutError:
            return WebhookReply(408, f"the body did not arrive within {self.limits.read_s:g} s")
        return bytes(body) or WebhookReply(400, "the body is empty")

    async def _keep(self, source: Source, raw: Raw) -> WebhookReply:
        try:
            async with asyncio.timeout(self.limits.acknowledge_s):
                await source.keep(raw)
        except (Retry, TimeoutError) as weather:
            source.edge.meter.retried(source.name, "broker")
            log.warning("push not kept", source=source.name, why=str(weather) or "too slow")
            return WebhookReply(503, "Kafka did not acknowledge it: send it again")
        except Halt as halt:
            if self.halt is not None and not self.halt.done():
                self.halt.set_exception(halt)
            return WebhookReply(503, "Kafka refuses it; the operator is told: send it again later")
        return WebhookReply(204)

    def _too_large(self, size: int) -> WebhookReply | None:
        limit = self.limits.body_bytes
        return WebhookReply(413, f"a body may have {limit} bytes") if size > limit else None


def _wrong_type(request: web.Request) -> WebhookReply | None:
    kind, charset = request.content_type, (request.charset or "utf-8").lower()
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        return WebhookReply(415, "send the body without content-encoding")
    if kind != "application/json" and not kind.endswith("+json"):
        return WebhookReply(415, "content-type must be application/json")
    if charset not in ("utf-8", "utf8"):
        return WebhookReply(415, "JSON is UTF-8: leave the charset away")
    return None


def _answer(reply: WebhookReply) -> web.Response:
    if reply.status == 204:
        return web.Response(status=204)
    headers = {"Retry-After": str(RETRY_AFTER_S)} if reply.status == 503 else {}
    problem = json.dumps({"status": reply.status, "detail": reply.detail})
    kind = "application/problem+json"
    return web.Response(status=reply.status, text=problem, content_type=kind, headers=headers)


async def _health(_: web.Request) -> web.Response:
    return web.Response(text="ok\n")
