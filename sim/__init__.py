"""A simulated day of Jambi that knows its own true numbers (independent of the engine)."""

from sim.day import Day
from sim.month import Month

__all__ = ["Day", "Month"]
