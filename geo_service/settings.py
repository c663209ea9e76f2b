"""Environment → small typed settings; unsafe values are refused."""

from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What the environment decides (variables ``GEO_…``).

    Attributes
    ----------
    database_url
        ``sqlite:///PATH`` (a GeoPackage) or ``postgresql+psycopg2://…``; empty: ``var_dir/geo.gpkg``.
    var_dir
        Folder for everything the service writes besides a PostgreSQL store.
    timezone
        The office's zone for dates and deadlines.
    """

    model_config = SettingsConfigDict(env_prefix="GEO_", extra="ignore")

    database_url: str = ""
    var_dir: Path = Path("var")
    timezone: str = "Asia/Shanghai"

    @property
    def store_url(self) -> str:
        """The store's address, the embedded default filled in."""
        return self.database_url or f"sqlite:///{self.var_dir / 'geo.gpkg'}"
