"""Makes a script of a task: its own text, the imports that it uses, and a last line that runs it."""

from __future__ import annotations

import ast
import dis
import linecache
import sys
import textwrap
import types

from .task import Task

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, Optional

_PACKAGES = ("capataz", "conversight")


def script_of(task: Task) -> str:
    """The whole script.

    A TypeError names what the task uses of its surroundings and cannot take along. Imports are taken along.
    """
    text = _text_of(task)
    if text is None:
        raise TypeError(
            "The source of %s is not known to Python, so it cannot be registered. Define it in a file or a cell of a"
            " notebook." % task.name
        )
    imports, missing = _surroundings(task, text)
    if missing:
        raise TypeError(
            "%s uses %s, defined outside of it, which a host does not have. Move the definition into the task, or into a"
            " module that the hosts have." % (task.name, " and ".join("`%s`" % name for name in sorted(missing)))
        )
    return "%s\n\n\n%s\n\n\nif __name__ == \"__main__\":\n    from capataz.worker import main\n\n    main(%s)\n" % (
        "\n".join(imports),
        text,
        task.__name__,
    )


def _text_of(task: Task) -> Optional[str]:
    """The lines of the definition. inspect.getsource does not find classes that are defined in a notebook."""
    code = _codes(task)[0]
    lines = linecache.getlines(code.co_filename)
    try:
        nodes = list(ast.walk(ast.parse("".join(lines))))
    except SyntaxError:
        return None
    for node in nodes:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and node.name == task.__name__:
            start = min([node.lineno] + [decorator.lineno for decorator in node.decorator_list])
            if start <= code.co_firstlineno <= (node.end_lineno or 0):
                return textwrap.dedent("".join(lines[start - 1 : node.end_lineno])).rstrip()
    return None


def _codes(task: Task) -> list[types.CodeType]:
    functions = vars(task.target).values() if isinstance(task.target, type) else [task.target]
    return [function.__code__ for function in functions if hasattr(function, "__code__")]


def _surroundings(task: Task, text: str) -> tuple[list[str], set[str]]:
    """The import lines that the text needs, and the names that no import brings."""
    own = set(_local(text)) | {task.__name__}
    there = _globals_of(task)
    lines = ["from __future__ import annotations"] if _has_late_annotations(there) else []
    ours: set[str] = set()
    others: set[str] = set()
    missing: set[str] = set()
    for name in sorted(_used(task, text) - own):
        if name not in there:
            # A builtin; or it is not defined yet, and Python says so when the task runs.
            continue
        value = there[name]
        line = _import(name, value)
        if line is None:
            missing.add(name)
        elif line.startswith("from capataz import "):
            ours.add(line.partition(" import ")[2])
        else:
            others.add(line)
    if ours:
        lines.append("from capataz import " + ", ".join(sorted(ours)))
    return lines + sorted(others), missing


def _import(name: str, value: Any) -> Optional[str]:
    if isinstance(value, types.ModuleType):
        root = value.__name__
        parent, _, last = root.rpartition(".")
        if parent in _PACKAGES:
            return "from capataz import " + (last if last == name else "%s as %s" % (last, name))
        if root.partition(".")[0] in _PACKAGES:
            return "import capataz as %s" % name if name != "capataz" else "import capataz"
        return "import %s" % root if root == name else "import %s as %s" % (root, name)
    module = getattr(value, "__module__", None) or ""
    original = next((o for o in (getattr(value, a, None) for a in ("__qualname__", "__name__", "_name")) if o), None)
    if module.partition(".")[0] in _PACKAGES and original:
        return "from capataz import " + (original if original == name else "%s as %s" % (original, name))
    if not module or module == "__main__" or not original or "." in original:
        return None
    found = sys.modules.get(module)
    # What a notebook defines is only there; what a module has can be imported on a host.
    has_file = hasattr(found, "__file__") or module.partition(".")[0] in sys.builtin_module_names
    if not has_file or getattr(found, original, None) is not value:
        return None
    return "from %s import %s" % (module, original if original == name else "%s as %s" % (original, name))


def _globals_of(task: Task) -> dict[str, Any]:
    if isinstance(task.target, type):
        for function in vars(task.target).values():
            if hasattr(function, "__globals__"):
                return dict(function.__globals__)
        return {}
    return dict(task.target.__globals__)


def _has_late_annotations(there: dict[str, Any]) -> bool:
    import __future__

    return there.get("annotations") is __future__.annotations


def _used(task: Task, text: str) -> set[str]:
    """The global names that the text uses: in its code, its decorators, annotations and defaults."""
    names: set[str] = set()
    for code in _codes(task):
        names.update(_of_code(code))
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            outside = [*node.decorator_list, *node.args.defaults, *(d for d in node.args.kw_defaults if d)]
            outside += [a.annotation for a in ast.walk(node.args) if isinstance(a, ast.arg) and a.annotation]
            outside += [node.returns] if node.returns else []
        elif isinstance(node, ast.ClassDef):
            outside = [*node.decorator_list, *node.bases]
        else:
            continue
        for part in outside:
            names.update(n.id for n in ast.walk(part) if isinstance(n, ast.Name))
    return names


def _of_code(code: types.CodeType) -> Iterator[str]:
    for instruction in dis.get_instructions(code):
        if instruction.opname in ("LOAD_GLOBAL", "LOAD_NAME") and isinstance(instruction.argval, str):
            yield instruction.argval
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _of_code(constant)


def _local(text: str) -> Iterator[str]:
    """What the text defines itself at its top."""
    for node in ast.parse(text).body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name
