"""Composition root: the `jcoc` command, its settings and the local stack."""
