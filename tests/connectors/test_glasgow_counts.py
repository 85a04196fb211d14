"""Glasgow's counts: every row is accounted for, in whatever order it comes."""

from __future__ import annotations

import gzip
from collections import Counter
from pathlib import Path

import pytest

from connectors.glasgow_counts.parse import parse
from connectors.glasgow_counts.table import ROWS, split
from core import contract, moment
from core.events import Event
from core.manifest import Raw
from core.outcome import Reason, Reject

REPORT = "traffic/glasgow/cctv-report-v2-yolo-20251029.csv.gz"
HEADER = "image_proc,image_capt,camera_ref,model_name,car,bus,warnings\n"
GOOD = "2025-10-29 09:23:09+00:00,2025-10-29 09:10:27+00:00,K1,yolo,7,0,0\n"


def of(text: str | bytes) -> list[Event | Reject]:
    body = text.encode() if isinstance(text, str) else text
    return list(parse(Raw(body, moment.parse("2026-11-23T03:00:00Z"))))


def reject(outcomes: list[Event | Reject]) -> Reject:
    [one] = outcomes
    assert isinstance(one, Reject)
    return one


def events(outcomes: list[Event | Reject]) -> list[Event]:
    return [one for one in outcomes if isinstance(one, Event)]


def test_each_label_of_a_row_is_one_event_at_the_time_of_capture() -> None:
    car, bus = events(of(HEADER + GOOD))
    assert (car.fields["label"], car.fields["count"]) == ("car", 7)
    assert car.occurred_at == bus.occurred_at == moment.parse("2025-10-29T09:10:27Z")


def test_a_measured_zero_is_an_event() -> None:
    assert events(of(HEADER + GOOD))[1].fields["count"] == 0


@pytest.mark.parametrize("blank", ["None", ""])
def test_what_was_not_measured_is_no_zero(blank: str) -> None:
    [one] = events(of(HEADER + GOOD.replace(",7,0,0", f",7,{blank},0")))
    assert one.fields["label"] == "car"


@pytest.mark.parametrize(
    ("warnings", "confidence"), [("0", None), ("", None), ("1", 0.0), ("5", 0.0)]
)
def test_a_doubted_image_keeps_its_counts_without_confidence(
    warnings: str, confidence: float | None
) -> None:
    [car, _] = events(of(HEADER + GOOD.replace(",0,0\n", f",0,{warnings}\n")))
    assert (car.fields["count"], car.fields["confidence"]) == (7, confidence)


def test_two_models_counting_one_image_make_two_statements() -> None:
    ids = {one.event_id for one in events(of(HEADER + GOOD + GOOD.replace("yolo", "tf2")))}
    assert len(ids) == 4


def test_any_other_column_is_a_label() -> None:
    header, row = "camera_ref,image_capt,becak\n", "K1,2025-10-29T09:10:27Z,3\n"
    [one] = events(of(header + row))
    assert (one.fields["label"], one.fields["count"]) == ("becak", 3)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("09:10:27+00:00", "09:10:27", Reason.INVALID),
        ("2025-10-29 09:10:27+00:00", "yesterday", Reason.INVALID),
        ("2025-10-29 09:10:27+00:00", "0001-01-01T00:00:00+14:00", Reason.INVALID),
        (",K1,", ",,", Reason.MISSING_FIELD),
        (",7,", ",-7,", Reason.INVALID),
        (",7,", ",7.5,", Reason.INVALID),
        (",7,", ",NaN,", Reason.INVALID),
        (",7,", ",99999999999999999999,", Reason.INVALID),
        (",7,0,", ",None,,", Reason.MISSING_FIELD),
        (",0,0\n", ",0,maybe\n", Reason.INVALID),
        (",0,0\n", ",0\n", Reason.INVALID),
        (",0,0\n", ",0,0,0\n", Reason.INVALID),
        (",K1,", ',"K1"x,', Reason.UNDECODABLE),
        (",K1,", ',"K1,', Reason.UNDECODABLE),
    ],
)
def test_a_bad_row_costs_only_itself(old: str, new: str, reason: Reason) -> None:
    bad = GOOD.replace(old, new)
    first, second, third, *rest = of(HEADER + GOOD + bad + GOOD)
    assert isinstance(third, Reject)
    assert (third.reason, third.raw) == (reason, (HEADER + bad).encode())
    assert [first, second] == rest


def test_a_line_separator_of_unicode_does_not_end_a_row() -> None:
    assert len(events(of(HEADER + GOOD.replace(",K1,", ",K\u2028\x0c1,")))) == 2


def test_a_reject_can_be_repaired_and_sent_again() -> None:
    bad = reject(of(HEADER + GOOD.replace(",7,", ",seven,")))
    assert of(bad.raw.replace(b"seven", b"7")) == of(HEADER + GOOD)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("", "image_capt, camera_ref"),
        (GOOD, "image_capt, camera_ref"),
        ("image_capt,car\n", "camera_ref"),
        ("image_capt,camera_ref,warnings\n", "no column of counts"),
        ("image_capt,camera_ref,car,car\n", "a name of its own"),
    ],
)
def test_a_header_without_what_is_needed_is_one_reject_that_says_so(body: str, words: str) -> None:
    one = reject(of(body))
    assert one.reason is Reason.MISSING_FIELD
    assert words in one.detail


def test_another_encoding_is_one_reject() -> None:
    assert reject(of(HEADER.encode("utf-16"))).reason is Reason.UNDECODABLE


def test_a_file_splits_into_parts_that_say_the_same() -> None:
    rows = [GOOD.replace(",K1,", f',"K\n{n}",') for n in range(2 * ROWS + 1)]
    body = (HEADER + "".join(rows)).rstrip("\n").encode()
    parts = list(split(body))
    assert len(parts) == 3
    assert [one for part in parts for one in of(part)] == of(body)


# ---- real input


Report = tuple[str, list[str]]


@pytest.fixture
def real(shared_data: Path) -> Report:
    text = gzip.decompress((shared_data / REPORT).read_bytes()).decode()
    header, *rows = text.splitlines(keepends=True)
    return header, rows


@pytest.mark.real_data
def test_every_real_row_gives_every_label(real: Report) -> None:
    header, rows = real
    outcomes = of(header + "".join(rows))
    assert len(rows) == 4_127
    assert len(events(outcomes)) == len(outcomes) == 4_127 * 8
    assert len({one.event_id for one in events(outcomes)}) == 4_127 * 8
    assert all(contract.flaw(one) is None for one in events(outcomes))


@pytest.mark.real_data
def test_real_counts_add_up_to_what_the_file_says(real: Report) -> None:
    header, rows = real
    said: Counter[str] = Counter()
    for row in rows:
        cells = dict(zip(header.strip().split(","), row.strip().split(","), strict=True))
        said.update({name: int(cells[name]) for name in ("car", "bus", "taxi", "pedestrian")})
    counted: Counter[str] = Counter()
    for one in events(of(header + "".join(rows))):
        counted[one.text("label")] += one.whole("count") or 0
    assert {name: counted[name] for name in said} == dict(said)


@pytest.mark.real_data
def test_real_rows_give_the_same_events_in_any_order(real: Report) -> None:
    header, rows = real

    def told(order: list[str]) -> list[str]:
        return sorted(contract.to_line(one) for one in events(of(header + "".join(order))))

    in_file_order = told(rows)
    assert told(sorted(rows)) == in_file_order
    assert told(rows[::-1]) == in_file_order
    assert set(told(rows + rows[::3])) == set(in_file_order)


@pytest.mark.real_data
def test_the_real_file_splits_without_loss(real: Report) -> None:
    header, rows = real
    body = (header + "".join(rows)).encode()
    assert [one for part in split(body) for one in of(part)] == of(body)
