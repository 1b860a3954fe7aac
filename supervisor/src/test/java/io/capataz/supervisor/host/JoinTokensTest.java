package io.capataz.supervisor.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.common.protocol.Enrolment;
import io.capataz.common.protocol.HostFacts;
import io.capataz.supervisor.TestClock;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestSupervisor.Answer;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** One join token enrols as many hosts as it says, until it expires or is revoked. */
class JoinTokensTest {

  private static final TestSupervisor supervisor = TestSupervisor.shared();

  private final String mark = "m" + UUID.randomUUID();

  @Test
  void a_token_enrols_its_hosts_into_its_pools_each_with_a_credential_of_its_own() {
    var pool = supervisor.post("/acme/pool", Map.of("name", mark, "hosts", List.of())).text("/id");
    var token = create(Map.of("hosts", 3, "pools", List.of(mark), "labels", Map.of("mark", mark)));
    assertThat(token.at("/pools/0").asString()).isEqualTo(pool);

    var credentials = new HashSet<String>();
    var hosts = new HashSet<String>();
    for (var i = 0; i < 3; i++) {
      var enrolled = enrol(token, mark + "-" + i);
      assertThat(enrolled.status()).describedAs(enrolled.raw().body()).isEqualTo(200);
      credentials.add(enrolled.text("/credential"));
      hosts.add(enrolled.text("/host"));
    }

    assertThat(credentials).hasSize(3);
    var members = supervisor.get("/acme/pool/" + pool).body().at("/hosts").valueStream();
    assertThat(members.map(JsonNode::asString)).containsExactlyInAnyOrderElementsOf(hosts);
    assertThat(supervisor.get("/acme/host?label=mark%3D" + mark).body()).hasSize(3);
    assertThat(listed(token).at("/enrolled").asInt()).isEqualTo(3);
    assertThat(listed(token).at("/state").asString()).isEqualTo("spent");
    assertThat(listed(token).has("token")).isFalse();
    assertRefused(enrol(token, mark + "-3"), "join_token_spent", "all of its 3 hosts");
    var actor = supervisor.get("/acme/audit?object=" + hosts.iterator().next()).body().at("/0");
    assertThat(actor.at("/actor").asString()).isEqualTo("join-token:" + token.at("/id").asString());
  }

  @Test
  void however_many_hosts_ask_at_once_no_more_are_enrolled_than_it_says()
      throws InterruptedException {
    var token = create(Map.of("hosts", 5));

    var answers =
        together(
            IntStream.range(0, 16)
                .<Callable<Answer>>mapToObj(i -> () -> enrol(token, mark + "-" + i))
                .toList());

    assertThat(answers.stream().filter(it -> it.status() == 200)).hasSize(5);
    assertThat(answers.stream().filter(it -> it.status() != 200))
        .allSatisfy(it -> assertThat(it.text("/code")).isEqualTo("join_token_spent"));
    assertThat(listed(token).at("/enrolled").asInt()).isEqualTo(5);
  }

  @Test
  void of_agents_with_one_name_only_one_is_counted() throws InterruptedException {
    var token = create(Map.of("hosts", 8));

    var answers =
        together(
            IntStream.range(0, 6)
                .<Callable<Answer>>mapToObj(_ -> () -> enrol(token, mark))
                .toList());

    assertThat(answers.stream().filter(it -> it.status() == 200)).hasSize(1);
    assertThat(answers.stream().filter(it -> it.status() == 409)).hasSize(5);
    assertThat(listed(token).at("/enrolled").asInt()).isEqualTo(1);
  }

  @Test
  void a_revoked_token_enrols_nobody_and_its_hosts_stay() {
    var token = create(Map.of("hosts", 2));
    var host = enrol(token, mark).text("/host");

    assertThat(revoke(token).text("/state")).isEqualTo("revoked");

    assertRefused(enrol(token, mark + "-2"), "join_token_revoked", "was revoked");
    assertThat(supervisor.get("/acme/host/" + host).status()).isEqualTo(200);
    assertThat(revoke(token).status()).isEqualTo(404);
  }

  @Test
  void a_token_is_valid_until_its_time() {
    var clock = new TestClock();
    try (var alone = TestSupervisor.withClock(clock)) {
      var expires = clock.instant().plus(Duration.ofHours(5));
      var body = Map.<String, Object>of("hosts", 2, "expires", expires.toString());
      var token = alone.post("/acme/host/join-token", body).body();
      assertThat(token.at("/expires_in").asLong()).isBetween(5 * 3600L - 60, 5 * 3600L);
      clock.jump(Duration.ofHours(4));
      assertThat(enrol(alone, token, "in-time").status()).isEqualTo(200);
      clock.jump(Duration.ofHours(1));
      assertRefused(enrol(alone, token, "late"), "join_token_expired", expires.toString());
    }
  }

  @Test
  void a_token_for_another_host_and_one_of_another_supervisor_are_told_apart() {
    var bound = create(Map.of("host", mark));
    assertRefused(enrol(bound, mark + "-2"), "join_token_other_host", mark + "-2");

    var id = bound.at("/token").asString();
    var foreign =
        supervisor.postAs(
            null,
            "/agent/v1/enrolment",
            new Enrolment(id.replace("cpz_jt_", "cpz_it_"), mark, FACTS));
    assertRefused(foreign, "unauthorized", "unknown to this supervisor");
  }

  @Test
  void a_token_that_cannot_be_is_refused() {
    supervisor.post("/acme/pool", Map.of("name", mark, "labels", "a=b"));
    var now = Instant.now();
    for (var body :
        Map.<String, Map<String, Object>>of(
                "/hosts", Map.of("hosts", 0),
                "/expires", Map.of("expires", now.minusSeconds(60).toString()),
                "/pools/0", Map.of("pools", List.of("nowhere")))
            .entrySet()) {
      assertWrong(body.getValue(), body.getKey());
    }
    assertWrong(Map.of("hosts", 10_001), "/hosts");
    assertWrong(Map.of("hosts", 2, "host", "a"), "/hosts");
    assertWrong(Map.of("expires", now.plus(Duration.ofDays(91)).toString()), "/expires");
    assertWrong(Map.of("pools", List.of(mark)), "/pools/0");
  }

  private static final HostFacts FACTS =
      new HostFacts("Linux", "amd64", 2, 1L << 30, "nobody", "test");

  private static void assertWrong(Map<String, ?> body, String pointer) {
    var answer = supervisor.post("/acme/host/join-token", body);
    assertThat(answer.status()).describedAs(answer.raw().body()).isEqualTo(400);
    assertThat(answer.text("/errors/0/pointer")).isEqualTo(pointer);
  }

  private static void assertRefused(Answer answer, String code, String detail) {
    assertThat(answer.status()).describedAs(answer.raw().body()).isEqualTo(401);
    assertThat(answer.text("/code")).isEqualTo(code);
    assertThat(answer.text("/detail")).contains(detail, "administrator");
  }

  private static List<Answer> together(List<Callable<Answer>> calls) throws InterruptedException {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      return threads.invokeAll(calls).stream().map(Future::resultNow).toList();
    }
  }

  private static JsonNode create(Map<String, ?> body) {
    var answer = supervisor.post("/acme/host/join-token", body);
    assertThat(answer.status()).describedAs(answer.raw().body()).isEqualTo(200);
    return answer.body();
  }

  private static Answer enrol(JsonNode token, String host) {
    return enrol(supervisor, token, host);
  }

  private static Answer enrol(TestSupervisor at, JsonNode token, String host) {
    var enrolment = new Enrolment(token.at("/token").asString(), host, FACTS);
    return at.postAs(null, "/agent/v1/enrolment", enrolment);
  }

  private static JsonNode listed(JsonNode token) {
    return supervisor
        .get("/acme/host/join-token?sort=-creation_date")
        .body()
        .valueStream()
        .filter(it -> it.at("/id").equals(token.at("/id")))
        .findFirst()
        .orElseThrow();
  }

  private static Answer revoke(JsonNode token) {
    return supervisor.send(
        supervisor
            .request("/acme/host/join-token/" + token.at("/id").asString())
            .header("Authorization", "Bearer " + supervisor.token())
            .DELETE());
  }
}
