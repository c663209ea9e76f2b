"""Tiny OSM files for tests, written by hand."""

from collections.abc import Mapping, Sequence
from pathlib import Path

Tags = Mapping[str, str]


def tagged(tags: Tags) -> str:
    return "".join(f'<tag k="{k}" v="{v}"/>' for k, v in tags.items())


def node(osm_id: int, lon: float, lat: float, **tags: str) -> str:
    return f'<node id="{osm_id}" version="1" lon="{lon}" lat="{lat}">{tagged(tags)}</node>'


def way(osm_id: int, refs: Sequence[int], tags: Tags) -> str:
    listed = "".join(f'<nd ref="{ref}"/>' for ref in refs)
    return f'<way id="{osm_id}" version="1">{listed}{tagged(tags)}</way>'


def relation(osm_id: int, members: Sequence[tuple[int, str]], tags: Tags) -> str:
    listed = "".join(f'<member type="way" ref="{ref}" role="{role}"/>' for ref, role in members)
    return f'<relation id="{osm_id}" version="1">{listed}{tagged(tags)}</relation>'


BOUNDS = '<bounds minlat="10.0" minlon="20.0" maxlat="10.01" maxlon="20.01"/>'


def osm(path: Path, *objects: str, head: str = BOUNDS) -> Path:
    """Write an OSM XML file."""
    body = "\n".join(objects)
    path.write_text(f'<?xml version="1.0"?>\n<osm version="0.6">\n{head}\n{body}\n</osm>\n', encoding="utf-8")
    return path


def street(tmp_path: Path, *more: str, head: str = BOUNDS) -> Path:
    """Write a file with one street of three nodes (1, 2, 3) and ``more``."""
    nodes = [node(1, 20.001, 10.001), node(2, 20.002, 10.001), node(3, 20.003, 10.002)]
    return osm(tmp_path / "street.osm", *nodes, *more, way(100, [1, 2, 3], {"highway": "residential"}), head=head)
