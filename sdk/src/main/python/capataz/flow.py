"""Functions that call other functions as jobs.

    from capataz import call, start

    @task
    def both(ctx: Context):
        first = start("Sums.adder", 1, 2)          # runs on a host, at the same time as what follows
        second = call("Sums.adder", a=3, b=4)      # waits
        return first.result() + second

    both.register("Sums", calls=["Sums.adder"])

A running job uses the token of its run, which starts the tasks that it was registered to call and no others. What it
has started ends with it, so results are to be waited for.
"""

from __future__ import annotations

import os
from urllib.parse import quote

from . import client
from .errors import ArgumentError, CapatazError
from .task import DEFAULT_ENDPOINT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional

# The supervisor answers after ten minutes at the latest.
_LONGEST = 660
_NOT_ENDED = 408


class Call:
    """A job that was started, and what its function returns."""

    def __init__(self, name: str, job: str) -> None:
        self.name = name
        self.job = job
        self._ended = False
        self._value: Any = None

    def __repr__(self) -> str:
        return "<call of %s, job %s>" % (self.name, self.job)

    def result(self) -> Any:
        """Waits for the end; returns what the function returned. A CapatazError says what it raised."""
        while not self._ended:
            try:
                answer = client.request("GET", "/resource/job/%s" % self.job, token=_token(), timeout=_LONGEST)
            except CapatazError as refused:
                if refused.status != _NOT_ENDED:
                    raise
            else:
                self._value = answer["data"]
                self._ended = True
        return self._value


def start(name: str, *args: Any, **kwargs: Any) -> Call:
    """Starts the function Library.name, or its endpoint Library.name.endpoint, and does not wait."""
    parts = name.split(".")
    if len(parts) not in (2, 3) or not all(part.isidentifier() for part in parts):
        raise ArgumentError("The name must be that of a library and a task such as Sums.adder, not %r." % name)
    endpoint = parts[2] if len(parts) == 3 else DEFAULT_ENDPOINT
    path = "/library?library=%s&name=%s" % (quote(parts[0]), quote(parts[1]))
    found = client.request("GET", path, token=_token())
    if not found:
        raise CapatazError("There is no task %s.%s, or this one was not registered to call it." % tuple(parts[:2]), 404)
    body = {"arguments": _by_name(name, found[0], endpoint, args, kwargs), "endpoint": endpoint, "isDeploy": True}
    answer = client.request("POST", "/library/%s/run" % found[0]["id"], body, token=_token())
    return Call(name, answer["data"]["job"])


def call(name: str, *args: Any, **kwargs: Any) -> Any:
    """Starts the function Library.name, and waits for what it returns."""
    return start(name, *args, **kwargs).result()


def _by_name(name: str, view: dict[str, Any], endpoint: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    endpoints = {known["name"]: known["parameters"] for known in view["endpoints"]}
    names = [parameter["name"] for parameter in endpoints.get(endpoint, [])]
    if len(args) > len(names):
        raise ArgumentError("%s() takes %d arguments, not %d." % (name, len(names), len(args)))
    arguments = dict(zip(names, args))
    twice = [given for given in kwargs if given in arguments]
    if twice:
        raise ArgumentError("%s() got two values for '%s'." % (name, twice[0]))
    arguments.update(kwargs)
    return arguments


def _token() -> Optional[str]:
    """The token of this run: what it starts then refers to it. None: that of the caller."""
    return os.environ.get("CAPATAZ_JOB_TOKEN")
