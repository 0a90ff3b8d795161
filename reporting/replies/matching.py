"""Whose is it, and for which cycle? Signs of two kinds must agree, or a person decides.

A reply is taken in by itself only when a token and a sender sign (``signs``) point to the same unit
and cycle and nothing speaks against it.

A reply is *proved* when it carries a token sign, or our mail server answers for its sender, or the
office laid it down itself. Of any other nobody can tell whether it is forged (``status.proof``).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import delete
from sqlalchemy.orm import Session

from reporting.errors import BadInput
from reporting.home.context import Context, current_cycles, cycle_row
from reporting.mail.inbox.imap import account_of
from reporting.mail.parse import ParsedMail
from reporting.programme.model import CycleDefinition
from reporting.programme.units import answering_rows
from reporting.replies.reading.kept_files import ReplyFile
from reporting.replies.signs import Sender, Sign, sender_of, token_signs
from reporting.states import Channel, CycleState
from reporting.store.tables import Cycle, RawReply, ReplyCandidate, UnitRow


@dataclass(frozen=True)
class Match:
    """The outcome. ``reasons`` empty: take it in. Otherwise a person decides, with the best guess."""

    unit: str | None
    cycle: str | None
    reasons: tuple[str, ...]
    signs: tuple[str, ...]
    is_proved: bool = False  # more than a From address, which anybody can write, says that it is the unit's
    disputed: tuple[Sign, ...] = ()  # where the signs disagree, all of them: each unit they name waits


@dataclass(frozen=True)
class Place:
    """Where a reply belongs: the programme's context, cycle and unit, as far as they are known."""

    context: Context
    cycle: Cycle | None
    unit: UnitRow | None
    reasons: tuple[str, ...]  # why a person decides; empty when the signs agree
    is_disputed: bool = False  # the signs name several units or cycles
    under_way: Cycle | None = None  # the cycle that is open, whose form is asked for instead of another


def place(
    context: Context,
    session: Session,
    reply: RawReply,
    mail: ParsedMail | None,
    parts: Sequence[ReplyFile],
) -> Place:
    """Tell by its signs whose a reply is, and write it down in its row: programme, cycle, unit, proof."""
    context, outcome = _of_programme(context, session, reply, mail, parts)
    cycle = _cycle_for(context, session, outcome.cycle)
    is_strange = (
        cycle is None and outcome.cycle is not None
    )  # known to the programme at best, not to this home
    if is_strange:
        cycle = _cycle_for(context, session, None)
        strange = f"biểu của kỳ {outcome.cycle}, chưa được lập"
        outcome = replace(outcome, cycle=None, reasons=(*outcome.reasons, strange))
    unit = _unit_for(context, session, cycle, outcome.unit) if cycle else None
    # A guess among several cycles is not written down: the reply then waits in all of them.
    is_certain = cycle is not None and (outcome.cycle is not None or len(_current(context, session)) == 1)
    reply.cycle_id = cycle.id if cycle is not None and is_certain else None
    reply.unit_id = unit.id if unit else None
    reply.is_proved = outcome.is_proved
    if cycle is None:
        return Place(context, cycle, unit, outcome.reasons)
    is_over = _came_in_another(context, session, reply, cycle)
    marks = [sign.unit for sign in outcome.disputed]
    if is_strange or is_over:  # its own unit waits in the cycles of the day, too
        marks += [outcome.unit] if outcome.unit else []
    units = {mark: row for mark in marks if (row := _unit_for(context, session, cycle, mark)) is not None}
    keep_candidates(session, reply, units.values(), None if is_over else reply.cycle_id)
    reasons = (*outcome.reasons, *_named(outcome.disputed, units))
    now = _cycle_for(context, session, None)
    under_way = now if now is not None and now.state is CycleState.OPEN else None
    return Place(context, cycle, unit, reasons, is_disputed=bool(units), under_way=under_way)


def _came_in_another(context: Context, session: Session, reply: RawReply, cycle: Cycle) -> bool:
    """Whether a reply names a cycle that was over when it came, while another was under way."""
    return reply.received_on > cycle.close_on and any(
        row.period_start <= reply.received_on <= row.close_on for row in _current(context, session)
    )


def keep_candidates(
    session: Session, reply: RawReply, units: Iterable[UnitRow], cycle_id: int | None
) -> None:
    """Write down for which units a reply waits, its best guess among them. Nobody is suggested then."""
    session.execute(delete(ReplyCandidate).where(ReplyCandidate.reply_id == reply.id))  # it may be read again
    session.add_all(
        ReplyCandidate(reply_id=reply.id, unit_id=unit_id, cycle_id=cycle_id)
        for unit_id in sorted({unit.id for unit in units})
    )


def _named(disputed: Sequence[Sign], units: Mapping[str, UnitRow]) -> list[str]:
    """Which sign names whom, in a line."""
    named = [f"{sign.seen_in}: {units[sign.unit].name}" for sign in disputed if sign.unit in units]
    return [f"các dấu hiệu không khớp ({'; '.join(dict.fromkeys(named))})"] if len(units) > 1 else []


def _of_programme(
    context: Context,
    session: Session,
    reply: RawReply,
    mail: ParsedMail | None,
    parts: Sequence[ReplyFile],
) -> tuple[Context, Match]:
    """The context of the programme a reply is for, and what its signs there say."""
    tokens = [part.token for part in parts if part.token is not None]
    tokens_of = {
        programme.id: token_signs(session, programme, context.home.secret_key, mail, tokens)
        for programme in context.programmes.values()
    }
    senders = _senders(context, session, mail, tokens_of)
    pointed = [name for name, signs in tokens_of.items() if signs]
    pointed += [token.programme for token in tokens if token.programme not in context.programmes]
    named = [name for name, sender in senders.items() if sender.signs]
    theirs = set(pointed or named or _of_mailbox(context, reply))
    reply.programme = next(iter(theirs)) if len(theirs) == 1 else None
    # One that may be of several is looked at as one of the first: a guess for the person who decides.
    first = next((name for name in (*pointed, *named) if name in context.programmes), None)
    programme = context.programmes.get(reply.programme or first or "", context.programme)
    is_from_drop = reply.channel == Channel.DROP
    outcome = match(tokens_of[programme.id], senders[programme.id], from_our_hands=is_from_drop)
    if len(set(pointed)) > 1:
        several = f"các mã nhận dạng thuộc nhiều chương trình: {', '.join(sorted(set(pointed)))}"
        outcome = replace(outcome, reasons=(*outcome.reasons, several))
    return context.of(programme), outcome


def _senders(
    context: Context, session: Session, mail: ParsedMail | None, tokens_of: Mapping[str, Sequence[Sign]]
) -> dict[str, Sender]:
    """Who writes, as each programme knows its senders."""
    return {
        programme.id: sender_of(
            session,
            programme,
            mail,
            context.settings.authserv_id,
            _cycle_meant(context.of(programme), session, tokens_of[programme.id]),
        )
        for programme in context.programmes.values()
    }


def _cycle_meant(context: Context, session: Session, tokens: Sequence[Sign]) -> CycleDefinition | None:
    """The cycle the marks of a reply name, else the one it would be taken for."""
    named = next((sign.cycle for sign in tokens), None)
    row = _cycle_for(context, session, named) or _cycle_for(context, session, None)
    return context.programme.cycle(row.name) if row is not None else None


def _of_mailbox(context: Context, reply: RawReply) -> list[str]:
    """The programme whose own mailbox a reply lay in."""
    return [
        name
        for name in context.programmes
        if name in context.shared.mailboxes and account_of(context.shared.of(name)) == (reply.account or "")
    ]


def _cycle_for(context: Context, session: Session, name: str | None) -> Cycle | None:
    """The cycle a token names, else the one that is open now, or planned when none is."""
    if name is not None:
        try:
            return cycle_row(session, context.programme, name)
        except BadInput:
            return None
    current = _current(context, session)
    return next((row for row in current if row.state is CycleState.OPEN), next(iter(current), None))


def _current(context: Context, session: Session) -> list[Cycle]:
    return [row for row, _ in current_cycles(session, context.programme)]


def _unit_for(context: Context, session: Session, cycle: Cycle, mark: str | None) -> UnitRow | None:
    definition = context.programme.cycle(cycle.name)
    return answering_rows(session, context.programme, definition).get(mark or "")


def match(tokens: Sequence[Sign], sender: Sender, *, from_our_hands: bool) -> Match:
    """Weigh the signs. ``from_our_hands``: laid in the drop folder by the office itself."""
    senders = sender.signs
    pointed = sorted({(sign.unit, sign.cycle) for sign in tokens}, key=str)
    named = sorted({sign.unit for sign in senders})
    seen = tuple(dict.fromkeys(sign.seen_in for sign in (*tokens, *senders)))
    reasons = [*sender.against, *_reasons(pointed, named, is_known=from_our_hands or bool(sender.against))]
    is_proved = from_our_hands or bool(pointed) or sender.is_proved
    units = list(dict.fromkeys(unit for unit, _ in pointed))
    own = senders[:1] if sender.is_of_one else senders
    guess = _guess(units, named, own)
    cycles = {cycle for unit, cycle in pointed if unit == guess} or {cycle for _, cycle in pointed}
    cycle = next(iter(cycles)) if len(cycles) == 1 else None
    speaking = tokens if any(unit in named for unit in units) else (*own, *tokens)
    is_disputed = len(pointed) > 1 or len({sign.unit for sign in speaking}) > 1
    return Match(guess, cycle, tuple(reasons), seen, is_proved, tuple(speaking) if is_disputed else ())


def _guess(pointed: Sequence[str], named: Sequence[str], own: Sequence[Sign]) -> str | None:
    """The best guess of whose it is: the sender's own unit before any that a form or a thread names."""
    if agreed := [unit for unit in pointed if unit in named]:
        return agreed[0]
    if named:
        return own[0].unit if len({sign.unit for sign in own}) == 1 else None
    return pointed[0] if pointed else None


def _reasons(pointed: Sequence[tuple[str, str | None]], named: Sequence[str], *, is_known: bool) -> list[str]:
    reasons = []
    if not pointed:
        reasons.append(
            "không có mã nhận dạng của kỳ báo cáo (mã trong biểu, địa chỉ trả lời, thư được trả lời)"
        )
    if len({unit for unit, _ in pointed}) > 1:
        reasons.append("các mã nhận dạng chỉ đến nhiều đơn vị khác nhau")
    if len({cycle for _, cycle in pointed}) > 1:
        reasons.append("các mã nhận dạng chỉ đến nhiều kỳ báo cáo khác nhau")
    if not named and not is_known:
        reasons.append("địa chỉ gửi chưa được đăng ký")
    if named and any(unit not in named for unit, _ in pointed):
        reasons.append("địa chỉ gửi đăng ký cho đơn vị khác")
    if len(named) > 1 and not pointed:
        reasons.append("địa chỉ gửi đăng ký cho nhiều đơn vị")
    return reasons
