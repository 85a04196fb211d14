"""Personal data taken out of JSON, XML and CSV bodies by field name (convention C13).

A body keeps its shape.  Who somebody is becomes a pseudonym in place, other personal fields
become `[removed]`, codes and times stay, all other text is scrubbed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from xml.etree.ElementTree import Element

from core import csv_body, json_body, xml_body
from core.fields import Fields
from core.privacy import Pseudonymizer, finds, scrub

REMOVED = "[removed]"
_PHONE = re.compile(r"\+?[0-9][0-9 ().-]{6,20}")
_PSEUDONYM = re.compile(r"[0-9A-Za-z_.-]{1,32}:[0-9a-f]{32}")


class _Role(Enum):
    CODE = "code"
    WHO = "who"
    PERSONAL = "personal"
    TEXT = "text"


@dataclass(frozen=True)
class Names:
    """What the fields of a source are, by name, compared without case.

    `codes` hold no personal data and stay as they are; `who` identifies a person and becomes a
    pseudonym; `personal` is removed.  Text in any other field is scrubbed.
    """

    codes: frozenset[str]
    who: frozenset[str]
    personal: frozenset[str]

    @classmethod
    def of(cls, *, codes: str = "", who: str = "", personal: str = "") -> Names:
        """Names from lists separated by blanks."""
        lists = (frozenset(names.casefold().split()) for names in (codes, who, personal))
        return cls(*lists)

    def role(self, name: str, above: _Role = _Role.TEXT) -> _Role:
        """Role of a field inside one of role `above`: nothing inside a person gets out."""
        if above in (_Role.WHO, _Role.PERSONAL):
            return _Role.PERSONAL
        plain = name.casefold()
        if plain in self.personal:
            return _Role.PERSONAL
        if plain in self.who:
            return _Role.WHO
        return _Role.CODE if plain in self.codes else _Role.TEXT


def is_pseudonym(text: str) -> bool:
    """Whether the text looks like what Pseudonymizer makes."""
    return _PSEUDONYM.fullmatch(text) is not None


def person(who: Fields, best_first: Sequence[str]) -> str | None:
    """Pseudonym of somebody by the first field that holds one; None for nobody."""
    keys = (who.text(name) for name in best_first)
    return next((key for key in keys if key and is_pseudonym(key)), None)


def pseudonym(person: str, pseudonymizer: Pseudonymizer) -> str:
    """Pseudonym of a phone number, account, e-mail address or NIK; `[removed]` for a stopgap.

    A phone number counts the same however it is written (0812…, +62 812-…).  Stopgaps such as
    `-` or `0000000000` name nobody and must not make one person of everybody who used them.
    """
    plain = person.strip().encode("utf-8", "replace").decode()
    if _PHONE.fullmatch(plain):
        plain = re.sub(r"[^0-9]", "", plain)
        plain = re.sub(r"^(?:0062|0)(?=8)", "62", plain)
    if len(plain) < 4 or len(set(plain)) < 3:
        return REMOVED if plain else ""
    return pseudonymizer.of(plain)


def redact_json(body: bytes, names: Names, pseudonymizer: Pseudonymizer) -> bytes:
    """A JSON body without personal data.  Raises ValueError when it cannot be read."""
    value = json_body.load(body)
    return json_body.dump(_json(value, _Role.TEXT, names, pseudonymizer))


def redact_xml(body: bytes, names: Names, pseudonymizer: Pseudonymizer) -> bytes:
    """An XML body without personal data.  Raises ValueError when it cannot be read."""
    root = xml_body.load(body)
    _xml(root, names, pseudonymizer)
    return xml_body.dump(root)


def redact_csv(body: bytes, names: Names, pseudonymizer: Pseudonymizer) -> bytes:
    """A CSV body with a header, without personal data; broken rows are redacted as text."""
    header: tuple[str, ...] | None = None
    out: list[str] = []
    for row in csv_body.rows(csv_body.decode(body)):
        if row.cells is None:
            out.append(scrub(row.text))
        elif header is None:
            header = tuple(name.strip() for name in row.cells)
            out.append(csv_body.line(row.cells))
        else:
            roles = [names.role(name) for name in header]
            roles += [_Role.TEXT] * (len(row.cells) - len(roles))
            cells = zip(row.cells, roles, strict=False)
            out.append(csv_body.line(_leaf(cell, role, pseudonymizer) for cell, role in cells))
    return csv_body.encode("".join(out))


def _json(value: object, role: _Role, names: Names, pseudonymizer: Pseudonymizer) -> object:
    if isinstance(value, dict):
        return {
            scrub(name): _json(child, names.role(name, role), names, pseudonymizer)
            for name, child in value.items()
        }
    if isinstance(value, list):
        return [_json(child, role, names, pseudonymizer) for child in value]
    if value is None or isinstance(value, bool) or role is _Role.CODE:
        return value
    if isinstance(value, str):
        return _leaf(value, role, pseudonymizer)
    if role is _Role.TEXT and not finds(str(value)):
        return value
    return _leaf(str(value), role, pseudonymizer)


def _xml(root: Element, names: Names, pseudonymizer: Pseudonymizer) -> None:
    todo = [(root, names.role(xml_body.name(root)))]
    while todo:
        element, role = todo.pop()
        if element.text and element.text.strip():
            element.text = _leaf(element.text, role, pseudonymizer)
        for name, value in element.attrib.items():
            inner = names.role(xml_body.local(name), role)
            element.attrib[name] = _leaf(value, inner, pseudonymizer)
        if element.tail:
            element.tail = scrub(element.tail)
        todo += [(child, names.role(xml_body.name(child), role)) for child in element]


def _leaf(text: str, role: _Role, pseudonymizer: Pseudonymizer) -> str:
    match role:
        case _Role.CODE:
            return text
        case _Role.WHO:
            return pseudonym(text, pseudonymizer)
        case _Role.PERSONAL:
            return REMOVED if text.strip() else text
        case _Role.TEXT:
            return scrub(text)
