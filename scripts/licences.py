"""Write docs/licences.md: which licence every locked package has, from its installed metadata and the npm lock.

``python scripts/licences.py`` writes, ``--check`` fails where the file is not current. A licence that is not in
``ALLOWED`` fails both: look at it, then allow it here or take another package.
"""

import json
import re
import sys
from importlib import metadata
from pathlib import Path

from packaging.markers import Marker

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "docs" / "licences.md"
ALLOWED = {
    "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC", "MIT", "MIT-0", "MIT-CMU", "MPL-1.1",
    "MPL-2.0", "PSF-2.0", "Zlib",
    "LGPL-3.0-or-later WITH exceptions",  # psycopg2: used as the library it is, not changed
}  # fmt: skip
# what older packages write → SPDX; where only "BSD" stands the text in the package has three clauses
_NAMES = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD 2-Clause License": "BSD-2-Clause",
    "BSD License": "BSD-3-Clause",
    "BSD-3-Clause, Apache-2.0, dependency licenses": "BSD-3-Clause AND Apache-2.0",  # pypdfium2, with PDFium in it
    "ISC License": "ISC",
    "LGPL with exceptions": "LGPL-3.0-or-later WITH exceptions",
    "MIT License": "MIT",
    "Mozilla Public License 1.1 (MPL 1.1)": "MPL-1.1",  # pyphen: one of the three it may be taken under
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}
_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)\s*(;[^\\]*)?", re.M)

_INTRODUCTION = """# 依赖的许可证 · Licences of dependencies

由 `python scripts/licences.py` 按锁文件和已安装包的元数据写成；测试检查它是否最新、是否只有允许的许可证。

Written by `python scripts/licences.py` from the lock files and the metadata of the installed packages; a test checks \
that it is current and that only allowed licences occur. Packages of other systems are left out. The service itself: \
Apache-2.0."""


class LicenceUnknownError(Exception):
    """A package whose licence is not known or not allowed."""


def licence_of(name: str) -> str:
    """Return the licence of an installed package as an SPDX expression."""
    about = metadata.metadata(name)
    written = [about.get("License-Expression"), about.get("License")]
    written += [line.rsplit(" :: ", 1)[-1] for line in about.get_all("Classifier") or () if line.startswith("License")]
    for one in written:
        found = _NAMES.get(one, one) if one else None
        if found and all(part in ALLOWED for part in re.split(r" AND | OR ", found)):
            return found
    raise LicenceUnknownError(f"{name}: {[(one or '')[:60] for one in written]}")


def pins(lock: Path) -> dict[str, list[tuple[str, str]]]:
    """Return versions and markers of every package of a lock file."""
    found: dict[str, list[tuple[str, str]]] = {}
    for name, version, marker in _PIN.findall(lock.read_text(encoding="utf-8")):
        found.setdefault(name, []).append((version, marker.strip("; ")))
    return found


def python_rows(lock: str, without: set[str]) -> list[str]:
    """Return the rows of a lock's packages that are not in ``without``; those of other systems are left out."""
    rows = []
    for name, versions in sorted(pins(ROOT / lock).items()):
        if name in without or not any(_is_here(marker) for _, marker in versions):
            continue
        rows.append(f"| {name} | {', '.join(version for version, _ in versions)} | {licence_of(name)} |")
    return rows


def _is_here(marker: str) -> bool:
    """Whether a pin is for this system; those for other versions of Python count."""
    return "platform" not in marker or Marker(marker).evaluate()


def browser_rows() -> list[str]:
    """Return the rows of the packages that are built into the pages."""
    packages = json.loads((ROOT / "frontend" / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    rows = []
    for path, about in sorted(packages.items()):
        if not path or about.get("dev"):
            continue
        name = path.removeprefix("node_modules/")
        if about["license"] not in ALLOWED:
            raise LicenceUnknownError(f"{name}: {about['license']}")
        rows.append(f"| {name} | {about['version']} | {about['license']} |")
    return rows


def page() -> str:
    """Return the page."""
    head = "| package | version | licence |\n|---|---|---|\n"
    served = python_rows("requirements.lock", set())
    tools = python_rows("requirements-dev.lock", set(pins(ROOT / "requirements.lock")))
    parts = [
        _INTRODUCTION,
        "## 服务端 · Server",
        head + "\n".join(served),
        "## 网页 · Browser",
        head + "\n".join(browser_rows()),
        "## 开发工具（不随产品分发）· Development tools, not shipped",
        head + "\n".join(tools),
    ]
    return "\n\n".join(parts) + "\n"


def main() -> int:
    """Write or check the page."""
    try:
        wanted = page()
    except LicenceUnknownError as unknown:
        print(f"licence not known or not allowed: {unknown}", file=sys.stderr)
        return 1
    if "--check" in sys.argv[1:]:
        return 0 if TARGET.read_text(encoding="utf-8") == wanted else 1
    TARGET.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
