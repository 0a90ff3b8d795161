"""Whether the templates of a programme's mails can be filled."""

from reporting.mail.outbox import contexts
from reporting.mail.outbox.facts import general_facts, internal_facts
from reporting.mail.outbox.messages import INTERNAL
from reporting.mail.outbox.wording import TemplateMistake, word
from reporting.programme.mistakes import Mistake, shown
from reporting.programme.model import Programme
from reporting.states import MessageKind


def check_mail_templates(programme: Programme) -> list[Mistake]:
    """Fill every template with made-up facts; what cannot be filled, by file and line."""
    mistakes: dict[str, Mistake] = {}
    folder = programme.folder / "templates" / "mail"
    definition, unit = programme.cycles[0], programme.units[0]
    for kind in MessageKind:
        for sequence, sample in enumerate(contexts.samples(kind), 1):
            facts = (
                internal_facts(programme, kind, sample, definition.open_on)
                if kind in INTERNAL
                else {
                    **general_facts(programme, definition, definition.open_on, unit),
                    "due_on": definition.due_on,
                    **sample,
                    "kind": str(kind),
                    "sequence": sequence,
                }
            )
            try:
                word(programme.folder, kind, facts, rehearsal=False)
            except TemplateMistake as error:
                mistakes.setdefault(str(error), Mistake(shown(folder / error.file), error.line, error.text))
    return list(mistakes.values())
