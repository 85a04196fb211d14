"""A lifecycle as a picture: a Mermaid state diagram, or a graph for Graphviz."""

from __future__ import annotations

from core.lifecycle import Lifecycle

_INDENT = "    "


def mermaid(life: Lifecycle) -> str:
    """A `stateDiagram-v2` of what the table allows."""
    lines = ["stateDiagram-v2", f"{_INDENT}[*] --> {life.start}"]
    lines += [f"{_INDENT}{a} --> {b}: {names}" for (a, b), names in _arrows(life).items()]
    lines += [f"{_INDENT}{end} --> [*]" for end in life.states if end in life.ends]
    return "\n".join(lines) + "\n"


def dot(life: Lifecycle) -> str:
    """A digraph; what is not allowed but has a rule is dashed, an end has two circles."""
    lines = [f'digraph "{life.kind}" {{', f"{_INDENT}rankdir=LR;"]
    for state in life.states:
        shape = "doublecircle" if state in life.ends else "box"
        lines.append(f'{_INDENT}"{state}" [shape={shape}];')
    for against, style in ((False, "solid"), (True, "dashed")):
        for (a, b), names in _arrows(life, against=against).items():
            lines.append(f'{_INDENT}"{a}" -> "{b}" [label="{names}", style={style}];')
    return "\n".join([*lines, "}"]) + "\n"


def _arrows(life: Lifecycle, *, against: bool = False) -> dict[tuple[str, str], str]:
    """Names of the events by the states that they lead from and to."""
    found: dict[tuple[str, str], list[str]] = {}
    for move in life.moves:
        if bool(move.rule) is against:
            found.setdefault((move.state, move.next), []).append(move.event)
    return {states: ", ".join(names) for states, names in found.items()}
