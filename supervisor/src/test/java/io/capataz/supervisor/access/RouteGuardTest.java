package io.capataz.supervisor.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.common.protocol.HostFacts;
import io.capataz.common.protocol.Sync;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestSupervisor.Answer;
import io.capataz.supervisor.organization.Organizations;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/** Who may pass, and what those are told who may not. */
class RouteGuardTest {

  private final TestSupervisor supervisor = TestSupervisor.shared();

  @Test
  void every_route_the_framework_knows_says_who_may_use_it() {
    var routes =
        supervisor
            .context()
            .getBean("requestMappingHandlerMapping", RequestMappingHandlerMapping.class)
            .getHandlerMethods();

    assertThat(routes).isNotEmpty();
    assertThat(routes.entrySet())
        .filteredOn(route -> route.getValue().getMethodAnnotation(Allow.class) == null)
        .extracting(route -> route.getKey().toString())
        // The framework's own fallback for faults; the guard closes it.
        .allMatch(route -> route.contains("/error"));
  }

  @ParameterizedTest
  @CsvSource({
    "GET,  /acme/task",
    "GET,  /acme/task/0123456789abcdef01234567",
    "POST, /acme/task",
    "GET,  /task/version",
    "GET,  /acme/task/0123456789abcdef01234567/version",
    "POST, /acme/task/0123456789abcdef01234567/version/1/restore",
    "GET,  /acme/task/0123456789abcdef01234567/acl",
    "GET,  /acme/task/0123456789abcdef01234567/credentials",
    "POST, /acme/task/0123456789abcdef01234567/secret",
    "POST, /acme/task/0123456789abcdef01234567/job",
    "POST, /job",
    "GET,  /acme/job",
    "GET,  /acme/job/0123456789abcdef01234567/why",
    "GET,  /job/running",
    "GET,  /job/running_count",
    "GET,  /job/0123456789abcdef01234567/lifecycle",
    "GET,  /job/0123456789abcdef01234567/input",
    "GET,  /job/0123456789abcdef01234567/output",
    "GET,  /job/0123456789abcdef01234567/result",
    "POST, /job/0123456789abcdef01234567/result",
    "POST, /acme/task/0123456789abcdef01234567/batch",
    "GET,  /acme/host",
    "GET,  /acme/file",
    "POST, /acme/file",
    "GET,  /acme/file/0123456789abcdef01234567/download",
    "GET,  /acme/file/0123456789abcdef01234567/version/1/download",
    "GET,  /acme/script/0123456789abcdef01234567/linkedmodels",
    "GET,  /acme/pool",
    "GET,  /acme/pool/0123456789abcdef01234567",
    "POST, /acme/pool",
    "POST, /acme/host/join-token",
    "GET,  /acme/member",
    "POST, /acme/member",
    "GET,  /acme/integration-token",
    "POST, /api/token",
    "GET,  /acme/audit",
    "GET,  /token",
    "GET,  /session",
    "POST, /logout",
    "POST, /agent/v1/session",
    "POST, /agent/v1/claims",
    "POST, /agent/v1/jobs/0123456789abcdef01234567/attempts/1/given-back"
  })
  void without_a_token_there_is_401_as_problem_json(String method, String path) {
    var answer = ask(method, path, null);

    assertProblem(answer, 401, "unauthorized");
    assertThat(answer.raw().headers().firstValue("WWW-Authenticate")).contains("Bearer");
  }

  @Test
  void an_unknown_token_is_401_and_is_not_repeated_in_the_answer() {
    var stranger = AccessKey.issue(AccessKey.Kind.IT).text().reveal();

    var answer = ask("GET", "/acme/task", stranger);

    assertProblem(answer, 401, "unauthorized");
    assertThat(answer.raw().body()).doesNotContain(stranger.substring(10));
  }

  @Test
  void a_token_in_two_places_is_401() {
    var answer =
        supervisor.send(
            supervisor
                .request("/acme/task?access_token=" + supervisor.token())
                .header("Authorization", "Bearer " + supervisor.token())
                .GET());

    assertProblem(answer, 401, "unauthorized");
  }

  @Test
  void a_token_in_the_query_will_do() {
    var answer =
        supervisor.send(supervisor.request("/acme/task?access_token=" + supervisor.token()).GET());

    assertThat(answer.status()).isEqualTo(200);
  }

  @Test
  void another_organization_looks_like_none() {
    var other = tokenFor("other-org");

    assertProblem(ask("GET", "/acme/task", other), 404, "not_found");
    assertThat(ask("GET", "/other-org/task", other).status()).isEqualTo(200);
    assertProblem(ask("GET", "/acme/pool", other), 404, "not_found");
    assertProblem(
        supervisor.postAs(
            other, "/job", Map.of("customer", "acme", "task", "0123456789abcdef01234567")),
        404,
        "not_found");
  }

  @Test
  void a_role_that_is_too_little_is_403_and_says_which_would_do() {
    var answer =
        supervisor.postAs(tokenFor("acme", Role.VIEWER), "/acme/task", Map.of("name", "x"));

    assertProblem(answer, 403, "forbidden");
    assertThat(answer.text("/detail")).contains("admin").contains("viewer");
  }

  @Test
  void an_agents_credential_opens_no_members_route_and_a_token_no_agents_route() {
    var agent = TestAgent.enrolled(supervisor);

    assertProblem(ask("GET", "/acme/task", agent.credential()), 403, "forbidden");
    assertProblem(supervisor.post("/agent/v1/sync", Map.of("epoch", 1)), 403, "forbidden");
  }

  @Test
  void a_join_token_is_used_up_by_the_first_agent() {
    var join = supervisor.post("/acme/host/join-token", Map.of()).text("/token");
    var enrolment =
        Map.<String, Object>of(
            "join_token",
            join,
            "host",
            "once-" + join.substring(10, 20),
            "facts",
            new HostFacts("Linux", "amd64", 2, 1L << 30, "nobody", "test"));

    assertThat(supervisor.postAs(null, "/agent/v1/enrolment", enrolment).status()).isEqualTo(200);
    assertProblem(
        supervisor.postAs(null, "/agent/v1/enrolment", enrolment), 401, "join_token_spent");
  }

  /** The owner of a host receives its jobs and their secrets. */
  @Test
  void a_host_is_not_taken_over_by_its_name() {
    var agent = TestAgent.enrolled(supervisor);
    var name = supervisor.get("/acme/host/" + agent.host()).text("/name");
    var unbound = supervisor.post("/acme/host/join-token", Map.of()).text("/token");

    var refused = enrol(unbound, name);
    assertProblem(refused, 409, "host_exists");
    assertThat(refused.text("/detail")).contains(name, "online", "bound to this host");
    assertThat(agent.say("sync", new Sync(agent.epoch(), true)).status()).isEqualTo(200);
    assertThat(
            supervisor.get("/acme/audit?object=" + agent.host() + "&status=409").text("/0/action"))
        .isEqualTo("POST /agent/v1/enrolment");

    var bound = supervisor.post("/acme/host/join-token", Map.of("host", name)).text("/token");
    assertThat(enrol(bound, name).text("/host")).isEqualTo(agent.host());
    assertThat(agent.say("sync", new Sync(agent.epoch(), true)).status()).isEqualTo(401);
    // It was not used up by the refusal, and is good for another host.
    assertThat(enrol(unbound, "another-" + name).status()).isEqualTo(200);
  }

  private Answer enrol(String join, String host) {
    return supervisor.postAs(
        null,
        "/agent/v1/enrolment",
        Map.of(
            "join_token",
            join,
            "host",
            host,
            "facts",
            new HostFacts("Linux", "amd64", 2, 1L << 30, "nobody", "test")));
  }

  @ParameterizedTest
  @CsvSource({"/nothing", "/acme/nothing/here/at/all", "/error", "/actuator", "/actuator/env"})
  void an_unknown_route_is_404_as_problem_json(String path) {
    assertProblem(ask("GET", path, null), 404, "not_found");
  }

  private Answer ask(String method, String path, @org.jspecify.annotations.Nullable String token) {
    if (method.equals("POST")) {
      return supervisor.postAs(token, path, Map.of());
    }
    var request = supervisor.request(path).GET();
    if (token != null) {
      request.header("Authorization", "Bearer " + token);
    }
    return supervisor.send(request);
  }

  private String tokenFor(String organization) {
    return tokenFor(organization, Role.OWNER);
  }

  private String tokenFor(String organization, Role role) {
    supervisor.context().getBean(Organizations.class).ensure(organization);
    var issued = AccessKey.issue(AccessKey.Kind.IT);
    supervisor
        .context()
        .getBean(IntegrationTokens.class)
        .keep(issued.key(), organization, "test", role);
    return issued.text().reveal();
  }

  private static void assertProblem(Answer answer, int status, String code) {
    assertThat(answer.status()).describedAs(answer.raw().body()).isEqualTo(status);
    assertThat(answer.raw().headers().firstValue("Content-Type"))
        .hasValueSatisfying(type -> assertThat(type).startsWith("application/problem+json"));
    assertThat(answer.text("/code")).isEqualTo(code);
  }
}
