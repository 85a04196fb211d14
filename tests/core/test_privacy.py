"""Pseudonyms and scrubbing: what must be gone, and what must stay."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.privacy import Pseudonymizer, finds, scrub

KEY = Pseudonymizer(b"k" * 32, "p1")


def test_the_same_person_and_key_give_the_same_pseudonym() -> None:
    assert KEY.of("warga@contoh.id") == KEY.of(" Warga@Contoh.ID ")


def test_another_key_gives_another_pseudonym() -> None:
    assert KEY.of("0812") != Pseudonymizer(b"j" * 32, "p1").of("0812")


def test_a_pseudonym_tells_the_version_of_its_key() -> None:
    assert Pseudonymizer(b"k" * 32, "p2").of("0812").startswith("p2:")


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("NIK 1571000000000001.", "NIK [nik]."),
        ("telp 081200001234", "telp [phone]"),
        ("telp +62 812-0000-1234", "telp [phone]"),
        ("surat ke a.b+c@contoh.co.id ya", "surat ke [email] ya"),
        ("mobil BH 1234 AB parkir", "mobil [plate] parkir"),
        ("mobil BH1234AB parkir", "mobil [plate] parkir"),
    ],
)
def test_scrubs(text: str, clean: str) -> None:
    assert scrub(text) == clean


@pytest.mark.parametrize(
    "text",
    [
        "lubang 30 cm di km 12",
        "pukul 08.30 WIB",
        "2026-11-23T08:00:00+07:00",
        "15.71.07.1011",
        "jam 08",
    ],
)
def test_leaves_what_is_not_personal(text: str) -> None:
    assert scrub(text) == text


pieces = st.sampled_from(
    ["0812", "3456", "7890", "62", "+", "-", " ", ".", "@", "a", "B", "AB", "c.id", "1571", "0"]
)


@given(st.lists(pieces, max_size=14).map("".join) | st.text())
def test_nothing_is_found_in_scrubbed_text(text: str) -> None:
    assert finds(scrub(text)) == ()
