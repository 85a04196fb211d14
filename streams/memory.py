"""How the process keeps memory that it will need again in a moment."""

from __future__ import annotations

import ctypes

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""Numbers of glibc's `mallopt` (malloc.h)."""
_KEPT_BYTES = 64 * 1024 * 1024
_LARGEST_BYTES = 32 * 1024 * 1024
"""glibc takes no larger one."""


def keep_freed_memory() -> bool:
    """Let glibc keep what is freed; whether it could be told.

    Columns of a few megabytes come and go a hundred times a second.  By default each is mapped
    anew, and the kernel clears its pages one fault at a time: 12 % of normalize's CPU.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    told = [mallopt(_MMAP_THRESHOLD, _LARGEST_BYTES), mallopt(_TRIM_THRESHOLD, _KEPT_BYTES)]
    return all(told)
