"""Payloads of Frigate: most of them usual, many of them odd, some of them damaged."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from core import moment
from core.manifest import Raw

AT = 1_795_401_000_250_125
EVENTS = {"topic": "frigate/events"}


def mostly(usual: Any, *others: Any, one_in: int = 25) -> Any:
    """The usual, but for one in so many."""
    return rarely(one_in).flatmap(lambda now: st.one_of(*others) if now else usual)


def rarely(one_in: int) -> st.SearchStrategy[bool]:
    # Hypothesis likes small numbers and the ends of a range: neither is what is rare here.
    return st.sampled_from([n == one_in - 2 for n in range(one_in)])


BROKEN = [
    r"NaN",
    r"-Infinity",
    r'"\"',
    r'"\x"',
    r"tru",
    r"0x1",
    r"--1",
    r".5",
    r"'x'",
    r"-",
    r"01",
    r"1.",
    r"1.e5",
    r"1e",
    r"+1",
    r'"\ud83"',
    r'"\u_123"',
    r'{"":}',
    r"[1,]",
    r'{"":1,}',
]
SCALARS = [
    r"null",
    r"true",
    r"false",
    r'""',
    r'"x"',
    r"0",
    r"1e400",
    r"[]",
    r"{}",
    r"[1]",
    r'{"":0}',
    r"-0.0e-0",
    r'"é"',
    r'"\ud83d\ude00"',
    r'"\u0000"',
    r'"\u2028"',
    r'"\\\""',
    r"1e999999999999999999999",
    r"-1e999999999999999999999",
    r'"1795401000.25"',
    r'"2026-11-23T02:30:00Z"',
]
HALVES = [r'"\ud800"', r'"\udc00\ud800"', r'"\ud800\u0041"', r'"\ud800\ud83d\ude00"']
ODD_TIMES = [
    "1795401000",
    "1795401000.9999999",
    "1.79540100025E9",
    "-1795401000.25",
    "1795401000.0e0",
    "1795401000.25e-1",
    "1795401000.000000000000000000000001",
    "17954010000.25",
    "179540100.25",
    "1795401000250",
    "179540100.1234567",
    "1512061199.999999",
    "1512061200.0",
    "9999999999.999999",
    "4133980800.0",
    "4133980800.000001",
    "1795401000E5",
    "1795401000.123456E",
    "1795401000.12345e1",
    "1795401000.1234-5",
]
ODD_SCORES = [
    "0",
    "1",
    "0.0",
    "1.0",
    "-0.0",
    "-0",
    "-1e-400",
    "1e-400",
    "0.99999999999999999999",
    "1.0000000000000000001",
    "5e-324",
    "1.5",
    "-1",
    "2",
    "7.5e-1",
    "75E-2",
    "0.1e1",
    "1e0",
    "0.30000000000000004",
    "1e-5",
    "0.1e-2",
]
TIMES = mostly(
    st.from_regex(r"1795401[0-9]{3}\.[0-9]{1,6}", fullmatch=True),
    st.sampled_from(ODD_TIMES),
    one_in=10,
)
SCORES = mostly(st.floats(0, 1).map(repr), st.sampled_from(ODD_SCORES), one_in=10)
ANY = st.recursive(
    mostly(st.sampled_from(SCALARS) | TIMES | SCORES, st.sampled_from(HALVES), one_in=80),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda v: f"[{','.join(v)}]")
        | st.lists(st.tuples(st.sampled_from(["id", "after", "x"]), inner), max_size=3).map(
            lambda v: "{" + ",".join(f'"{name}": {value}' for name, value in v) + "}"
        )
    ),
    max_leaves=6,
)
LETTERS = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters='"\\')
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8).map(
    json.dumps
) | st.text(LETTERS, min_size=1, max_size=8).map(lambda text: f'"{text}"')


def odd(usual: st.SearchStrategy[str], one_in: int = 80) -> Any:
    """Mostly the usual, sometimes anything."""
    return mostly(usual, ANY, ANY, st.sampled_from(BROKEN), one_in=one_in)


OBJECT = {
    "id": odd(st.just('"1795401000.250125-a1"') | TEXTS),
    "camera": odd(st.just('"bata"') | TEXTS),
    "frame_time": odd(TIMES),
    "label": odd(st.just('"car"') | TEXTS),
    "top_score": odd(SCORES),
    "false_positive": odd(st.just("false"), 10),
    "start_time": odd(TIMES),
    "end_time": odd(TIMES),
    "score": odd(ANY),
    "data": odd(ANY),
    "path_data": odd(ANY),
}


@st.composite
def objects(draw: st.DrawFn) -> str:
    names = [name for name in OBJECT if not draw(rarely(60))]
    names += draw(mostly(st.just([]), st.sampled_from(list(OBJECT)).map(lambda one: [one])))
    if draw(st.booleans()):
        names = draw(st.permutations(names))
    return _object(draw, [(name, draw(OBJECT[name])) for name in names])


def _object(draw: st.DrawFn, fields: list[tuple[str, str]]) -> str:
    blank = draw(st.sampled_from(["", "", " ", "\n", "\t \r"]))
    written = [
        f'"{_escaped(name) if draw(rarely(60)) else name}"{blank}:{blank}{value}'
        for name, value in fields
    ]
    return "{" + f",{blank}".join(written) + blank + "}"


def _escaped(name: str) -> str:
    return f"\\u{ord(name[0]):04x}{name[1:]}"


@st.composite
def messages(draw: st.DrawFn) -> str:
    kinds = st.sampled_from(["new", "update", "end"]).map(json.dumps)
    fields = [
        ("type", draw(odd(kinds | st.just('"n\\u0065w"')))),
        ("before", draw(odd(objects() | ANY))),
        ("after", draw(odd(objects(), 20))),
    ]
    more = [("type", '"end"')], [("severity", "1")], [("type", '"new"')], [("after", "{}")]
    fields += draw(mostly(st.just([]), st.sampled_from(more), one_in=10))
    if draw(st.booleans()):
        fields = draw(st.permutations(fields))
    return _object(draw, fields)


AROUND = st.sampled_from([b"", b" ", b"\n", b"\xef\xbb\xbf", b"\x0c", b"[", b"]", b"{}", b","])
DAMAGE = st.sampled_from(
    [b"", *(bytes([n]) for n in b'"\\{}[]:,.0129eE+-tn \n\0\x7f\xff\xc3'), b"\xc3\xa9", b"\\u00e9"]
)


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    body = draw(messages()).encode("utf-8", "surrogatepass")
    if draw(rarely(10)):
        body = draw(AROUND) + body + draw(AROUND)
    for _ in range(draw(mostly(st.just(0), st.integers(1, 2), one_in=5))):
        at = draw(st.integers(0, len(body)))
        body = body[:at] + draw(DAMAGE) + body[at + draw(st.integers(0, 2)) :]
    return body


TOPICS = [
    "frigate/events",
    "events",
    "a/b/events",
    "unknown/",
    "frigate/stats",
    "x/status/events",
    "status/events",
    "stats",
    "frigate/events/",
    "frigate/reviews",
    "events/available",
    "frigate/Events",
    "/events",
    "events/events",
    "",
]
DELAYS = [
    *(n * 5 * moment.MINUTE + m for n in (-1, 0, 1) for m in (-1, 0, 1)),
    *(-20 * 365 * moment.DAY, 10**16),
]


@st.composite
def raws(draw: st.DrawFn) -> Raw:
    topic = draw(mostly(st.just("frigate/events"), st.sampled_from(TOPICS), one_in=10))
    headers = {"topic": topic} if topic or draw(st.booleans()) else {}
    if draw(rarely(60)):
        headers["cut-from"] = draw(st.sampled_from(["", "9 MiB"]))
    received = AT + draw(mostly(st.just(moment.HOUR), st.sampled_from(DELAYS), one_in=6))
    return Raw(draw(bodies()), received, headers)
