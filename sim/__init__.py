"""A simulated day of Jambi that knows its own true numbers (independent of the engine)."""

from sim.day import Day

__all__ = ["Day"]
