package io.capataz.supervisor.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.common.protocol.Enrolment;
import io.capataz.common.protocol.HostFacts;
import io.capataz.common.protocol.Outcome;
import io.capataz.common.protocol.ProtocolVersion;
import io.capataz.common.protocol.SessionEnd;
import io.capataz.common.protocol.SessionOpening;
import io.capataz.common.protocol.Sync;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestClock;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestSupervisor.Answer;
import io.capataz.supervisor.TestWork;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Two agents with one credential, because a data folder or a whole machine was copied. */
class CopiedFolderTest {

  private static final TestClock clock = TestSupervisor.clock();
  private static final TestSupervisor supervisor = TestSupervisor.clocked();
  private static final TestWork work = new TestWork(supervisor);

  private final TestAgent agent = TestAgent.enrolled(supervisor);
  private final String name =
      supervisor.get("/acme/host/" + agent.host()).body().at("/name").asString();

  @BeforeEach
  void the_first_is_alive() {
    agent.opened(opening("boot-1", "8:1", name));
  }

  @ParameterizedTest
  @CsvSource({"boot-1, 8:2", "boot-2, 8:1", "boot-2, 8:2"})
  void the_second_is_refused_and_what_the_first_runs_is_not_touched(String boot, String folder) {
    work.post(work.taskOn(agent, Map.of()));
    var order = agent.claimOne();
    agent.started(order);

    var refused = open(boot, folder, name);

    assertThat(refused.status()).isEqualTo(409);
    assertThat(refused.text("/code")).isEqualTo("agent_alive");
    assertThat(refused.text("/detail")).contains(name);
    assertThat(work.status(order.job())).isEqualTo("running");
    assertThat(sync().at("/waiting").isArray()).as("its session goes on").isTrue();
    assertThat(agent.end(order, new Outcome.Succeeded()).status()).isEqualTo(204);
    assertThat(work.job(order.job()).at("/history").findValuesAsString("move"))
        .containsExactly("assign", "start", "succeed");
  }

  @Test
  void the_first_is_told_and_so_is_the_audit_log_once() {
    assertThat(sync().has("rival")).isFalse();
    var before = clock.instant().truncatedTo(ChronoUnit.MILLIS);

    open("boot-2", "8:1", name);
    open("boot-2", "8:1", name);

    assertThat(Instant.parse(sync().at("/rival").asString())).isBetween(before, clock.instant());
    var refusals = refusals();
    assertThat(refusals).hasSize(1);
    assertThat(refusals.getFirst().at("/status").asInt()).isEqualTo(409);
    assertThat(refusals.getFirst().at("/actor").asString()).startsWith("agent:");
    clock.jump(Duration.ofMinutes(5));
    agent.beat(Duration.ZERO);
    open("boot-2", "8:1", name);
    assertThat(refusals()).hasSize(2);
  }

  @Test
  void a_session_that_is_opened_is_no_act_for_the_audit_log() {
    assertThat(refusals()).isEmpty();
  }

  @Test
  void when_the_first_has_ended_or_was_not_heard_for_long_the_other_may_follow() {
    long first = agent.epoch();
    assertThat(agent.say("session/end", new SessionEnd(first)).status()).isEqualTo(204);
    assertThat(agent.opened(opening("boot-2", "8:2", name)).epoch()).isEqualTo(first + 1);

    assertThat(open("boot-1", "8:1", name).status()).isEqualTo(409);
    clock.jump(Duration.ofSeconds(41));
    assertThat(agent.opened(opening("boot-1", "8:1", name)).epoch()).isEqualTo(first + 2);
    assertThat(sync().has("rival")).isFalse();
  }

  @Test
  void a_restart_in_the_same_folder_need_not_wait() {
    long first = agent.epoch();
    assertThat(agent.opened(opening("boot-1", "8:1", name)).epoch()).isEqualTo(first + 1);
  }

  @Test
  void an_agent_that_an_administrator_replaced_need_not_be_waited_for() {
    var join = supervisor.post("/acme/host/join-token", Map.of("host", name)).text("/token");
    var enrolled = supervisor.postAs(null, "/agent/v1/enrolment", new Enrolment(join, name, FACTS));

    var opened =
        supervisor.postAs(
            enrolled.text("/credential"), "/agent/v1/session", opening("boot-2", "8:2", name));

    assertThat(opened.status()).isEqualTo(200);
  }

  @Test
  void an_agent_that_was_started_under_another_name_is_refused_by_both_names() {
    var refused = open("boot-1", "8:1", "renamed");

    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.text("/code")).isEqualTo("other_host_name");
    assertThat(refused.text("/detail")).contains(name, "renamed", "--host " + name);
    assertThat(sync().at("/waiting").isArray()).as("the session before it goes on").isTrue();
  }

  private static final HostFacts FACTS =
      new HostFacts("Linux", "amd64", 2, 1L << 30, "nobody", "test");

  private Answer open(String boot, String folder, @Nullable String host) {
    return agent.say("session", opening(boot, folder, host));
  }

  private static SessionOpening opening(String boot, String folder, @Nullable String host) {
    return new SessionOpening(
        ProtocolVersion.CURRENT,
        boot,
        4,
        FACTS,
        List.of(),
        List.of(),
        List.of(),
        Map.of(),
        host,
        folder);
  }

  private JsonNode sync() {
    return agent.say("sync", new Sync(agent.epoch(), true)).body();
  }

  private List<JsonNode> refusals() {
    return supervisor
        .get("/acme/audit?object=" + agent.host() + "&action=POST%20/agent/v1/session")
        .body()
        .valueStream()
        .toList();
  }
}
