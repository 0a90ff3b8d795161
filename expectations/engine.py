"""Great Expectations, imported quietly: no telemetry, no progress bars, no chatter in our logs."""

import logging
import os

# Read when the library is imported; protects against a version that would send again.
os.environ["GX_ANALYTICS_ENABLED"] = "false"
logging.getLogger("great_expectations").setLevel(logging.ERROR)

import great_expectations as gx  # noqa: E402 - after its switches
from great_expectations.data_context.data_context.ephemeral_data_context import (  # noqa: E402
    EphemeralDataContext,
)
from great_expectations.data_context.types.base import ProgressBarsConfig  # noqa: E402

# The import turns this on for the whole process, and one of its modules talks below its parent.
logging.captureWarnings(False)
logging.getLogger("great_expectations.data_context.types.base").setLevel(logging.NOTSET)

__all__ = ["EphemeralDataContext", "fresh_context", "gx"]


def fresh_context() -> EphemeralDataContext:
    """A context of its own for a run: two threads that share one get each other's results."""
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    return context
