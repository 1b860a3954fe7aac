"""The decorator: makes tasks of functions and of classes."""

from __future__ import annotations

from .context import Context
from .errors import ArgumentError
from .parameters import Parameters

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable
    from typing import Any, Optional, Union

    Target = Union[Callable[..., Any], type]

_COROUTINE = 0x80
DEFAULT_ENDPOINT = "run"


class Task:
    """What function tasks and class tasks have in common."""

    kind = ""

    def __init__(self, target: Target, name: Optional[str], tags: Optional[Iterable[str]]) -> None:
        self.target = target
        self.name = name or target.__name__
        if not self.name.isidentifier():
            raise ValueError("The name of a task must be a Python name such as age_calculator, not %r." % self.name)
        if isinstance(tags, str):
            raise TypeError("tags must be a list of texts.")
        self.tags = [str(tag) for tag in tags or ()]
        self.__doc__ = target.__doc__
        self.__name__ = target.__name__
        self.__module__ = target.__module__

    def endpoints(self) -> dict[str, Parameters]:
        """The parameters of each endpoint; that of a function is run."""
        raise NotImplementedError

    def help_of(self, endpoint: str) -> str:
        raise NotImplementedError

    def call(self, endpoint: str, arguments: dict[str, Any], context: Context) -> Any:
        """Runs an endpoint to its end, with these arguments by name; for runs on hosts."""
        raise NotImplementedError

    def register(
        self,
        libraryName: str,
        description: str = "",
        sourceControl: str = "noAccess",
        apiAccess: bool = False,
        deployable: bool = False,
        taskType: str = "generic",
        *,
        pool: Optional[str] = None,
        host: Optional[str] = None,
        calls: Iterable[str] = (),
    ) -> None:
        """Registers the next version of this task in a library, which is made with its first task.

        calls names the tasks that it may start, as Library.name.
        """
        from .library import register

        if isinstance(calls, str):
            raise TypeError("calls must be a list of texts.")
        fields: dict[str, Any] = {
            "libraryName": libraryName,
            "description": description or _first_paragraph(self.__doc__),
            "sourceControl": sourceControl,
            "apiAccess": apiAccess,
            "deployable": deployable,
            "taskType": taskType,
        }
        if calls:
            fields["calls"] = list(calls)
        register(self, fields, pool, host)

    def promote(self, libraryName: str, level: str, version: Union[str, float, None] = None) -> str:
        """Promotes a version, or the newest one, to a level: U, O or P."""
        from .library import promote

        promote(libraryName, self.name, level, version)
        return "The task %s has been promoted to %s successfully !!" % (self.name, level)


def _first_paragraph(text: Optional[str]) -> str:
    return " ".join((text or "").strip().partition("\n\n")[0].split())


class FunctionTask(Task):
    """A function as a task."""

    kind = "function"

    def __init__(self, target: Any, name: Optional[str], tags: Optional[Iterable[str]]) -> None:
        super().__init__(target, name, tags)
        self.parameters = Parameters(target, self.name)
        self.is_async = bool(target.__code__.co_flags & _COROUTINE)

    def run(self, *args: Any, **kwargs: Any) -> Any:
        """Calls the function here, with the context where it has its place. An async function is to be awaited."""
        return self.target(**self.parameters.bind(args, kwargs, Context()))

    __call__ = run

    def endpoints(self) -> dict[str, Parameters]:
        return {DEFAULT_ENDPOINT: self.parameters}

    def help_of(self, endpoint: str) -> str:
        return _first_paragraph(self.__doc__)

    def call(self, endpoint: str, arguments: dict[str, Any], context: Context) -> Any:
        value = self.target(**self.parameters.bind((), arguments, context))
        return _finished(value) if self.is_async else value


class ClassTask(Task):
    """A class as a task: each of its async methods is an endpoint, and run is the default one."""

    kind = "class"

    def __init__(self, target: type, name: Optional[str], tags: Optional[Iterable[str]]) -> None:
        super().__init__(target, name, tags)
        self._endpoints: dict[str, Parameters] = {}
        for base in reversed(target.__mro__[:-1]):
            for method, function in vars(base).items():
                if method.startswith("_") or not hasattr(function, "__code__"):
                    continue
                full = "%s.%s" % (self.name, method)
                if not function.__code__.co_flags & _COROUTINE:
                    raise TypeError("%s must be async: every method of a class task is an endpoint." % full)
                self._endpoints[method] = Parameters(function, full, is_method=True)
        if DEFAULT_ENDPOINT not in self._endpoints:
            raise TypeError("%s needs an async method run, which is the default endpoint." % self.name)
        self._instance: Any = None

    def __getattr__(self, endpoint: str) -> Callable[..., Coroutine[Any, Any, Any]]:
        if endpoint.startswith("_") or endpoint not in self._endpoints:
            raise AttributeError("%s has no endpoint '%s'." % (self.name, endpoint))

        def call(*args: Any, **kwargs: Any) -> Any:
            if args:
                raise ArgumentError("%s.%s() takes its arguments by name only." % (self.name, endpoint))
            return self._called(endpoint, kwargs, Context())

        call.__name__ = endpoint
        call.__doc__ = getattr(self.target, endpoint).__doc__
        return call

    def endpoints(self) -> dict[str, Parameters]:
        return self._endpoints

    def help_of(self, endpoint: str) -> str:
        return _first_paragraph(getattr(self.target, endpoint).__doc__)

    def call(self, endpoint: str, arguments: dict[str, Any], context: Context) -> Any:
        if endpoint not in self._endpoints:
            known = ", ".join(self._endpoints)
            raise ArgumentError("%s has no endpoint '%s'; it has %s." % (self.name, endpoint, known))
        return _finished(self._called(endpoint, arguments, context))

    def _called(self, endpoint: str, arguments: dict[str, Any], context: Context) -> Any:
        bound = self._endpoints[endpoint].bind((), arguments, context)
        if self._instance is None:
            self._instance = self.target()
        return getattr(self._instance, endpoint)(**bound)


def _finished(coroutine: Any) -> Any:
    # Takes longer to import than everything else here; functions that are not async do without it.
    import asyncio

    return asyncio.run(coroutine)


def task(
    target: Optional[Target] = None,
    *,
    name: Optional[str] = None,
    tags: Optional[Iterable[str]] = None,
) -> Any:
    """Makes a task of a function or of a class with async methods: @task or @task(name=..., tags=[...])."""
    if target is None:
        return lambda decorated: task(decorated, name=name, tags=tags)
    if isinstance(target, type):
        return ClassTask(target, name, tags)
    if not hasattr(target, "__code__"):
        raise TypeError("@task is for functions and classes, not for %r." % target)
    return FunctionTask(target, name, tags)
