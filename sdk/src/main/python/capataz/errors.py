"""The errors of this package."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Optional


class ArgumentError(TypeError):
    """A task was called with arguments that do not match its parameters."""


class CapatazError(Exception):
    """The supervisor refused a request, or did not answer.

    status is the HTTP status, or None if there was no answer. error describes what a task raised: a dictionary
    with type, message and traceback; None if the task did not run or returned.
    """

    def __init__(self, message: str, status: Optional[int] = None, error: Optional[dict[str, str]] = None) -> None:
        super().__init__(message)
        self.status = status
        self.error = error
