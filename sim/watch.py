"""What the cameras and their recorder do during the day, or on each of many days."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from core import moment
from sim.chance import Chance
from sim.city import Camera
from sim.incidents import Detection

_LABELS = {"car": 38, "motorcycle": 46, "truck": 7, "bus": 3, "person": 5, "bicycle": 1}
_HOURS = (1, 1, 1, 1, 2, 4, 8, 12, 11, 8, 7, 8, 9, 8, 7, 8, 11, 12, 9, 7, 5, 4, 3, 2)
STATS_SECOND = 12
PROCESS_FPS = 5.0
SKIPPED_FPS = 0.0
PROBE_SECOND = 30
_DAY = 24 * 60
_SPOTS = tuple(hour * 60 + minute for hour, minute in (
    (0, 0), (3, 2), (8, 1), (9, 28), (10, 30), (13, 8), (13, 58), (15, 3), (15, 38), (23, 54),
))  # fmt: skip
"""Minutes at which a fate of a camera begins or ends, or at the edge of a day."""
_SPELL = 6


@dataclass(frozen=True, slots=True)
class Maintenance:
    """Work on a camera between two moments, announced at another."""

    camera_id: str
    announced_at: int
    starts_at: int
    ends_at: int


@dataclass(frozen=True, slots=True)
class Registration:
    """An entry of the camera register."""

    camera: Camera
    at: int
    in_service: bool


@dataclass(frozen=True, slots=True)
class Stats:
    """One message of the recorder: frames per second of each camera that it knows.

    Of the frames that come in it analyses 5 a second and skips none.
    """

    at: int
    fps: dict[str, float]


@dataclass(frozen=True, slots=True)
class Probe:
    """Camera state with a hash of the picture, from a probe beside the recorder."""

    camera_id: str
    at: int
    fps: float
    frame_hash: str


@dataclass(slots=True)
class Watch:
    """Everything about the cameras; `fates` says which camera the author had plans for."""

    registrations: list[Registration] = field(default_factory=list)
    maintenance: list[Maintenance] = field(default_factory=list)
    stats: list[Stats] = field(default_factory=list)
    probes: list[Probe] = field(default_factory=list)
    beats: list[int] = field(default_factory=list)
    fates: dict[str, Camera] = field(default_factory=dict)


# fmt: off
_FATES = (
    "dead", "missing", "low", "half", "frozen", "probed", "announced", "just_announced",
    "unannounced", "added", "added_yesterday", "removed",
)
# fmt: on
_UNSTEADY = ("added", "added_yesterday", "removed")


def fates(chance: Chance, cameras: tuple[Camera, ...]) -> dict[str, Camera]:
    """A camera for each fate, drawn by lot among the second ones at their intersections."""
    seconds = [camera for camera in cameras if camera.camera_id.endswith("_2")]
    return {fate: seconds.pop(chance.whole(0, len(seconds) - 1)) for fate in _FATES}


def unsteady(fate: dict[str, Camera]) -> tuple[Camera, ...]:
    """Cameras that come or go around the day."""
    return tuple(fate[name] for name in _UNSTEADY)


def play(chance: Chance, cameras: tuple[Camera, ...], fate: dict[str, Camera],
         days: Sequence[int]) -> Watch:  # fmt: skip
    """One day whole; of several days some minutes of each, other ones on the next.

    Cameras come and go on the day in the middle.
    """
    whole = Watch(fates=fate)
    for index, day in enumerate(days):
        recorder = Recorder(chance, cameras, fate, day)
        if index == len(days) // 2:
            recorder.register()
        minutes: Iterable[int] = range(_DAY)
        if len(days) > 1:
            spots = (_SPOTS[(index + more) % len(_SPOTS)] for more in (0, 2, 5))
            minutes = sorted(minute for spot in spots for minute in range(spot, spot + _SPELL))
        part = recorder.play(minutes, gone=index > len(days) // 2)
        whole.registrations += part.registrations
        whole.maintenance += part.maintenance
        whole.stats += part.stats
        whole.probes += part.probes
        whole.beats += part.beats
    return whole


class Recorder:
    """Plays the day of the cameras minute by minute."""

    def __init__(self, chance: Chance, cameras: tuple[Camera, ...], fate: dict[str, Camera],
                 day: int) -> None:  # fmt: skip
        """The civil day that starts at `day`."""
        self._chance, self._cameras, self._fate, self._day = chance, cameras, fate, day
        self._down: dict[str, list[tuple[int, int, float | None]]] = {}
        self.watch = Watch(fates=fate)

    def play(self, minutes: Iterable[int], *, gone: bool = False) -> Watch:
        """These minutes of the day; `gone`: the camera that is taken out was taken out before."""
        self._maintain()
        self._break(gone=gone)
        outage = self._chance.whole(60, 1300)
        unobserved = range(outage, outage + self._chance.whole(4, 12))
        dumb = self._chance.whole(60, 1300)
        mute = range(dumb, dumb + 3)
        for minute in minutes:
            at = self._day + minute * moment.MINUTE
            if minute not in unobserved:
                self.watch.beats.append(at)
                if minute not in mute:
                    self.watch.stats.append(self._stats(minute, at))
                self._probe(minute, at)
        return self.watch

    def register(self) -> None:
        """The register, with what changes on this day."""
        long_ago = self._day - 200 * moment.DAY
        moments = {
            self._fate["added"].camera_id: self._day + 9 * moment.HOUR,
            self._fate["added_yesterday"].camera_id: self._day - 8 * moment.HOUR,
        }
        for camera in self._cameras:
            at = moments.get(camera.camera_id, long_ago)
            self.watch.registrations.append(Registration(camera, at, in_service=True))
        gone = Registration(self._fate["removed"], self._day + 14 * moment.HOUR, in_service=False)
        self.watch.registrations.append(gone)

    def _maintain(self) -> None:
        start = self._day + 8 * moment.HOUR
        for name, ahead in (
            ("announced", 30 * moment.HOUR),
            ("just_announced", moment.DAY),
            ("unannounced", 6 * moment.HOUR),
        ):
            camera_id = self._fate[name].camera_id
            work = Maintenance(camera_id, start - ahead, start, start + 4 * moment.HOUR)
            self.watch.maintenance.append(work)
            self._down[camera_id] = [(8 * 60 + 5, 11 * 60 + 30, 0.0)]

    def _break(self, *, gone: bool) -> None:
        day = _DAY
        share: dict[str, tuple[int, int, float | None]] = {
            "dead": (2 * 60, 9 * 60 + 30, 0.0),
            "missing": (13 * 60 + 10, 14 * 60, None),
            "low": (0, day, 0.3),
            "half": (10 * 60, 12 * 60, 0.5),
            "removed": (0 if gone else 14 * 60, day, None),
        }
        for name, spell in share.items():
            self._down[self._fate[name].camera_id] = [spell]
        for camera in self._cameras:
            if camera.camera_id not in self._down and self._chance.happens(0.3):
                first = self._chance.whole(0, day - 100)
                spell = (first, first + self._chance.whole(3, 90), 0.0)
                self._down[camera.camera_id] = [spell]

    def _stats(self, minute: int, at: int) -> Stats:
        probed = {self._fate["frozen"].camera_id, self._fate["probed"].camera_id}
        fps = {}
        for camera in self._cameras:
            share = self._share(camera.camera_id, minute)
            if share is not None and camera.camera_id not in probed:
                fps[camera.camera_id] = round(share * camera.nominal_fps, 2)
        # A camera on the bench that nobody registered: it must not be expected anywhere.
        fps["meja_uji"] = 5.0
        return Stats(at + STATS_SECOND * moment.SECOND, fps)

    def _share(self, camera_id: str, minute: int) -> float | None:
        for first, last, share in self._down.get(camera_id, ()):
            if first <= minute < last:
                return share
        return self._chance.real(0.9, 1.0)

    def _probe(self, minute: int, at: int) -> None:
        for name in ("frozen", "probed"):
            camera = self._fate[name]
            still = name == "frozen" and 15 * 60 <= minute < 15 * 60 + 40
            picture = "5111" if still else f"{self._chance.whole(0, 2**32 - 1):08x}"
            fps = round(camera.nominal_fps * self._chance.real(0.9, 1.0), 2)
            moment_of_probe = at + PROBE_SECOND * moment.SECOND
            self.watch.probes.append(Probe(camera.camera_id, moment_of_probe, fps, picture))


def traffic(chance: Chance, cameras: tuple[Camera, ...], day: int, count: int) -> list[Detection]:
    """So many vehicles and people during the day that starts at `day`, most in the rush hours."""
    hours = {str(hour): weight for hour, weight in enumerate(_HOURS)}
    seen = []
    for index in range(count):
        start = day + int(chance.of(hours)) * moment.HOUR + chance.micros(0, moment.HOUR)
        length = chance.micros(moment.SECOND, 40 * moment.SECOND)
        score = round(chance.real(0.55, 0.99), 4)
        camera = chance.one(cameras)
        label = chance.of(_LABELS)
        code = f"v{index:06d}"
        seen.append(Detection(camera.camera_id, label, start, start + length, score, code))
    return seen
