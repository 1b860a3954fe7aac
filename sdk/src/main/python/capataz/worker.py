"""Runs a registered task on a host: reads its arguments, calls it, and writes the result where the agent looks for it.

The script of a registered task ends with a call of main, so python3 script.py 8 18 1984 works by hand too.
`python3 -m capataz.worker script.py ...` does the same for a file without it.

Arguments of a function: a text for each of its parameters, in their order. Arguments of a class: the endpoint, and
an object with its arguments as JSON. After them, the format of the result: json or arrow.
"""

from __future__ import annotations

import json
import os
import sys

from .context import Context
from .errors import ArgumentError
from .parameters import TYPES, Parameter
from .task import DEFAULT_ENDPOINT, ClassTask, FunctionTask, Task

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any, Optional

_PACKAGE = os.path.dirname(os.path.abspath(__file__)) + os.sep
_LEFT_OUT = object()


def main(task: Any, argv: Optional[list[str]] = None) -> None:
    """Runs the task with the arguments of the process, and ends the process with 1 if it raised an exception."""
    words = sys.argv[1:] if argv is None else argv
    try:
        if not isinstance(task, Task):
            raise TypeError("The script does not end with a task, but with %r." % task)
        endpoint, arguments, form = _read(task, words)
    except (ArgumentError, TypeError, ValueError) as wrong:
        _failed(wrong, None)
    if form == "arrow":
        _to_arrow(task, endpoint, arguments)
    else:
        _to_json(task, endpoint, arguments)


def _to_json(task: Task, endpoint: str, arguments: dict[str, Any]) -> None:
    from .values import to_json

    try:
        value = task.call(endpoint, arguments, Context())
    except BaseException as raised:
        _failed(raised, raised.__traceback__)
    try:
        _write('{"state":"success","data":%s}' % to_json(value))
    except (TypeError, ValueError) as wrong:
        _failed(wrong, None)


def _to_arrow(task: Task, endpoint: str, arguments: dict[str, Any]) -> None:
    """The stream is standard output, and nothing else is: what the task prints goes to standard error."""
    sys.stdout.flush()
    stream = os.dup(1)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    try:
        value = task.call(endpoint, arguments, Context())
    except BaseException as raised:
        _failed(raised, raised.__traceback__)
    from .arrow import write_stream

    try:
        with os.fdopen(stream, "wb", buffering=1 << 16) as out:
            rows, size = write_stream(value, out)
    except (TypeError, ValueError, OverflowError) as wrong:
        _failed(wrong, None)
    _write('{"state":"success","data":{"rows":%d,"bytes":%d}}' % (rows, size))


def _read(task: Task, words: list[str]) -> tuple[str, dict[str, Any], str]:
    if isinstance(task, ClassTask):
        endpoint = words[0] if words and words[0] else DEFAULT_ENDPOINT
        arguments = json.loads(words[1]) if len(words) > 1 and words[1] else {}
        if not isinstance(arguments, dict):
            raise ArgumentError("The arguments of %s must be an object." % task.name)
        known = task.endpoints().get(endpoint)
        if known is not None:
            by_name = {parameter.name: parameter for parameter in known.all}
            arguments = {
                name: _typed(by_name[name], value) if name in by_name else value for name, value in arguments.items()
            }
        return endpoint, arguments, _form(words[2:])
    parameters = task.endpoints()[DEFAULT_ENDPOINT].all
    given = {}
    for parameter, text in zip(parameters, words):
        value = _parsed(parameter, text)
        if value is not _LEFT_OUT:
            given[parameter.name] = value
    return DEFAULT_ENDPOINT, given, _form(words[len(parameters) :])


def _form(words: list[str]) -> str:
    form = words[0] if words and words[0] else "json"
    if form not in ("json", "arrow") or len(words) > 1:
        raise ArgumentError("After the arguments comes the format, json or arrow, not %s." % " ".join(words))
    return form


def _parsed(parameter: Parameter, text: str) -> Any:
    """The value of an argument; an empty text that is no text means that there is none."""
    if parameter.type == "str":
        return text
    if text == "":
        return _LEFT_OUT
    if parameter.type in ("date", "datetime"):
        return _typed(parameter, text)
    try:
        return _typed(parameter, json.loads(text))
    except ValueError:
        raise _wrong(parameter, text) from None


def _typed(parameter: Parameter, value: Any) -> Any:
    """A value of JSON as one of the parameter's type."""
    kind = parameter.type
    if value is None and not parameter.required:
        return None
    if kind == "json" or kind not in TYPES:
        return value
    if kind in ("date", "datetime"):
        import datetime

        try:
            if kind == "date":
                return datetime.date.fromisoformat(value)
            return datetime.datetime.fromisoformat(value.replace("Z", "+00:00"))
        except (ValueError, TypeError, AttributeError):
            raise _wrong(parameter, value) from None
    if kind == "float" and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if kind == "int" and isinstance(value, float) and value.is_integer():
        return int(value)
    expected = {"int": int, "float": float, "bool": bool, "str": str}[kind]
    if not isinstance(value, expected) or (kind == "int" and isinstance(value, bool)):
        raise _wrong(parameter, value)
    return value


def _wrong(parameter: Parameter, value: Any) -> ArgumentError:
    return ArgumentError("'%s' must be of type %s, not %.100r." % (parameter.name, parameter.type, value))


def _failed(raised: BaseException, trace: Optional[TracebackType]) -> Any:
    """Writes what was raised, with the frames of the user's code only, and ends the process."""
    import traceback

    lines = traceback.format_exception_only(type(raised), raised)
    frames = [] if trace is None else _own(traceback.extract_tb(trace))
    if frames:
        lines = ["Traceback (most recent call last):\n"] + traceback.format_list(frames) + lines
    text = "".join(lines)
    sys.stderr.write(text)
    sys.stderr.flush()
    error = {"type": type(raised).__name__, "message": str(raised), "traceback": text}
    _write(json.dumps({"state": "failure", "data": error}, ensure_ascii=False, default=str))
    sys.exit(1)


def _own(frames: Any) -> list[Any]:
    """Without this package and the libraries of Python, and without the folders of the host."""
    import traceback

    libraries = os.path.dirname(os.path.abspath(os.__file__)) + os.sep
    own = []
    for frame in frames:
        file = os.path.abspath(frame.filename)
        if not file.startswith((_PACKAGE, libraries)) and not frame.filename.startswith("<frozen"):
            name = os.path.basename(frame.filename)
            own.append(traceback.FrameSummary(name, frame.lineno, frame.name, lookup_line=False, line=frame.line))
    return own


def _write(result: str) -> None:
    file = os.environ.get("CAPATAZ_OUTPUT")
    if not file:
        sys.stdout.flush()
        sys.__stdout__.write(result + "\n")  # type: ignore[union-attr]
        return
    with open(file, "w", encoding="utf-8", errors="replace") as out:
        out.write(result)


def _script(argv: list[str]) -> None:
    """Runs the one task of a file."""
    import runpy

    if not argv:
        sys.exit("Usage: python3 -m capataz.worker script.py [arguments]")
    sys.argv = argv
    found = runpy.run_path(argv[0], run_name="capataz_task")
    tasks = {id(value): value for value in found.values() if isinstance(value, (FunctionTask, ClassTask))}
    if len(tasks) != 1:
        sys.exit("%s has %d tasks; it must have one." % (argv[0], len(tasks)))
    main(next(iter(tasks.values())), argv[1:])


if __name__ == "__main__":
    # As the module that scripts import, so that there is one of each class.
    from capataz.worker import _script as run_script

    run_script(sys.argv[1:])
