"""The two ways of mail, as the flows of the day and of the exchange share them."""

from flows.run_alarms import end_run_alarms
from reporting.errors import ServiceUnavailable
from reporting.home.context import Desk
from reporting.outcome import NOTHING, Outcome
from reporting.upkeep import alarms
from tasks import steps


async def receive(desk: Desk) -> Outcome:
    """Collect, take in, file away. A mailbox that is out is told of, and ends the run."""
    outcome = NOTHING
    try:
        outcome += await steps.collect_replies(desk)
    except ServiceUnavailable as error:
        await _tell_of_outage(desk, alarms.MAILBOX, error)
        raise
    finally:  # what came until then is taken in, also while the mailbox is out
        outcome += await steps.take_in_replies(desk)
    outcome += await steps.file_mail_away(desk)
    await end_run_alarms(desk)
    await steps.watch(desk, alarms.MAILBOX)
    return outcome


async def send(desk: Desk) -> Outcome:
    """Send what is queued, where a server is set. One that is out is told of, and ends the run."""
    if not desk.senders:
        return NOTHING
    try:
        outcome = await steps.send_messages(desk)
    except ServiceUnavailable as error:
        await _tell_of_outage(desk, alarms.SMTP, error)
        raise
    await steps.watch(desk, alarms.SMTP)
    return outcome


async def _tell_of_outage(desk: Desk, cause: str, error: ServiceUnavailable) -> None:
    await steps.watch(desk, cause, str(error))
    await steps.write_pages(desk)
