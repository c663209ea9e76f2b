"""All of `geo-service analyse`: the files that add commands to it, one a subject."""

from geo_service.cli import capacity, gaps, scenarios, siting, standards
from geo_service.cli.analyse import analyse_app

__all__ = ["analyse_app", "capacity", "gaps", "scenarios", "siting", "standards"]
