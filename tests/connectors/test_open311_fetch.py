"""Polling, against a small GeoReport v2 server with pages, moods and a memory."""

import json
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from connectors.open311.answers import pause
from connectors.open311.fetch import fetch, windows
from connectors.open311.manifest import MANIFEST
from connectors.open311.settings import Settings
from core import moment
from core.events import Event
from core.manifest import Raw
from core.outcome import Halt, Retry

START = datetime.now(UTC).replace(microsecond=0) - timedelta(days=200)
DAY = timedelta(days=1)


@dataclass
class Place:
    """A cursor in memory."""

    value: str | None = None
    saved: list[str] = field(default_factory=list)

    async def save(self, value: str) -> None:
        self.value = value
        self.saved.append(value)

    def alive(self) -> None:
        """Nobody listens."""


@dataclass
class City:
    """A GeoReport v2 server: `requests` by id with the time of their last change."""

    requests: dict[str, datetime]
    per_page: int = 3
    has_pages: bool = True
    moods: list[web.Response] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)
    url: str = ""

    async def answer(self, request: web.Request) -> web.Response:
        query = dict(request.query)
        self.asked.append(query)
        if self.moods:
            return self.moods.pop(0)
        found = self.within(query)
        if self.has_pages:
            start = (int(query["page"]) - 1) * self.per_page
            found = found[start : start + self.per_page]
        if request.path.endswith(".xml"):
            return web.Response(body=self.xml(found), content_type="application/xml")
        return web.json_response([self.record(one) for one in found])

    def within(self, query: dict[str, str]) -> list[str]:
        after = query.get("updated_after") or query["start_date"]
        before = query.get("updated_before") or query["end_date"]
        first, last = datetime.fromisoformat(after), datetime.fromisoformat(before)
        newest = sorted(self.requests, key=lambda one: self.requests[one], reverse=True)
        return [one for one in newest if first <= self.requests[one] <= last]

    def record(self, one: str) -> dict[str, str]:
        at = self.requests[one].isoformat()
        return {
            "service_request_id": one,
            "status": "open",
            "service_code": "x",
            "requested_datetime": at,
            "updated_datetime": at,
        }

    def xml(self, found: list[str]) -> bytes:
        rows = (
            "".join(f"<{name}>{value}</{name}>" for name, value in self.record(one).items())
            for one in found
        )
        requests = "".join(f"<request>{row}</request>" for row in rows)
        return f"<service_requests>{requests}</service_requests>".encode()

    def settings(self, **changed: object) -> Settings:
        return Settings.model_validate({"url": self.url, "start": START.isoformat()} | changed)


@pytest.fixture
async def city() -> AsyncIterator[City]:
    one = City({f"r{n}": START + n * timedelta(days=19) for n in range(1, 11)})
    app = web.Application()
    app.router.add_get("/v2/requests.json", one.answer)
    app.router.add_get("/v2/requests.xml", one.answer)
    async with TestServer(app) as server:
        one.url = str(server.make_url("/v2/"))
        yield one


async def read(settings: Settings, place: Place) -> list[Raw]:
    return [raw async for raw in fetch(settings, place)]


def ids(pages: list[Raw]) -> Counter[str]:
    found = (one for page in pages for one in MANIFEST.parse(page))
    return Counter(str(one.fields["source_ref"]) for one in found if isinstance(one, Event))


@pytest.mark.parametrize("form", ["json", "xml"])
@pytest.mark.parametrize("has_pages", [True, False])
async def test_reads_every_request(city: City, form: str, has_pages: bool) -> None:
    city.has_pages = has_pages
    pages = await read(city.settings(format=form), Place())
    assert ids(pages) == dict.fromkeys(city.requests, 1)


async def test_asks_for_at_most_ninety_days_at_once(city: City) -> None:
    await read(city.settings(), Place())
    spans = [
        datetime.fromisoformat(query["updated_before"])
        - datetime.fromisoformat(query["updated_after"])
        for query in city.asked
    ]
    assert max(spans) <= timedelta(days=90)


async def test_goes_on_where_it_stopped(city: City) -> None:
    place = Place()
    await read(city.settings(), place)
    city.requests["new"] = datetime.now(UTC) - timedelta(seconds=2)
    assert ids(await read(city.settings(), place)) == {"new": 1}


async def test_a_broken_backfill_goes_on_at_the_window_that_failed(city: City) -> None:
    place = Place()
    settings = city.settings(overlap="PT0S")
    seen: list[Raw] = []

    async def read_until_it_breaks() -> None:
        async for page in fetch(settings, place):
            seen.append(page)
            if place.saved:
                city.moods = [web.Response(status=500)]

    with pytest.raises(Retry):
        await read_until_it_breaks()
    assert len(place.saved) == 1
    seen += await read(settings, place)
    assert set(ids(seen)) == set(city.requests)


async def test_reads_the_overlap_again(city: City) -> None:
    place = Place((START + 57 * DAY).isoformat())
    (page,) = [p for p in await read(city.settings(overlap="P1D"), place) if "r3" in ids([p])]
    assert "r3" in ids([page])


async def test_without_times_of_change_the_whole_lookback_is_read_again(city: City) -> None:
    place = Place(datetime.now(UTC).isoformat())
    pages = await read(city.settings(by="requested", lookback="P60D"), place)
    recent = {one for one, at in city.requests.items() if at > datetime.now(UTC) - 60 * DAY}
    assert set(ids(pages)) == recent
    assert {"start_date", "end_date"} <= city.asked[0].keys()


async def test_a_request_that_changes_between_pages_costs_no_other(city: City) -> None:
    settings = city.settings(start=(datetime.now(UTC) - 80 * DAY).isoformat())
    city.requests = {f"r{n}": datetime.now(UTC) - n * DAY for n in range(1, 8)}
    pages = []
    async for page in fetch(settings, Place()):
        pages.append(page)
        # The first one leaves the window: r4 moves from the second page up to the first.
        city.requests["r1"] = datetime.now(UTC) + DAY
    assert set(ids(pages)) == {f"r{n}" for n in range(1, 8)}


async def test_sends_key_and_jurisdiction(city: City) -> None:
    pages = await read(city.settings(api_key="k-1", jurisdiction_id="jambi.example"), Place())
    assert {query["api_key"] for query in city.asked} == {"k-1"}
    assert {query["jurisdiction_id"] for query in city.asked} == {"jambi.example"}
    assert pages[0].headers["jurisdiction"] == "jambi.example"


@pytest.mark.parametrize(("status", "wait"), [(429, "17"), (500, "17"), (503, "17"), (408, "17")])
async def test_weather_is_a_retry_after_what_the_server_asks(
    city: City, status: int, wait: str
) -> None:
    city.moods = [web.Response(status=status, headers={"Retry-After": wait})]
    with pytest.raises(Retry) as caught:
        await read(city.settings(), Place())
    assert caught.value.after == timedelta(seconds=17)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
async def test_our_mistake_is_a_halt_that_says_what_the_server_said(
    city: City, status: int
) -> None:
    city.moods = [web.Response(status=status, text="<error>key k-1 is unknown</error>")]
    with pytest.raises(Halt, match="is unknown") as caught:
        await read(city.settings(api_key="k-1"), Place())
    assert "k-1" not in str(caught.value)


async def test_a_redirect_is_not_followed_with_the_key(city: City) -> None:
    city.moods = [web.Response(status=301, headers={"Location": "http://elsewhere.example/?a=1"})]
    with pytest.raises(Halt, match=r"moved to http://elsewhere\.example/$"):
        await read(city.settings(), Place())
    assert len(city.asked) == 1


async def test_a_page_beyond_the_last_may_be_a_404(city: City) -> None:
    good = web.json_response([city.record("r1")])
    city.moods = [good, web.Response(status=404)]
    settings = city.settings(start=(datetime.now(UTC) - DAY).isoformat())
    assert ids(await read(settings, Place())) == {"r1": 1}


async def test_nobody_there_is_a_retry(city: City) -> None:
    with pytest.raises(Retry):
        await read(city.settings(url="http://127.0.0.1:9/"), Place())


@pytest.mark.parametrize("url", ["", "ftp://x.example", "city.example/v2", "http://"])
async def test_an_address_that_is_none_is_a_halt(city: City, url: str) -> None:
    with pytest.raises(Halt):
        await read(city.settings(url=url), Place())


async def test_a_cursor_of_somebody_else_is_a_halt(city: City) -> None:
    with pytest.raises(Halt, match="cursor"):
        await read(city.settings(), Place("offset 7"))


async def test_an_error_document_reaches_the_dead_letters(city: City) -> None:
    city.moods = [web.Response(text=json.dumps({"errors": [{"code": 1, "description": "no"}]}))]
    pages = await read(city.settings(), Place())
    assert b"errors" in pages[0].body


async def test_a_page_remembers_when_it_was_received(city: City) -> None:
    before = moment.from_datetime(datetime.now(UTC))
    pages = await read(city.settings(), Place())
    assert before <= pages[0].received_at <= moment.from_datetime(datetime.now(UTC))


def test_windows_cover_the_span_without_gap() -> None:
    spans = list(windows(Settings.model_validate({}), START, START + 200 * DAY))
    assert [end - start for start, end in spans] == [90 * DAY, 90 * DAY, 20 * DAY]
    assert [start for start, _ in spans[1:]] == [end for _, end in spans[:-1]]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120),
        ("0", 0),
        ("999999999999", 3600),
        ("Mon, 23 Nov 2026 12:00:45 GMT", 45),
        ("Mon, 23 Nov 2026 11:00:00 GMT", 0),
        ("soon", 30),
        (None, 30),
        ("", 30),
        ("²", 30),
    ],
)
def test_retry_after_is_seconds_or_a_date_and_at_most_an_hour(
    text: str | None, seconds: int
) -> None:
    assert pause(text, datetime(2026, 11, 23, 12, tzinfo=UTC)) == timedelta(seconds=seconds)
