package io.capataz.supervisor.output;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.common.protocol.Bytes;
import io.capataz.common.protocol.Outcome;
import io.capataz.common.protocol.OutputReport;
import io.capataz.common.protocol.OutputReport.Stream;
import io.capataz.common.protocol.WorkOrder;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestSupervisor.Answer;
import io.capataz.supervisor.TestWork;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a script printed is read: all of it, a part of it, or while it comes. */
class JobOutputTest {

  private final TestSupervisor supervisor = TestSupervisor.shared();
  private final TestWork work = new TestWork(supervisor);
  private final TestAgent agent = TestAgent.enrolled(supervisor);
  private final String task = work.taskOn(agent, Map.of());

  @ParameterizedTest
  @CsvSource({
    "bytes=0-2,   'one',           bytes 0-2/16",
    "bytes=4-,    'two\nthree\n!!', bytes 4-15/16",
    "bytes=-3,    '\n!!',          bytes 13-15/16",
    "bytes=3-999, '\ntwo\nthree\n!!', bytes 3-15/16"
  })
  void a_part_of_what_was_printed(String range, String part, String contentRange) {
    var answer = output(ended(), "Range", range);

    assertThat(answer.status()).isEqualTo(206);
    assertThat(answer.raw().body()).isEqualTo(part);
    assertThat(answer.raw().headers().firstValue("Content-Range")).hasValue(contentRange);
  }

  @Test
  void streams_are_merged_by_time_and_their_length_is_told() {
    var answer = output(ended(), "Accept", "*/*");

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.raw().body()).isEqualTo("one\ntwo\nthree\n!!");
    assertThat(answer.raw().headers().firstValue("Accept-Ranges")).hasValue("bytes");
    assertThat(answer.raw().headers().firstValue("Content-Length")).hasValue("16");
  }

  @Test
  void what_never_began_has_printed_nothing() {
    var job = work.post(task, Map.of("hold", true));
    assertThat(supervisor.put("/acme/job/" + job + "/cancel").status()).isEqualTo(200);

    for (var accept : List.of("*/*", "application/x-ndjson", "application/json")) {
      assertThat(output(job, "Accept", accept).status()).describedAs(accept).isEqualTo(200);
    }
    assertThat(output(job, "Range", "bytes=0-2").raw().body()).isEmpty();
  }

  @Test
  void a_part_that_is_not_there_is_416_and_what_is_no_part_is_all() {
    var job = ended();

    var beyond = output(job, "Range", "bytes=16-");
    assertThat(beyond.status()).isEqualTo(416);
    assertThat(beyond.raw().headers().firstValue("Content-Range")).hasValue("bytes */16");
    assertThat(beyond.text("/code")).isEqualTo("range_not_satisfiable");
    for (var all : List.of("bytes=a-b", "lines=0-1", "bytes=0-1,3-4")) {
      assertThat(output(job, "Range", all).status()).isEqualTo(200);
    }
  }

  @Test
  void of_a_job_that_goes_on_there_are_no_parts() {
    var order = claimed();
    agent.print(order, Stream.STDOUT, 0, "so far");

    var answer = output(order.job(), "Range", "bytes=0-1");

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.raw().body()).isEqualTo("so far");
    assertThat(answer.raw().headers().firstValue("Accept-Ranges")).isEmpty();
  }

  @Test
  void who_asks_for_json_gets_what_the_script_returned() {
    var order = claimed();
    agent.print(order, Stream.STDOUT, 0, "printed");
    agent.returned(order, new Outcome.Succeeded(), Map.of("data", List.of("a", Map.of("b", 1))));

    var answer = output(order.job(), "Accept", "application/json");

    assertThat(answer.raw().body()).isEqualTo("[\"a\",\"{\\\"b\\\":1}\"]");
  }

  @Test
  void events_tell_state_and_output_and_the_end() throws Exception {
    var order = claimed();
    var following =
        CompletableFuture.supplyAsync(
            () -> output(order.job(), "Accept", "text/event-stream").raw().body());
    agent.print(order, Stream.STDOUT, 0, "one\n");
    agent.print(order, Stream.STDERR, 0, "two\n");
    agent.end(order, new Outcome.ExitedWith(3));

    var events = following.get(10, TimeUnit.SECONDS);

    assertThat(events).contains("event: state\nid: 1-0-0\ndata: {\"status\":\"running\"");
    assertThat(events).contains("\"stream\":\"stdout\"").contains("\"text\":\"one\\n\"");
    assertThat(events).contains("id: 1-4-4\ndata: {\"attempt\":1");
    assertThat(events).contains("event: end\nid: end\ndata: {\"status\":\"failed\"");
    assertThat(events).contains("{\"type\":\"exited_with\",\"code\":3}");
  }

  @Test
  void who_comes_again_hears_what_he_has_not_heard_and_nothing_twice() {
    var order = claimed();
    agent.print(order, Stream.STDOUT, 0, "0123456789");
    agent.print(order, Stream.STDOUT, 10, "abc");
    agent.print(order, Stream.STDERR, 0, "xyz");
    agent.end(order, new Outcome.Succeeded());

    var rest = events(order, "1-6-3");
    assertThat(rest).contains("\"offset\":6").contains("\"text\":\"6789\"").contains("\"abc\"");
    assertThat(rest).doesNotContain("xyz").doesNotContain("0123");
    assertThat(events(order, "7-6-3")).describedAs("another attempt").contains("0123456789");
    assertThat(events(order, "nonsense")).contains("0123456789").contains("xyz");
    assertThat(
            supervisor
                .send(
                    request(order.job())
                        .header("Accept", "text/event-stream")
                        .header("Last-Event-ID", "end")
                        .GET())
                .status())
        .describedAs("which tells a browser not to come again")
        .isEqualTo(204);
  }

  @Test
  void a_character_that_an_agent_cut_in_two_is_told_as_one() {
    var order = claimed();
    var text = "a€b".getBytes(java.nio.charset.StandardCharsets.UTF_8);
    print(order, 0, Arrays.copyOfRange(text, 0, 2));
    print(order, 2, Arrays.copyOfRange(text, 2, 5));
    print(order, 5, new byte[] {(byte) 0xC3});
    agent.end(order, new Outcome.Succeeded());

    var lines = output(order.job(), "Accept", "application/x-ndjson").raw().body();
    assertThat(lines).contains("\"offset\":0,").contains("\"text\":\"a\"");
    assertThat(lines).contains("\"offset\":1,").contains("\"text\":\"€b\"");
    assertThat(lines).contains("\"offset\":5,").contains("\"text\":\"\uFFFD\"");
    assertThat(events(order, null)).contains("€b").contains("id: 1-5-0").contains("id: 1-6-0");
    assertThat(events(order, "1-1-0")).contains("€b").doesNotContain("\"text\":\"a\"");
  }

  @Test
  void what_an_attempt_printed_that_was_given_up_by_force_is_still_there() {
    var order = claimed();
    agent.print(order, Stream.STDOUT, 0, "kept");

    supervisor.put("/job/" + order.job() + "/cancel?force=true");

    assertThat(work.status(order.job())).isEqualTo("canceled");
    assertThat(output(order.job(), "Accept", "*/*").raw().body()).isEqualTo("kept");
  }

  private String ended() {
    var order = claimed();
    agent.say(
        "jobs/" + order.job() + "/attempts/1/output",
        new OutputReport(
            order.claim(),
            List.of(
                chunk(Stream.STDOUT, 0, 1, "one\n"),
                chunk(Stream.STDOUT, 4, 30, "three\n!!"),
                chunk(Stream.STDERR, 0, 20, "two\n"))));
    agent.end(order, new Outcome.Succeeded());
    return order.job();
  }

  private static OutputReport.Chunk chunk(Stream stream, long offset, long millis, String text) {
    return new OutputReport.Chunk(stream, offset, Duration.ofMillis(millis), Bytes.utf8(text));
  }

  private void print(WorkOrder order, long offset, byte[] bytes) {
    agent.say(
        "jobs/" + order.job() + "/attempts/1/output",
        new OutputReport(
            order.claim(),
            List.of(
                new OutputReport.Chunk(
                    Stream.STDOUT, offset, Duration.ofMillis(offset), Bytes.of(bytes)))));
  }

  private WorkOrder claimed() {
    work.post(task);
    var order = agent.claimOne();
    agent.started(order);
    return order;
  }

  private java.net.http.HttpRequest.Builder request(String job) {
    return supervisor
        .request("/job/" + job + "/output")
        .header("Authorization", "Bearer " + supervisor.token());
  }

  private Answer output(String job, String header, String value) {
    return supervisor.send(request(job).header(header, value).GET());
  }

  private String events(WorkOrder order, @Nullable String last) {
    var request = request(order.job()).header("Accept", "text/event-stream").GET();
    if (last != null) {
      request.header("Last-Event-ID", last);
    }
    return supervisor.send(request).raw().body();
  }
}
