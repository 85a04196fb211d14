"""Counts of road users on council CCTV cameras, imported from CSV."""
