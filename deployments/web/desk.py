"""What all pages share: the home they are about, the clock, the addresses they are asked by."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from config.settings import Settings
from reporting.home.context import Context, open_context
from reporting.home.folder import Home


@dataclass(frozen=True)
class Desk:
    """``origins``: the addresses under which it may be called, as browsers write them."""

    settings: Settings
    home: Home
    origins: tuple[str, ...]
    now: Callable[[], datetime]

    def reading(self, programme: str) -> Context:
        """A context that changes nothing. Raises BadInput when there is no such programme."""
        context = open_context(self._of(programme), now=self.now(), writes=False, home=self.home)
        context.programme  # noqa: B018 - raises BadInput when it is not there
        return context

    @contextmanager
    def writing(self, programme: str) -> Iterator[Context]:
        """A context for one decision, as a command has it: the day is noted unless it was refused."""
        context = open_context(
            self._of(programme),
            now=self.now(),
            notes_day=False,
            newest_arrival=_newest_arrival,
            home=self.home,
        )
        yield context
        context.note_day()

    def is_safe(self, host: str) -> bool:
        """Whether the desk is called by TLS under that name: then its cookies go by TLS alone."""
        return any(
            parts.scheme == "https" and host.lower() in (parts.netloc, f"{parts.netloc}:443")
            for parts in map(urlsplit, self.origins)
        )

    def _of(self, programme: str) -> Settings:
        return self.settings.model_copy(update={"programme": programme})


def _newest_arrival(mailbox: Settings) -> datetime | None:
    from reporting.mail.inbox.second_clock import newest_arrival  # hardly ever asked for

    return newest_arrival(mailbox)
