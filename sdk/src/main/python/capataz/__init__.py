"""Python functions as tasks of Capataz.

    from capataz import task, Context, TaskLibrary

    @task(name="age_calculator", tags=["age"])
    def age(month: int, day: int, year: int, ctx: Context):
        ...

    age.run(8, 18, 1984)                      # here
    age.register("API_Tasks", "...", "edit", True, True)
    TaskLibrary().API_Tasks.age_calculator.run(8, 18, 1984)   # on a host
"""

from __future__ import annotations

from ._version import __version__
from .context import Context, Log, Session
from .errors import ArgumentError, CapatazError
from .task import ClassTask, FunctionTask, task

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .client import configure
    from .flow import call, start
    from .library import TaskLibrary

__all__ = [
    "ArgumentError",
    "CapatazError",
    "ClassTask",
    "Context",
    "FunctionTask",
    "Log",
    "Session",
    "TaskLibrary",
    "__version__",
    "call",
    "configure",
    "start",
    "task",
]


def __getattr__(name: str) -> object:
    # A run on a host needs neither HTTP nor the library, and importing them takes longer than most runs.
    if name == "TaskLibrary":
        from .library import TaskLibrary

        return TaskLibrary
    if name == "configure":
        from .client import configure

        return configure
    if name in ("call", "start"):
        from . import flow

        return getattr(flow, name)
    raise AttributeError("module 'capataz' has no attribute %r" % name)
