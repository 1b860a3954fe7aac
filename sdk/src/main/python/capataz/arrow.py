"""Writes tables as an Arrow IPC stream, without pyarrow; with it where a value is already one of its own.

Lists of records and dictionaries of columns become columns of int64, float64, bool, utf8, binary, date32 and
timestamp. Frames of pandas and tables of pyarrow are taken where the host has these.
The format: https://arrow.apache.org/docs/format/Columnar.html
"""

from __future__ import annotations

import datetime
import struct
import sys
from array import array

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, BinaryIO

_BATCH = 65536
_EPOCH = datetime.date(1970, 1, 1)
_MICROSECOND = datetime.timedelta(microseconds=1)
_LONGEST = 2**31 - 1
_SHAPES = (
    "The task returned %s, of which no table can be made. Return a list of records, a dictionary of columns, a frame"
    " of pandas or a table of pyarrow; or ask for json."
)


def write_stream(value: Any, out: BinaryIO) -> tuple[int, int]:
    """Writes the value; returns its rows and the bytes written."""
    counted = _Counted(out)
    if type(value).__module__.partition(".")[0] == "pyarrow":
        return _with_pyarrow(value, counted), counted.size
    columns = {name: _python(values) for name, values in _columns(value).items()}
    rows = len(next(iter(columns.values()))) if columns else 0
    types = {name: _Column.of(name, values) for name, values in columns.items()}
    _message(counted, _schema(types), b"")
    for start in range(0, rows, _BATCH):
        _batch(counted, types, columns, start, min(start + _BATCH, rows))
    counted.write(struct.pack("<Ii", 0xFFFFFFFF, 0))
    return rows, counted.size


class _Counted:
    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self.size = 0
        self.closed = False

    def write(self, data: Any) -> int:
        size = memoryview(data).nbytes
        self.size += size
        self._out.write(data)
        return size

    def flush(self) -> None:
        self._out.flush()


def _with_pyarrow(value: Any, out: _Counted) -> int:
    import pyarrow

    table = pyarrow.Table.from_batches([value]) if isinstance(value, pyarrow.RecordBatch) else value
    if not isinstance(table, pyarrow.Table):
        raise TypeError(_SHAPES % ("a %s of pyarrow" % type(value).__name__))
    with pyarrow.ipc.new_stream(pyarrow.PythonFile(out, mode="w"), table.schema) as writer:
        writer.write_table(table, max_chunksize=_BATCH)
    return int(table.num_rows)


def _columns(value: Any) -> dict[str, Sequence[Any]]:
    if hasattr(value, "columns") and hasattr(value, "to_dict"):
        return {str(name): _of_pandas(value[name]) for name in value.columns}
    if isinstance(value, dict):
        columns = {_name(name): _listed(name, values) for name, values in value.items()}
        lengths = {len(values) for values in columns.values()}
        if len(lengths) > 1:
            raise ValueError("The columns of the table have different lengths: %s." % sorted(lengths))
        return columns
    if isinstance(value, (list, tuple)):
        return _transposed(value)
    if isinstance(value, BaseException):
        raise TypeError("The task returned an error instead of a table: %s" % (str(value) or type(value).__name__))
    raise TypeError(_SHAPES % ("a value of type %s" % type(value).__name__))


def _name(name: Any) -> str:
    if not isinstance(name, str):
        raise TypeError("The name of a column must be a text, not %r." % (name,))
    return name


def _listed(name: Any, values: Any) -> Sequence[Any]:
    if hasattr(values, "tolist"):
        values = values.tolist()
    if not isinstance(values, (list, tuple, range, array)):
        raise TypeError("Column '%s' must be a list of values, not a value of type %s." % (name, type(values).__name__))
    return values


def _of_pandas(series: Any) -> list[Any]:
    return [None if missing else value for value, missing in zip(series.tolist(), series.isna().tolist())]


def _python(values: Sequence[Any]) -> Sequence[Any]:
    """Numbers of numpy as those of Python."""
    if isinstance(values, (range, array)) or all(type(value).__module__ != "numpy" for value in values):
        return values
    return [value.item() if hasattr(value, "item") else value for value in values]


def _transposed(records: Sequence[Any]) -> dict[str, Sequence[Any]]:
    columns: dict[str, list[Any]] = {}
    for place, record in enumerate(records):
        if not isinstance(record, dict):
            raise TypeError(_SHAPES % ("a list with a value of type %s" % type(record).__name__))
        for name in record:
            if name not in columns:
                columns[_name(name)] = [None] * place
        for name, values in columns.items():
            values.append(record.get(name))
    return columns  # type: ignore[return-value]


class _Column:
    """The type of a column, and how its values are laid out."""

    def __init__(self, kind: str, zone: str = "") -> None:
        self.kind = kind
        self.zone = zone

    @staticmethod
    def of(name: str, values: Sequence[Any]) -> _Column:
        if isinstance(values, range) or (isinstance(values, array) and values.typecode in "bBhHiIlL"):
            return _Column("int")
        types = {type(value) for value in values}
        types.discard(type(None))
        if not types:
            return _Column("null")
        if types <= {int, bool} and bool in types:
            return _Column._only(name, types, bool, "bool")
        if types <= {int, float}:
            return _Column("float" if float in types else "int")
        if all(issubclass(kind, datetime.datetime) for kind in types):
            return _Column._timestamp(name, values)
        for python, kind in ((str, "text"), (bytes, "bytes"), (datetime.date, "date")):
            if all(issubclass(t, python) and not issubclass(t, datetime.datetime) for t in types):
                return _Column(kind)
        raise TypeError(
            "Column '%s' holds values of type %s; a column has values of one type: int, float, bool, str, bytes, date"
            " or datetime." % (name, ", ".join(sorted(kind.__name__ for kind in types)))
        )

    @staticmethod
    def _only(name: str, types: set[type], python: type, kind: str) -> _Column:
        if types != {python}:
            raise TypeError("Column '%s' mixes bool with numbers." % name)
        return _Column(kind)

    @staticmethod
    def _timestamp(name: str, values: Sequence[Any]) -> _Column:
        zones = {value.tzinfo is not None for value in values if value is not None}
        if len(zones) > 1:
            raise TypeError("Column '%s' mixes times with and without a time zone." % name)
        return _Column("time", "UTC" if zones == {True} else "")

    def type_of(self, builder: _Builder) -> tuple[int, int]:
        """The member of the union Type, and its table."""
        if self.kind == "null":
            return 1, builder.table([])
        if self.kind == "int":
            return 2, builder.table([(0, "i", 64), (1, "?", True)])
        if self.kind == "float":
            return 3, builder.table([(0, "h", 2)])
        if self.kind == "bytes":
            return 4, builder.table([])
        if self.kind == "text":
            return 5, builder.table([])
        if self.kind == "bool":
            return 6, builder.table([])
        if self.kind == "date":
            # The default is milliseconds, so that days have to be written.
            return 8, builder.table([(0, "h", 0)])
        zone = builder.text(self.zone) if self.zone else None
        return 10, builder.table([(0, "h", 2)] + ([] if zone is None else [(1, "offset", zone)]))

    def buffers(self, name: str, values: Sequence[Any]) -> tuple[int, list[Any]]:
        """How many are null, and the buffers."""
        if self.kind == "null":
            return len(values), []
        nulls = 0 if isinstance(values, (range, array)) else sum(value is None for value in values)
        validity = _bits([value is not None for value in values]) if nulls else b""
        try:
            return nulls, [validity] + self._data(values, nulls)
        except OverflowError:
            raise OverflowError("Column '%s' has a whole number of more than 64 bits." % name) from None

    def _data(self, values: Sequence[Any], nulls: int) -> list[Any]:
        if self.kind == "bool":
            return [_bits(values)]
        if self.kind in ("text", "bytes"):
            return self._variable(values)
        if self.kind == "date":
            return [_little(array("i", [0 if v is None else (v - _EPOCH).days for v in values]))]
        if self.kind == "time":
            return [_little(array("q", [0 if v is None else _micros(v) for v in values]))]
        code = "q" if self.kind == "int" else "d"
        return [_little(array(code, [0 if v is None else v for v in values] if nulls else values))]

    def _variable(self, values: Sequence[Any]) -> list[Any]:
        pieces = []
        offsets = array("i", [0])
        end = 0
        for value in values:
            piece = b"" if value is None else value.encode("utf-8", "replace") if self.kind == "text" else bytes(value)
            end += len(piece)
            if end > _LONGEST:
                raise ValueError("The texts of %d rows have more than 2 GiB." % _BATCH)
            pieces.append(piece)
            offsets.append(end)
        return [_little(offsets), b"".join(pieces)]


def _micros(value: datetime.datetime) -> int:
    zone = value.tzinfo
    epoch = datetime.datetime(1970, 1, 1, tzinfo=None if zone is None else datetime.timezone.utc)
    return (value - epoch) // _MICROSECOND


def _little(values: array[Any]) -> array[Any]:
    if sys.byteorder == "big":
        values.byteswap()
    return values


def _bits(values: Sequence[Any]) -> bytes:
    bits = bytearray((len(values) + 7) // 8)
    for place, value in enumerate(values):
        if value:
            bits[place >> 3] |= 1 << (place & 7)
    return bytes(bits)


def _schema(types: dict[str, _Column]) -> bytes:
    builder = _Builder()
    fields = []
    for name, column in types.items():
        kind, table = column.type_of(builder)
        text = builder.text(name)
        children = builder.offsets([])
        fields.append(
            builder.table(
                [(0, "offset", text), (1, "?", True), (2, "B", kind), (3, "offset", table), (5, "offset", children)]
            )
        )
    header = builder.table([(1, "offset", builder.offsets(fields))])
    return _message_of(builder, 1, header, 0)


def _batch(
    out: _Counted, types: dict[str, _Column], columns: dict[str, Sequence[Any]], start: int, end: int
) -> None:
    nodes = []
    buffers = []
    body: list[Any] = []
    size = 0
    for name, column in types.items():
        nulls, data = column.buffers(name, columns[name][start:end])
        nodes.append(struct.pack("<qq", end - start, nulls))
        for piece in data:
            length = memoryview(piece).nbytes
            buffers.append(struct.pack("<qq", size, length))
            padding = -length % 8
            body.append(piece)
            body.append(b"\0" * padding)
            size += length + padding
    builder = _Builder()
    there = builder.structs(buffers)
    of_nodes = builder.structs(nodes)
    header = builder.table([(0, "q", end - start), (1, "offset", of_nodes), (2, "offset", there)])
    _message(out, _message_of(builder, 3, header, size), body)


def _message_of(builder: _Builder, kind: int, header: int, size: int) -> bytes:
    return builder.finished(builder.table([(0, "h", 4), (1, "B", kind), (2, "offset", header), (3, "q", size)]))


def _message(out: _Counted, metadata: bytes, body: Any) -> None:
    padding = -len(metadata) % 8
    out.write(struct.pack("<Ii", 0xFFFFFFFF, len(metadata) + padding))
    out.write(metadata + b"\0" * padding)
    for piece in body:
        out.write(piece)


class _Builder:
    """As much of FlatBuffers as the metadata of a stream needs. It is built from its end, so bytes are kept reversed."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def _align(self, size: int, further: int = 0) -> None:
        self._bytes.extend(b"\0" * (-(len(self._bytes) + further) % size))

    def _prepend(self, data: bytes) -> None:
        self._bytes.extend(reversed(data))

    def _scalar(self, code: str, value: Any) -> None:
        data = struct.pack("<" + code, value)
        self._align(len(data))
        self._prepend(data)

    def _reference(self, target: int) -> None:
        self._align(4)
        self._prepend(struct.pack("<I", len(self._bytes) + 4 - target))

    def text(self, text: str) -> int:
        data = text.encode("utf-8", "replace")
        self._align(4, len(data) + 1)
        self._prepend(data + b"\0")
        self._scalar("I", len(data))
        return len(self._bytes)

    def offsets(self, targets: list[int]) -> int:
        self._align(4, 4 * len(targets))
        for target in reversed(targets):
            self._reference(target)
        self._scalar("I", len(targets))
        return len(self._bytes)

    def structs(self, items: list[bytes]) -> int:
        """A vector of structs whose greatest member has eight bytes."""
        data = b"".join(items)
        self._align(4, len(data))
        self._align(8, len(data))
        self._prepend(data)
        self._scalar("I", len(items))
        return len(self._bytes)

    def table(self, fields: list[tuple[int, str, Any]]) -> int:
        start = len(self._bytes)
        places = {}
        by_size = sorted(fields, key=lambda field: 4 if field[1] == "offset" else struct.calcsize("<" + field[1]))
        for slot, code, value in reversed(by_size):
            if code == "offset":
                self._reference(value)
            else:
                self._scalar(code, value)
            places[slot] = len(self._bytes)
        self._scalar("i", 0)
        table = len(self._bytes)
        slots = max(places) + 1 if places else 0
        for slot in reversed(range(slots)):
            self._scalar("H", table - places[slot] if slot in places else 0)
        self._scalar("H", table - start)
        self._scalar("H", 4 + 2 * slots)
        self._bytes[table - 4 : table] = bytes(reversed(struct.pack("<i", len(self._bytes) - table)))
        return table

    def finished(self, root: int) -> bytes:
        self._align(8, 4)
        self._reference(root)
        return bytes(reversed(self._bytes))
