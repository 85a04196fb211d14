"""How the process asks for memory, and what it does with what is free."""

from __future__ import annotations

import ctypes

import pyarrow as pa

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""Numbers of glibc's `mallopt` (malloc.h)."""
_KEPT_BYTES = 64 * 1024 * 1024
_LARGEST_BYTES = 32 * 1024 * 1024
"""glibc takes no larger one."""


def economise() -> bool:
    """One heap for Python and Arrow, which keeps what is freed; whether glibc could be told.

    Columns of a few megabytes come and go a hundred times a second.  By default each is mapped
    anew, and the kernel clears its pages one fault at a time: that cost normalize's calculation
    12 to 20 % of its CPU.  Arrow's own allocator beside that of everybody else held 30 MiB more.
    """
    pa.set_memory_pool(pa.system_memory_pool())
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    told = [mallopt(_MMAP_THRESHOLD, _LARGEST_BYTES), mallopt(_TRIM_THRESHOLD, _KEPT_BYTES)]
    return all(told)
