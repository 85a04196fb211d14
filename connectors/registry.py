"""Finds connectors: each folder of this package with a `manifest.py`, and entry points.

Packages elsewhere join through the entry point group `jcoc.connectors` whose value names a
`Manifest`.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from importlib.metadata import entry_points

import connectors
from core.manifest import Manifest


@cache
def names() -> frozenset[str]:
    """Names of all connectors, without importing any."""
    folders = (module.name for module in pkgutil.iter_modules(connectors.__path__) if module.ispkg)
    return frozenset((*folders, *(entry.name for entry in entry_points(group="jcoc.connectors"))))


@cache
def discover() -> dict[str, Manifest]:
    """Every connector by name, sorted."""
    found: dict[str, Manifest] = {}
    for module in pkgutil.iter_modules(connectors.__path__):
        if module.ispkg:
            found[module.name] = importlib.import_module(
                f"connectors.{module.name}.manifest"
            ).MANIFEST
    for entry in entry_points(group="jcoc.connectors"):
        found[entry.name] = entry.load()
    return dict(sorted(found.items()))
