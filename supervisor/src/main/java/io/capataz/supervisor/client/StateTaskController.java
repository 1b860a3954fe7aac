package io.capataz.supervisor.client;

import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.client.Starts.Order;
import io.capataz.supervisor.client.Starts.StartedView;
import io.capataz.supervisor.web.Accepts;
import io.capataz.supervisor.web.ApiInput;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.web.TextSocket;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/** Tasks of clients with a token; "state events" of seed 002. */
@RestController
class StateTaskController {

  private static final String TASKS = "/api/{library}/tasks/{key}";
  private static final String SOCKETS = "/ws/{library}/tasks/{key}";

  private final ClientTokens tokens;
  private final Starts starts;
  private final TaskSockets sockets;
  private final InstantSource clock;

  StateTaskController(
      ClientTokens tokens, Starts starts, TaskSockets sockets, InstantSource clock) {
    this.tokens = tokens;
    this.starts = starts;
    this.sockets = sockets;
    this.clock = clock;
  }

  /**
   * {@code POST /api/{library}/tasks/{key}/start/{task}} (seed 002): starts a task of a library;
   * the key is a client token. The body is a JSON object with the arguments by name. 400 if they
   * are wrong or the task is not open to callers, 404 if the token is not valid for the library or
   * there is no such task, 409 if it is disabled, 422 if the body is not a JSON object.
   */
  @PostMapping(TASKS + "/start/{task}")
  @Accepts(body = Accepts.Body.REFUSED_BY_ROUTE)
  @Allow(Allow.Who.ANYONE)
  StartedView start(
      @PathVariable String library,
      @PathVariable String key,
      @PathVariable String task,
      ApiInput input,
      HttpServletRequest request) {
    var token = token(key, library);
    var arguments = InvalidBody.arguments(input, request);
    var scope = ClientTask.ofClient(token, library);
    return starts.start(
        new Order(token.caller(), library, task, scope, id -> ClientOrigin.of(token, id)),
        arguments);
  }

  /**
   * The tasks of a client.
   *
   * @param allTasks by their ids, the newest 100
   */
  record AllTasksView(Map<String, StateTaskView> allTasks) {}

  /**
   * {@code GET /api/{library}/tasks/{key}} (seed 002): returns the tasks that the client has
   * started in the library. With the {@code Upgrade} headers of RFC 6455, or under {@code
   * /ws/{library}/tasks/{key}}, they are sent every second. 404 if the token is not valid for the
   * library.
   */
  @GetMapping({TASKS, SOCKETS})
  @Allow(Allow.Who.ANYONE)
  @Nullable AllTasksView all(
      @PathVariable String library,
      @PathVariable String key,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    var token = token(key, library);
    var scope = ClientTask.ofClient(token, library);
    if (isForSockets(request)) {
      sockets.open(
          token.organization(),
          request,
          response,
          sockets.ofAll(scope, () -> valid(key, library).isPresent()));
      return null;
    }
    return new AllTasksView(sockets.all(scope));
  }

  /**
   * {@code GET /api/{library}/tasks/{key}/{id}} (seed 002): returns one task of the client. With
   * the {@code Upgrade} headers of RFC 6455, or under {@code /ws/{library}/tasks/{key}/{id}}, it is
   * sent whenever it changes, until it has ended. 404 if there is none, or the token is not valid
   * for the library.
   */
  @GetMapping({TASKS + "/{id}", SOCKETS + "/{id}"})
  @Allow(Allow.Who.ANYONE)
  @Nullable StateTaskView one(
      @PathVariable String library,
      @PathVariable String key,
      @PathVariable String id,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    var token = token(key, library);
    var scope = ClientTask.ofClient(token, library);
    if (isForSockets(request)) {
      sockets.open(
          token.organization(),
          request,
          response,
          sockets.ofOne(scope, id, () -> valid(key, library).isPresent()));
      return null;
    }
    return StateTaskView.of(starts.found(scope, id), clock.instant());
  }

  /**
   * {@code GET /api/{library}/tasks/{key}/result/{id}} (seed 002): returns what the function
   * returned, and nothing else. 400 if the task has not completed, 404 if there is none, or the
   * token is not valid for the library.
   */
  @GetMapping(TASKS + "/result/{id}")
  @Allow(Allow.Who.ANYONE)
  ResponseEntity<JsonNode> result(
      @PathVariable String library, @PathVariable String key, @PathVariable String id) {
    var scope = ClientTask.ofClient(token(key, library), library);
    return ResponseEntity.ok(starts.result(scope, id));
  }

  private static boolean isForSockets(HttpServletRequest request) {
    return TextSocket.isAskedFor(request) || request.getRequestURI().startsWith("/ws/");
  }

  /** Whoever guesses tokens does not learn whether one is there. */
  private ClientToken token(String key, String library) {
    return valid(key, library)
        .orElseThrow(
            () ->
                ApiProblem.notFound(
                    "no_such_token",
                    "The client token is not valid, or not for this library. An administrator can"
                        + " make one with POST /{customer}/client-token."));
  }

  private Optional<ClientToken> valid(String key, String library) {
    return tokens.presented(key).filter(it -> it.libraries().contains(library));
  }
}
