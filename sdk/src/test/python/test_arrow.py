"""Tables as Arrow streams. That other readers understand them is shown by ArrowStreamTest, with Apache Arrow's own."""

import array
import datetime
import io
import struct
import unittest

from capataz.arrow import write_stream


def written(value):
    out = io.BytesIO()
    rows, size = write_stream(value, out)
    assert size == len(out.getvalue())
    return rows, out.getvalue()


def messages(stream):
    """The sizes of the messages' metadata; every one of them begins at a multiple of 8."""
    place = 0
    found = []
    while True:
        mark, size = struct.unpack_from("<Ii", stream, place)
        assert mark == 0xFFFFFFFF and place % 8 == 0 and size % 8 == 0
        if size == 0:
            assert place + 8 == len(stream)
            return found
        metadata = stream[place + 8 : place + 8 + size]
        table = struct.unpack_from("<I", metadata)[0]
        vtable = table - struct.unpack_from("<i", metadata, table)[0]
        body = struct.unpack_from("<q", metadata, table + struct.unpack_from("<H", metadata, vtable + 10)[0])[0]
        found.append(size)
        place += 8 + size + body


class ArrowTest(unittest.TestCase):
    def test_records_and_columns_are_the_same_table(self):
        records = [{"a": 1, "b": "x"}, {"a": None, "b": "y"}]
        self.assertEqual(written(records), written({"a": [1, None], "b": ["x", "y"]}))
        self.assertEqual(written([])[0], 0)
        self.assertEqual(len(messages(written([])[1])), 1)

    def test_a_record_may_lack_a_column(self):
        self.assertEqual(written([{"a": 1}, {"b": 2}]), written({"a": [1, None], "b": [None, 2]}))

    def test_long_tables_have_several_batches(self):
        rows, stream = written({"n": range(200_000), "m": array.array("i", range(200_000))})
        self.assertEqual((rows, len(messages(stream))), (200_000, 5))

    def test_what_is_no_table_says_so(self):
        utc = datetime.timezone.utc
        now = datetime.datetime(2020, 1, 1)
        for value, message in (
            (39, "a value of type int, of which no table"),
            ([1, 2], "a list with a value of type int"),
            ({"a": 3}, "Column 'a' must be a list"),
            ({"a": [1], "b": []}, "different lengths"),
            ({"a": [1, "x"]}, "Column 'a' holds values of type int, str"),
            ({"a": [True, 1]}, "mixes bool with numbers"),
            ({"a": [{}]}, "holds values of type dict"),
            ({1: [1]}, "name of a column must be a text"),
            ({"a": [2**63]}, "Column 'a' has a whole number of more than 64 bits"),
            ({"a": [now, now.replace(tzinfo=utc)]}, "with and without a time zone"),
            (ValueError("no data"), "returned an error instead of a table: no data"),
        ):
            with self.assertRaisesRegex((TypeError, ValueError, OverflowError), message):
                written(value)


if __name__ == "__main__":
    unittest.main()
