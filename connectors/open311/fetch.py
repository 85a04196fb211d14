"""Polls a GeoReport v2 endpoint, window by window and page by page; decides nothing about data.

The cursor is the moment up to which the server was asked, not the newest time in the data: it
also moves when nothing happened or when requests have no `updated_datetime`.  It is saved after
each window, so a broken backfill goes on where it stopped; what is read twice has the same ids.
"""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime

import aiohttp

from connectors.open311.answers import read
from connectors.open311.documents import is_xml
from connectors.open311.parse import JURISDICTION
from connectors.open311.settings import Settings
from core import moment
from core.manifest import Cursor, Raw
from core.outcome import Halt

_PAGES = 10_000
_XML_ID = re.compile(rb"<(?:\w{1,40}:)?service_request_id>([^<]*)<")
_JSON_ID = re.compile(rb'"service_request_id"\s*:\s*"?([^",}\]]+)')
_SPANS = {"updated": ("updated_after", "updated_before"), "requested": ("start_date", "end_date")}


async def fetch(settings: Settings, cursor: Cursor) -> AsyncIterator[Raw]:
    """One pass from the cursor to now; each page as it came.  Raises Retry or Halt."""
    if not settings.url.startswith(("http://", "https://")):
        raise Halt("open311: set JCOC_OPEN311__URL to the http(s) root of the GeoReport v2 API")
    now = datetime.now(UTC)
    timeout = aiohttp.ClientTimeout(total=settings.timeout)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        for start, end in windows(settings, _since(settings, cursor, now), now):
            async for body in _pages(session, settings, _span(settings, start, end)):
                yield _raw(settings, body)
            await cursor.save(_text(end))


def windows(
    settings: Settings, since: datetime, until: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """Spans that together cover [since, until], each as long as one query may be."""
    while since < until:
        end = min(since + settings.window, until)
        yield since, end
        since = end


def _since(settings: Settings, cursor: Cursor, now: datetime) -> datetime:
    first = settings.start or now - settings.lookback
    if cursor.value is None:
        return first
    try:
        known = moment.to_datetime(moment.parse(cursor.value)) - settings.overlap
    except ValueError as error:
        raise Halt(f"open311: the saved cursor {cursor.value!r} is no time: {error}") from error
    return min(known, now - settings.lookback) if settings.by == "requested" else known


def _span(settings: Settings, start: datetime, end: datetime) -> dict[str, str]:
    after, before = _SPANS[settings.by]
    query = {after: _text(start), before: _text(end), "page_size": str(settings.page_size)}
    if settings.jurisdiction_id:
        query["jurisdiction_id"] = settings.jurisdiction_id
    if key := settings.api_key.get_secret_value():
        query["api_key"] = key
    return query


async def _pages(
    session: aiohttp.ClientSession, settings: Settings, query: dict[str, str]
) -> AsyncIterator[bytes]:
    """Every page with a request that was not seen yet; the first one in any case.

    A request that changes while we turn pages moves out of the window, and the ones behind it
    move up across a page boundary: so several pages are walked again until nothing is new.
    """
    seen: set[bytes] = set()
    again = True
    while again:
        pages = news = 0
        async for body, ids in _walk(session, settings, query):
            pages += 1
            fresh = not ids <= seen
            news += fresh
            if fresh or not seen:
                yield body
            seen |= ids
        again = pages > 1 and news > 0


async def _walk(
    session: aiohttp.ClientSession, settings: Settings, query: dict[str, str]
) -> AsyncIterator[tuple[bytes, set[bytes]]]:
    """Pages with their request ids, until one brings none: without pages it is the same again."""
    walked: set[bytes] = set()
    url = f"{settings.url.rstrip('/')}/requests.{settings.format}"
    for page in range(1, _PAGES + 1):
        body = await read(session, url, query | {"page": str(page)})
        ids = _ids(body or b"")
        if body is None or (page > 1 and ids <= walked):
            return
        yield body, ids
        if not ids:
            return
        walked |= ids
    raise Halt(f"open311: over {_PAGES} pages in one window; set a shorter `window`")


def _ids(body: bytes) -> set[bytes]:
    found = (_XML_ID if is_xml(body) else _JSON_ID).findall(body)
    return {one.strip() for one in found} - {b"", b"null"}


def _raw(settings: Settings, body: bytes) -> Raw:
    kind = "application/xml" if is_xml(body) else "application/json"
    headers = {"content-type": kind}
    if settings.jurisdiction_id:
        headers[JURISDICTION] = settings.jurisdiction_id
    return Raw(body, time.time_ns() // 1000, headers)


def _text(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
