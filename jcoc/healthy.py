"""Whether an address answers 200: `python -m jcoc.healthy URL`, for health checks of containers.

Slim images have no curl; this needs only the standard library, so it starts quickly.
"""

from __future__ import annotations

import sys
import urllib.request

PATIENCE_S = 4


def main(url: str) -> int:
    """0 when `url` answers with success, else 1 with the reason on stderr."""
    # No proxy of the environment may stand between us and loopback.
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(url, timeout=PATIENCE_S):
            return 0
    except (OSError, ValueError) as error:
        sys.stderr.write(f"{url}: {error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
