"""Cases of which everything is there say the same, whether they are kept or not."""

from __future__ import annotations

from hypothesis import given, settings

from core.events import Event
from core.fold import Entity, Fold, entity_of
from core.kpis import kinds
from tests.core.random_days import END, Segment, days


@settings(max_examples=30)
@given(days())
def test_what_is_condensed_is_told_as_what_is_applied(segments: list[Segment]) -> None:
    events = [event for _, of in segments for event in of]
    kept, condensed, cases = Fold(), Fold(), dict[Entity, list[Event]]()
    for event in events:
        kept.apply(event)
        entity = entity_of(event)
        if entity is not None and entity.kind in kinds():
            cases.setdefault(entity, []).append(event)
        else:
            condensed.apply(event)
    told = condensed.condense(cases)
    a, b = kept.close(END), condensed.close(END)
    assert b.cells == a.cells
    assert sorted(map(str, (*told, *b.statements))) == sorted(map(str, a.statements))
    assert not condensed.entities.keys() & cases.keys()
