"""Lighthouse on the pages of the demo: performance, accessibility and good practice, as its desktop setting judges.

The demo of a street office (synthetic) on a real server. Lighthouse is locked in ``benchmarks/lighthouse`` and
drives Debian's Chromium; each page is judged three times, the middle one is written down.
"""

import json
import os
import statistics
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.measure import figure
from scripts.build_frontend import node_environment, npm
from tests.e2e.conftest import BROWSER_ARGUMENTS, command, environment, serving

FOLDER = Path(__file__).parent / "lighthouse"
PAGES = ("/map", "/board", "/")
LEAST = {"performance": 90, "accessibility": 100, "best-practices": 90}
ROUNDS = 3


def judged(address: str, folder: Path) -> dict[str, Any]:
    """Return what Lighthouse says of a page."""
    answer = folder / "answer.json"
    _, node = node_environment()
    asked = [
        "node", str(FOLDER / "node_modules" / "lighthouse" / "cli" / "index.js"), address, "--quiet",
        "--preset=desktop", f"--only-categories={','.join(LEAST)}", "--output=json", f"--output-path={answer}",
        f"--chrome-flags=--headless {' '.join(BROWSER_ARGUMENTS)}",
    ]  # fmt: skip
    subprocess.run(asked, env=node | {"CHROME_PATH": "/usr/bin/chromium"}, check=True, stdout=subprocess.DEVNULL)
    said: dict[str, Any] = json.loads(answer.read_text(encoding="utf-8"))
    return said


def main() -> None:
    """Make the demo, serve it, and have its pages judged."""
    npm("--version", folder=FOLDER)
    os.environ.setdefault("GEO_ALLOW_UNSAFE_STORE", "1")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        env = environment(folder / "var")
        command("demo", "--no-serve", "--size", "street", env=env)
        with serving(env) as server:
            for page in PAGES:
                said = [judged(server.origin + page, folder) for _ in range(ROUNDS)]
                for category, least in LEAST.items():
                    points = statistics.median(one["categories"][category]["score"] * 100 for one in said)
                    figure(f"{page} {category}", points, "points", at_least=least, note=noted(said[-1], category))


def noted(said: dict[str, Any], category: str) -> str:
    """Say what lies behind a figure."""
    if category != "performance":
        return f"Lighthouse {said['lighthouseVersion']}"
    wanted = ("largest-contentful-paint", "total-blocking-time", "cumulative-layout-shift")
    return ", ".join(f"{name.replace('-', ' ')} {said['audits'][name]['displayValue']}" for name in wanted)


if __name__ == "__main__":
    main()
