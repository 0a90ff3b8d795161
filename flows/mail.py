"""The two ways of mail, as the flows of the day and of the exchange share them."""

from flows.run_alarms import end_run_alarms
from reporting.errors import ServiceUnavailable
from reporting.home.context import Context
from reporting.outcome import NOTHING, Outcome
from reporting.upkeep import alarms
from tasks import steps


async def receive(context: Context) -> Outcome:
    """Collect, take in, file away. A mailbox that is out is told of, and ends the run."""
    outcome = NOTHING
    try:
        outcome += await steps.collect_replies(context)
    except ServiceUnavailable as error:
        await _tell_of_outage(context, alarms.MAILBOX, error)
        raise
    finally:  # what came until then is taken in, also while the mailbox is out
        outcome += await steps.take_in_replies(context)
    outcome += await steps.file_mail_away(context)
    await end_run_alarms(context)
    await steps.watch(context, alarms.MAILBOX)
    return outcome


async def send(context: Context) -> Outcome:
    """Send what is queued, where a server is set. One that is out is told of, and ends the run."""
    if not context.senders:
        return NOTHING
    try:
        outcome = await steps.send_messages(context)
    except ServiceUnavailable as error:
        await _tell_of_outage(context, alarms.SMTP, error)
        raise
    await steps.watch(context, alarms.SMTP)
    return outcome


async def _tell_of_outage(context: Context, cause: str, error: ServiceUnavailable) -> None:
    await steps.watch(context, cause, str(error))
    await steps.write_pages(context)
