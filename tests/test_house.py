"""The house keeps its shape: floors, file sizes, names, and nothing in it that belongs to one machine."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

FORBIDDEN_NAMES = re.compile(r"(^|_)(utils?|helpers?|common|managers?|misc)(_|\.|$)")
TEXT = {".py", ".ts", ".tsx", ".css", ".html", ".json", ".md", ".toml", ".yml", ".yaml", ".sh", ".lock", ".mako", ""}
LONGEST_LINES = 400


def tracked(repository: Path) -> list[Path]:
    answer = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=repository,
        capture_output=True,
        text=True,
        check=True,
    )
    return [repository / name for name in answer.stdout.split("\0") if name and (repository / name).is_file()]


@pytest.fixture(scope="module")
def files(repository):
    return tracked(repository)


def test_floors(repository):
    linted = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=repository,
        capture_output=True,
        text=True,
        check=False,
    )
    assert linted.returncode == 0, linted.stdout + linted.stderr


def test_no_file_grows_past_a_second_subject(files, repository):
    code = [f for f in files if f.suffix in (".py", ".ts", ".tsx", ".css") and "tests" not in f.parts]
    assert code
    long = {str(f.relative_to(repository)): n for f in code if (n := len(f.read_text().splitlines())) > LONGEST_LINES}
    assert long == {}


def test_no_file_is_named_after_nothing(files, repository):
    ours = [f for f in files if f.suffix in (".py", ".ts", ".tsx")]
    vague = {
        str(f.relative_to(repository))
        for f in ours
        for part in f.relative_to(repository).parts
        if FORBIDDEN_NAMES.search(part)
    }
    assert vague == set()


def test_nothing_knows_the_machine_it_was_written_on(files, repository):
    here = [f"{repository.parent}/"] if repository.parent != Path("/") else []
    home = os.environ.get("HOME", "")
    here += [f"{home}/"] if home not in ("", "/") else []
    named = {
        str(f.relative_to(repository))
        for f in files
        if f.suffix in TEXT and any(path in f.read_text(encoding="utf-8", errors="ignore") for path in here)
    }
    assert named == set()


def test_lock_files_hold_no_download_addresses(files, repository):
    locks = [f for f in files if f.suffix == ".lock" or f.name == "package-lock.json"]
    assert {f.name for f in locks} >= {"requirements.lock", "requirements-dev.lock", "package-lock.json"}
    for lock in locks:
        content = lock.read_text()
        assert not re.search(
            r'"resolved":|--(extra-)?index-url|--find-links|https?://[^\s"]*\.(whl|tgz|tar\.gz)', content
        ), lock
        if lock.suffix == ".lock":
            assert "http" not in re.sub(r"^httpx?\S*|^httpcore\S*", "", content, flags=re.M), lock
            pins = re.findall(r"^[a-zA-Z0-9][^\s;]*", content, flags=re.M)
            assert pins
            assert all("==" in pin for pin in pins), lock


def test_the_runtime_lock_fits_the_development_lock(repository):
    def pins(name: str) -> set[str]:
        return set(re.findall(r"^[a-zA-Z0-9][^\\\n]*", (repository / name).read_text(), flags=re.M))

    assert pins("requirements.lock") <= pins("requirements-dev.lock")


def test_ci_runs_the_commands_of_the_readme(repository):
    assert "make test" in (repository / ".ci" / "run").read_text()
    assert os.access(repository / ".ci" / "run", os.X_OK)
    for readme in ("README.md", "README.en.md"):
        content = (repository / readme).read_text()
        assert "make demo" in content
        assert "make test" in content


def test_reference_data_is_json_with_a_version(repository):
    for path in (repository / "data" / "reference").glob("*.json"):
        assert json.loads(path.read_text())["version"], path.name


def test_pages_of_the_documentation_that_are_linked_exist(repository):
    pages = [*repository.glob("*.md"), *repository.glob("docs/**/*.md")]
    missing = {
        f"{page.relative_to(repository)} -> {link}"
        for page in pages
        for link in re.findall(r"\]\(([^)#\s]+)", page.read_text())
        if not re.match(r"https?:|mailto:", link) and not (page.parent / link).exists()
    }
    assert missing == set()
