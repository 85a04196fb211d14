"""Sikesal: citizens' complaints of Kota Jambi, pushed; its webhook format is in README.md."""
