"""XML bodies from outside: no document types, no entities, no endless nesting."""

from __future__ import annotations

from xml.etree.ElementTree import Element, ParseError, tostring

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

DEPTH = 32
"""Levels of nesting that a body may have."""


def load(body: bytes) -> Element:
    """The root element.  Raises ValueError, and nothing else."""
    try:
        root: Element = fromstring(body, forbid_dtd=True)
    except DefusedXmlException as error:
        message = f"document types and entities are refused: {type(error).__name__}"
        raise ValueError(message) from error
    except (ParseError, LookupError) as error:
        raise ValueError(str(error)) from error
    _check_depth(root)
    return root


def dump(element: Element) -> bytes:
    """The element as a document of its own, UTF-8."""
    alone = Element(element.tag, element.attrib)
    alone.text = element.text
    alone.extend(element)
    document: bytes = tostring(alone, encoding="utf-8", xml_declaration=True)
    return document


def name(element: Element) -> str:
    """Tag without its namespace."""
    return local(element.tag)


def local(tag: str) -> str:
    """Name without its namespace."""
    return tag.rpartition("}")[2]


def _check_depth(root: Element) -> None:
    level = [root]
    for _ in range(DEPTH):
        level = [child for parent in level for child in parent]
        if not level:
            return
    message = f"nested deeper than {DEPTH} levels"
    raise ValueError(message)
