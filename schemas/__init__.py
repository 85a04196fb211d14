"""Contracts of the events that cross the backbone."""
