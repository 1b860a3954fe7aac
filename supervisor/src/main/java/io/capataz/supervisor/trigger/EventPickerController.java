package io.capataz.supervisor.trigger;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.Scope;
import io.capataz.supervisor.host.Host;
import io.capataz.supervisor.host.Hosts;
import io.capataz.supervisor.job.EndEvent;
import io.capataz.supervisor.task.EventId;
import io.capataz.supervisor.web.Accepts;
import io.capataz.supervisor.web.ApiInput;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.web.ApiProblem.FieldError;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Events over HTTP, for whoever chooses what is to start a task or workflow. */
@RestController
class EventPickerController {

  /** The names of ends, of jobs and of runs. */
  static final List<String> ENDS =
      List.of(EndEvent.SUCCESS, EndEvent.FAILURE, EndEvent.TIMEOUT, EndEvent.CANCELED);

  private static final int MOST = 1_000;
  private static final int LONGEST_NAME = 200;

  private final List<Emitters> kinds;
  private final Hosts hosts;

  EventPickerController(List<Emitters> kinds, Hosts hosts) {
    this.kinds = List.copyOf(kinds);
    this.hosts = hosts;
  }

  /**
   * An event in a response.
   *
   * @param id for {@code triggers} of a task or workflow
   */
  record EventChoiceView(
      @JsonProperty("_id") String id,
      String name,
      @JsonProperty("_type") String className,
      String emitterId,
      EmitterView emitter) {}

  /**
   * What emits an event.
   *
   * @param type of a task
   * @param hostId the host on which a task runs
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record EmitterView(
      @JsonProperty("_id") String id,
      String name,
      @JsonProperty("_type") String className,
      @Nullable String type,
      @Nullable EmitterHostView host,
      @Nullable String hostId) {}

  /** A host. */
  record EmitterHostView(@JsonProperty("_id") String id, String hostname) {}

  /**
   * {@code GET /{customer}/event} and {@code GET /event}: lists the events that can start tasks and
   * workflows, with what emits them: tasks, workflows and webhooks that the caller may see. {@code
   * emitter_id} asks for the events of one; with {@code name} too, for the event of that name,
   * which may be one that its script gives ({@code event_name}). {@code limit} is the number of
   * emitters, 1,000 at most; {@code cursor} continues a list, with the {@code X-Next-Cursor} of the
   * response before.
   */
  @GetMapping({"/{customer}/event", "/event"})
  @Accepts(query = {"emitter_id", "name", "limit", "cursor"})
  @Allow(role = Role.VIEWER, scope = Scope.TASK_READ)
  ResponseEntity<List<EventChoiceView>> list(ApiInput input, Caller.Member caller) {
    var limit = limit(input);
    var name = input.queryText("name");
    name.filter(text -> text.isBlank() || text.length() > LONGEST_NAME)
        .ifPresent(
            _ -> {
              throw wrong(
                  "/name", "wrong_length", "must have 1 to " + LONGEST_NAME + " characters.");
            });
    var emitter = input.queryText("emitter_id");
    if (emitter.isPresent()) {
      var found =
          kinds.stream()
              .flatMap(kind -> kind.visible(caller, emitter.get()).stream())
              .limit(1)
              .toList();
      return ResponseEntity.ok(shown(found, it -> name.map(List::of).orElse(it.events())));
    }
    var after = input.queryText("cursor").filter(text -> !text.isEmpty()).orElse(null);
    var page = page(caller, after, limit);
    var answer = ResponseEntity.ok();
    if (page.size() > limit) {
      answer.header("X-Next-Cursor", page.get(limit - 1).id());
    }
    return answer.body(
        shown(
            page.stream().limit(limit).toList(),
            it ->
                it.events().stream()
                    .filter(event -> name.isEmpty() || name.get().equals(event))
                    .toList()));
  }

  private List<Emitter> page(Caller.Member caller, @Nullable String after, int limit) {
    return kinds.stream()
        .flatMap(kind -> kind.visible(caller, after, limit + 1).stream())
        .sorted(Comparator.comparing(Emitter::id))
        .limit(limit + 1)
        .toList();
  }

  private List<EventChoiceView> shown(
      List<Emitter> emitters, Function<Emitter, List<String>> names) {
    var those = new HashSet<String>();
    emitters.stream().map(Emitter::host).filter(Objects::nonNull).forEach(those::add);
    Map<String, Host> known =
        those.isEmpty()
            ? Map.of()
            : hosts.withIds(those).stream().collect(Collectors.toMap(Host::id, it -> it));
    return emitters.stream()
        .flatMap(
            emitter ->
                names.apply(emitter).stream()
                    .map(
                        name ->
                            new EventChoiceView(
                                EventId.of(emitter.id(), name),
                                name,
                                emitter.eventClass(),
                                emitter.id(),
                                shown(emitter, known))))
        .toList();
  }

  private static EmitterView shown(Emitter emitter, Map<String, Host> known) {
    var host = Optional.ofNullable(emitter.host()).map(known::get).orElse(null);
    return new EmitterView(
        emitter.id(),
        emitter.name(),
        emitter.className(),
        emitter.type(),
        host == null ? null : new EmitterHostView(host.id(), host.name()),
        emitter.host());
  }

  private static int limit(ApiInput input) {
    var text = input.queryText("limit").orElse("");
    if (text.isEmpty()) {
      return MOST;
    }
    var limit = text.matches("[0-9]{1,4}") ? Integer.parseInt(text) : 0;
    if (limit < 1 || limit > MOST) {
      throw wrong("/limit", "out_of_range", "must be a whole number from 1 to " + MOST + ".");
    }
    return limit;
  }

  private static ApiProblem wrong(String field, String code, String detail) {
    return ApiProblem.invalid(List.of(new FieldError(field, code, detail)));
  }
}
