"""One pass of sending. No message goes out twice, whatever stops the pass and wherever.

The order is what matters. The message is rendered and its bytes are kept; the server agrees to
sender and recipient; *in flight* is committed; only then does the first byte of the mail go out.
What dies before that commit was certainly not sent and waits again; what dies after it is unknown,
unless we saw that the server never said it would listen.
A second recipient of the same transaction is an address of our own: one answer of the server
covers both, so that copy in our mailbox proves that the message was accepted.

A few connections carry the messages side by side, each one message at a time. Every commit is made
between two waits for the server, so what is asked in a transaction holds until it ends.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from datetime import datetime

from config.settings import Settings
from reporting.home.folder import Home, only_one
from reporting.mail.outbox.claims import recover
from reporting.mail.outbox.leases import Leases
from reporting.mail.outbox.messages import StillDue
from reporting.mail.outbox.sender import Sender
from reporting.mail.servers import audience, smtp_server
from reporting.programme.model import Programme
from reporting.states import MessageKind
from reporting.store.engine import writing


@dataclass(frozen=True)
class SendSummary:
    """How many messages a pass brought to each end.

    ``accepted`` counts trials, too. ``refused`` counts copies to our own archive that the server
    would not take; their messages went. ``held`` are those for addresses that are no guests.
    """

    accepted: int = 0
    retry: int = 0
    failed: int = 0
    unknown: int = 0
    cancelled: int = 0
    refused: int = 0
    held: int = 0


async def send_pass(
    home: Home,
    programmes: Mapping[str, Programme],
    settings: Settings,
    *,
    now: datetime,
    still_due: StillDue,
    limit: int | None = None,
    only: Collection[MessageKind] | None = None,
) -> SendSummary:
    """Send what may go now, oldest first, at most ``limit`` messages; ``only``: of those kinds.

    ``still_due`` is asked of each reminder and correction request in the transaction in which it
    leaves. Raises BadInput when no server is set, ServiceUnavailable when it is out or refuses us as
    a whole; what was not sent then waits, and the next pass is the retry.
    """
    server, mail_from = smtp_server(settings)
    with only_one(home, "send", "Một lượt gửi thư khác đang chạy; hãy chạy lại sau."):
        with writing(home.engine) as session:
            recover(session, now, alone=True)
        claims = Leases(home, programmes, mail_from, audience(settings), now, limit=limit, only=only)
        sender = Sender(home, settings, (server, mail_from), claims, now, still_due)
        try:
            await sender.run()
        finally:
            sender.finish()
        done = sender.done
        return SendSummary(**{field.name: done[field.name] for field in fields(SendSummary)})
