"""One HTTP answer of a GeoReport server: its body, or Retry for weather, Halt for our mistake."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import aiohttp

from connectors.open311.documents import words
from core.outcome import Halt, Retry

LARGEST = 32 * 1024 * 1024
"""Bytes of one page; more is no page."""
_WEATHER = {408, 425, 429}
_PAUSE = timedelta(seconds=30)
_LONGEST_PAUSE = timedelta(hours=1)


async def read(session: aiohttp.ClientSession, url: str, query: Mapping[str, str]) -> bytes | None:
    """The body of a 200 answer; None for a page after the last, which some servers answer 404.

    Messages never show the key.
    """
    try:
        # A redirect would carry the key to a place that nobody configured.
        async with session.get(url, params=query, allow_redirects=False) as answer:
            body = await _body(answer, url)
            status, headers = answer.status, answer.headers
    except (aiohttp.InvalidURL, ValueError) as error:
        raise Halt(f"open311: {url} is no address ({type(error).__name__})") from None
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        why = f"open311: {url} does not answer: {type(error).__name__}"
        raise Retry(why, after=_PAUSE) from error
    if status == 200:
        return body
    if status == 404 and query.get("page", "1") != "1":
        return None
    said = f"open311: {url} answered HTTP {status}: {_without(query.get('api_key'), words(body))}"
    if status in _WEATHER or status >= 500:
        raise Retry(said, after=pause(headers.get("Retry-After"), datetime.now(UTC)))
    if status in (401, 403):
        raise Halt(f"{said}; check JCOC_OPEN311__API_KEY")
    if 300 <= status < 400:
        raise Halt(f"{said}; it moved to {headers.get('Location', '?').partition('?')[0]}")
    raise Halt(f"{said}; check JCOC_OPEN311__URL and JCOC_OPEN311__JURISDICTION_ID")


async def _body(answer: aiohttp.ClientResponse, url: str) -> bytes:
    body = bytearray()
    async for chunk in answer.content.iter_chunked(64 * 1024):
        body += chunk
        if len(body) > LARGEST:
            raise Halt(f"open311: a page of {url} is over {LARGEST} bytes: set a smaller page_size")
    return bytes(body)


def _without(secret: str | None, text: str) -> str:
    return text.replace(secret, "***") if secret else text


def pause(retry_after: str | None, now: datetime) -> timedelta:
    """How long the server wants us away: seconds or an HTTP date, at most an hour."""
    text = (retry_after or "").strip()
    if text.isascii() and text.isdigit():
        wait = timedelta(seconds=min(int(text[:9]), _LONGEST_PAUSE.total_seconds()))
    else:
        wait = _until(text, now)
    return min(max(wait, timedelta(0)), _LONGEST_PAUSE)


def _until(text: str, now: datetime) -> timedelta:
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return _PAUSE
    return date.astimezone(UTC) - now if date.tzinfo else date.replace(tzinfo=UTC) - now
