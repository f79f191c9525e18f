"""More workspaces than the centre's: who has installed the bot, with which token, and whose payload this is.

The medicines, cases and figures are one national list, whoever reads it; a workspace is where a person is written to.
Off unless the settings name who may install (docs/decisions/072).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from logging import Logger

from slack_bolt.authorization import AuthorizeResult
from slack_bolt.error import BoltError
from slack_bolt.oauth.async_callback_options import AsyncCallbackOptions, AsyncFailureArgs, AsyncSuccessArgs
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_bolt.response import BoltResponse
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.installation_store.models.bot import Bot
from slack_sdk.oauth.installation_store.models.installation import Installation
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore
from slack_sdk.web.async_client import AsyncWebClient

from bot.delivery.elsewhere import ElsewhereClient
from bot.delivery.slack_client import slack_client
from bot.delivery.slack_errors import FixSettings, GiveUp
from bot.delivery.vault import Locked, Vault
from bot.manifest import SCOPES
from bot.messages.phrase import Phrase, phrase
from bot.people.addresses import HOME
from bot.settings import MoreWorkspaces
from storage import workspaces as stored
from storage.tables import WorkspaceInstallation
from storage.unit_of_work import Database

log = logging.getLogger(__name__)

BEGUN_FOR = dt.timedelta(minutes=10)
"""So long somebody may stand on Slack's page before they allow it."""
INSTALL, REDIRECT = "/slack/install", "/slack/oauth_redirect"


class Unknown(Exception):
    """A payload of a workspace that is not the centre's and has not, or no longer, installed the bot."""


@dataclass(frozen=True, slots=True)
class _Self:
    """The bot as a workspace knows it."""

    team: str
    user: str
    bot: str | None


class Workspaces:
    """The way to each workspace. `client`: that of the centre's own."""

    def __init__(
        self,
        database: Database,
        settings: MoreWorkspaces,
        client: AsyncWebClient,
        api_url: str,
        say: Callable[[Phrase], str] = str,
    ) -> None:
        """`say`: in the language of the channels. Raises ValueError where the key is none."""
        self._say = say
        self._database = database
        self._allowed = frozenset(settings.allowed)
        self._vault = Vault(settings.token_key.get_secret_value())
        self._client = client
        self._api_url = api_url
        self._home: _Self | None = None
        self.flow = AsyncOAuthFlow(
            client=slack_client(api_url),
            logger=logging.getLogger("slack_bolt"),
            settings=AsyncOAuthSettings(
                client_id=settings.client_id,
                client_secret=settings.client_secret.get_secret_value(),
                scopes=list(SCOPES),
                redirect_uri=f"{settings.public_url.rstrip('/')}{REDIRECT}",
                install_path=INSTALL,
                install_page_rendering_enabled=False,
                callback_options=AsyncCallbackOptions(success=self._installed, failure=self._not_installed),
                redirect_uri_path=REDIRECT,
                authorization_url=f"{api_url.removesuffix('api/')}oauth/v2/authorize",
                installation_store=Installations(self),
                state_store=States(database),
                logger=logging.getLogger("slack_bolt"),
            ),
        )

    async def whose(self, team: str | None) -> str:
        """The workspace of a payload that Slack has addressed to the bot in `team`; `HOME` for the centre's own.

        Raises `Unknown`: such a payload is nobody's, and nothing of it is kept; and what Slack and the database raise.
        """
        home = await self._know_home()
        if team == home.team:
            return HOME
        row = await self._row(team) if team else None
        if row is None or row.removed_at is not None:
            raise Unknown
        return row.team_id

    @property
    def authorize(self) -> Callable[..., Awaitable[AuthorizeResult | None]]:
        """Bolt's question: with which token a payload is answered. A bare function: Bolt looks at its arguments."""

        async def authorize(team_id: str | None) -> AuthorizeResult | None:
            return await self._authorized(team_id)

        return authorize

    async def _authorized(self, team: str | None) -> AuthorizeResult | None:
        home = await self._know_home()
        if team == home.team:
            token = self._client.token
            return AuthorizeResult(
                enterprise_id=None, team_id=team, bot_user_id=home.user, bot_id=home.bot, bot_token=token
            )
        row = await self._row(team) if team else None
        if row is None or row.token is None:
            return None
        return AuthorizeResult(
            enterprise_id=None,
            team_id=row.team_id,
            bot_user_id=row.bot_user,
            bot_id=row.bot_id,
            bot_token=self._opened(row),
        )

    async def client(self, workspace: str) -> AsyncWebClient:
        """The way to a workspace. Raises `DeliveryError` where it has removed the bot."""
        if workspace == HOME:
            return self._client
        row = await self._row(workspace)
        if row is None:
            raise GiveUp("workspace_not_installed")
        if row.token is None:
            raise GiveUp("app_uninstalled")
        return ElsewhereClient(
            token=self._opened(row),
            base_url=self._api_url,
            session=self._client.session,
            logger=self._client.logger,
            retry_handlers=[],
        )

    async def installed(self) -> list[WorkspaceInstallation]:
        """The workspaces that have the bot now."""
        async with self._database.read() as session:
            return await stored.installed(session)

    async def removed(self, workspace: str) -> None:
        """A workspace has removed the bot: its token is forgotten. Slack tells of it by two events at once."""
        async with self._database.unit_of_work() as uow:
            await uow.alone(f"workspace:{workspace}")
            row = await stored.installation(uow.session, workspace)
            if row is None or row.removed_at is not None:
                return
            row.token, row.removed_at = None, uow.now
            uow.record(f"workspace:{workspace}", "removed", by=None)
        log.warning("the bot was removed from workspace %s; nothing more is said there", workspace)

    async def install(self, installation: Installation) -> None:
        """Keep an installation. Raises `BoltError` where that workspace may not have one."""
        team, token = installation.team_id, installation.bot_token
        home = await self._know_home()
        if not team or not token or installation.is_enterprise_install or team == home.team:
            raise BoltError("not a workspace of its own")
        if team not in self._allowed:
            log.warning("workspace %s may not install the bot: it is not in MANGELVAKT_WORKSPACES", team)
            raise BoltError("not a workspace that may install")
        scopes = installation.bot_scopes
        name = (installation.team_name or team)[:200]
        async with self._database.unit_of_work() as uow:
            await uow.alone("mangelvakt:workspaces")
            row = await stored.installation(uow.session, team) or WorkspaceInstallation(
                team_id=team, team_name=name, bot_user="", scopes="", installed_at=uow.now
            )
            row.team_name, row.bot_user, row.bot_id = name, str(installation.bot_user_id), installation.bot_id
            row.scopes = ",".join(scopes) if isinstance(scopes, list | tuple) else str(scopes or "")
            row.token, row.installed_at, row.removed_at = self._vault.close(token), uow.now, None
            await uow.add(row)
            uow.record(f"workspace:{team}", "installed", by=None, name=name)
        log.warning("the bot was installed in workspace %s", team)

    async def _installed(self, args: AsyncSuccessArgs) -> BoltResponse:
        said = phrase(
            "Mangelvakt er installert i {workspace}. Lukk siden, og skriv /mangel i Slack.",
            workspace=args.installation.team_name or "",
        )
        return _page(200, self._say(said))

    async def _not_installed(self, args: AsyncFailureArgs) -> BoltResponse:
        log.warning("an installation was not made: %s", args.reason)
        said = phrase(
            "Mangelvakt ble ikke installert. Prøv igjen fra begynnelsen, eller spør senteret om dere står på listen."
        )
        return _page(args.suggested_status_code, self._say(said))

    async def bot_of(self, team: str | None) -> Bot | None:
        """The installation as slack_sdk knows one; None where there is none now."""
        row = await self._row(team) if team else None
        if row is None or row.token is None:
            return None
        return Bot(
            team_id=row.team_id,
            team_name=row.team_name,
            bot_token=self._opened(row),
            bot_id=str(row.bot_id or ""),
            bot_user_id=row.bot_user,
            bot_scopes=row.scopes,
            installed_at=row.installed_at.timestamp(),
        )

    def _opened(self, row: WorkspaceInstallation) -> str:
        assert row.token is not None  # noqa: S101
        try:
            return self._vault.open(row.token)
        except Locked:
            log.error("no key of MANGELVAKT_TOKEN_KEY opens the token of workspace %s", row.team_id)
            raise FixSettings("token_key_unknown") from None

    async def _row(self, team: str) -> WorkspaceInstallation | None:
        async with self._database.read() as session:
            return await stored.installation(session, team)

    async def _know_home(self) -> _Self:
        if self._home is None:
            found = await self._client.auth_test()
            self._home = _Self(str(found["team_id"]), str(found["user_id"]), found.get("bot_id"))
        return self._home


class Installations(AsyncInstallationStore):
    """slack_sdk's store, over our tables."""

    def __init__(self, workspaces: Workspaces) -> None:
        self._workspaces = workspaces

    @property
    def logger(self) -> Logger:
        """Where it writes."""
        return log

    async def async_save(self, installation: Installation) -> None:
        """Keep it; see `Workspaces.install`."""
        await self._workspaces.install(installation)

    async def async_find_bot(
        self, *, enterprise_id: str | None, team_id: str | None, is_enterprise_install: bool | None = False
    ) -> Bot | None:
        """The bot in a workspace."""
        return None if is_enterprise_install else await self._workspaces.bot_of(team_id)

    async def async_delete_bot(self, *, enterprise_id: str | None, team_id: str | None) -> None:
        """Forget its token."""
        if team_id:
            await self._workspaces.removed(team_id)

    async def async_delete_all(self, *, enterprise_id: str | None, team_id: str | None) -> None:
        """Forget its token; there is nothing else of it."""
        await self.async_delete_bot(enterprise_id=enterprise_id, team_id=team_id)


class States(AsyncOAuthStateStore):
    """The words that Slack sends back with who comes from its page: each good once, for ten minutes, in any replica."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def logger(self) -> Logger:
        """Where it writes."""
        return log

    async def async_issue(self, *_: object, **__: object) -> str:
        """A new one. Only its digest is kept."""
        state = secrets.token_urlsafe(32)
        async with self._database.unit_of_work() as uow:
            await stored.begin(uow.session, _digest(state), uow.now, uow.now + BEGUN_FOR)
        return state

    async def async_consume(self, state: str) -> bool:
        """Whether it is one of ours, and comes back in time and for the first time."""
        async with self._database.unit_of_work() as uow:
            return await stored.came_back(uow.session, _digest(str(state)), uow.now)


def _digest(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()


def _page(status: int, said: str) -> BoltResponse:
    return BoltResponse(status=status, body=said, headers={"Content-Type": "text/plain; charset=utf-8"})
