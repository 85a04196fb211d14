"""GeoReport v2 documents: their records as plain fields, whether JSON or XML.

A document is a list of requests, a list or definition of services (nothing to count in it), an
error, or something else; anything but requests and services raises Flaw.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from core import json_body, xml_body
from core.fields import Flaw, invalid
from core.outcome import Reason

PART = 200
"""Requests of a part of a document that is too large for one Kafka record."""
_LISTS = {"service_requests", "requests"}
_ONE = {"request", "service_request"}
_SERVICES = {"services", "service_definition", "discovery", "service_discovery"}
_ERRORS = {"errors", "error"}
_OF_A_REQUEST = {"service_request_id", "status", "requested_datetime", "token"}
_STATUS_LINE = re.compile(rb"\s*(HTTP/[0-9.]+ [0-9]{3}[^\r\n]{0,100})")


@dataclass(frozen=True, slots=True)
class Record:
    """One request: its fields, and the bytes of it alone."""

    values: object
    raw: bytes


def is_xml(body: bytes) -> bool:
    """Whether the first character, in whatever encoding, is `<`."""
    return body.lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n")[:1] == b"<"


def records(body: bytes) -> Iterator[Record]:
    """The requests of a document.  Raises Flaw when it is none, or holds an error."""
    if line := _STATUS_LINE.match(body):
        said = f"{words(line[1])}; {words(body[line.end() :])}"
        raise Flaw(Reason.UNDECODABLE, f"an HTTP head stands before the document: {said}")
    return _of_xml(body) if is_xml(body) else _of_json(body)


def split(body: bytes) -> Iterator[bytes]:
    """A document to documents of up to `PART` requests.  Raises ValueError for a broken one."""
    if is_xml(body):
        root = xml_body.load(body)
        children = list(root)
        for start in range(0, max(len(children), 1), PART):
            part = Element(root.tag, root.attrib)
            part.extend(children[start : start + PART])
            yield xml_body.dump(part)
        return
    value = json_body.load(body)
    found = _list_of(value)
    if found is None:
        yield body
        return
    for start in range(0, max(len(found), 1), PART):
        yield json_body.dump(found[start : start + PART])


def _of_xml(body: bytes) -> Iterator[Record]:
    try:
        root = xml_body.load(body)
    except ValueError as error:
        raise Flaw(Reason.UNDECODABLE, f"not XML: {error}") from error
    name = xml_body.name(root)
    if name in _SERVICES:
        return iter(())
    if name in _ERRORS:
        raise invalid(f"the server answered with an error: {words(_all_text(root))}")
    if name in _LISTS:
        return (_xml_record(child) for child in root)
    if name in _ONE:
        return iter([_xml_record(root)])
    raise Flaw(Reason.UNKNOWN_TYPE, f"<{name[:80]}> is no GeoReport v2 document")


def _xml_record(element: Element) -> Record:
    values = {xml_body.name(child): child.text for child in element}
    return Record(values, xml_body.dump(element))


def _of_json(body: bytes) -> Iterator[Record]:
    try:
        value = json_body.load(body)
    except ValueError as error:
        raise Flaw(Reason.UNDECODABLE, f"neither JSON nor XML: {error}") from error
    found = _list_of(value)
    if found is None:
        return _of_object(value)
    if found and all(_is_error(entry) for entry in found):
        raise invalid(f"the server answered with an error: {words(json_body.dump(found))}")
    if found and all(_is_service(entry) for entry in found):
        return iter(())
    return (Record(entry, json_body.dump(entry)) for entry in found)


def _list_of(value: object) -> list[object] | None:
    if isinstance(value, dict):
        value = next((value[name] for name in sorted(_LISTS) if name in value), None)
    return value if isinstance(value, list) else None


def _of_object(value: object) -> Iterator[Record]:
    if not isinstance(value, dict):
        detail = f"a JSON {type(value).__name__} is no GeoReport v2 document"
        raise Flaw(Reason.UNKNOWN_TYPE, detail)
    if value.keys() & _ERRORS or _is_error(value):
        raise invalid(f"the server answered with an error: {words(json_body.dump(value))}")
    if value.keys() & _OF_A_REQUEST:
        return iter([Record(value, json_body.dump(value))])
    if value.keys() & _SERVICES or "service_code" in value or "endpoints" in value:
        return iter(())
    raise Flaw(Reason.UNKNOWN_TYPE, "the JSON object is no GeoReport v2 document")


def _is_error(entry: object) -> bool:
    return (
        isinstance(entry, dict)
        and {"code", "description"} <= entry.keys()
        and not entry.keys() & (_OF_A_REQUEST | {"service_code"})
    )


def _is_service(entry: object) -> bool:
    return isinstance(entry, dict) and "service_code" in entry and not entry.keys() & _OF_A_REQUEST


def _all_text(root: Element) -> bytes:
    return " ".join(root.itertext()).encode("utf-8", "replace")


def words(text: bytes) -> str:
    """What a human should see of foreign text: no markup, on one line, not for ever."""
    plain = re.sub(r"<[^<>]*>", " ", text[:4000].decode("utf-8", "replace"))
    return " ".join(plain.split())[:200]
