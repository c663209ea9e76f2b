"""Runs the benchmark scripts one after the other and writes docs/benchmarks.md and benchmarks/results.json.

``python -m benchmarks``            all of them
``python -m benchmarks tiles``      some; the others keep their last results
"""

import json
import os
import platform
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from benchmarks.measure import MARK

ROOT: Final = Path(__file__).resolve().parents[1]
RESULTS: Final = ROOT / "benchmarks" / "results.json"
PAGE: Final = ROOT / "docs" / "benchmarks.md"
BEGIN: Final = "<!-- results: written by make bench -->"
NAMES: Final = (
    "analysis_coverage",
    "analysis_circles",
    "walks",
    "capacity",
    "siting",
    "city",
    "what_if",
    "network_load",
    "import_osm",
    "tiles",
    "prints",
    "browser",
    "pages",
    "demo_ready",
    "load",
)


def main(wanted: list[str]) -> int:
    """Run, report, and fail if a script fails or a bound is missed."""
    unknown = sorted(set(wanted) - set(NAMES))
    if unknown:
        print(f"no such benchmark: {', '.join(unknown)}; known: {', '.join(NAMES)}", file=sys.stderr)
        return 2
    results: dict[str, Any] = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    for name in wanted or NAMES:
        print(f"== {name}", flush=True)
        results[name] = run(name)
        RESULTS.write_text(json.dumps(results, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    ordered = {name: results[name] for name in NAMES if name in results}
    head = PAGE.read_text(encoding="utf-8").partition(BEGIN)[0]
    PAGE.write_text(f"{head}{BEGIN}\n\n{page(ordered)}", encoding="utf-8")
    failed = [name for name in wanted or NAMES if results[name]["exit_code"]]
    missed = [f"{name}: {row['name']}" for name in wanted or NAMES for row in results[name]["figures"] if not kept(row)]
    for line in [f"failed: {name}" for name in failed] + [f"bound missed: {which}" for which in missed]:
        print(line, file=sys.stderr)
    return 1 if failed or missed else 0


def run(name: str) -> dict[str, Any]:
    """Run one script in a process of its own; return its figures with machine, date and command."""
    command = [sys.executable, "-m", f"benchmarks.{name}"]
    start = time.perf_counter()
    figures = []
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout or ():
            if line.startswith(MARK):
                figures.append(json.loads(line.removeprefix(MARK)))
                print("  " + said(figures[-1]), flush=True)
            else:
                print("  " + line.rstrip(), flush=True)
    return {
        "figures": figures,
        "exit_code": process.returncode,
        "seconds": round(time.perf_counter() - start, 1),
        "date": datetime.now(UTC).date().isoformat(),
        "command": f"python -m benchmarks {name}",
        "machine": machine(),
        "revision": revision(),
    }


def ratio(row: dict[str, Any]) -> float | None:
    """Return what the bound is about: value / floor, floor / value for a speed-up, or the value itself."""
    if row["floor"] is None:
        return float(row["value"])
    if not row["value"] or not row["floor"]:
        return None
    return float(row["floor"] / row["value"] if row["at_least"] is not None else row["value"] / row["floor"])


def kept(row: dict[str, Any]) -> bool:
    """Whether the bound of a figure is kept; a figure without bound always is."""
    found = ratio(row)
    if found is None:
        return False
    return (row["at_most"] is None or found <= row["at_most"]) and (row["at_least"] is None or found >= row["at_least"])


def said(row: dict[str, Any]) -> str:
    """Return a figure as one line."""
    return " | ".join(cell for cell in cells(row) if cell)


def cells(row: dict[str, Any]) -> tuple[str, ...]:
    """Return the table cells of a figure: name, value, floor, ratio, bound, kept, note."""
    found = ratio(row)
    bound = f"≤ {row['at_most']:g}" if row["at_most"] is not None else ""
    bound = f"≥ {row['at_least']:g}" if row["at_least"] is not None else bound
    if bound:
        bound += " ×" if row["floor"] is not None else f" {row['unit']}"
    return (
        row["name"],
        f"{row['value']:.4g} {row['unit']}",
        f"{row['floor']:.4g} {row['unit']}" if row["floor"] is not None else "",
        f"{found:.2f} ×" if row["floor"] is not None and found is not None else "",
        bound,
        ("yes" if kept(row) else "**no**") if bound else "",
        row["note"],
    )


def page(results: dict[str, Any]) -> str:
    """Return the results as Markdown."""
    parts = []
    for name, result in results.items():
        parts.append(f"## {name}\n")
        parts.append(
            f"`{result['command']}` · {result['date']} · revision {result['revision']} · "
            f"{result['seconds']:g} s in all · {result['machine']}\n"
        )
        if result["exit_code"]:
            parts.append(f"**The script ended with exit code {result['exit_code']}.**\n")
        parts.append("| figure | measured | floor | ratio | bound | kept | note |\n|---|---|---|---|---|---|---|")
        parts.extend(
            "| " + " | ".join(cell.replace("|", "\\|") for cell in cells(row)) + " |" for row in result["figures"]
        )
        parts.append("")
    return "\n".join(parts)


def machine() -> str:
    """Return what the figures were measured on."""
    memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    system = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    return f"{os.cpu_count()} cores, {memory_gb:.0f} GiB, {system}"


def revision() -> str:
    """Return the short revision of the checkout, marked if files differ from it."""
    answer = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return answer.stdout.strip() or "unknown"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
