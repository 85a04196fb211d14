"""Faust: batch transport, agents (normalize, fold, join, publish) and the exporter."""
