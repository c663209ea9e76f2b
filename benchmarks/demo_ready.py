"""The demo community of a street office, from an installed service to the first answer of the server.

Each run is what a newcomer waits for: ``geo-service demo --no-serve --size street`` into an empty folder, then
``geo-service serve`` until ``/ready`` answers.
"""

import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from benchmarks.measure import TIMES, figure

PROGRAM = Path(sys.executable).with_name("geo-service")
BOUND_S = 75  # "about a minute"


def main() -> None:
    """Make the demo several times and serve it once each."""
    made, ready = [], []
    for _ in range(TIMES):
        with tempfile.TemporaryDirectory() as folder:
            environment = {**os.environ, "GEO_VAR_DIR": folder}
            environment.pop("GEO_DATABASE_URL", None)
            start = time.perf_counter()
            command = [PROGRAM, "demo", "--no-serve", "--size", "street"]
            subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
            made.append(time.perf_counter() - start)
            ready.append(seconds_to_ready(environment))
    both = statistics.median(a + b for a, b in zip(made, ready, strict=True))
    note = f"demo {statistics.median(made):.1f} s, server {statistics.median(ready):.1f} s"
    figure("demo --size street ready to serve", both, at_most=BOUND_S, note=note)


def seconds_to_ready(environment: dict[str, str]) -> float:
    """Start the server, wait for its first answer, stop it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    start = time.perf_counter()
    server = subprocess.Popen(
        [PROGRAM, "serve", "--port", str(port)],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while not answers(f"http://127.0.0.1:{port}/ready"):
            if server.poll() is not None or time.perf_counter() - start > 60:
                raise SystemExit("the server did not become ready")
            time.sleep(0.05)
        return time.perf_counter() - start
    finally:
        server.terminate()
        server.wait(timeout=30)


def answers(address: str) -> bool:
    """Whether a GET is answered with success."""
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


if __name__ == "__main__":
    main()
