"""Archives from outside (zipped Shapefiles, workbooks): looked at as a whole before any of them is unpacked."""

import stat
import zipfile
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Final

from geo_service.domain.values import shown
from geo_service.foundation.errors import FileFault

MOST_MEMBERS: Final = 5000
LARGEST_BYTES: Final = 2 * 1024**3  # unpacked, of all members together
_SUSPICIOUS_BYTES: Final = 100 * 1024**2  # from here the ratio counts; small files may be one letter repeated
_LARGEST_RATIO: Final = 500.0  # unpacked to packed; a table of blanks has 300
_PACKED: Final = frozenset({".zip", ".7z", ".rar", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".tar"})


def check_members(path: Path, members: Sequence[zipfile.ZipInfo], *, largest_bytes: int = LARGEST_BYTES) -> None:
    """Raise FileFault unless everything an archive says of its members is harmless.

    Sizes are those the archive states: what unpacks to more breaks off there. Codes: ``zip_too_many``,
    ``zip_path`` (absolute, a drive, ``..``, a control character), ``zip_link``, ``zip_member_twice``,
    ``zip_nested``, ``zip_too_large``, ``zip_bomb``, ``zip_protected``.
    """
    if len(members) > MOST_MEMBERS:
        raise FileFault("zip_too_many", file=str(path), count=len(members), maximum=MOST_MEMBERS)
    seen: set[str] = set()
    total = packed = 0
    for member in members:
        name = member.filename
        if _is_trick(member):
            raise FileFault("zip_path", file=str(path), member=shown(name))
        kind = stat.S_IFMT(member.external_attr >> 16)
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise FileFault("zip_link", file=str(path), member=shown(name))
        if name.casefold() in seen:
            raise FileFault("zip_member_twice", file=str(path), member=shown(name))
        seen.add(name.casefold())
        if PurePosixPath(name.lower()).suffix in _PACKED:
            raise FileFault("zip_nested", file=str(path), member=shown(name))
        if member.flag_bits & 0x1:
            raise FileFault("zip_protected", file=str(path), member=shown(name))
        total += member.file_size
        packed += member.compress_size
    if total > largest_bytes:
        raise FileFault("zip_too_large", file=str(path), megabytes=largest_bytes // 1024**2)
    if total > _SUSPICIOUS_BYTES and total > packed * _LARGEST_RATIO:
        raise FileFault("zip_bomb", file=str(path), ratio=round(total / max(1, packed)))


def _is_trick(member: zipfile.ZipInfo) -> bool:
    """Whether a name would lead out of the folder an archive is unpacked into."""
    names = {member.filename, getattr(member, "orig_filename", member.filename)}  # zipfile cuts at U+0000
    for name in names:
        plain = name.replace("\\", "/")
        if plain.startswith("/") or plain[1:2] == ":" or ".." in plain.split("/"):
            return True
        if not name or any(ord(character) < 32 for character in name):
            return True
    return False
