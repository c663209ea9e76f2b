"""A port for a server of a test that has to name one."""

import random
import socket

# below what the kernel gives out by itself, so that no connection of anybody takes it before the server does
FIRST, LAST = 20_000, 32_000


def free_port() -> int:
    """Return a port of this machine that nobody listens at and nobody is given by chance."""
    for port in random.SystemRandom().sample(range(FIRST, LAST), 200):
        with socket.socket() as tried:
            try:
                tried.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("no port is free")
