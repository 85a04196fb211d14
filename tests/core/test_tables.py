"""Reference tables: the files that ship, what is wrong with a bad one, and when one may follow."""

from __future__ import annotations

import json

import msgspec
import pytest

from core import contract, tables
from core.law import ALWAYS, IN_FORCE, shipped_versions
from core.tables import CalendarTable, Flawed
from core.versions import Copy, history, loading
from sim.areas import KECAMATAN, KELURAHAN
from tests.core.stories import loaded, wib

every_table = pytest.mark.parametrize("name", tables.KINDS)
NOW = wib("2026-12-01T08:00")
HEAD = 'version = "x"\ntitle = "t"\nverified = "v"\nsources = ["s"]\n'


@every_table
def test_what_ships_is_sound_and_says_where_it_comes_from(name: str) -> None:
    table = tables.from_toml(name, tables.shipped_text(name))
    assert table.sources
    assert table.verified


@every_table
def test_every_table_has_an_event_that_carries_it_whole(name: str) -> None:
    table = tables.shipped(tables.KINDS[name])
    event = tables.to_event(name, table, NOW)
    assert contract.flaw(event) is None
    assert tables.of_event(contract.decode(event.type, contract.encode(event))) == table


def test_there_is_no_reference_event_without_a_table_but_the_camera_register() -> None:
    types = {name.removeprefix("ref.") for name in contract.types() if name.startswith("ref.")}
    assert types == {*tables.KINDS, "camera"}


def test_the_areas_are_those_of_the_simulators_own_list() -> None:
    areas = tables.shipped(tables.AdminAreaTable)
    assert (areas.kecamatan, areas.kelurahan) == (KECAMATAN, KELURAHAN)
    assert areas.centroids.keys() == KELURAHAN.keys()


def test_every_centroid_lies_in_the_city() -> None:
    for lon, lat in tables.shipped(tables.AdminAreaTable).centroids.values():
        assert 103.5 < lon < 103.72
        assert -1.72 < lat < -1.52


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("calendar", "version =", "not TOML"),
        ("calendar", HEAD, "missing required field `non_working`"),
        ("calendar", HEAD + "[non_working]\n", "name at least one"),
        ("calendar", HEAD + '[non_working]\n2026 = ["02-30"]', "'02-30' is no day of it; write MM"),
        ("calendar", HEAD + '[non_working]\n2026 = ["1-5"]', "write MM-DD"),
        ("calendar", HEAD + '[non_working]\n26 = ["01-05"]', "four digits"),
        ("calendar", HEAD + "[non_working]\n2026 = []", "leave the year out"),
        ("calendar", HEAD + '[non_working]\n2026 = ["02-01", "01-01"]', "out of order"),
        ("calendar", HEAD + '[non_working]\n2026 = [1]', "Expected `str`, got `int`"),
        ("calendar", HEAD + '[non_working]\n2026=["01-01"]\n[kota]\n2027=["01-02"]', "kota.2027"),
        ("calendar", HEAD + '[non_workin]\n2026 = ["01-01"]', "non_workin"),
        ("calendar", HEAD.replace('["s"]', "[]") + '[non_working]\n2026=["01-01"]', "sources"),
        ("population", HEAD + "city = 0", "write how many there are"),
        ("service_standard", HEAD + "default_days = 0", "1 to 1000"),
        ("intersection", HEAD + 'default_level = "G"', "default_level"),
        ("index", HEAD + '[[indices]]\nname="n"\nyear=1\nof="c"\nauthority="a"\nsource="s"',
         "give value"),
        ("admin_area", HEAD + '[kecamatan]\n"1"="a"\n[kelurahan]\n"2.1"="b"', "its kecamatan"),
    ],
)  # fmt: skip
def test_a_bad_file_is_told_with_what_and_where(name: str, text: str, says: str) -> None:
    with pytest.raises(Flawed, match=r".+") as told:
        tables.from_toml(name, text)
    assert says in str(told.value)


def test_a_limit_that_is_none_is_told() -> None:
    text = tables.shipped_text("sla").replace("reopen_days = 10", "reopen_days = 0")
    with pytest.raises(Flawed, match="reopen_days: 0 is no limit"):
        tables.from_toml("sla", text)
    with pytest.raises(Flawed, match="resolution_days: no 'info'"):
        tables.from_toml("sla", tables.shipped_text("sla").replace("info = 5", "inf = 5"))


SHIPPED = tables.shipped(CalendarTable)
SECOND = msgspec.structs.replace(SHIPPED, version="2", kota={"2026": ["11-24"]})
COPIES = [Copy(n, tables.to_event("calendar", SECOND, NOW)) for n in (0, 1)]


class TestLoading:
    def test_every_partition_gets_its_copy(self) -> None:
        found = loading("calendar", SECOND, NOW, [], range(3))
        assert found.lacking == (0, 1, 2)
        assert found.event.occurred_at == NOW

    def test_what_is_loaded_is_not_loaded_again(self) -> None:
        assert loading("calendar", SECOND, NOW + 5, COPIES, range(2)).lacking == ()

    def test_only_the_partitions_that_lack_it_get_the_same_event(self) -> None:
        found = loading("calendar", SECOND, NOW + 5, COPIES, range(4))
        assert found == (COPIES[0].event, (2, 3))

    def test_the_same_version_with_another_content_is_refused(self) -> None:
        other = msgspec.structs.replace(SECOND, kota={})
        with pytest.raises(Flawed, match="'2' is loaded with another content"):
            loading("calendar", other, NOW + 5, COPIES, range(2))

    def test_the_shipped_version_with_another_content_is_refused(self) -> None:
        other = msgspec.structs.replace(SECOND, version=SHIPPED.version)
        with pytest.raises(Flawed, match="shipped with another content"):
            loading("calendar", other, NOW, [], range(2))

    def test_a_version_that_was_replaced_is_refused(self) -> None:
        with pytest.raises(Flawed, match="was replaced by '2'"):
            loading("calendar", SHIPPED, NOW + 5, COPIES, range(2))

    def test_a_version_cannot_be_in_force_before_the_one_that_it_follows(self) -> None:
        third = msgspec.structs.replace(SECOND, version="3")
        with pytest.raises(Flawed, match="with a later --at"):
            loading("calendar", third, NOW, COPIES, range(2))

    def test_a_calendar_does_not_lose_a_year(self) -> None:
        only = msgspec.structs.replace(SECOND, version="3", non_working={"2027": ["01-01"]})
        only = msgspec.structs.replace(only, kota={})
        with pytest.raises(Flawed, match=r"2018, 2019.* is missing"):
            loading("calendar", only, NOW + 5, COPIES, range(2))

    def test_the_history_ends_with_what_is_in_force(self) -> None:
        events = [copy.event for copy in COPIES]
        found = history("calendar", events)
        assert [(v.since, v.table.version, v.in_force) for v in found] == [
            (ALWAYS, SHIPPED.version, False), (NOW, "2", True),
        ]  # fmt: skip

    def test_what_shipped_and_was_loaded_is_one_version(self) -> None:
        event = loaded("calendar", NOW, SHIPPED.version)
        assert [v.since for v in history("calendar", [event])] == [NOW]


def test_what_judges_are_tables() -> None:
    assert shipped_versions().keys() == tables.KINDS.keys() > set(IN_FORCE)


def test_one_content_is_one_text() -> None:
    text = tables.to_json(tables.shipped(tables.SlaTable))
    shuffled = json.dumps(dict(reversed(json.loads(text).items())))
    assert tables.to_json(tables.from_json("sla", shuffled)) == text
