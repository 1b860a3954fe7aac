"""What a task knows about the run it is in."""

from __future__ import annotations

import os
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional


class Session:
    """Who runs the task, and in which job.

    Outside of a job, the ids are empty and the display name is that of the local user.
    """

    display_name: str
    """The name of the person or the token that started the run."""

    def __init__(self) -> None:
        get = os.environ.get
        self.user_id = get("CAPATAZ_USER_ID", "")
        self.email = get("CAPATAZ_USER_EMAIL", "")
        self.organization = get("CAPATAZ_ORGANIZATION", "")
        self.job_id = get("CAPATAZ_JOB_ID", "")
        self.task_id = get("CAPATAZ_TASK_ID", "")
        self.task_name = get("CAPATAZ_TASK_NAME", "")
        self.attempt = int(get("CAPATAZ_ATTEMPT", "1"))
        name = get("CAPATAZ_USER_NAME", "")
        self.display_name = name or (self.organization if self.job_id else _local_user())

    def __repr__(self) -> str:
        return "Session(display_name=%r, job_id=%r)" % (self.display_name, self.job_id)


def _local_user() -> str:
    for variable in ("LOGNAME", "USER", "USERNAME"):
        if os.environ.get(variable):
            return os.environ[variable]
    return "nobody"


class Log:
    """Writes lines to standard error, which is part of the output of a job."""

    def debug(self, message: object) -> None:
        _write("DEBUG", message)

    def info(self, message: object) -> None:
        _write("INFO", message)

    def warning(self, message: object) -> None:
        _write("WARNING", message)

    def error(self, message: object) -> None:
        _write("ERROR", message)

    def critical(self, message: object) -> None:
        _write("CRITICAL", message)


def stamped(level: str, message: object) -> str:
    """A line with the time, as 2026-02-03 10:11:12,345."""
    now = time.time()
    clock = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(now))
    return "[%s,%03d] [%s] %s" % (clock, int(now % 1 * 1000), level, message)


def _write(level: str, message: object) -> None:
    print(stamped(level, message), file=sys.stderr, flush=True)


class Context:
    """Handed to every task that has a parameter for it. Never created by the code of a task."""

    def __init__(self) -> None:
        self.session = Session()
        self.log = Log()
        self._values: dict[str, Any] = {}

    @property
    def token(self) -> str:
        """The token of this run, which a run has if its task calls others, else the caller's own; may be empty."""
        return os.environ.get("CAPATAZ_JOB_TOKEN") or os.environ.get("CAPATAZ_TOKEN", "")

    def set(self, key: str, value: Any) -> None:
        """Keeps a value for the rest of this run."""
        self._values[key] = value

    def get(self, key: str, default: Any = None) -> Any:
        """A value that was set in this run."""
        return self._values.get(key, default)

    def update(self, progress: Optional[float] = None, status: Optional[str] = None) -> None:
        """Reports how far the run is, from 0 to 100 percent, and what it is doing. Does nothing outside of a job."""
        if progress is not None and not 0 <= progress <= 100:
            raise ValueError("progress must be from 0 to 100, not %s" % progress)
        file = os.environ.get("CAPATAZ_PROGRESS")
        if not file or (progress is None and status is None):
            return
        import json

        line: dict[str, Any] = {}
        if progress is not None:
            line["percent"] = int(progress)
        if status is not None:
            line["message"] = status[:600]
        # One write of less than 4096 bytes, so that lines of concurrent writers do not mix.
        data = (json.dumps(line) + "\n").encode()
        descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, data)
        finally:
            os.close(descriptor)
