"""Loading the stored network of Porto, memory-mapped; what several workers cost together.

A worker is a process of its own that loads the network, snaps points and searches once. Its own memory is its
anonymous memory (Anonymous of /proc/self/smaps_rollup); the mapped files are shared by all, and Pss_File is the
worker's part of them.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.measure import figure, median_s
from benchmarks.street_files import PORTO, beside_streets, read_town
from geo_service.analysis.distances import nearest
from geo_service.analysis.network import Network, load_network, save_network
from geo_service.analysis.snapping import snap

WORKERS = 4


def use(network: Network) -> None:
    """Snap a thousand points and search from some of them, as a first request would."""
    x, y = beside_streets(network, 1000, np.random.default_rng(7))
    snaps = snap(network.snap_index, x, y)
    few = snaps.take(np.arange(50))
    nearest(network, few, np.arange(50), snaps, limit_m=1000.0)


def memory_mb() -> tuple[float, float]:
    """Return the memory of this process that nobody can share and its part of mapped files, in MB."""
    fields = {}
    for line in Path("/proc/self/smaps_rollup").read_text(encoding="utf-8").splitlines()[1:]:
        key, value = line.split(":")
        fields[key] = int(value.split()[0]) / 1024
    return fields["Anonymous"], fields["Pss_File"]


def worker(folder: Path) -> None:
    """Load and use the network; wait for the others before telling the memory."""
    before, _ = memory_mb()
    network = load_network(folder)
    use(network)
    print("ready", flush=True)
    sys.stdin.readline()
    after, files = memory_mb()
    print(f"{after - before} {files}", flush=True)
    sys.stdin.readline()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one run")
    parser.add_argument("--worker", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        worker(options.worker)
        return
    with tempfile.TemporaryDirectory() as place:
        network = read_town(PORTO, 10).network
        folder = Path(place) / "networks" / network.fingerprint
        save_network(network, folder)
        size = sum(path.stat().st_size for path in folder.iterdir()) / 1024**2
        times = 1 if options.quick else 5
        figure("Porto: loading the stored network", median_s(lambda: load_network(folder), times), at_most=1)
        first = median_s(lambda: use(load_network(folder)), times)
        figure("Porto: loading, snapping 1,000 points and one search", first, at_most=1)
        command = [sys.executable, "-m", "benchmarks.network_load", "--worker", str(folder)]
        crew = [
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(WORKERS)
        ]
        for one in crew:
            assert one.stdout
            one.stdout.readline()
        told = [ask(one) for one in crew]
        for one in crew:
            one.communicate("\n")
        figure(
            f"Porto: memory one of {WORKERS} workers adds for itself",
            max(row[0] for row in told),
            "MB",
            at_most=20,
            note=f"stored files {size:.0f} MB, mapped once for all; a worker's part of all mapped files, "
            f"libraries included: {max(row[1] for row in told):.0f} MB",
        )


def ask(one: "subprocess.Popen[str]") -> list[float]:
    """Return what a worker tells about its memory; it stays alive."""
    assert one.stdin
    assert one.stdout
    one.stdin.write("\n")
    one.stdin.flush()
    return [float(value) for value in one.stdout.readline().split()]


if __name__ == "__main__":
    main()
