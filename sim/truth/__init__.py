"""The ground truth: naive, obvious loops over what happened in the story.

Nothing here comes from the engine: own working days, own due dates, own clusters.  Each module
says the rules that it follows.
"""

from sim.truth.table import Row, in_order, rows

__all__ = ["Row", "in_order", "rows"]
