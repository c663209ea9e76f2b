"""Environment → small typed settings; unsafe values are refused."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo

from pydantic import Field, PrivateAttr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from geo_service.domain.accounts import Provider, Terms, is_confidential
from geo_service.domain.base_maps import BaseMap, base_maps_from
from geo_service.foundation.errors import InvalidInput
from geo_service.foundation.logs import Level

Count = Annotated[int, Field(ge=0, le=1_000_000)]


class Settings(BaseSettings):
    """What the environment decides (variables ``GEO_…``); an empty variable is none.

    Raises InvalidInput ``setting_refused``, ``timezone_unknown``, ``var_dir_not_a_folder``,
    ``base_maps_file_unreadable`` and those of ``domain.base_maps``; the store's address is checked by the store.

    Attributes
    ----------
    database_url
        ``sqlite:///PATH`` (a GeoPackage) or ``postgresql+psycopg2://…``; empty: ``var_dir/geo.gpkg``.
    var_dir
        Folder for everything the service writes besides a PostgreSQL store.
    timezone
        The office's zone for dates and deadlines.
    allow_unsafe_store
        Serve also on a PostgreSQL that may lose what it said was stored (``fsync`` off): for tests only.
    secret_key
        The service's key that personal values are sealed by (base64 of 32 bytes); while it is being changed the
        new and the old one, parted by a comma. Better: a file.
    secret_key_file
        File of the service's key; without either: ``secret.key`` in ``var_dir``, made when first needed.
    log_level
        From which level on the log is written: debug, info (a line per request), warning, error.
    metrics_port, metrics_host
        Where Prometheus may read figures, loopback unless told otherwise; 0: nowhere.
    limit_analyses_per_minute, limit_explain_per_minute, limit_search_per_minute, limit_exports_per_minute,
    limit_photos_per_minute
        How often one account may ask for heavy work in a minute; 0: as often as it likes.
    limit_at_once
        How many of each kind one account may have running at once; 0: any number.
    limit_jobs_at_once
        How many background analyses of one account may wait or run; 0: any number.
    public
        Whether published layers may be read without an account.
    hosts
        Host names besides this machine's own the server answers for, parted by commas.
    behind_proxy, proxies
        A proxy before the server speaks TLS; its addresses (or networks), parted by commas, are believed what they
        say of the client.
    tls_cert, tls_key
        Files of the certificate chain and its key (PEM), where the server speaks TLS itself.
    session_idle_hours, session_days
        How long a sign-in holds when nothing is asked, and at the longest.
    map_approval
        The recorded approval of the office's maps (审图号), on every map printed or on screen; without it they say that
        they are for internal use, posters show a schematic in place of a map, the public page a list and a schematic.
    base_maps_file
        File with the office's base maps from outside (JSON, ``domain.base_maps``); without it there is none and no
        page asks any other server.
    public_address
        Where residents reach the service (``https://…``), printed on posters as a QR code.
    oidc_issuer, oidc_client_id, oidc_client_secret
        The identity provider people may sign in at; all three or none.
    """

    model_config = SettingsConfigDict(env_prefix="GEO_", extra="ignore", env_ignore_empty=True)

    database_url: str = ""
    var_dir: Path = Path("var")
    timezone: str = "Asia/Shanghai"
    allow_unsafe_store: bool = False
    secret_key: str = Field(default="", repr=False)
    secret_key_file: Path | None = None
    log_level: Level = "info"
    metrics_port: Annotated[int, Field(ge=0, le=65535)] = 0
    metrics_host: str = "127.0.0.1"
    limit_analyses_per_minute: Count = 60
    limit_explain_per_minute: Count = 300
    limit_search_per_minute: Count = 300
    limit_exports_per_minute: Count = 30
    limit_photos_per_minute: Count = 60
    limit_at_once: Count = 8
    limit_jobs_at_once: Count = 4

    public: bool = False
    hosts: str = ""
    behind_proxy: bool = False
    proxies: str = "127.0.0.1,::1"
    tls_cert: Path | None = None
    tls_key: Path | None = None
    session_idle_hours: Annotated[float, Field(gt=0, le=24 * 7)] = 12
    session_days: Annotated[float, Field(gt=0, le=31)] = 7
    map_approval: Annotated[str, Field(max_length=100)] = ""
    base_maps_file: Path | None = None
    public_address: Annotated[str, Field(max_length=200, pattern=r"^(https?://[^\s/?#]+(/[^\s?#]*)?)?$")] = ""
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = Field(default="", repr=False)
    _base_maps: tuple[BaseMap, ...] = PrivateAttr(default=())

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValidationError as error:
            name = str(next(iter(error.errors()[0]["loc"]), "?"))
            raise InvalidInput("setting_refused", setting=f"GEO_{name.upper()}") from None

    @model_validator(mode="after")
    def _usable(self) -> Self:
        try:
            ZoneInfo(self.timezone)
        except (KeyError, ValueError, OSError):
            raise InvalidInput("timezone_unknown", timezone=self.timezone[:80]) from None
        here = next((place for place in (self.var_dir, *self.var_dir.parents) if _is_there(place)), None)
        if here is not None and not here.is_dir():
            raise InvalidInput("var_dir_not_a_folder", folder=str(self.var_dir), file=str(here))
        oidc = (self.oidc_issuer, self.oidc_client_id, self.oidc_client_secret)
        if any(oidc) and not all(oidc):
            raise InvalidInput("oidc_incomplete")
        if self.oidc_issuer and not is_confidential(self.oidc_issuer):
            raise InvalidInput("oidc_issuer_insecure", issuer=self.oidc_issuer[:200])
        if self.base_maps_file is not None:
            self._base_maps = base_maps_from(_json_of(self.base_maps_file))
        return self

    @property
    def store_url(self) -> str:
        """The store's address, the embedded default filled in."""
        return self.database_url or f"sqlite:///{self.var_dir / 'geo.gpkg'}"

    @property
    def reference_folder(self) -> Path:
        """The folder of the office's own profiles, circles and terms."""
        return self.var_dir / "reference"

    @property
    def base_maps(self) -> tuple[BaseMap, ...]:
        """The base maps of ``base_maps_file`` as it was when the settings were read."""
        return self._base_maps

    @property
    def host_names(self) -> frozenset[str]:
        """The host names of ``hosts``, lower-case."""
        return frozenset(name for part in self.hosts.split(",") if (name := part.strip().lower()))

    @property
    def proxy_addresses(self) -> list[str]:
        """The addresses and networks of ``proxies``."""
        return [name for part in self.proxies.split(",") if (name := part.strip())]

    @property
    def session_terms(self) -> Terms:
        """How long sessions hold."""
        return Terms(timedelta(hours=self.session_idle_hours), timedelta(days=self.session_days))

    @property
    def oidc(self) -> Provider | None:
        """The identity provider, None without one."""
        if not self.oidc_issuer:
            return None
        return Provider(self.oidc_issuer, self.oidc_client_id, self.oidc_client_secret)


def _json_of(file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise InvalidInput("base_maps_file_unreadable", file=str(file)) from None


def _is_there(place: Path) -> bool:
    try:
        place.lstat()
    except OSError:
        return False
    return True
