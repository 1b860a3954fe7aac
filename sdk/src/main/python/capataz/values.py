"""What tasks return, as JSON."""

from __future__ import annotations

import json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def to_json(value: Any) -> str:
    """The value as JSON; a TypeError or ValueError says what cannot be."""
    try:
        return json.dumps(value, default=plain, allow_nan=False, ensure_ascii=False)
    except ValueError as wrong:
        if "JSON compliant" in str(wrong):
            raise ValueError("The task returned NaN or an infinity, which JSON does not have.") from None
        if "Circular" in str(wrong):
            raise ValueError("The task returned an object that contains itself.") from None
        raise
    except TypeError as wrong:
        if str(wrong).startswith("keys must be"):
            raise TypeError("The task returned a dictionary with keys that are not texts.") from None
        raise


def text_of(exception: BaseException) -> str:
    """An exception that was returned is a value, its text."""
    return str(exception) or type(exception).__name__


def plain(value: Any) -> Any:
    """An object that JSON does not have, as one that it has."""
    if isinstance(value, BaseException):
        return text_of(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value, key=repr)
    if isinstance(value, (bytes, bytearray)):
        import base64

        return base64.b64encode(value).decode("ascii")
    for method in _METHODS:
        # Dates, numpy's numbers and arrays, pandas' series and frames, without importing any of them.
        if callable(getattr(value, method, None)) and not isinstance(value, type):
            if method == "to_dict":
                return _frame(value)
            return getattr(value, method)()
    fields = getattr(type(value), "__dataclass_fields__", None)
    if fields is not None:
        return {name: getattr(value, name) for name in fields}
    if type(value).__name__ in ("Decimal", "UUID", "PosixPath", "Fraction"):
        return str(value)
    if type(value).__name__ in ("dict_keys", "dict_values", "dict_items", "range", "generator", "map", "filter"):
        return list(value)
    if hasattr(type(value), "__members__"):
        return value.value
    raise TypeError(
        "The task returned a %s, which is not JSON. Return texts, numbers, lists and dictionaries."
        % type(value).__name__
    )


_METHODS = ("isoformat", "tolist", "to_pylist", "to_dict")


def _frame(value: Any) -> Any:
    """A frame as a list of records; anything else as the dictionary that it says it is."""
    if hasattr(value, "columns"):
        return value.to_dict(orient="records")
    return value.to_dict()
