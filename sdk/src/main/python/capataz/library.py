"""The libraries of registered tasks."""

from __future__ import annotations

import sys
from urllib.parse import quote

from . import client
from .context import stamped
from .errors import ArgumentError, CapatazError
from .task import DEFAULT_ENDPOINT, Task

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Optional, Union

    Version = Union[str, float]


def register(task: Task, fields: dict[str, Any], pool: Optional[str], host: Optional[str]) -> None:
    """Registers the next version of a task, and says which one it is."""
    from .source import script_of

    body = dict(fields)
    body["name"] = task.name
    body["kind"] = task.kind
    body["tags"] = task.tags
    body["source"] = script_of(task)
    body["endpoints"] = [
        {"name": name, "help": task.help_of(name), "parameters": [p.described() for p in parameters.all]}
        for name, parameters in task.endpoints().items()
    ]
    pool = pool or client.setting("pool", "CAPATAZ_POOL")
    host = host or client.setting("host", "CAPATAZ_HOST")
    if pool:
        body["pool"] = pool
    elif host:
        body["host_id"] = host
    made = client.request("POST", "/library", body)
    message = "%s has been successfully registered. The most recent version available is %s !!"
    _say(stamped("INFO", message % (task.name, made["version"])))


def promote(library: str, name: str, level: str, version: Optional[Version]) -> dict[str, Any]:
    found = client.request("GET", "/library?library=%s&name=%s" % (quote(library), quote(name)))
    if not found:
        raise CapatazError("There is no task %s in the library %s." % (name, library), 404)
    return _promoted(found[0]["id"], level, version)


def _promoted(slug: str, level: str, version: Optional[Version]) -> dict[str, Any]:
    body: dict[str, Any] = {"level": level}
    if version is not None:
        body["version"] = str(version)
    promoted: dict[str, Any] = client.request("PUT", "/library/%s/promote" % slug, body)
    return promoted


def _say(line: str) -> None:
    print(line)
    sys.stdout.flush()


class Extras:
    """The identity of a task: slug, its id, and version, the one that runs if none is named. Both are texts."""

    def __init__(self, slug: str, version: str) -> None:
        self.slug = slug
        self.version = version

    def __repr__(self) -> str:
        return "Extras(slug=%r, version=%r)" % (self.slug, self.version)


class LibraryTask:
    """A registered task."""

    def __init__(self, library: "TaskLibrary", view: dict[str, Any]) -> None:
        self._library = library
        self._view = view
        self.name: str = view["name"]
        self.Extras = Extras(view["id"], view["version"])
        self.__doc__ = view.get("description") or ""

    def __repr__(self) -> str:
        return "<task %s %s, level %s>" % (self.name, self.Extras.version, self._view["level"])

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self._endpoints()})

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("_") or name not in self._endpoints():
            raise AttributeError("%s has no endpoint '%s'." % (self.__dict__.get("name", "The task"), name))
        return lambda *args, **kwargs: self._run(name, args, kwargs)

    def run(self, *args: Any, **kwargs: Any) -> Any:
        """Runs it on a host, and waits for what it returns."""
        return self._run(DEFAULT_ENDPOINT, args, kwargs)

    def promote(self, level: str, version: Optional[Version] = None) -> None:
        """Promotes a version to a level: U, the one who registered it; O, the organization; P, the platform."""
        chosen = self.Extras.version if version is None else version
        promoted = _promoted(self.Extras.slug, level, chosen)
        message = "Version %s for the task %s has been successfully promoted to %s  !!"
        _say(message % (promoted["promoted"], self.name, level))
        self._library.reload()

    def getVersions(self) -> None:
        """Prints the versions at the level of the current one."""
        view = client.request("GET", "/library/%s" % self.Extras.slug)
        versions = [version["version"] for version in view["versions"]]
        _say("At this moment %s have the following versions: %s" % (view["level"], versions))

    def setVersion(self, version: Version) -> None:
        """Chooses the version that runs if none is named, for everybody."""
        self._show(client.request("PUT", "/library/%s/version" % self.Extras.slug, {"version": str(version)}))
        _say("%s version switched to %s" % (self.name, self.Extras.version))

    def deleteVersion(self, version: Version) -> None:
        """Removes a version. The only one goes with its task: see delete."""
        path = "/library/%s/version/%s" % (self.Extras.slug, quote(str(version)))
        self._show(client.request("DELETE", path))
        _say("Version %s for the task %s has been successfully deleted  !!" % (version, self.name))

    def delete(self, confirm: Optional[bool] = None) -> None:
        """Removes the task with all its versions. Asks first, unless confirm says what the answer is."""
        if confirm is None:
            confirm = input("Delete the task %s with all its versions? (yes/no) " % self.name).strip().lower() == "yes"
        if not confirm:
            _say("%s has not been deleted  !!" % self.name)
            return
        client.request("DELETE", "/library/%s" % self.Extras.slug)
        _say("%s has been successfully deleted  !!" % self.name)
        self._library.reload()

    def showCode(self, version: Optional[Version] = None) -> None:
        """Prints the source of a version, if its sourceControl allows it."""
        chosen = self.Extras.version if version is None else str(version)
        path = "/library/%s/version/%s/source" % (self.Extras.slug, quote(chosen))
        _say(client.request("GET", path)["source"].rstrip())

    def _endpoints(self) -> dict[str, list[dict[str, Any]]]:
        view = self.__dict__.get("_view", {"endpoints": []})
        return {endpoint["name"]: endpoint["parameters"] for endpoint in view["endpoints"]}

    def _show(self, view: dict[str, Any]) -> None:
        self._view = view
        self.Extras = Extras(view["id"], view["version"])

    def _run(self, endpoint: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        names = [parameter["name"] for parameter in self._endpoints()[endpoint]]
        if len(args) > len(names):
            raise ArgumentError("%s() takes %d arguments, not %d." % (self.name, len(names), len(args)))
        arguments = dict(zip(names, args))
        for name, value in kwargs.items():
            if name in arguments:
                raise ArgumentError("%s() got two values for '%s'." % (self.name, name))
            arguments[name] = value
        body = {"version": self.Extras.version, "arguments": arguments, "endpoint": endpoint}
        return client.request("POST", "/library/%s/run" % self.Extras.slug, body)["data"]


class Library:
    """The tasks of one library, as attributes."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __repr__(self) -> str:
        return "<library %s: %s>" % (self._name, ", ".join(sorted(k for k in vars(self) if not k.startswith("_"))))

    def __getattr__(self, name: str) -> LibraryTask:
        raise AttributeError("There is no task %s in the library %s, or not for you." % (name, self.__dict__.get("_name")))


class TaskLibrary:
    """All libraries with tasks that the caller may run, as attributes."""

    def __init__(self) -> None:
        self._libraries: dict[str, Library] = {}
        self.reload()

    def reload(self) -> None:
        """Reads them again."""
        libraries: dict[str, Library] = {}
        for view in client.request("GET", "/library?limit=1000"):
            library = libraries.setdefault(view["library"], Library(view["library"]))
            setattr(library, view["name"], LibraryTask(self, view))
        self._libraries = libraries
        _say("Tasks loaded  !!")

    def __getattr__(self, name: str) -> Library:
        libraries = self.__dict__.get("_libraries", {})
        if name not in libraries:
            raise AttributeError("There is no library %s, or it has no task for you." % name)
        return libraries[name]  # type: ignore[no-any-return]

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self._libraries})

    def __repr__(self) -> str:
        return "<libraries: %s>" % ", ".join(sorted(self._libraries))
