"""Sipaten: service cases of kecamatan and kelurahan, pushed; its format is in README.md."""
