package io.capataz.common.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.capataz.common.protocol.AttemptEnd.ResultError;
import io.capataz.common.protocol.AttemptEnd.SignalSent;
import io.capataz.common.protocol.AttemptEnd.SignalSent.Why;
import io.capataz.common.protocol.AttemptEnd.Survivor;
import io.capataz.common.protocol.OutputReport.Chunk;
import io.capataz.common.protocol.OutputReport.Stream;
import io.capataz.common.protocol.SessionOpening.AnnouncementSource;
import io.capataz.common.protocol.SessionOpening.PoolSource;
import io.capataz.common.protocol.WorkOrder.FileArgument;
import io.capataz.common.protocol.WorkOrder.Grant;
import io.capataz.common.protocol.WorkOrder.Handling;
import io.capataz.common.protocol.WorkOrder.Owner;
import io.capataz.common.protocol.WorkOrder.ScriptText;
import io.capataz.common.protocol.WorkOrder.SecretFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.core.JacksonException;

/**
 * Every message against its golden file in {@code src/test/resources/messages}. A change of one of
 * those files is a change of the protocol: old agents meet new supervisors, and the other way
 * round.
 */
class MessageJsonTest {

  private static final HostFacts FACTS =
      new HostFacts("Linux 6.12", "amd64", 4, 8_325_763_072L, "capataz", "0.1.0");

  private static final RunningAttempt RUNNING =
      new RunningAttempt("64f0c0ffee", 2, "4b1d4b1d4b1d4b1d", true);

  private static final PoolSource POOL =
      new PoolSource("64f0b001", "kafka-1:9092", "capataz.pool.64f0b001", "capataz.pool.64f0b001");

  private static final AttemptId ATTEMPT = new AttemptId("64f0c0ffee", 2);

  private static final WorkOrder ORDER =
      new WorkOrder(
          new Grant("64f0c0ffee", 2, "4b1d4b1d4b1d4b1d"),
          new Owner("acme", "64f0beef", "nightly backup"),
          new ScriptText(
              "backup.sh",
              Bytes.utf8("#!/bin/sh\necho hi\n").sha256(),
              List.of("bash", "-e"),
              Bytes.utf8("#!/bin/sh\necho hi\n")),
          List.of("", "two words", "ñ"),
          Map.of("GREETING", "hi"),
          Duration.ofMinutes(10),
          Duration.ofSeconds(10),
          "backup",
          new Handling("SIGINT", true, 1_048_576, 268_435_456L, 64),
          List.of(new FileArgument(2, "list.csv", Bytes.utf8("a;b\n"))),
          List.of("s3cret"),
          List.of(new SecretFile("KEY_FILE", "key.pem", Bytes.utf8("pem"))));

  /** With nothing that may be missing. */
  private static final WorkOrder PLAIN_ORDER =
      new WorkOrder(
          new Grant("64f0c0ffee", 1, "4b1d4b1d4b1d4b1d"),
          new Owner("acme", "64f0beef", "nightly backup"),
          new ScriptText("backup.sh", Bytes.utf8("exit 0").sha256(), null, null),
          List.of(),
          Map.of(),
          Duration.ofMinutes(10),
          Duration.ofSeconds(10),
          null,
          Handling.USUAL,
          List.of(),
          List.of(),
          List.of());

  private static final OutputReport OUTPUT =
      new OutputReport(
          "4b1d4b1d4b1d4b1d",
          List.of(new Chunk(Stream.STDOUT, 0, Duration.ofMillis(20), Bytes.utf8("hi\n"))));

  private static final AttemptEnd PLAIN_END =
      new AttemptEnd(
          "4b1d4b1d4b1d4b1d",
          new Outcome.Lost("Not heard of."),
          null,
          null,
          List.of(),
          List.of(),
          null,
          0,
          0,
          null,
          null,
          null);

  private static final LinkTurn PLAIN_TURN =
      new LinkTurn(
          1,
          new StandingClaim(List.of(), 0, 0, List.of(), false, Claim.Heard.FREE_SLOT, 32_768),
          List.of(),
          null);

  private static final LinkTurn.Answer ANSWER =
      new LinkTurn.Answer(
          4,
          List.of(
              new AttemptReport.Answer(204, null, new OutputReport.Answer(3, 0)),
              new AttemptReport.Answer(409, "This attempt has ended.", null)),
          new Heartbeat.Answer(Duration.ofSeconds(10), List.of(), List.of()));

  record Golden(String name, Object message) {
    String json() throws IOException {
      String file = "/messages/" + name + ".json";
      try (InputStream golden = MessageJsonTest.class.getResourceAsStream(file)) {
        assertThat(golden).as(file).isNotNull();
        return new String(golden.readAllBytes(), StandardCharsets.UTF_8).strip();
      }
    }

    @Override
    public String toString() {
      return name;
    }
  }

  static List<Golden> goldens() {
    return List.of(
        new Golden("announcement", Announcement.forHost("64f0host", "64f0c0ffee", 3)),
        new Golden("announcement_for_pool", Announcement.forPool("64f0b001", "64f0c0ffee", 1)),
        new Golden("announcement_to_look", Announcement.look("64f0host")),
        new Golden("enrolment", new Enrolment("join-token", "web-1", FACTS)),
        new Golden(
            "enrolment_answer", new Enrolment.Answer("64f0a9e", "64f0host", "acme", "credential")),
        new Golden(
            "session",
            new SessionOpening(
                1,
                "0c3d8a4e-boot",
                8,
                FACTS,
                List.of(RUNNING),
                List.of("4b1d4b1d4b1d4b1d"),
                List.of(ATTEMPT),
                Map.of("zone", "a"),
                "web-1",
                "2049:1183")),
        new Golden(
            "session_plain",
            new SessionOpening(
                1,
                "0c3d8a4e-boot",
                1,
                FACTS,
                List.of(),
                List.of(),
                List.of(),
                Map.of(),
                null,
                null)),
        new Golden("session_end", new SessionEnd(7)),
        new Golden(
            "session_answer",
            new SessionOpening.Answer(
                7,
                Duration.ofSeconds(10),
                Duration.ofMinutes(1),
                new AnnouncementSource("kafka-1:9092,kafka-2:9092", "capataz.announcements", 5),
                List.of(POOL),
                List.of(ATTEMPT))),
        new Golden(
            "session_answer_with_access",
            new SessionOpening.Answer(
                7,
                Duration.ofSeconds(10),
                Duration.ofMinutes(1),
                new AnnouncementSource(
                    "kafka-1:9092",
                    "capataz.announcements",
                    5,
                    new BrokerAccess("SASL_SSL", "SCRAM-SHA-512", "agent", "secret", "PEM")),
                List.of(
                    new PoolSource(
                        "64f0b001",
                        "kafka-1:9092",
                        "capataz.pool.64f0b001",
                        "capataz.pool.64f0b001",
                        new BrokerAccess("SSL", null, null, null, null))),
                List.of())),
        new Golden(
            "session_answer_without_broker",
            new SessionOpening.Answer(
                7, Duration.ofSeconds(10), Duration.ofMinutes(1), null, List.of(), List.of())),
        new Golden(
            "claim",
            new Claim(
                7,
                "4b1d4b1d4b1d4b1d",
                3,
                List.of("64f0c0ffee", "64f0dada"),
                Claim.Heard.ANNOUNCEMENT,
                32_768,
                false)),
        new Golden(
            "claim_next",
            new Claim(7, "4b1d4b1d4b1d4b1d", 1, List.of(), Claim.Heard.FREE_SLOT, null, null)),
        new Golden(
            "claim_to_settle",
            new Claim(7, "4b1d4b1d4b1d4b1d", 1, List.of(), Claim.Heard.SYNC, 32_768, true, true)),
        new Golden("claim_answer", new Claim.Answer(List.of(ORDER), true)),
        new Golden("claim_answer_empty", new Claim.Answer(List.of(), false)),
        new Golden("work_order", ORDER),
        new Golden("work_order_plain", PLAIN_ORDER),
        new Golden(
            "given_back", new AttemptGivenBack("4b1d4b1d4b1d4b1d", "The agent was going down.")),
        new Golden("started", new AttemptStarted("4b1d4b1d4b1d4b1d", 4711)),
        new Golden(
            "output",
            new OutputReport(
                "4b1d4b1d4b1d4b1d",
                List.of(
                    new Chunk(Stream.STDOUT, 0, Duration.ofMillis(20), Bytes.utf8("hi\n")),
                    new Chunk(
                        Stream.STDERR, 12, Duration.ofMillis(120), Bytes.of(new byte[] {-1}))))),
        new Golden("output_answer", new OutputReport.Answer(3, 13)),
        new Golden("heartbeat", new Heartbeat(7, List.of(RUNNING), Duration.ofSeconds(10))),
        new Golden(
            "heartbeat_answer",
            new Heartbeat.Answer(
                Duration.ofSeconds(10), List.of(ATTEMPT), List.of(new AttemptId("64f0dada", 1)))),
        new Golden("heartbeat_plain", new Heartbeat(7, List.of(), Duration.ZERO)),
        new Golden(
            "heartbeat_answer_empty",
            new Heartbeat.Answer(Duration.ofSeconds(10), List.of(), List.of())),
        new Golden("sync", new Sync(7, true)),
        new Golden("sync_answer_empty", new Sync.Answer(List.of(), List.of(), null)),
        new Golden(
            "sync_answer",
            new Sync.Answer(
                List.of("64f0c0ffee", "64f0dada"),
                List.of(POOL),
                Instant.parse("2026-01-02T03:04:05Z"))),
        new Golden(
            "end_succeeded",
            new AttemptEnd(
                "4b1d4b1d4b1d4b1d",
                new Outcome.Succeeded(),
                0,
                Duration.ofMillis(1_250),
                List.of(),
                List.of(),
                MessageJson.mapper().readTree("{\"state\":\"success\",\"data\":[\"a\",1]}"),
                3,
                13,
                0L,
                "cgroup-v2",
                "memory")),
        new Golden(
            "end_timed_out",
            new AttemptEnd(
                "4b1d4b1d4b1d4b1d",
                new Outcome.TimedOut(),
                null,
                Duration.ofSeconds(12),
                List.of(
                    new SignalSent("SIGTERM", Duration.ofSeconds(10), Why.TIMEOUT),
                    new SignalSent("SIGKILL", Duration.ofSeconds(11), Why.LEFT_BEHIND)),
                List.of(new Survivor(4712, "sleep 600")),
                null,
                0,
                0,
                1_000_000L,
                "subreaper",
                null)),
        new Golden("end_plain", PLAIN_END),
        new Golden(
            "end_without_result",
            new AttemptEnd(
                "4b1d4b1d4b1d4b1d",
                new Outcome.Succeeded(),
                0,
                null,
                List.of(),
                List.of(),
                null,
                new ResultError("not_json", "The result file is not JSON."),
                0,
                0,
                null,
                null,
                null)),
        new Golden(
            "link_turn",
            new LinkTurn(
                4,
                new StandingClaim(
                    List.of("5c2e5c2e5c2e5c2e"),
                    3,
                    2,
                    List.of("64f0dada"),
                    true,
                    Claim.Heard.ANNOUNCEMENT,
                    32_768),
                List.of(
                    AttemptReport.of(ATTEMPT, new AttemptStarted("4b1d4b1d4b1d4b1d", 4711)),
                    AttemptReport.of(ATTEMPT, OUTPUT),
                    AttemptReport.of(ATTEMPT, OUTPUT, PLAIN_END),
                    AttemptReport.of(
                        ATTEMPT, new AttemptGivenBack("4b1d4b1d4b1d4b1d", "Going down."))),
                new Heartbeat(7, List.of(RUNNING), Duration.ZERO))),
        new Golden("link_turn_plain", PLAIN_TURN),
        new Golden("standing_claim", PLAIN_TURN.claim()),
        new Golden("attempt_report", AttemptReport.of(ATTEMPT, null, PLAIN_END)),
        new Golden(
            "link_orders",
            LinkMessage.of(new LinkOrders(3, "5c2e5c2e5c2e5c2e", List.of(PLAIN_ORDER)))),
        new Golden(
            "link_stops",
            LinkMessage.of(
                new Heartbeat.Answer(Duration.ofSeconds(1), List.of(ATTEMPT), List.of()))),
        new Golden("link_answer", LinkMessage.of(ANSWER)),
        new Golden("link_turn_answer", ANSWER),
        new Golden("attempt_report_answer", ANSWER.reports().getFirst()),
        new Golden("link_turn_answer_plain", new LinkTurn.Answer(1, List.of(), null)),
        new Golden("outcome_succeeded", new Outcome.Succeeded()),
        new Golden("outcome_timed_out", new Outcome.TimedOut()),
        new Golden("outcome_exited_with", new Outcome.ExitedWith(3)),
        new Golden("outcome_killed", new Outcome.Killed("SIGSEGV")),
        new Golden("outcome_interrupted", new Outcome.Interrupted()),
        new Golden("outcome_canceled", new Outcome.Canceled()),
        new Golden("outcome_could_not_start", new Outcome.CouldNotStart("No interpreter.")),
        new Golden("outcome_refused", new Outcome.Refused("Rule 3 does not allow it.")),
        new Golden("outcome_rejected", new Outcome.Rejected("ann@example.org rejected it.")),
        new Golden("outcome_failed", new Outcome.Failed("The status was 500.")),
        new Golden("outcome_lost", new Outcome.Lost("The host was not heard of again.")));
  }

  @ParameterizedTest
  @MethodSource("goldens")
  void isWrittenAsInItsGoldenFile(Golden golden) throws IOException {
    assertThat(
            MessageJson.mapper()
                .writerWithDefaultPrettyPrinter()
                .writeValueAsString(golden.message)
                .replace("\r\n", "\n"))
        .isEqualTo(golden.json());
  }

  @ParameterizedTest
  @MethodSource("goldens")
  void isReadFromItsGoldenFile(Golden golden) throws IOException {
    byte[] json = golden.json().getBytes(StandardCharsets.UTF_8);
    Class<?> type = golden.message instanceof Outcome ? Outcome.class : golden.message.getClass();
    assertThat((Object) MessageJson.read(json, type)).isEqualTo(golden.message);
  }

  @Test
  void everyTypeOfTheProtocolHasAGoldenFile() {
    assertThat(
            goldens().stream()
                .<Class<?>>map(golden -> golden.message.getClass())
                .collect(Collectors.toSet()))
        .contains(
            Announcement.class,
            Enrolment.class,
            Enrolment.Answer.class,
            SessionOpening.class,
            SessionOpening.Answer.class,
            Claim.class,
            Claim.Answer.class,
            WorkOrder.class,
            AttemptStarted.class,
            AttemptGivenBack.class,
            OutputReport.class,
            OutputReport.Answer.class,
            Heartbeat.class,
            Heartbeat.Answer.class,
            Sync.class,
            Sync.Answer.class,
            AttemptEnd.class,
            AttemptReport.class,
            AttemptReport.Answer.class,
            StandingClaim.class,
            LinkMessage.class,
            LinkTurn.class,
            LinkTurn.Answer.class);
  }

  @Test
  void whatIsNewerThanThisBuildIsPassedOver() {
    byte[] json =
        "{\"epoch\":7,\"listening\":true,\"invented\":{\"later\":[1]}}"
            .getBytes(StandardCharsets.UTF_8);
    assertThat(MessageJson.read(json, Sync.class)).isEqualTo(new Sync(7, true));
  }

  @Test
  void numbersInUnknownContentStayAsTheyWereSent() {
    for (var text :
        List.of(
            "1e2",
            "-0",
            "-0.0",
            "1e-7",
            "1E+400",
            "0.10",
            "18446744073709551616",
            "[1,2.50,{\"a\":-1e0}]",
            "\"1e2\"",
            "null",
            "true")) {
      var read = MessageJson.mapper().readTree(text);
      assertThat(read.toString()).isEqualTo(text);
      assertThat(MessageJson.mapper().writeValueAsString(read)).isEqualTo(text);
      assertThat(MessageJson.mapper().valueToTree(read).toString()).isEqualTo(text);
    }
    assertThat(MessageJson.mapper().readTree("1e2").asInt()).isEqualTo(100);
    assertThat(MessageJson.mapper().readTree("1e2").isNumber()).isTrue();
  }

  @Test
  void whatMayBeMissingIsNull() {
    assertThat(
            MessageJson.read(
                """
                {"claim":"4b1d4b1d4b1d4b1d","outcome":{"type":"timed_out"},"signals":[],
                 "survivors":[],"stdout":3,"stderr":0}\
                """
                    .getBytes(StandardCharsets.UTF_8),
                AttemptEnd.class))
        .isEqualTo(
            new AttemptEnd(
                "4b1d4b1d4b1d4b1d",
                new Outcome.TimedOut(),
                null,
                null,
                List.of(),
                List.of(),
                null,
                3,
                0,
                null,
                null,
                null));
  }

  @Test
  void whatIsMissingOrTooMuchIsRefused() {
    assertThatThrownBy(() -> read("{}{}")).isInstanceOf(JacksonException.class);
    assertThatThrownBy(() -> read("{\"epoch\":null}")).isInstanceOf(JacksonException.class);
    assertThatThrownBy(() -> read("[".repeat(100) + "]".repeat(100)))
        .isInstanceOf(JacksonException.class);
  }

  private static Sync read(String json) {
    return MessageJson.read(json.getBytes(StandardCharsets.UTF_8), Sync.class);
  }
}
