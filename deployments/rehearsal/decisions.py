"""Carrying out what the simulated people of the office decide, with the functions of the commands.

Every decision may be carried out again after a crash: what was done stays done once.
"""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from deployments.rehearsal import office
from deployments.rehearsal.people.departments import People
from deployments.rehearsal.scenario import Scenario
from reporting.follow_up import calls
from reporting.home.context import Context, cycle_row
from reporting.mail.outbox import messages
from reporting.programme.units import find_unit
from reporting.received.central_figures import import_figures
from reporting.received.register_file import import_register
from reporting.replies import quarantine
from reporting.replies.by_hand import HandRecord, record_reply
from reporting.requests import lifecycle
from reporting.states import MessageKind, MessageState
from reporting.store.engine import reading, writing
from reporting.store.tables import Call, Message, UnitRow


@dataclass(frozen=True)
class Office:
    """The office's people at work in a rehearsal. ``mail_root``: where departments' mail lies."""

    scenario: Scenario
    people: People
    mail_root: Path

    def act(self, context: Context) -> bool:
        """Take the decisions of the context's day; whether there were any that change something."""
        actions = office.office_actions(self.scenario, context.today)
        done = [self._carry_out(context, action) for action in actions]
        return any([*done, self.settle_unknown(context), self._look_into_quarantine(context)])

    def _carry_out(self, context: Context, action: office.OfficeAction) -> bool:
        match action:
            case office.RegisterLetter():
                self._register_letter(context, action)
            case office.RecordReply():
                self._record(context, action)
            case office.LogCall():
                self._log_call(context, action)
            case office.ImportRegister():
                definition = self.scenario.cycle
                with writing(context.home.engine) as session:
                    import_register(
                        session,
                        context.programme,
                        definition,
                        action.file,
                        source=action.source,
                        by=action.by,
                        now=context.now,
                        today=context.today,
                    )
            case office.ImportFigures():
                self._import_figures(context, action)
            case office.ReleaseCorrections():
                return self._release(context, action)
        return True

    def _register_letter(self, context: Context, action: office.RegisterLetter) -> None:
        folder = context.home.path / "letters" / context.programme.id / self.scenario.cycle.name
        file = office.letter_file(context.programme, self.scenario, folder)
        with writing(context.home.engine) as session:
            lifecycle.register_letter(
                context,
                session,
                self.scenario.cycle.name,
                file=file,
                number=action.number,
                signed_on=action.signed_on,
                by=action.by,
            )

    def _record(self, context: Context, action: office.RecordReply) -> None:
        parcel = self.people.parcel(action.unit)
        arrival = HandRecord(
            number=action.number,
            dated=action.dated,
            received_on=action.received_on,
            channel=action.channel,
            arrival_number=action.arrival_number,
            file=parcel.document,
            values=parcel.values,
        )
        record_reply(context, self.scenario.cycle.name, action.unit, arrival, by=action.by)

    def _log_call(self, context: Context, action: office.LogCall) -> None:
        with writing(context.home.engine) as session:
            unit = find_unit(context.programme, self.scenario.cycle, action.unit)
            known = session.scalar(
                select(Call.id)
                .join(UnitRow, UnitRow.id == Call.unit_id)
                .where(
                    UnitRow.code == unit.code, Call.called_on == context.today, Call.result == action.result
                )
            )
            if known is None:
                calls.log_call(
                    context,
                    session,
                    self.scenario.cycle.name,
                    action.unit,
                    by=action.by,
                    spoke_to=action.spoke_to,
                    result=action.result,
                    promised_on=action.promised_on,
                )

    def _import_figures(self, context: Context, action: office.ImportFigures) -> None:
        file = office.figures_file(self.scenario, action, context.home.path / "rehearsal" / "figures")
        with writing(context.home.engine) as session:
            row = cycle_row(session, context.programme, self.scenario.cycle.name)
            import_figures(
                session,
                context.programme,
                row,
                file,
                source=action.source,
                as_of=action.as_of,
                by=action.by,
                now=context.now,
                today=context.today,
            )

    def _release(self, context: Context, action: office.ReleaseCorrections) -> bool:
        with writing(context.home.engine) as session:
            held = session.scalars(
                select(Message.id).where(
                    Message.state == MessageState.HELD, Message.kind == MessageKind.CORRECTION
                )
            ).all()
            if held:
                messages.release(session, held, by=action.by, now=context.now)
        return bool(held)

    def settle_unknown(self, context: Context) -> bool:
        """Ask the department about each message that may or may not have left, and decide."""
        with writing(context.home.engine) as session:
            unknown = session.scalars(select(Message).where(Message.state == MessageState.UNKNOWN)).all()
            for message in unknown:
                decision = office.resolve_unknown(
                    self.mail_root, recipient=message.recipient, message_id=message.message_id
                )
                messages.resolve(
                    session,
                    message,
                    decision,
                    by=self.scenario.office.duty_officer,
                    why="đã hỏi Sở: " + ("Sở đã nhận được" if decision == "sent" else "Sở chưa nhận được"),
                    now=context.now,
                )
        return bool(unknown)

    def _look_into_quarantine(self, context: Context) -> bool:
        with reading(context.home.engine) as session:
            waiting = [
                (reply.id, reply.sender, reply.unit.code if reply.unit else None)
                for reply in quarantine.waiting(session, context.programme)
            ]
        decided = False
        for reply_id, sender, guess in waiting:
            decision = office.quarantine_decision(
                self.scenario, sender=sender, guess=guess, day=context.today
            )
            if decision is not None:
                self._assign(context, reply_id, decision)
                decided = True
        return decided

    def _assign(self, context: Context, reply_id: int, decision: office.QuarantineDecision) -> None:
        quarantine.assign(
            context,
            [reply_id],
            quarantine.Assignment(
                unit=decision.unit,
                cycle=decision.cycle,
                number=decision.number,
                dated=decision.dated,
                remember_sender=decision.remember_sender,
            ),
            by=decision.by,
        )
