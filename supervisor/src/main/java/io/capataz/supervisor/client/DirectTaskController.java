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
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/** Tasks of libraries that an operator has opened to everybody; "direct access" of seed 002. */
@RestController
class DirectTaskController {

  private static final String TASK = "/api/{library}/task";

  private final DirectAccessSettings settings;
  private final Starts starts;
  private final TaskSockets sockets;
  private final InstantSource clock;

  DirectTaskController(
      DirectAccessSettings settings, Starts starts, TaskSockets sockets, InstantSource clock) {
    this.settings = settings;
    this.starts = starts;
    this.sockets = sockets;
    this.clock = clock;
  }

  /**
   * {@code POST /api/{library}/task/start/{task}} (seed 002): starts a task of a library that an
   * operator has opened with {@code capataz.direct-access.libraries}. The body is a JSON object
   * with the arguments by name. 400 if they are wrong or the task is not open to callers, 404 if
   * there is no such task, 409 if it is disabled, 422 if the body is not a JSON object.
   */
  @PostMapping(TASK + "/start/{task}")
  @Accepts(body = Accepts.Body.REFUSED_BY_ROUTE)
  @Allow(Allow.Who.ANYONE)
  StartedView start(
      @PathVariable String library,
      @PathVariable String task,
      ApiInput input,
      HttpServletRequest request) {
    var organization = organization(library);
    var arguments = InvalidBody.arguments(input, request);
    return starts.start(
        new Order(
            ClientOrigin.anybody(organization),
            library,
            task,
            ClientTask.ofAnybody(organization, library),
            ClientOrigin::ofAnybody),
        arguments);
  }

  /** What a function returned. */
  record ResultView(JsonNode result) {}

  /**
   * {@code GET /api/{library}/task/result/{id}} (seed 002): returns what the function returned. 400
   * if the task has not completed, 404 if there is none.
   */
  @GetMapping(TASK + "/result/{id}")
  @Allow(Allow.Who.ANYONE)
  ResultView result(@PathVariable String library, @PathVariable String id) {
    return new ResultView(starts.result(scope(library), id));
  }

  /**
   * {@code GET /api/{library}/task/status/{id}} (seed 002): returns where a task stands. 404 if
   * there is none.
   */
  @GetMapping(TASK + "/status/{id}")
  @Allow(Allow.Who.ANYONE)
  DirectTaskView status(@PathVariable String library, @PathVariable String id) {
    return DirectTaskView.of(starts.found(scope(library), id), clock.instant());
  }

  /**
   * {@code GET /ws/{library}/task/ws/{id}} and {@code GET /api/{library}/task/ws/{id}} (seed 002):
   * opens a WebSocket that follows a task: {@code history}, then {@code new_history} and {@code
   * status_update} until it has ended. 400 without the {@code Upgrade} headers of RFC 6455; 403, or
   * 404 without them, if the library is not open.
   */
  @GetMapping({"/ws/{library}/task/ws/{id}", TASK + "/ws/{id}"})
  @Allow(Allow.Who.ANYONE)
  void socket(
      @PathVariable String library,
      @PathVariable String id,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    var opened = settings.organizationOf(library);
    if (opened.isEmpty() && TextSocket.isAskedFor(request)) {
      throw ApiProblem.forbidden("There is no such library, or it is not open.");
    }
    var organization = organization(library);
    sockets.open(
        organization,
        request,
        response,
        sockets.ofAnybody(ClientTask.ofAnybody(organization, library), id));
  }

  private String scope(String library) {
    return ClientTask.ofAnybody(organization(library), library);
  }

  private String organization(String library) {
    return settings
        .organizationOf(library)
        .orElseThrow(() -> ApiProblem.notFound("not_open", "Not Found"));
  }
}
