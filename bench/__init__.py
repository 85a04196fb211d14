"""Measurements of the real path on a local stack: `jcoc bench`.

Every job checks what it measured against a plain oracle; a wrong result is shown as wrong, not
as fast.  Jobs are given a `Place`, start the programs of the backbone as processes, and watch
them from outside.
"""
