"""The auditor's door: the same numbers again, without the streams."""
