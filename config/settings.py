"""Settings from the environment, a ``.env`` file or the home's own; docs/operations.md has the list."""

from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, SecretStr
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)


class Mailbox(BaseModel):
    """The own address and servers of one programme; what is left out is that of all."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    mail_from: str
    smtp_url: SecretStr | None = None
    imap_url: SecretStr | None = None
    mail_since: date | None = None
    oauth_command: str | None = None
    oauth_refresh_token: SecretStr | None = None


def office_env(home: Path) -> Path:
    """What ``setup`` writes; the environment and a ``.env`` of the current folder go before it."""
    return home / "office" / "settings.env"


class Settings(BaseSettings):
    """All settings, read once at the edge and passed on.

    ``smtp_url``  ``smtp://user:pw@host:port?tls=required|implicit|none``
    ``imap_url``  ``imap://user:pw@host:port/FOLDER?tls=…``
    ``mail_since``  the day from which on the mailbox is read; None: what lies in it at the first look stays
    ``oauth_…``  how an access token is had where a URL names a user and no password: by a command that
    prints one, or with a refresh token at ``oauth_token_url``
    ``authserv_id``  the name that our mail server puts before its own Authentication-Results
    ``serve_login``  ``name:password`` for the Prefect pages and ours, in place of the home's own
    ``serve_addresses``  addresses, with commas between, under which readers open those pages, beyond
    ``127.0.0.1`` and ``localhost``; what comes under another name, or from a page elsewhere, is refused
    ``ops_to``  addresses, with commas between, that are told of alarms
    ``managers_to``  addresses that get the weekly digest while a cycle is open
    ``pages_url``  where readers find our pages; ``serve`` knows its own
    ``mailboxes``  JSON: ``{"PROGRAMME": {"mail_from": …, "smtp_url": …, "imap_url": …}}``, for
    programmes that have a mailbox of their own; the others share the one above.
    """

    model_config = SettingsConfigDict(
        env_prefix="KYBAOCAO_",
        env_file=".env",
        env_ignore_empty=True,  # an empty SECRET_KEY would sign, and anybody could sign with it
        extra="ignore",
        frozen=True,
    )

    home: Path = Path("var")
    database_url: SecretStr | None = None
    smtp_url: SecretStr | None = None
    imap_url: SecretStr | None = None
    mail_from: str | None = None
    mail_since: date | None = None
    oauth_command: str | None = None
    oauth_token_url: str | None = None
    oauth_client_id: str | None = None
    oauth_client_secret: SecretStr | None = None
    oauth_refresh_token: SecretStr | None = None
    oauth_scope: str | None = None
    authserv_id: str | None = None
    trial_to: str | None = None  # all mail goes here, marked as a trial, and nowhere else
    guests: str | None = None  # addresses with commas between: nobody else gets mail
    smtp_connections: int = Field(default=3, ge=1, le=4)  # side by side
    smtp_per_minute: int | None = Field(default=None, ge=1)  # messages; None: no limit of ours
    ops_to: str | None = None
    managers_to: str | None = None
    drop_dir: Path | None = None
    programmes_dir: Path = Path(__file__).parent / "programmes"
    programme: str = "ctph-109"
    secret_key: SecretStr | None = None
    serve_login: SecretStr | None = None
    serve_addresses: str | None = None
    pages_url: str | None = None
    mailboxes: dict[str, Mailbox] = {}

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        first = (init_settings, env_settings, dotenv_settings)
        homes = (source().get("home") for source in first)
        home = next((Path(home) for home in homes if home), Path("var"))
        return (*first, DotEnvSettingsSource(settings_cls, env_file=office_env(home)))

    @property
    def office(self) -> Path:
        """Where the office keeps what it sets over shipped programmes, a folder each."""
        return self.home / "office" / "programmes"

    def of(self, programme: str) -> "Settings":
        """These settings with that programme in use, and its own mailbox where it has one."""
        own = self.mailboxes.get(programme)
        mail = {name: value for name, value in own if value is not None} if own else {}
        return self.model_copy(update={"programme": programme, **mail})
