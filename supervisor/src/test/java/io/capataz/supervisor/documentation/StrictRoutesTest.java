package io.capataz.supervisor.documentation;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestSupervisor.Answer;
import io.capataz.supervisor.web.Accepts;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** No route passes over a field or a parameter that it does not know. */
class StrictRoutesTest {

  /**
   * Recipes are documents of other systems; what is ignored is named in the response. Clients'
   * tasks take arguments, and refuse others in a form of their own.
   */
  private static final Set<String> OPEN_BODIES =
      Set.of(
          "GET /{customer}/task/import",
          "GET /task/import",
          "POST /api/{library}/tasks/{key}/start/{task}",
          "POST /api/{library}/task/start/{task}",
          "POST /{customer}/task/import",
          "POST /task/import",
          "POST /{customer}/workflows/import",
          "POST /workflows/import",
          // Read as that of POST /resource, once a draft is approved.
          "POST /api/task/{id}/run",
          // What other systems send is handed on.
          "POST /{customer}/webhook/{id}/trigger",
          "POST /{customer}/webhook/{id}/trigger/secret/{key}",
          "POST /{customer}/webhook/{id}/trigger/signed",
          // Lists, metadata with any fields, and nothing at all: seed 001's bodies.
          "GET /v1/task/{id}/send-callback",
          "POST /v1/task/{id}/send-callback",
          "POST /v1/task/{id}/setMetadata",
          "POST /v1/task/{id}/tags",
          "PUT /v1/task/{id}/tags",
          "DELETE /v1/task/{id}/tags");

  /** What a provider sends is the provider's matter. */
  private static final Set<String> OPEN_QUERIES = Set.of("GET /login/oidc/callback");

  private static final Pattern PARAMETER = Pattern.compile("\\?([a-z_]+)=");

  private final TestSupervisor supervisor = TestSupervisor.shared();
  private final Tenant tenant = new Tenant(supervisor);
  private final String session = tenant.session();

  @Test
  void an_unknown_parameter_is_400_on_every_route() {
    var lax = new ArrayList<String>();
    for (var route : strict(OPEN_QUERIES)) {
      var answer = send(route, "?bogus=1", "{}");
      if (answer.status() != 400 || !pointers(answer).contains("/bogus")) {
        lax.add(route + ": " + answer.status() + " " + answer.raw().body());
      }
    }
    assertThat(lax).describedAs("annotate the handler with @Accepts").isEmpty();
  }

  @Test
  void an_unknown_field_is_400_on_every_route() {
    var lax = new ArrayList<String>();
    for (var route : strict(OPEN_BODIES)) {
      var addressed = route.path().matches("(/\\{customer})?/job|/job/secret/\\{key}");
      var answer =
          send(
              route,
              "",
              addressed
                  ? "{\"bogus\": 0, \"customer\": \"%s\", \"task\": \"%s\"}"
                      .formatted(tenant.name(), tenant.object("task"))
                  : "{\"bogus\": 0}");
      if (answer.status() != 400 || !pointers(answer).contains("/bogus")) {
        lax.add(route + ": " + answer.status() + " " + answer.raw().body());
      }
    }
    assertThat(lax)
        .describedAs("read the body with FieldReader and call done(), or see @Accepts")
        .isEmpty();
  }

  @Test
  void the_parameters_that_a_handler_documents_are_those_that_it_accepts() throws IOException {
    var javadocs = Javadocs.of(Path.of("src/main/java"), Path.of("../common/src/main/java"));
    for (var route : Route.api(supervisor.context())) {
      var accepts = route.handler().getMethodAnnotation(Accepts.class);
      if (accepts == null || accepts.checksQuery()) {
        continue;
      }
      var documented =
          PARAMETER
              .matcher(javadocs.of(route.handler().getMethod()).text())
              .results()
              .map(found -> found.group(1))
              .filter(name -> !name.equals("customer"))
              .collect(Collectors.toCollection(HashSet::new));
      assertThat(Set.of(accepts.query())).describedAs("%s", route).containsAll(documented);
    }
  }

  private List<Route> strict(Set<String> open) {
    return Route.all(supervisor.context()).stream()
        .filter(route -> !route.path().startsWith("/agent/"))
        .filter(route -> !open.contains(route.toString()))
        .toList();
  }

  private Answer send(Route route, String query, String body) {
    return supervisor.send(
        supervisor
            .request(tenant.path(route.path()) + query)
            .header("Authorization", "Bearer " + session)
            .header("Content-Type", "application/json")
            .method(
                route.method(),
                route.method().equals("GET") && body.equals("{}")
                    ? BodyPublishers.noBody()
                    : BodyPublishers.ofString(body)));
  }

  private static Set<String> pointers(Answer answer) {
    return new HashSet<>(answer.body().path("errors").findValuesAsString("pointer"));
  }
}
