"""Which fields of a GeoReport v2 request say who somebody is."""

from __future__ import annotations

from connectors.open311.documents import is_xml
from connectors.open311.parse import WHO
from core.privacy import Pseudonymizer
from core.redaction import Names, redact_json, redact_xml

_REMOVED = ("first_name", "last_name", "address", "address_string", "address_id", "media_url")
PERSONAL = (*WHO, *_REMOVED)
"""Personal fields; an address may be the reporter's home, a picture may show anybody."""

NAMES = Names.of(
    codes="service_request_id token status service_code service_name agency_responsible "
    "requested_datetime updated_datetime expected_datetime lat long code",
    who=" ".join(WHO),
    personal=" ".join(_REMOVED),
)


def redact(body: bytes, pseudonymizer: Pseudonymizer) -> bytes:
    """The document with pseudonyms for reporters and without other personal data."""
    return (redact_xml if is_xml(body) else redact_json)(body, NAMES, pseudonymizer)
