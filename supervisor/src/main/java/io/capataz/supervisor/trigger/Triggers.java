package io.capataz.supervisor.trigger;

import io.capataz.common.protocol.Bytes;
import io.capataz.supervisor.audit.UnattendedActs;
import io.capataz.supervisor.audit.UnattendedActs.Act;
import io.capataz.supervisor.parameter.Arguments;
import io.capataz.supervisor.run.Starter;
import io.capataz.supervisor.run.Starters;
import io.capataz.supervisor.task.EventId;
import io.capataz.supervisor.task.Tasks;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.workflow.Workflows;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * Starts what events start. All of it may be done twice, by any supervisor: each start has an id
 * that follows from the event and its target.
 */
@Component
public class Triggers {

  private static final Logger log = LoggerFactory.getLogger(Triggers.class);

  /** How many events may lead from one to the next: tasks that start each other would not end. */
  static final int DEEPEST = 20;

  private static final int PAGE = 200;
  private static final int TIME = 8;
  private static final int REST = 16;

  private final Tasks tasks;
  private final Workflows workflows;
  private final Starters starters;
  private final UnattendedActs acts;

  Triggers(Tasks tasks, Workflows workflows, Starters starters, UnattendedActs acts) {
    this.tasks = tasks;
    this.workflows = workflows;
    this.starters = starters;
    this.acts = acts;
  }

  /** A task or workflow that is to be started. */
  private record Target(String id, Duration graceTime) {}

  /** Whether something of the organization is started by an event of this emitter. */
  public boolean hear(String organization, String emitter) {
    return tasks.hear(organization, emitter) || workflows.hear(organization, emitter);
  }

  /**
   * Starts what an event starts.
   *
   * @return what came of it, for each task and workflow that names the event
   * @throws ApiProblem 429 if the organization has as many jobs as it may have; to be repeated
   */
  public List<Triggered> start(Emission emission) {
    var event = EventId.of(emission.emitter(), emission.name());
    var organization = emission.organization();
    var triggered = new ArrayList<Triggered>();
    inPages(
        after ->
            tasks.startedBy(organization, event, after, PAGE).stream()
                .map(task -> new Target(task.id(), task.graceTime()))
                .toList(),
        task -> triggered.add(start(emission, event, starters.of("task"), task)));
    inPages(
        after ->
            workflows.startedBy(organization, event, after, PAGE).stream()
                .map(id -> new Target(id, Duration.ZERO))
                .toList(),
        workflow -> triggered.add(start(emission, event, starters.of("workflow"), workflow)));
    return triggered;
  }

  /**
   * Does something with each target.
   *
   * @param after the page that follows the target of an id; null: the first one
   */
  private static void inPages(
      Function<@Nullable String, List<Target>> after, Consumer<Target> each) {
    String last = null;
    do {
      var page = after.apply(last);
      page.forEach(each);
      last = last(page);
    } while (last != null);
  }

  private static @Nullable String last(List<Target> page) {
    return page.size() == PAGE ? page.getLast().id() : null;
  }

  private Triggered start(Emission emission, String event, Starter starter, Target target) {
    var id = id(emission.source(), event, starter.kind(), target.id());
    try {
      checkDepth(emission);
      var what =
          starter
              .find(emission.organization(), target.id())
              .orElseThrow(() -> ApiProblem.notFound("The " + starter.kind()));
      var given =
          emission.data().stream().<JsonNode>map(JsonNodeFactory.instance::stringNode).toList();
      starter.start(
          what,
          id,
          Arguments.fitted(given, what.parameters()),
          emission.cause(),
          target.graceTime().isZero() ? null : emission.at().plus(target.graceTime()));
      return new Triggered(starter.kind(), target.id(), id, null);
    } catch (ApiProblem problem) {
      if (problem.status() == HttpStatus.TOO_MANY_REQUESTS) {
        throw problem;
      }
      return refused(
          emission, event, new Triggered(starter.kind(), target.id(), id, null), problem);
    }
  }

  private static void checkDepth(Emission emission) {
    if (emission.cause().origin().events() > DEEPEST) {
      throw ApiProblem.conflict(
          "too_many_events",
          "More than %d events led from one to the next. Do the triggers form a loop?"
              .formatted(DEEPEST));
    }
  }

  private Triggered refused(
      Emission emission, String event, Triggered triggered, ApiProblem problem) {
    log.atWarn()
        .addKeyValue(triggered.kind(), triggered.target())
        .addKeyValue("event", event)
        .addKeyValue("source", emission.source())
        .addKeyValue("reason", problem.code())
        .log("an event could not start what it should");
    acts.refused(
        new Act(
            triggered.id(),
            emission.organization(),
            emission.cause().by(),
            "start " + triggered.kind() + " by event",
            triggered.target(),
            Map.of(
                "event",
                event,
                "event_name",
                emission.name(),
                "emitter_id",
                emission.emitter(),
                "source",
                emission.source(),
                "reason",
                problem.detail())),
        problem);
    return new Triggered(triggered.kind(), triggered.target(), triggered.id(), problem.detail());
  }

  /** Begins with the time of the source, like every id. */
  private static String id(String source, String event, String kind, String target) {
    var text = String.join("\n", "trigger", source, event, kind, target);
    var digest = Bytes.utf8(text).sha256();
    return source.substring(0, TIME) + digest.substring(digest.length() - REST);
  }
}
