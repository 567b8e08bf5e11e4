"""A mistake in kspec itself, as opposed to one in what the user wrote.

Raised where kspec meets what it took for impossible; caught only by the command line, which asks
for a report. Mistakes of users are `Diagnostic` values and never this.
"""

from __future__ import annotations


class InternalError(Exception):
    """What was impossible and happened anyway."""
