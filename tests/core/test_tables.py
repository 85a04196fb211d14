"""Reference tables: the files that ship, what is wrong with a bad one, and when one may follow."""

from __future__ import annotations

import json

import msgspec
import pytest

from core import contract, tables
from core.kpis import by_id
from core.law import ALWAYS, Law
from core.tables import CalendarTable, Flawed
from core.versions import Copy, history, loading
from sim.areas import KECAMATAN, KELURAHAN
from tests.core.stories import loaded, wib

every_table = pytest.mark.parametrize("name", tables.KINDS)
NOW = wib("2026-12-01T08:00")
HEAD = 'version = "x"\ntitle = "t"\nverified = "v"\nsources = ["s"]\n'
CLASS = '[classes.waste]\nmetres = 75\nminutes = 60\ncamera = "partly"\n'
SERVICE = '[services.x]\ntitle = "x"\ndigitisable = true\n'


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


def test_the_reach_of_each_class_is_that_of_the_catalogue() -> None:
    """Section 5.3, typed a second time here."""
    table = tables.shipped(tables.IncidentClassTable)
    assert {name: (c.metres, c.minutes, c.camera) for name, c in table.classes.items()} == {
        "accident": (150, 20, "yes"),
        "congestion": (250, 30, "yes"),
        "signal_fault": (75, 60, "yes"),
        "flood": (300, 120, "partly"),
        "illegal_parking": (100, 60, "yes"),
        "public_order": (150, 60, "yes"),
        "waste": (75, 48 * 60, "partly"),
        "street_light_out": (50, 7 * 24 * 60, "night"),
        "road_damage": (50, 14 * 24 * 60, "no"),
        "pipe_leak": (75, 2_880, "no"),
    }


def test_every_category_that_a_table_names_has_a_name() -> None:
    names = tables.shipped(tables.CategoryTable).names.keys()
    assert names >= tables.shipped(tables.IncidentClassTable).categories.keys()
    assert names >= tables.shipped(tables.UtilityTable).hours.keys()
    assert names >= tables.shipped(tables.SlaTable).sikesal_hours.keys() - {"default"}


def test_a_letter_is_free_when_it_is_known_to_cost_nothing() -> None:
    table = tables.shipped(tables.ServiceTable)
    assert [table.free(code) for code in ("domisili", "nikah", "no_such")] == [True, False, False]
    assert table.tariff("no_such") is None
    assert table.documents("no_such") is None
    assert not table.digitisable("no_such")


def test_another_version_of_a_table_is_another_law() -> None:
    kpi = by_id()["tri_corroborated_incident_pct"]
    law = Law.told_by([loaded("incident_class", NOW, "other")])
    assert kpi.defined_by(law.newest.versions) != kpi.definition


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
        ("category", HEAD + '[names]\nSampah = "Sampah"', "write 'sampah'"),
        ("category", HEAD + "[names]", "name at least one"),
        ("incident_class", HEAD + CLASS.replace("75", "301") + "[categories]",
         "classes.waste.metres: 301; write 1 to 300"),
        ("incident_class", HEAD + CLASS.replace("60", "0") + "[categories]",
         "classes.waste.minutes: 0; write 1 to 20160"),
        ("incident_class", HEAD + CLASS.replace("partly", "maybe") + "[categories]", "maybe"),
        ("incident_class", HEAD + CLASS + '[categories]\nbanjir = "flood"',
         "categories.banjir: no class 'flood'; add [classes.flood]"),
        ("utility", HEAD + "[hours]\nair = 0", "hours.air: 0 is no limit"),
        ("utility", HEAD + "[hours]", "name at least one"),
        ("service", HEAD + SERVICE + "tariff = -1", "whole rupiah, 0 if free"),
        ("service", HEAD + SERVICE + 'documents = ["ktp", "ktp"]', "named twice"),
        ("service", HEAD + SERVICE + 'documents = ["surat rt"]', "write one word"),
        ("service", HEAD + SERVICE + "tarif = 0", "tarif"),
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


def test_one_content_is_one_text() -> None:
    text = tables.to_json(tables.shipped(tables.SlaTable))
    shuffled = json.dumps(dict(reversed(json.loads(text).items())))
    assert tables.to_json(tables.from_json("sla", shuffled)) == text
