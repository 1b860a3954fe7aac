package io.capataz.supervisor.event;

import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.CallerCheck;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.Scope;
import io.capataz.supervisor.event.EventViews.FollowedJob;
import io.capataz.supervisor.job.Jobs;
import io.capataz.supervisor.web.Accepts;
import io.capataz.supervisor.web.ApiInput;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.web.OpenRequests;
import io.capataz.supervisor.web.TextSocket;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

/** Live events over HTTP. */
@RestController
class EventController {

  private static final String LAST_EVENT = "Last-Event-ID";

  /** For browsers, whose WebSockets send no headers. */
  private static final String LAST = "last_event_id";

  private final EventLogs logs;
  private final JobReader reader;
  private final Jobs jobs;
  private final CallerCheck checks;
  private final ExecutorService background;

  /** A client costs a connection and a thread that sleeps. */
  private final OpenRequests open = new OpenRequests(2_000, 1_500);

  EventController(
      EventLogs logs, JobReader reader, Jobs jobs, CallerCheck checks, ExecutorService background) {
    this.background = background;
    this.logs = logs;
    this.reader = reader;
    this.jobs = jobs;
    this.checks = checks;
  }

  /**
   * {@code GET /{customer}/events}: returns the jobs that have not ended and that the caller may
   * see, newest first, at most 1,000. With {@code Accept: text/event-stream} sends them as the
   * event {@code snapshot}, and then what happens as it happens: {@code job} when a job is made or
   * moves, and {@code progress}. {@code ?task=}, {@code ?host=} and {@code ?workflow_run=}, each an
   * id, choose among them.
   *
   * <p>With the {@code Upgrade} headers of RFC 6455 the same comes over a WebSocket, as messages
   * {@code {event, id, data}}.
   *
   * <p>A client that returns with {@code Last-Event-ID}, or {@code ?last_event_id=}, gets what it
   * has missed. One that reads too slowly, or was away too long, gets {@code resync}, which is like
   * {@code snapshot}. The stream ends within five seconds after the token was revoked.
   */
  @GetMapping("/{customer}/events")
  @Accepts(query = {EventFilter.TASK, EventFilter.HOST, EventFilter.RUN, LAST})
  @Allow(role = Role.VIEWER, scope = Scope.JOB_READ)
  @Nullable PresentView all(
      ApiInput input,
      Caller.Member caller,
      @RequestHeader(name = LAST_EVENT, required = false) @Nullable String lastEvent,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException, InterruptedException {
    var asked = new Asked(EventFilter.read(input), last(lastEvent, input), false);
    return answer(asked, caller, request, response);
  }

  /**
   * {@code GET /{customer}/job/{id}/events} and {@code GET /job/{id}/events}: the same for one job,
   * which may have ended; {@code ?last_event_id=} as there. As a stream, after the end of the job
   * follows the event {@code end}; a client that returns after it gets 204.
   */
  @GetMapping({"/{customer}/job/{id}/events", "/job/{id:[0-9a-f]+}/events"})
  @Accepts(query = LAST)
  @Allow(role = Role.VIEWER, scope = Scope.JOB_READ)
  @Nullable PresentView one(
      @PathVariable String id,
      ApiInput input,
      Caller.Member caller,
      @RequestHeader(name = LAST_EVENT, required = false) @Nullable String lastEvent,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException, InterruptedException {
    var job = jobs.visible(caller, id).orElseThrow(() -> ApiProblem.notFound("The job"));
    var over = job.state().isFinal();
    var last = last(lastEvent, input);
    if (over && ServerSentEvents.isLast(last) && !TextSocket.isAskedFor(request)) {
      // A browser does not reconnect after this status.
      response.setStatus(HttpStatus.NO_CONTENT.value());
      return null;
    }
    return answer(new Asked(EventFilter.one(id), last, over), caller, request, response);
  }

  private static @Nullable String last(@Nullable String header, ApiInput input) {
    return Optional.ofNullable(header).or(() -> input.queryText(LAST)).orElse(null);
  }

  /**
   * What there is.
   *
   * @param complete false: there are more, which are not listed
   * @param lastEventId a stream that is asked for with it goes on from here
   */
  record PresentView(List<FollowedJob> jobs, boolean complete, String lastEventId) {}

  /**
   * A request for events.
   *
   * @param over whether the job has ended
   */
  private record Asked(EventFilter wanted, @Nullable String lastEvent, boolean over) {}

  private @Nullable PresentView answer(
      Asked asked, Caller.Member caller, HttpServletRequest request, HttpServletResponse response)
      throws IOException, InterruptedException {
    if (TextSocket.isAskedFor(request)) {
      openSocket(asked, caller, request, response);
      return null;
    }
    var accept = request.getHeader(HttpHeaders.ACCEPT);
    if (accept == null || !accept.contains(MediaType.TEXT_EVENT_STREAM_VALUE)) {
      return present(asked, caller);
    }
    follow(asked, caller, request, response);
    return null;
  }

  private PresentView present(Asked asked, Caller.Member caller) {
    try (var use = logs.use(caller.organization())) {
      var position = use.log().position();
      var there = reader.snapshot(caller, asked.wanted()).present();
      return new PresentView(there.jobs(), there.complete(), position);
    }
  }

  private void openSocket(
      Asked asked, Caller.Member caller, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    var check = checks.of(request);
    TextSocket.open(
        request,
        response,
        background,
        open.enter(caller.organization()),
        socket -> {
          try (var use = logs.use(caller.organization())) {
            var sink = new SocketEvents(socket);
            new EventStream(use, asked.wanted(), check, reader, sink)
                .run(asked.lastEvent(), asked.over());
            return sink.close();
          }
        });
  }

  private void follow(
      Asked asked, Caller.Member caller, HttpServletRequest request, HttpServletResponse response)
      throws IOException, InterruptedException {
    try (var _ = open.enter(caller.organization());
        var use = logs.use(caller.organization())) {
      response.setHeader(HttpHeaders.CACHE_CONTROL, "no-store, no-transform");
      response.setHeader("X-Accel-Buffering", "no");
      response.setContentType(MediaType.TEXT_EVENT_STREAM_VALUE);
      response.flushBuffer();
      var sink = new ServerSentEvents(response.getOutputStream());
      new EventStream(use, asked.wanted(), checks.of(request), reader, sink)
          .run(asked.lastEvent(), asked.over());
    }
  }
}
