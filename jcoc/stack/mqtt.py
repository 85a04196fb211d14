"""An MQTT broker in Python (amqtt): `python -m jcoc.stack.mqtt PORT`.

Loopback, anonymous, for development and tests.  Sessions of clients that ask for it survive
their disconnection, not the broker's restart.  A city runs Mosquitto or its like.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import sys
from typing import Any

CONNECT = b"\x10\x10\x00\x04MQTT\x04\x02\x00\x05\x00\x04jcoc"
ACCEPTED = b"\x20\x02\x00\x00"
DISCONNECT = b"\xe0\x00"


def command(port: int) -> list[str]:
    """What to run."""
    return [sys.executable, "-m", "jcoc.stack.mqtt", str(port)]


def healthy(port: int) -> bool:
    """True once a CONNECT is accepted."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as broker:
            broker.sendall(CONNECT)
            answer = broker.recv(4, socket.MSG_WAITALL)
            broker.sendall(DISCONNECT)
    except OSError:
        return False
    return answer == ACCEPTED


async def serve(port: int) -> None:
    """Run until SIGTERM."""
    # Only the broker's own process needs it; `jcoc status` should not wait for its import.
    from amqtt.broker import Broker

    config: dict[str, Any] = {
        "listeners": {"default": {"type": "tcp", "bind": f"127.0.0.1:{port}"}},
        "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
    }
    over = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, over.set)
    broker = Broker(config)
    await broker.start()
    await over.wait()
    await broker.shutdown()


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    asyncio.run(serve(int(sys.argv[1])))
