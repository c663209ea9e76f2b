"""Shapes of what is asked and answered about accounts, sign-ins and tokens."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from geo_service.api.schemas import Answer

RoleName = Literal["resident", "grid_worker", "planner", "official", "unit", "admin"]
LangName = Literal["zh", "en"]
Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$", examples=["2026-03-01"])]
Password = Annotated[str, Field(min_length=1, max_length=400)]
Code = Annotated[str, Field(min_length=1, max_length=20, examples=["123456"])]


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SignInWays(Answer):
    """How one can sign in here."""

    password: bool
    oidc: bool
    public: bool


class SignIn(_Asked):
    """Name and password; the one-time code where the account has a second factor."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    password: Password
    code: Code | None = None


class LinkPassword(_Asked):
    """The password set by a one-time link."""

    password: Password


class PasswordChange(_Asked):
    """One's old and new password."""

    old: Password
    new: Password


class PasswordAgain(_Asked):
    """One's password; left out by accounts that have none."""

    password: Password | None = None


class CodeGiven(_Asked):
    """A one-time code."""

    code: Code


class SecondFactor(Answer):
    """A new second factor, to be confirmed: the secret, its address, and a picture of that (SVG)."""

    secret: str
    uri: str
    qr_svg: str


class PlaceName(Answer):
    """An area or grid."""

    code: str
    name: str | None


class Me(Answer):
    """Who asks, and what they may do where."""

    name: str
    display_name: str | None
    role: Literal["anonymous", "resident", "grid_worker", "planner", "official", "unit", "admin"]
    account_uid: str | None
    lang: LangName | None
    areas: list[PlaceName]
    grids: list[PlaceName]
    via: Literal["local", "browser", "token", "command"]
    csrf_token: str | None
    second_factor: Literal["none", "needed", "pending", "on"]
    must_set_password: bool
    may: dict[str, Literal["all", "own", "none"]]


class SessionInfo(Answer):
    """A browser that is signed in."""

    uid: str
    means: Literal["password", "link", "oidc"]
    has_second_factor: bool
    address: str | None
    agent: str | None
    created_at: str
    seen_at: str
    expires_at: str
    is_current: bool


class Sessions(Answer):
    """Where one is signed in."""

    sessions: list[SessionInfo]


class TokenNew(_Asked):
    """An API token to be made: some of the rights, for some days; with one's password where there is one."""

    name: Annotated[str, Field(min_length=1, max_length=100, examples=["夜间导出 / nightly export"])]
    scopes: Annotated[
        list[Annotated[str, Field(max_length=40)]], Field(min_length=1, max_length=50, examples=[["export"]])
    ]
    days: Annotated[int, Field(ge=1, le=366, examples=[90])]
    password: Password | None = None


class TokenInfo(Answer):
    """An API token, without the token itself."""

    uid: str
    name: str
    scopes: list[str]
    created_at: str
    expires_at: str
    used_at: str | None
    revoked_at: str | None


class TokenMade(TokenInfo):
    """A new API token; ``token`` is shown this once."""

    token: str


class Tokens(Answer):
    """One's API tokens."""

    tokens: list[TokenInfo]


class AccountNew(_Asked):
    """An account to be made; its holder sets the password by a one-time link."""

    name: Annotated[str, Field(min_length=1, max_length=64, examples=["wang.fang"])]
    role: RoleName
    display_name: Annotated[str | None, Field(max_length=100, examples=["王芳"])] = None
    lang: LangName | None = None
    oidc_subject: Annotated[str | None, Field(max_length=255)] = None


class AccountChange(_Asked):
    """What is to be changed; what is left out stays."""

    role: RoleName | None = None
    display_name: Annotated[str | None, Field(max_length=100)] = None
    lang: LangName | None = None
    oidc_subject: Annotated[str | None, Field(max_length=255)] = None
    is_disabled: bool | None = None


class AssignmentInfo(Answer):
    """An area or a grid assigned to an account, from one day to another, both included."""

    uid: str
    area: PlaceName | None
    grid: PlaceName | None
    starts_on: str
    ends_on: str | None
    created_at: str
    created_by: str
    version: int


class AssignmentNew(_Asked):
    """An area or a grid (one of them) to be assigned; from today and without end unless told otherwise."""

    area_code: Annotated[str | None, Field(min_length=1, max_length=64, examples=["990101001001"])] = None
    grid_code: Annotated[str | None, Field(min_length=1, max_length=64)] = None
    starts_on: Day | None = None
    ends_on: Day | None = None


class AssignmentEnd(_Asked):
    """The last day of an assignment; without one it ends at once."""

    ends_on: Day | None = None


class AccountInfo(Answer):
    """An account, without its secrets."""

    uid: str
    name: str
    display_name: str | None
    role: RoleName
    lang: LangName | None
    oidc_subject: str | None
    is_disabled: bool
    has_password: bool
    password_changed_at: str | None
    has_second_factor: bool
    created_at: str
    created_by: str
    updated_at: str
    updated_by: str
    version: int
    assignments: list[AssignmentInfo]


class Accounts(Answer):
    """All accounts."""

    accounts: list[AccountInfo]


class LinkMade(Answer):
    """A one-time link, shown this once: the path of the page on this server, and until when it works."""

    path: str
    expires_at: str
