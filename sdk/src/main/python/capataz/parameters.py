"""The parameters of functions: where the context goes, what types they have, how arguments are bound to them."""

from __future__ import annotations

from .context import Context
from .errors import ArgumentError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Optional

_VARARGS = 0x04
_VARKEYWORDS = 0x08

TYPES = ("int", "float", "bool", "str", "date", "datetime", "json")
"""The types of parameters on the wire. Whatever is none of the others is any JSON."""


class Parameter:
    """A parameter of a task, without the context."""

    __slots__ = ("name", "type", "annotation", "required", "default")

    def __init__(self, name: str, type: str, annotation: str, required: bool, default: Any) -> None:
        self.name = name
        self.type = type
        self.annotation = annotation
        self.required = required
        self.default = default

    def described(self) -> dict[str, Any]:
        """As it is registered. A default that JSON does not have stays with the function."""
        description: dict[str, Any] = {"name": self.name, "type": self.type, "required": self.required}
        if self.annotation:
            description["annotation"] = self.annotation
        default = self.default
        if not self.required and isinstance(default, (bool, int, float, str)):
            # NaN and infinities are not JSON either.
            if not isinstance(default, float) or default - default == 0:
                description["default"] = default
        return description


class Parameters:
    """All parameters of a function."""

    def __init__(self, function: Callable[..., Any], name: str, is_method: bool = False) -> None:
        code = function.__code__
        if code.co_posonlyargcount > (1 if is_method else 0):
            raise TypeError("%s has positional-only parameters; remove the '/'." % name)
        if code.co_flags & (_VARARGS | _VARKEYWORDS):
            raise TypeError("%s takes *args or **kwargs; name each of its parameters." % name)
        self.function_name = name
        self.context: Optional[str] = None
        self.all: list[Parameter] = []
        positional = code.co_varnames[: code.co_argcount]
        names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        defaults = dict(zip(reversed(positional), reversed(function.__defaults__ or ())))
        defaults.update(function.__kwdefaults__ or {})
        for parameter in names[1 if is_method else 0 :]:
            annotation = _resolved(function, parameter)
            if _is_context(annotation) or (annotation is None and parameter == "ctx"):
                if self.context is not None:
                    raise TypeError("%s has two parameters for the context." % name)
                self.context = parameter
                continue
            required = parameter not in defaults
            default = defaults.get(parameter)
            kind = _type_of(annotation, required, default)
            self.all.append(Parameter(parameter, kind, _text(annotation), required, default))

    def bind(self, args: tuple[Any, ...], kwargs: dict[str, Any], context: Context) -> dict[str, Any]:
        """The keyword arguments of the function, with the context where it belongs."""
        name = self.function_name
        names = [parameter.name for parameter in self.all]
        if len(args) > len(names):
            raise ArgumentError("%s() takes %d arguments, not %d." % (name, len(names), len(args)))
        bound = dict(zip(names, args))
        for key, value in kwargs.items():
            if key == self.context:
                raise ArgumentError("%s(): '%s' is the context, which is passed by itself." % (name, key))
            if key not in names:
                raise ArgumentError("%s() has no parameter '%s'; it has %s." % (name, key, _listed(names)))
            if key in bound:
                raise ArgumentError("%s() got two values for '%s'." % (name, key))
            bound[key] = value
        missing = [p.name for p in self.all if p.required and p.name not in bound]
        if missing:
            raise ArgumentError("%s() is missing %s." % (name, _listed(missing)))
        if self.context is not None:
            bound[self.context] = context
        return bound


def _listed(names: list[str]) -> str:
    return ", ".join("'%s'" % name for name in names) or "none"


def _resolved(function: Callable[..., Any], parameter: str) -> Any:
    """The annotation; one that is text is evaluated if that is possible without the typing module."""
    annotation = function.__annotations__.get(parameter)
    if isinstance(annotation, str):
        try:
            return eval(annotation, function.__globals__)  # The function's own text.
        except Exception:
            return annotation
    return annotation


def _is_context(annotation: Any) -> bool:
    if isinstance(annotation, str):
        return annotation.strip("'\" ").rpartition(".")[2] == "Context"
    return isinstance(annotation, type) and issubclass(annotation, Context)


def _text(annotation: Any) -> str:
    if annotation is None:
        return ""
    is_plain = isinstance(annotation, type) and not hasattr(annotation, "__args__")
    return (annotation.__name__ if is_plain else str(annotation)).replace("typing.", "")[:100]


def _type_of(annotation: Any, required: bool, default: Any) -> str:
    # A parameter that may be None is null, which only JSON has.
    return "json" if not required and default is None else _plain(annotation)


def _plain(annotation: Any) -> str:
    for name, kind in (("bool", bool), ("int", int), ("float", float), ("str", str)):
        if annotation is kind or annotation == name:
            return name
    module = getattr(annotation, "__module__", "")
    name = getattr(annotation, "__name__", "")
    return name if module == "datetime" and name in ("date", "datetime") else "json"

