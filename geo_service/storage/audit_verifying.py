"""Is the audit whole? Walks the chain and the history it vouches for, and says where it is broken and how."""

import json
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import numpy as np
import sqlalchemy as sa

from geo_service.storage.audit import (
    GENESIS,
    HISTORY_NAMES,
    NAMES,
    OLD_HISTORY,
    Tail,
    history_digest,
    line_hash,
    old_history,
    tail,
)
from geo_service.storage.audit_anchor import is_in_chain
from geo_service.storage.values import is_embedded

Progress = Callable[[float | None, str], None]
Kind = Literal[
    "lines_missing",  # ids are left out
    "line_extra",  # an id that no line can have, before the first
    "line_changed",  # what the line says is not what its hash was made of
    "line_unlinked",  # holds another hash than that of the line before: changed with its hash, put in, taken out
    "line_unreadable",  # facts are no JSON
    "tail_cut",  # the anchor knows a line after the last one
    "tail_differs",  # the anchor knows another line under this id: the chain was made anew
    "history_changed",
    "history_missing",
    "history_twice",  # two audit lines vouch for one line of history
    "history_unknown",  # a line of history no audit line vouches for
    "old_history_changed",  # history from before the audit
]
_CHUNK: Final = 10_000
_SHOWN: Final = 20  # breaks that are listed
_HISTORY: Final = ", ".join(f'"{name}"' for name in HISTORY_NAMES)
_LINES: Final = ", ".join(f'"{name}"' for name in NAMES)


@dataclass(frozen=True)
class Break:
    """One place where the audit is broken.

    Attributes
    ----------
    line
        Id of the audit line; None where a line of history stands alone.
    kind
        What is wrong; ``audit.break.<kind>`` in the catalogues.
    facts
        Ids and counts for the sentence.
    """

    line: int | None
    kind: Kind
    facts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Verified:
    """What was walked and what is wrong: the first breaks, in the order of the chain, those of history after them."""

    lines: int
    history_lines: int
    last: Tail | None
    breaks: tuple[Break, ...]

    @property
    def is_whole(self) -> bool:
        """Whether nothing is wrong."""
        return not self.breaks


def verify(conn: sa.Connection, anchors: Sequence[Tail], progress: Progress) -> Verified:
    """Walk the whole chain and the history it vouches for.

    Parameters
    ----------
    conn
        A reading connection: it sees one frozen state.
    anchors
        What is known of the chain from outside the store: ids and hashes that must be in it.
    progress
        Told the share done and a message key.
    """
    return _Walk(conn, progress).walk(anchors)


class _Walk:
    """One walk along the chain."""

    def __init__(self, conn: sa.Connection, progress: Progress) -> None:
        self._conn = conn
        self._progress = progress
        self._breaks: list[Break] = []
        self._vouched = array("q")  # ids of history lines the audit tells of
        self._old_up_to: int | None = None  # last id of the history from before the audit
        counted = "SELECT (SELECT COUNT(*) FROM audit) + (SELECT COUNT(*) FROM history)"
        self._total = max(int(conn.exec_driver_sql(counted).scalar() or 0), 1)
        self._done = 0

    def walk(self, anchors: Sequence[Tail]) -> Verified:
        number, previous, count = 0, GENESIS, 0
        for rows in self._chunks(f"SELECT {_LINES} FROM audit ORDER BY id"):
            wanted: list[tuple[int, int, str]] = []
            for row in rows:
                line = dict(zip(NAMES, row, strict=True))
                number, previous = self._follow(line, number, previous)
                facts = self._facts(line)
                if line["verb"] == OLD_HISTORY and line["id"] == 1:
                    self._compare_old(facts)
                elif isinstance(facts.get("digest"), str):
                    wanted += [(line["id"], one, facts["digest"]) for one in facts.get("history", ())]
            self._compare(wanted)
            count += len(rows)
        for anchor in anchors:
            self._hold(anchor)
        history_lines = self._look_for_unknown()
        self._progress(1.0, "progress.verifying")
        return Verified(count, history_lines, tail(self._conn), tuple(self._breaks))

    def _add(self, line: int | None, kind: Kind, /, **facts: int) -> None:
        if len(self._breaks) < _SHOWN:
            self._breaks.append(Break(line, kind, facts))

    def _chunks(self, statement: str) -> Iterator[Sequence[Any]]:
        result = self._conn.exec_driver_sql(statement, execution_options={"stream_results": True})
        for rows in result.partitions(_CHUNK):
            yield rows
            self._done += len(rows)
            self._progress(min(self._done / self._total, 1.0), "progress.verifying")

    def _follow(self, line: Mapping[str, Any], number: int, previous: str) -> tuple[int, str]:
        """Compare a line with the one before it and with its own hash; returns what the next one must follow."""
        own = line["id"]
        if own < 1:
            self._add(own, "line_extra", line=own)
            return number, previous
        if own > number + 1:
            self._add(number + 1, "lines_missing", first=number + 1, last=own - 1)
        if not _is_own_hash(line):
            self._add(own, "line_changed", line=own)
        elif own == number + 1 and line["previous"] != previous:
            self._add(own, "line_unlinked", line=own, before=number)
        return own, line["hash"]

    def _facts(self, line: Mapping[str, Any]) -> dict[str, Any]:
        if line["facts"] is None:
            return {}
        try:
            facts = json.loads(line["facts"])
            if all(isinstance(one, int) and abs(one) < 2**63 for one in facts.get("history", ())):
                return dict(facts)
        except (TypeError, ValueError, AttributeError, RecursionError):
            pass
        self._add(line["id"], "line_unreadable", line=line["id"])
        return {}

    def _compare_old(self, facts: Mapping[str, Any]) -> None:
        """Compare the history from before the audit with what the first line holds of it."""
        up_to = facts.get("history_up_to")
        if isinstance(up_to, int):
            self._old_up_to = up_to
            if old_history(self._conn, up_to) != (facts.get("lines"), facts.get("digest")):
                self._add(1, "old_history_changed", line=1, last=up_to)

    def _compare(self, wanted: Sequence[tuple[int, int, str]]) -> None:
        """Compare lines of history with the digests the audit holds of them: audit line, history line, digest."""
        if not wanted:
            return
        ids = [one for _, one, _ in wanted]
        if is_embedded(self._conn):
            chosen = f"SELECT {_HISTORY} FROM history WHERE id IN ({', '.join('?' * len(ids))})"
            rows = self._conn.exec_driver_sql(chosen, tuple(ids))
        else:
            rows = self._conn.exec_driver_sql(f"SELECT {_HISTORY} FROM history WHERE id = ANY(%s)", (ids,))
        digests = {row[0]: _digest(row) for row in rows}
        for line, one, digest in wanted:
            if one not in digests:
                self._add(line, "history_missing", line=line, history=one)
            elif digests[one] != digest:
                self._add(line, "history_changed", line=line, history=one)
        self._vouched.extend(ids)

    def _hold(self, anchor: Tail) -> None:
        """Look for the line an anchor knows."""
        last = tail(self._conn)
        have = last.id if last else 0
        if have < anchor.id:
            self._add(have + 1, "tail_cut", last=have, anchored=anchor.id)
        elif not is_in_chain(self._conn, anchor):
            self._add(anchor.id, "tail_differs", line=anchor.id)

    def _look_for_unknown(self) -> int:
        """Look for history nobody vouches for, or two lines do; returns how many lines of history there are."""
        known, times = np.unique(np.frombuffer(self._vouched, dtype=np.int64), return_counts=True)
        for one in known[times > 1][:_SHOWN].tolist():
            self._add(None, "history_twice", history=one)
        count = 0
        for rows in self._chunks("SELECT id FROM history ORDER BY id"):
            ids = np.array([row[0] for row in rows], dtype=np.int64)
            later = ids if self._old_up_to is None else ids[ids > self._old_up_to]
            for one in later[~np.isin(later, known)][:_SHOWN].tolist():
                self._add(None, "history_unknown", history=one)
            count += len(ids)
        return count


def _is_own_hash(line: Mapping[str, Any]) -> bool:
    try:
        return bool(line_hash(line) == line["hash"])
    except (TypeError, ValueError):  # bytes, or text that is none: a hand's work
        return False


def _digest(row: Sequence[Any]) -> str:
    try:
        return history_digest(row)
    except (TypeError, ValueError):
        return ""
