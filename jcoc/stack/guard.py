"""Runs a command that must not outlive who started it: `guard.py PARENT COMMAND...`.

The kernel kills the command when its parent is gone, however the parent died.  Run with `-I -S`,
so it imports next to nothing before it becomes the command.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1

if __name__ == "__main__":
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL))
    if os.getppid() != int(sys.argv[1]):
        sys.exit("the parent died before its child was born")
    os.execv(sys.argv[2], sys.argv[2:])
