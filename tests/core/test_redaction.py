"""Personal fields leave a body by name, the rest keeps its shape."""

import json
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import csv_body, json_body, xml_body
from core.privacy import Pseudonymizer
from core.redaction import (
    REMOVED,
    Names,
    is_pseudonym,
    pseudonym,
    redact_csv,
    redact_json,
    redact_xml,
)

KEY = Pseudonymizer(b"k" * 32, "p1")
NAMES = Names.of(codes="number lat", who="phone", personal="name owner")


def json_of(value: object) -> Any:
    return json.loads(redact_json(json.dumps(value).encode(), NAMES, KEY))


def test_who_becomes_a_pseudonym_in_place() -> None:
    assert is_pseudonym(json_of({"phone": "081200001234"})["phone"])


def test_personal_fields_are_removed_at_any_depth() -> None:
    value = {"a": [{"owner": {"number": "x", "phone": "081200001234", "list": ["y"]}}]}
    inner = {"number": REMOVED, "phone": REMOVED, "list": [REMOVED]}
    assert json_of(value) == {"a": [{"owner": inner}]}


def test_names_are_compared_without_case() -> None:
    assert json_of({"NAME": "Contoh"}) == {"NAME": REMOVED}


def test_codes_stay_even_when_they_look_personal() -> None:
    assert json_of({"number": "1571000000000001"}) == {"number": "1571000000000001"}


def test_other_text_is_scrubbed_and_other_values_stay() -> None:
    value = {"note": "call 081200001234", "n": 1.5, "ok": True, "none": None}
    assert json_of(value) == value | {"note": "call [phone]"}


def test_a_phone_number_is_found_in_numbers_and_in_names_too() -> None:
    assert json_of({"x": 6281200001234, "081200001234": 1}) == {"x": "[phone]", "[phone]": 1}


def test_personal_numbers_go_like_text() -> None:
    assert json_of({"name": 7, "phone": 81200001234})["name"] == REMOVED


@pytest.mark.parametrize(
    "text",
    ["081200001234", "0812-0000-1234", "+62 812 0000 1234", "6281200001234", "00628120000 1234"],
)
def test_one_phone_number_is_one_person_however_it_is_written(text: str) -> None:
    assert pseudonym(text, KEY) == KEY.of("6281200001234")


@pytest.mark.parametrize("text", ["-", "0", "00000000", "....", "n/a"])
def test_a_stopgap_is_nobody(text: str) -> None:
    assert pseudonym(text, KEY) == REMOVED


def test_an_empty_field_stays_empty() -> None:
    assert json_of({"phone": "", "name": ""}) == {"phone": "", "name": ""}


def test_half_characters_do_not_stop_redaction() -> None:
    assert is_pseudonym(json_of({"phone": "abc\ud800def"})["phone"])


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff\xfe", b"[" * 5000, b"[" * 40 + b"]" * 40, b"nul", b'{"a": 1} x']
)
def test_json_that_cannot_be_read_is_a_value_error(body: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the message is the decoder's
        redact_json(body, NAMES, KEY)


@pytest.mark.parametrize("number", ["1e400", "-1e400", "NaN", "Infinity", "9" * 5000])
def test_a_number_that_nothing_holds_becomes_text(number: str) -> None:
    assert json_body.load(f"[{number}, 1]".encode()) == [number, 1]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_json_is_read_in_every_encoding_that_json_had(encoding: str) -> None:
    assert json_body.load('{"a": "é"}'.encode(encoding)) == {"a": "é"}


def test_xml_keeps_its_shape() -> None:
    body = b'<l><r name="Contoh"><phone>081200001234</phone><number>7</number></r>081200001234</l>'
    root = ET.fromstring(redact_xml(body, NAMES, KEY))
    assert root[0].attrib == {"name": REMOVED}
    assert is_pseudonym(root[0][0].text or "")
    assert (root[0][1].text, root[0].tail) == ("7", "[phone]")


def test_xml_names_are_compared_without_their_namespace() -> None:
    body = b'<a xmlns:x="urn:x"><x:name>Contoh</x:name></a>'
    assert b"Contoh" not in redact_xml(body, NAMES, KEY)


BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><x>&b;</x>'
EXTERNAL = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'


@pytest.mark.parametrize(
    "body", [b"", b"<", b"<a>", b"<a>\x00</a>", BOMB, EXTERNAL, b"<!DOCTYPE a><a/>", b"<a>" * 5000,
             b"<a>" * 100 + b"</a>" * 100, b'<?xml version="1.0" encoding="nope"?><a/>']
)  # fmt: skip
def test_xml_that_cannot_be_read_is_a_value_error(body: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the message is the decoder's
        redact_xml(body, NAMES, KEY)


@given(st.binary())
def test_decoders_raise_only_value_errors(body: bytes) -> None:
    for load in (json_body.load, xml_body.load):
        try:
            load(body)
        except ValueError:
            continue


def csv_of(text: str) -> str:
    return redact_csv(text.encode(), NAMES, KEY).decode()


def test_csv_is_redacted_by_column() -> None:
    clean = csv_of("number,Name,note\n1571000000000001,Contoh,call 081200001234\n")
    assert clean == f"number,Name,note\n1571000000000001,{REMOVED},call [phone]\n"


def test_cells_beyond_the_header_are_scrubbed() -> None:
    assert csv_of("number\n1,081200001234\n") == "number\n1,[phone]\n"


def test_a_broken_row_is_scrubbed_as_text_and_costs_only_itself() -> None:
    clean = csv_of('number,name\n1,"081200001234\n2,Contoh\n')
    assert clean == f'number,name\n1,"[phone]\n2,{REMOVED}\n'


def test_bad_bytes_survive_csv() -> None:
    assert redact_csv(b"number\n\xff\n", NAMES, KEY) == b"number\n\xff\n"


def test_csv_rows_may_have_line_ends_in_quotes() -> None:
    rows = list(csv_body.rows('a,b\r\n1,"x\r\ny"\r\n\r\n2,z'))
    assert [row.cells for row in rows] == [("a", "b"), ("1", "x\r\ny"), ("2", "z")]


def test_csv_rows_are_what_was_in_the_file() -> None:
    text = 'a,b\n1,"x\ny"\n"broken\n2,5" pipe\n'
    assert "".join(row.text for row in csv_body.rows(text)) == text


def test_a_file_of_a_spreadsheet_is_read_in_utf_16() -> None:
    assert csv_body.decode("a,é\n".encode("utf-16")) == "a,é\n"


@given(st.binary())
def test_no_csv_stops_redaction(body: bytes) -> None:
    assert isinstance(redact_csv(body, NAMES, KEY), bytes)
