"""What the worker does at scale: scenarios on one broker, each with exact totals or none."""
