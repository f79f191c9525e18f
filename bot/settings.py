"""Settings: from the environment first, then from `mangelvakt.toml`. `mangelvakt.example.toml` shows them all."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

import platformdirs
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from bot.meeting.calendar import parse_cron
from bot.messages.phrase import Phrase, phrase
from bot.people.places import catchments
from bot.registers.abroad import REGISTERS

DEFAULT_FILE = Path("mangelvakt.toml")
USUAL_PORT = 3000
"""Where HTTP mode listens when no port is named; Bolt's own."""

ChannelId = Annotated[str, Field(pattern=r"^[CG][A-Z0-9]{2,}$")]
UserId = Annotated[str, Field(pattern=r"^[UW][A-Z0-9]{2,}$")]
TeamId = Annotated[str, Field(pattern=r"^T[A-Z0-9]{2,}$")]
GroupId = Annotated[str, Field(pattern=r"^S[A-Z0-9]{2,}$")]
ForumId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,19}$")]
YesNoUnknown = Literal["yes", "no", "unknown"]
Demand = Literal["hospital", "pharmacy", "market", "prioritised", "unknown"]


_USUALLY_CALLED = phrase("ring sykehusapoteket eller vakthavende farmasøyt")


class SettingsFault(Exception):
    """A setting is wrong. `str()` is one clear line: which, what is wrong, what to do."""


class PoolSetting(BaseModel):
    """What `[pools.<id>]` may say of a pool; what is left out keeps its standing value."""

    model_config = ConfigDict(extra="forbid")

    name: str | None = None
    owner: str | None = None
    managers: list[UserId] = []
    holdable: YesNoUnknown | None = None
    sized_on: Demand | None = None
    drawn_by: Demand | None = None
    limit_days: float | None = Field(default=None, gt=0)
    report_every_days: int | None = Field(default=None, gt=0)
    reporters: list[UserId] = []
    """Who is reminded when figures are due; nobody named: whoever sent them last."""


class AnswerWithin(BaseModel):
    """`[alerts.answer_within]`: hours until an alert that nobody answers goes on, by how bad it is.

    Working hours (Monday to Friday 8–16), for an empty stock every hour.
    """

    model_config = ConfigDict(extra="forbid")

    limit: float = Field(default=24, gt=0)
    half: float = Field(default=16, gt=0)
    two_weeks: float = Field(default=8, gt=0)
    empty: float = Field(default=2, gt=0)


class AlertSettings(BaseModel):
    """`[alerts]`: when an alert is raised, when it waits, and when it goes on to somebody else."""

    model_config = ConfigDict(extra="forbid")

    lead_days: float = Field(default=7, ge=0)
    """An alert is raised so many days before the limit is reached."""
    chance: float = Field(default=0.5, gt=0, lt=1)
    """How likely that must be."""
    quiet_from: dt.time = dt.time(22)
    quiet_to: dt.time = dt.time(7)
    quiet_days_of_rest: bool = True
    answer_within: AnswerWithin = AnswerWithin()
    report_every_days: int = Field(default=10, gt=0)
    """A pool is silent when its newest count is older."""


class ForumSetting(BaseModel):
    """`[forums.<id>]`: another meeting made of Mangelmøtet's parts, with its own cases, channel, times and title.

    A case is on its list when somebody has taken it up there, when it lasts `long_days` or more, or when it concerns
    `region`. What the forum may read is no more than is said here.
    """

    model_config = ConfigDict(extra="forbid")

    title: str = Field(min_length=1, max_length=60)
    channel: ChannelId
    digest_cron: str
    update_cron: str | None = None
    days_before: int = Field(default=1, ge=0, le=7)
    long_days: int | None = Field(default=None, gt=0, le=3650)
    region: Literal["north", "mid", "west", "south_east"] | None = None
    reads: Literal["published", "meeting"] = "published"
    numbers: bool = False
    figures: bool = False

    @field_validator("digest_cron", "update_cron")
    @classmethod
    def _five_fields(cls, value: str | None) -> str | None:
        if value:
            parse_cron(value)
        return value


class MoreWorkspaces(BaseModel):
    """What is needed for installations in other workspaces than the centre's; see `Settings.more_workspaces`."""

    model_config = ConfigDict(frozen=True)

    client_id: str
    client_secret: SecretStr
    token_key: SecretStr
    public_url: str
    allowed: tuple[str, ...]


class RoleSettings(BaseModel):
    """`[roles]`: grants by name, whatever the person's organisation. Groups are settings of their own."""

    model_config = ConfigDict(extra="forbid")

    centre: list[UserId] = []
    meeting: list[UserId] = []
    admin: list[UserId] = []
    signers: list[UserId] = []
    """The centre's pharmacists and physicians, who sign assessments. Nobody named: all of the centre may."""


class TrustSetting(BaseModel):
    """`[trusts.<name>]`: who answers for a health trust when the centre asks; `pool` is the id of its own stock."""

    model_config = ConfigDict(extra="forbid")

    people: list[UserId] = []
    group: GroupId | None = None
    channel: ChannelId | None = None
    pool: str | None = Field(default=None, pattern=r"^[a-z0-9][a-z0-9_-]{0,59}$")


class RetentionSettings(BaseModel):
    """`[retention]`: what is erased by itself, and after how many days. Unset: nothing."""

    model_config = ConfigDict(extra="forbid")

    archive_folder: Path | None = None
    """Where a case's archive copy is written before anything of it is erased."""
    ended_cases: int | None = Field(default=None, ge=30)
    """After so long without a change, the free text of an ended case's reports and what was said about it."""
    messages: int | None = Field(default=None, ge=30)
    """Direct messages that were sent."""
    files: int | None = Field(default=None, ge=30)
    """The sheets and lists that were dropped; the figures that were read stay."""
    people: int | None = Field(default=None, ge=90)
    """The Slack id, place and language of who has done nothing since."""

    @property
    def anything(self) -> bool:
        """Whether anything is erased by itself."""
        return any(days is not None for days in (self.ended_cases, self.messages, self.files, self.people))

    @model_validator(mode="after")
    def _nothing_without_its_copy(self) -> RetentionSettings:
        if self.ended_cases is not None and self.archive_folder is None:
            raise ValueError("ended_cases trenger archive_folder: arkivkopien skrives før noe slettes")
        return self


class RegisterAddress(BaseModel):
    """`[registers.fetch.<register>]`: where a register's list lies, and when it is fetched (cron, Oslo time)."""

    model_config = ConfigDict(extra="forbid")

    url: str
    cron: str = "15 14 * * *"

    @property
    def shown(self) -> str:
        """The address without what may be a secret in it: a password, a key among the words asked."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''}{parts.path}"

    @field_validator("url")
    @classmethod
    def _of_the_web(cls, value: str) -> str:
        if urlsplit(value).scheme not in ("http", "https") or not urlsplit(value).hostname:
            raise ValueError("adressen skal begynne med https://")
        return value

    @field_validator("cron")
    @classmethod
    def _five_fields(cls, value: str) -> str:
        parse_cron(value)
        return value


class RegisterSettings(BaseModel):
    """`[registers]`: how other people's registers are fetched. None is, where `fetch` names none."""

    model_config = ConfigDict(extra="forbid")

    proxy: SecretStr | None = None
    timeout_seconds: float = Field(default=120, gt=0, le=3600)
    contact: str = ""
    """Whom a register's keeper can write to: it stands in what the bot says of itself to their server."""
    fetch: dict[str, RegisterAddress] = {}

    @field_validator("fetch")
    @classmethod
    def _known(cls, value: dict[str, RegisterAddress]) -> dict[str, RegisterAddress]:
        known = ("dmp", "fest", *REGISTERS)
        for name in value:
            if name not in known:
                raise ValueError(f"{name} er ikke noe register; det finnes {', '.join(known)}")
        return value


class Settings(BaseSettings):
    """Everything that can be set. Names in the environment are DESIGN's contract (see the README's table)."""

    model_config = SettingsConfigDict(
        env_prefix="MANGELVAKT_", env_ignore_empty=True, extra="forbid", populate_by_name=True, validate_default=True
    )

    slack_bot_token: SecretStr | None = Field(default=None, alias="SLACK_BOT_TOKEN")
    slack_app_token: SecretStr | None = Field(default=None, alias="SLACK_APP_TOKEN")
    slack_signing_secret: SecretStr | None = Field(default=None, alias="SLACK_SIGNING_SECRET")
    slack_api_url: str = Field(default="https://slack.com/api/", alias="SLACK_API_URL")
    slack_client_id: str | None = Field(default=None, alias="SLACK_CLIENT_ID")
    slack_client_secret: SecretStr | None = Field(default=None, alias="SLACK_CLIENT_SECRET")
    token_key: SecretStr | None = None
    """What tokens of other workspaces are encrypted with; several keys with commas between: the first for new ones."""
    public_url: str | None = Field(default=None, pattern=r"^https?://[^\s/]+$")
    """Where people reach the bot's port from outside, for the way back from Slack's page."""
    workspaces: Annotated[list[TeamId], NoDecode] = []
    """The other workspaces that may install the bot. None: it works in the centre's own alone."""
    database_url: SecretStr | None = Field(default=None, alias="DATABASE_URL")

    port: int | None = Field(default=None, ge=1, le=65535)
    """Set: HTTP mode, Slack's requests come here. Unset: Socket Mode, unless there is no app token."""
    host: str = "127.0.0.1"
    health_port: int | None = Field(default=None, ge=1, le=65535)

    cases_channel: ChannelId | None = None
    meeting_channel: ChannelId | None = None
    stock_channel: ChannelId | None = None
    info_channel: ChannelId | None = None
    pilot_channel: ChannelId | None = None
    """Set: what the bot says by itself stands here alone, marked with where it would have gone. Must be closed."""
    centre_group: GroupId | None = None
    meeting_group: GroupId | None = None
    stock_managers: Annotated[list[UserId], NoDecode] = []

    digest_cron: str = "0 14 * * WED"
    update_cron: str = "0 8 * * THU"
    cover_cron: str = "*/15 * * * *"
    threshold_days: float | None = Field(default=None, gt=0)
    stale_after_days: int = Field(default=14, gt=0)
    silent_case_days: int = Field(default=21, gt=0, le=3650)
    """A case that has not changed for so long, and has no step ahead of it, is asked about."""
    restart_to_ward_days: int = Field(default=0, ge=0, le=365)
    """Days from the supplier's restart until the medicine is on the ward, where a case says nothing else."""
    purchase_margin_least_days: int = Field(default=30, ge=0, le=730)
    purchase_margin_most_days: int = Field(default=60, ge=0, le=730)
    """What a purchase should last beyond the shortage: etoposide 2025 was bought for one to two months more."""
    synonym_reports: int = Field(default=3, gt=0)
    synonym_people: int = Field(default=2, gt=0)
    """In how many reports, by how many people, words must have meant a medicine to be proposed as a short name."""
    keep_sheets_days: int = Field(default=730, gt=0, le=3650)
    """How long a stock sheet is kept as it came; its name, its hash and its figures stay."""
    sheet_folder: Path | None = None
    """A folder in which other systems lay stock sheets; unset: none is watched."""
    delivery_lease_seconds: float = Field(default=60.0, gt=0)
    """How long a message that is being sent is left to the process that took it. Slack has half of it to answer."""
    lead_lease_seconds: float = Field(default=45.0, gt=0)
    """How long a process that asks what is due is waited for. It asks three times as often."""
    reports_per_hour: int = Field(default=120, gt=0)
    """So many shortages one person may report within an hour: two a minute, more than anybody writes by hand."""
    canvas: bool = False
    """Whether the digest is the channel's canvas too. Asks for the scope `canvases:write`."""
    made_up_figures: bool = False
    """Every stock figure that comes in is marked as made up: for demonstrations."""

    log: Literal["text", "json"] = "text"
    """How the log is written: lines for people, or a JSON object a line."""

    channel_language: Literal["nb", "nn", "en"] = "nb"
    """What is posted in a channel is written so. A person reads what they have chosen."""

    poison_centre: str = "Giftinformasjonen 22 59 13 00"
    whom_to_call: str = str(_USUALLY_CALLED)

    roles: RoleSettings = RoleSettings()
    alerts: AlertSettings = AlertSettings()
    retention: RetentionSettings = RetentionSettings()
    pools: dict[str, PoolSetting] = {}
    trusts: dict[str, TrustSetting] = {}
    forums: dict[ForumId, ForumSetting] = {}
    registers: RegisterSettings = RegisterSettings()

    @field_validator("stock_managers", "workspaces", mode="before")
    @classmethod
    def _split_commas(cls, value: object) -> object:
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @model_validator(mode="before")
    @classmethod
    def _empty_is_unset(cls, values: dict[str, object]) -> dict[str, object]:
        return {name: value for name, value in values.items() if not (isinstance(value, str) and not value.strip())}

    @field_validator("digest_cron", "update_cron", "cover_cron")
    @classmethod
    def _five_fields(cls, value: str) -> str:
        parse_cron(value)
        return value

    @field_validator("trusts")
    @classmethod
    def _are_trusts(cls, value: dict[str, TrustSetting]) -> dict[str, TrustSetting]:
        known = [catchment.trust for catchment in catchments()]
        for name in value:
            if name not in known:
                raise ValueError(f"«{name}» er ikke et av de 21 opptaksområdene ({', '.join(known)})")
        return value

    @model_validator(mode="after")
    def _each_forum_has_its_own_channel(self) -> Self:
        """What is for one forum must not be read by another."""
        ours = [self.cases_channel, self.meeting_channel, self.stock_channel, self.info_channel]
        taken = {channel: "et annet formål" for channel in ours if channel}
        if "mangelmote" in self.forums:
            raise ValueError("forumet mangelmote er Mangelmøtet selv, og settes uten [forums]")
        for name, forum in self.forums.items():
            if forum.channel in taken:
                raise ValueError(f"kanalen til forumet {name} er i bruk til {taken[forum.channel]}")
            taken[forum.channel] = name
        return self

    @field_validator("purchase_margin_most_days")
    @classmethod
    def _not_less_than_the_least(cls, value: int, info: ValidationInfo) -> int:
        if value < info.data.get("purchase_margin_least_days", 0):
            raise ValueError("den er mindre enn MANGELVAKT_PURCHASE_MARGIN_LEAST_DAYS")
        return value

    @field_validator("slack_api_url")
    @classmethod
    def _ends_in_a_slash(cls, value: str) -> str:
        return value if value.endswith("/") else value + "/"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The call's own values, then the environment, then the file."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, _file())

    @property
    def whom_to_call_in_words(self) -> Phrase | str:
        """Whom to call, for a reader of any language where nobody has worded it anew."""
        return _USUALLY_CALLED if self.whom_to_call == str(_USUALLY_CALLED) else self.whom_to_call

    def reporters_of(self, pool: str) -> tuple[str, ...]:
        """Who is named to send a pool's figures."""
        said = self.pools.get(pool)
        return tuple(said.reporters if said else ())

    def managers_of(self, pool: str) -> tuple[str, ...]:
        """Whom to ask about a pool: its own managers, or, where it has none, those of every pool."""
        own = self.pools.get(pool)
        return tuple((own.managers if own else None) or self.stock_managers)

    def secrets(self) -> tuple[str, ...]:
        """Everything that nobody may read in a log."""
        held = (
            self.slack_bot_token,
            self.slack_app_token,
            self.slack_signing_secret,
            self.slack_client_secret,
            self.token_key,
            self.database_url,
            self.registers.proxy,
        )
        told = [secret.get_secret_value() for secret in held if secret is not None]
        password = urlsplit(self.database).password
        return tuple([*told, password] if password else told)

    @property
    def http_port(self) -> int | None:
        """Where Slack's requests come in; None in Socket Mode."""
        if self.port is None and self.slack_signing_secret is not None and self.slack_app_token is None:
            return USUAL_PORT
        return self.port

    @property
    def more_workspaces(self) -> MoreWorkspaces | None:
        """What installations in other workspaces need; None where none may install. `connection_fault` told of gaps."""
        if not self.workspaces or self._missing_for_workspaces():
            return None
        return MoreWorkspaces(
            client_id=self.slack_client_id or "",
            client_secret=self.slack_client_secret or SecretStr(""),
            token_key=self.token_key or SecretStr(""),
            public_url=self.public_url or "",
            allowed=tuple(self.workspaces),
        )

    def _missing_for_workspaces(self) -> list[str]:
        needed = {
            "SLACK_CLIENT_ID": self.slack_client_id,
            "SLACK_CLIENT_SECRET": self.slack_client_secret,
            "MANGELVAKT_TOKEN_KEY": self.token_key,
            "MANGELVAKT_PUBLIC_URL": self.public_url,
            "MANGELVAKT_PORT": self.http_port,
        }
        return [name for name, value in needed.items() if value is None] if self.workspaces else []

    def connection_fault(self) -> Phrase | None:
        """What is missing for the way that Slack reaches us."""
        if self._missing_for_workspaces():
            missing = ", ".join(self._missing_for_workspaces())
            return phrase(
                "MANGELVAKT_WORKSPACES er satt, men ikke {missing}. Andre arbeidsområder trenger det.", missing=missing
            )
        if self.http_port is not None and self.slack_signing_secret is None:
            return phrase("MANGELVAKT_PORT er satt (HTTP), men SLACK_SIGNING_SECRET mangler. Sett den i miljøet.")
        if self.http_port is None and self.slack_app_token is None:
            return phrase("SLACK_APP_TOKEN (Socket Mode) mangler, og SLACK_SIGNING_SECRET (HTTP). Sett en av dem.")
        return None

    def connection(self) -> Phrase:
        """How Slack reaches us, in one line."""
        if self.http_port is None:
            return phrase("Socket Mode: boten kobler seg opp til Slack.")
        return phrase("HTTP: Slack kaller boten på {host}:{port}.", host=self.host, port=self.http_port)

    @property
    def database(self) -> str:
        """`DATABASE_URL`, or a SQLite file in the user's data folder."""
        if self.database_url:
            return self.database_url.get_secret_value()
        folder = Path(platformdirs.user_data_dir("mangelvakt", appauthor=False))
        return f"sqlite:///{folder / 'mangelvakt.sqlite'}"


def _file() -> Path:
    """`mangelvakt.toml` here, if there is one, or the file that `MANGELVAKT_CONFIG` names, which must be there."""
    named = os.environ.get("MANGELVAKT_CONFIG", "").strip()
    if named and not Path(named).is_file():
        raise ValueError(f"MANGELVAKT_CONFIG peker på {named}, som ikke finnes")
    return Path(named) if named else DEFAULT_FILE


def load_settings(**values: object) -> Settings:
    """Read the settings; `values` come before everything else.

    Raises `SettingsFault` with one line that names the first setting that is wrong.
    """
    try:
        return Settings(**values)  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        name = ".".join(str(part) for part in first["loc"])
        spelled = name if name.isupper() or "." in name else f"MANGELVAKT_{name.upper()}"
        if first["loc"] and str(first["loc"][0]) == "stock_managers":
            spelled = "MANGELVAKT_STOCK_MANAGERS"
        if not first["loc"]:
            raise SettingsFault(f"Innstillingene er feil: {_what_is_wrong(first)}.") from None
        raise SettingsFault(f"Innstillingen {spelled} er feil: {_what_is_wrong(first)}.") from None
    except (ValueError, OSError) as error:
        raise SettingsFault(f"Innstillingene kan ikke leses: {' '.join(str(error).split())}") from None


_WRONG = {
    "extra_forbidden": "den finnes ikke",
    "greater_than": "den skal være større enn {gt:g}",
    "greater_than_equal": "den skal være minst {ge:g}",
    "less_than_equal": "den skal være høyst {le:g}",
    "int_parsing": "den skal være et helt tall",
    "int_from_float": "den skal være et helt tall",
    "float_parsing": "den skal være et tall, med punktum som desimaltegn",
    "literal_error": "den skal være {expected}",
    "string_pattern_mismatch": "den skal være en id fra Slack ({pattern}), ikke et navn",
}


def _what_is_wrong(error: ErrorDetails) -> str:
    """One fault in words. The value is not repeated: it may be a secret that landed in the wrong place."""
    words = _WRONG.get(error["type"])
    if words is not None:
        return words.format(**error.get("ctx", {}))
    return error["msg"].removeprefix("Value error, ")
