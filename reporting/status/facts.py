"""What the store knows of each unit of a cycle (``known`` asks for it), and of units under one roof."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from reporting.status.proof import Doubtful


@dataclass(frozen=True)
class FirstDocument:
    """The document that came first, with its number and date as they were put right since."""

    number: str
    document_date: date
    kind: str
    channel: str
    received_on: date


@dataclass(frozen=True)
class CountingSubmission:
    id: int
    version: int
    channel: str


@dataclass(frozen=True)
class Findings:
    open_errors: int = 0
    waived_errors: int = 0
    open_warnings: int = 0


@dataclass(frozen=True)
class Calls:
    count: int = 0
    last_on: date | None = None
    promised_on: date | None = None


@dataclass(frozen=True)
class StoredFacts:
    """What is known of each unit, by its row's id."""

    documents: Mapping[int, FirstDocument]
    submissions: Mapping[int, CountingSubmission]
    findings: Mapping[int, Findings]  # by submission
    quarantined: Mapping[int | None, int]
    reminders: Mapping[int, int]
    calls: Mapping[int, Calls]
    extensions: Mapping[int, date]
    doubtful: Mapping[int | None, Doubtful] = field(default_factory=dict)  # of what is quarantined
    joint: Mapping[int, int] = field(default_factory=dict)  # part -> the later unit whose form stands for it

    def with_joint(self, parts_of: Mapping[int, Sequence[int]]) -> "StoredFacts":
        """What came in the name of a later unit, of each of the older ones that went into it.

        Its document reports for them all, unless one had reported before; its form takes the place
        of theirs; what of it waits, waits for them.
        """
        documents, submissions = dict(self.documents), dict(self.submissions)
        quarantined, joint, doubtful = dict(self.quarantined), dict(self.joint), dict(self.doubtful)
        for later, parts in parts_of.items():
            for part in parts:
                if (came := self.documents.get(later)) is not None:
                    documents[part] = min(documents.get(part, came), came, key=lambda one: one.received_on)
                if later in self.submissions:
                    submissions[part], joint[part] = self.submissions[later], later
                if later in self.quarantined:
                    quarantined[part] = quarantined.get(part, 0) + self.quarantined[later]
                if (its := self.doubtful.get(later)) is not None:
                    doubtful[part] = doubtful[part] + its if part in doubtful else its
        return replace(
            self,
            documents=documents,
            submissions=submissions,
            quarantined=quarantined,
            doubtful=doubtful,
            joint=joint,
        )
