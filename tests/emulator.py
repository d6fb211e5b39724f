"""The emulator of AWS that tests run on, on the loopback address.

It keeps what it was given in the process, not in the server: each start begins with an empty one.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import requests

REGION = "us-east-1"


@contextmanager
def running_emulator() -> Iterator[str]:
    """Start the emulator and yield its address."""
    # It takes a second to import, which most runs of tests need not pay.
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    requests.post(f"{endpoint}/moto-api/reset", timeout=10).raise_for_status()
    try:
        yield endpoint
    finally:
        server.stop()
