package io.capataz.supervisor.output;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.common.protocol.AttemptId;
import io.capataz.common.protocol.Bytes;
import io.capataz.common.protocol.OutputReport.Chunk;
import io.capataz.common.protocol.OutputReport.Stream;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.output.JobOutputs.Ends;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.bson.types.ObjectId;
import org.junit.jupiter.api.Test;
import org.springframework.data.mongodb.core.MongoOperations;

/** What several attempts have printed first is stored together, and kept once. */
class FirstOutputsTest {

  private static final MongoOperations mongo =
      TestSupervisor.shared().context().getBean(MongoOperations.class);

  private final JobOutputs here = new JobOutputs(mongo);
  private final JobOutputs there = new JobOutputs(mongo);
  private final AttemptId first = new AttemptId(new ObjectId().toHexString(), 1);
  private final AttemptId second = new AttemptId(new ObjectId().toHexString(), 1);

  private static Chunk chunk(Stream stream, long offset, String text) {
    return new Chunk(stream, offset, Duration.ofMillis(offset), Bytes.utf8(text));
  }

  @Test
  void both_streams_are_stored_and_found_to_be_there() {
    var printed =
        List.of(
            chunk(Stream.STDOUT, 0, "a"),
            chunk(Stream.STDERR, 0, "err"),
            chunk(Stream.STDOUT, 1, "bc"));
    here.addBeginnings(Map.of(first, printed, second, printed));

    assertThat(there.ends(first)).isEqualTo(new Ends(3, 3));
    assertThat(here.add(second, printed)).isEqualTo(new Ends(3, 3));
  }

  @Test
  void what_another_supervisor_has_stored_already_is_not_stored_again() {
    there.add(first, List.of(chunk(Stream.STDOUT, 0, "ab"), chunk(Stream.STDOUT, 2, "c")));
    var again = List.of(chunk(Stream.STDOUT, 0, "abcd"));
    var other = List.of(chunk(Stream.STDOUT, 0, "x"));

    here.addBeginnings(Map.of(first, again, second, other));

    // Its agent goes on from there.
    assertThat(here.add(first, again)).isEqualTo(new Ends(3, 0));
    assertThat(here.add(first, again)).isEqualTo(new Ends(4, 0));
    assertThat(here.add(second, other)).isEqualTo(new Ends(1, 0));
    assertThat(there.ends(first)).isEqualTo(new Ends(4, 0));
    assertThat(there.ends(second)).isEqualTo(new Ends(1, 0));
  }

  @Test
  void what_does_not_begin_its_stream_is_left() {
    here.addBeginnings(
        Map.of(
            first,
            List.of(chunk(Stream.STDOUT, 0, "a"), chunk(Stream.STDOUT, 9, "z")),
            second,
            List.of(chunk(Stream.STDOUT, 5, "later"))));
    assertThat(there.ends(first)).isEqualTo(Ends.NONE);

    here.addBeginnings(
        Map.of(
            first,
            List.of(chunk(Stream.STDOUT, 0, "a"), chunk(Stream.STDOUT, 9, "z")),
            second,
            List.of(chunk(Stream.STDOUT, 0, "b"))));
    assertThat(there.ends(first)).isEqualTo(new Ends(1, 0));
  }
}
