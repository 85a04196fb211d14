"""Camera minutes: which are expected and which are up (catalogue KPI 24)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.cameras import Camera
from core.events import Event, Value
from core.moment import DAY, HOUR, MINUTE, SECOND
from tests.core.stories import at, event, wib

TEN = at("10:00")
REGISTERED = wib("2026-11-01T09:00")


def register(when: int = REGISTERED, *, in_service: bool = True, **fields: Value) -> Event:
    given: dict[str, Value] = {"nominal_fps": 10.0, **fields}
    return event("ref.camera", when, "city", "", camera_id="c1", in_service=in_service, **given)


def beat(when: int, fps: float = 10.0, frame: str | None = None) -> Event:
    return event(
        "cctv.heartbeat", when, "frigate", camera_id="c1", camera_fps=fps, frame_hash=frame
    )


def maintenance(announced: int, start: int, end: int) -> Event:
    return event(
        "cctv.maintenance", announced, "city", camera_id="c1", starts_at=start, ends_at=end
    )


def minutes(*events: Event, start: int = TEN, count: int = 5) -> tuple[int, int]:
    """Up and expected minutes of a camera from `start` on."""
    found = Camera.of(events).counters(start, start + count * MINUTE)
    kinds = [name[:2] for name in found]
    return kinds.count("u:"), kinds.count("e:")


def test_a_silent_camera_is_expected_and_down() -> None:
    assert minutes(register()) == (0, 5)


def test_one_healthy_beat_makes_its_minute_up() -> None:
    assert minutes(register(), beat(TEN), beat(TEN + 5 * MINUTE - 1)) == (2, 5)


def test_a_beat_counts_for_no_other_minute() -> None:
    assert minutes(register(), beat(TEN - 1), beat(TEN + 5 * MINUTE)) == (0, 5)


def test_half_the_nominal_frame_rate_is_enough_and_less_is_not() -> None:
    assert minutes(register(), beat(TEN, 5.0)) == (1, 5)
    assert minutes(register(), beat(TEN, 4.99)) == (0, 5)


def test_the_best_beat_of_a_minute_counts() -> None:
    assert minutes(register(), beat(TEN, 10.0), beat(TEN + SECOND, 0.0)) == (1, 5)


class TestFrozen:
    def test_the_same_picture_for_over_a_minute_is_down(self) -> None:
        frozen = [beat(TEN + n * 30 * SECOND, frame="a") for n in range(10)]
        # 10:00 and 10:01 on the dot may still be one picture; from 10:01:30 on it is frozen.
        assert minutes(register(), *frozen) == (1, 5)

    def test_exactly_a_minute_is_no_freeze(self) -> None:
        assert minutes(register(), beat(TEN, frame="a"), beat(TEN + MINUTE, frame="a")) == (2, 5)

    def test_one_microsecond_more_is(self) -> None:
        late = beat(TEN + MINUTE + 1, frame="a")
        assert minutes(register(), beat(TEN, frame="a"), late) == (1, 5)

    def test_a_new_picture_ends_it(self) -> None:
        old = [beat(TEN - 2 * MINUTE, frame="a"), beat(TEN, frame="a")]
        assert minutes(register(), *old, beat(TEN + MINUTE, frame="b")) == (1, 5)

    def test_it_may_have_begun_before_the_window(self) -> None:
        assert minutes(register(), beat(TEN - 2 * MINUTE, frame="a"), beat(TEN, frame="a")) == (
            0,
            5,
        )

    def test_a_picture_of_long_ago_says_nothing(self) -> None:
        # The fold keeps beats for half an hour only, so older ones must not decide.
        old = beat(TEN - 25 * MINUTE, frame="a")
        assert minutes(register(), old, beat(TEN + MINUTE, frame="a")) == (1, 5)

    def test_beats_without_a_picture_cannot_tell(self) -> None:
        assert minutes(register(), *(beat(TEN + n * MINUTE) for n in range(5))) == (5, 5)


class TestMaintenance:
    def test_announced_24_hours_ahead_it_is_not_expected(self) -> None:
        work = maintenance(TEN - DAY, TEN, TEN + 2 * MINUTE)
        assert minutes(register(), work, beat(TEN), beat(TEN + 2 * MINUTE)) == (1, 3)

    def test_announced_later_it_is(self) -> None:
        assert minutes(register(), maintenance(TEN - DAY + 1, TEN, TEN + HOUR)) == (0, 5)

    def test_another_announcement_does_not_take_the_first_back(self) -> None:
        first, second = maintenance(TEN - DAY, TEN, TEN + HOUR), maintenance(TEN, TEN, TEN + HOUR)
        assert minutes(register(), first, second) == (0, 0)


class TestRegister:
    def test_a_new_camera_enters_at_the_next_midnight_in_jambi(self) -> None:
        midnight = wib("2026-11-21T00:00")
        new = register(TEN)
        assert minutes(new, start=midnight - 5 * MINUTE) == (0, 0)
        assert minutes(new, start=midnight) == (0, 5)

    def test_one_registered_at_midnight_waits_for_the_next(self) -> None:
        midnight = wib("2026-11-20T00:00")
        assert minutes(register(midnight), start=midnight + DAY - 5 * MINUTE) == (0, 0)
        assert minutes(register(midnight), start=midnight + DAY) == (0, 5)

    def test_a_removed_camera_is_not_expected_from_its_minute_on(self) -> None:
        removed = register(TEN + 2 * MINUTE + SECOND, in_service=False)
        assert minutes(register(), removed, beat(TEN)) == (1, 2)

    def test_a_removed_camera_watched_until_its_removal(self) -> None:
        removed = register(TEN, in_service=False)
        entered = wib("2026-11-02T00:00")
        assert Camera.of([register()]).watches == ((entered, None),)
        assert Camera.of([register(), removed]).watches == ((entered, TEN),)
        assert Camera.of([removed]).watches == ()

    def test_a_returning_camera_enters_at_the_next_midnight(self) -> None:
        gone = register(wib("2026-11-10T09:00"), in_service=False)
        back = register(TEN)
        midnight = wib("2026-11-21T00:00")
        assert minutes(register(), gone, back) == (0, 0)
        assert minutes(register(), gone, back, start=midnight) == (0, 5)

    def test_a_changed_entry_of_a_camera_in_service_holds_at_once(self) -> None:
        faster = register(TEN + MINUTE, nominal_fps=30.0)
        assert minutes(register(), faster, beat(TEN), beat(TEN + MINUTE)) == (1, 5)

    def test_an_unregistered_camera_is_counted_apart(self) -> None:
        found = Camera.of([beat(TEN)]).counters(TEN, TEN + 5 * MINUTE)
        assert found == {f"x:unregistered:{TEN // MINUTE}": 1}

    def test_the_newest_entry_tells_where_it_stands(self) -> None:
        moved = register(TEN, intersection_id="simpang-2", lat=-1.6, lon=103.6)
        camera = Camera.of([moved, register(intersection_id="simpang-1")])
        assert (camera.intersection, camera.place) == ("simpang-2", (-1.6, 103.6))

    @pytest.mark.parametrize("lat", [None, -1.6])
    def test_half_a_place_is_none(self, lat: float | None) -> None:
        camera = Camera.of([register(lat=lat)])
        assert (camera.intersection, camera.place) == ("unlocated", None)


AROUND = st.integers(-2 * 86_400, 2 * 86_400).map(lambda s: TEN + s * SECOND) | st.integers(
    -6, 12
).map(lambda m: wib("2026-11-20T00:00") + m * MINUTE)
ENTRIES = st.builds(lambda at, here: register(at, in_service=here), AROUND, st.booleans())
WORKS = st.builds(lambda at, start, h: maintenance(at, start, start + h * HOUR), AROUND, AROUND,
                  st.integers(0, 30))  # fmt: skip


@given(
    st.lists(ENTRIES, max_size=4), st.lists(WORKS, max_size=3), AROUND.map(lambda at: beat(at)),
    AROUND.map(lambda at: at // MINUTE * MINUTE), st.integers(1, 90),
)  # fmt: skip
def test_a_window_is_the_sum_of_its_minutes(
    register: list[Event], works: list[Event], beat: Event, start: int, count: int
) -> None:
    camera = Camera.of([*register, *works, beat])
    minutes = [start + n * MINUTE for n in range(count)]
    apart = [camera.counters(at, at + MINUTE) for at in minutes]
    together = camera.counters(start, start + count * MINUTE)
    assert together == {name: value for one in apart for name, value in one.items()}
    expected = sum(camera.nominal_fps(at) is not None for at in minutes)
    assert sum(name.startswith("e:") for name in together) <= expected
