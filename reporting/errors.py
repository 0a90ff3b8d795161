"""What can go wrong for a reason we know; anything else is a fault of ours and fails loudly."""


class ReportingError(Exception):
    """One clear sentence for the person at the keyboard: what, where and what to do.

    ``exit_code`` is what the command line ends with (docs/operations.md, exit codes).
    """

    exit_code = 1


class BadInput(ReportingError):
    """Wrong use or bad input; nothing was changed."""

    exit_code = 2


class ServiceUnavailable(ReportingError):
    """A needed service is out; nothing is lost, run the same command again."""

    exit_code = 3
