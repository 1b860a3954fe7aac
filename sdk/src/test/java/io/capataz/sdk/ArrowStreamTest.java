package io.capataz.sdk;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.apache.arrow.vector.types.pojo.Field;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Apache Arrow's own reader understands the streams that the Python package writes. */
class ArrowStreamTest {

  @TempDir Path folder = Path.of("");

  private Path written(String python) throws IOException {
    var file = folder.resolve("table.arrow");
    var ended =
        Python.run(
            "-c",
            """
            import datetime
            from capataz.arrow import write_stream
            with open('%s', 'wb') as out:
                write_stream(%s, out)
            """
                .formatted(file, python));
    assertThat(ended.code()).as(ended.text()).isZero();
    return file;
  }

  @Test
  void every_type_arrives_with_its_nulls() throws IOException {
    var file =
        written(
            """
            [{'int': 2**62, 'float': 1.5, 'bool': True, 'text': 'año', 'bytes': b'\\0\\1',
              'date': datetime.date(2020, 2, 29), 'none': None,
              'time': datetime.datetime(1969, 12, 31, 23, 59, 59, 5),
              'zoned': datetime.datetime(2020, 1, 1, 2,
                                         tzinfo=datetime.timezone(datetime.timedelta(hours=1)))},
             {'int': -1, 'float': 2, 'bool': False, 'text': ''}, {}]
            """);
    try (var allocator = new RootAllocator();
        var reader = new ArrowStreamReader(Files.newInputStream(file), allocator)) {
      var root = reader.getVectorSchemaRoot();
      assertThat(root.getSchema().getFields().stream().map(Field::toString))
          .containsExactly(
              "int: Int(64, true)",
              "float: FloatingPoint(DOUBLE)",
              "bool: Bool",
              "text: Utf8",
              "bytes: Binary",
              "date: Date(DAY)",
              "none: Null",
              "time: Timestamp(MICROSECOND, null)",
              "zoned: Timestamp(MICROSECOND, UTC)");
      assertThat(reader.loadNextBatch()).isTrue();
      assertThat(root.getRowCount()).isEqualTo(3);
      var rows = new ArrayList<List<String>>();
      for (var vector : root.getFieldVectors()) {
        var values = new ArrayList<String>();
        for (var row = 0; row < 3; row++) {
          var value = vector.getObject(row);
          values.add(value instanceof byte[] bytes ? "bytes " + bytes.length : "" + value);
        }
        rows.add(values);
      }
      assertThat(rows)
          .containsExactly(
              List.of("4611686018427387904", "-1", "null"),
              List.of("1.5", "2.0", "null"),
              List.of("true", "false", "null"),
              List.of("año", "", "null"),
              List.of("bytes 2", "null", "null"),
              List.of("18321", "null", "null"),
              List.of("null", "null", "null"),
              List.of("1969-12-31T23:59:59.000005", "null", "null"),
              List.of("1577840400000000", "null", "null"));
      assertThat(reader.loadNextBatch()).isFalse();
    }
  }

  @Test
  void a_long_table_comes_in_batches() throws IOException {
    var file = written("{'n': range(200_000), 'text': ['x'] * 200_000}");
    try (var allocator = new RootAllocator();
        var reader = new ArrowStreamReader(Files.newInputStream(file), allocator)) {
      var sum = 0L;
      var batches = 0;
      while (reader.loadNextBatch()) {
        var numbers = (BigIntVector) reader.getVectorSchemaRoot().getVector("n");
        for (var row = 0; row < numbers.getValueCount(); row++) {
          sum += numbers.get(row);
        }
        batches++;
      }
      assertThat(batches).isEqualTo(4);
      assertThat(sum).isEqualTo(200_000L * 199_999 / 2);
    }
  }

  @Test
  void an_empty_table_is_a_stream_too() throws IOException {
    try (var allocator = new RootAllocator();
        var reader = new ArrowStreamReader(Files.newInputStream(written("[]")), allocator)) {
      assertThat(reader.getVectorSchemaRoot().getSchema().getFields()).isEmpty();
      assertThat(reader.loadNextBatch()).isFalse();
    }
  }
}
