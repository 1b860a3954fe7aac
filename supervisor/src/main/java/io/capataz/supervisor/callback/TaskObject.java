package io.capataz.supervisor.callback;

import io.capataz.common.protocol.MessageJson;
import io.capataz.supervisor.callback.Delivery.Event;
import io.capataz.supervisor.callback.Delivery.State;
import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.job.JobState;
import io.capataz.supervisor.job.Origin;
import io.capataz.supervisor.job.OriginKind;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A job as a task of seed 001's system. */
@Component
public class TaskObject implements OriginKind {

  private static final DateTimeFormatter MILLIS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

  private static final String WORD = "task_api";

  /** The origin of jobs that were made by the task API with a live key. */
  public static final Origin LIVE = new Origin(WORD, "live");

  /** The origin of those that were made with a test key. */
  public static final Origin TEST = new Origin(WORD, "test");

  private final Deliveries deliveries;
  private final List<TaskDetails> details;

  TaskObject(Deliveries deliveries, List<TaskDetails> details) {
    this.deliveries = deliveries;
    this.details = List.copyOf(details);
  }

  /** What else is known about a job, beside what is in it. */
  public interface TaskDetails {
    /** Adds it. */
    void addTo(Job job, ObjectNode task);
  }

  /** Whether the task API has made a job. */
  public static boolean isOurs(Job job) {
    return job.provenance().origin().word().equals(WORD);
  }

  /** Whether it was made with a test key. */
  public static boolean isTest(Job job) {
    return job.provenance().origin().equals(TEST);
  }

  @Override
  public String word() {
    return WORD;
  }

  /** How seed 001's system writes an instant. */
  public static String written(Instant instant) {
    return MILLIS.format(instant);
  }

  /** The state of a job in the words of seed 001. */
  public static String status(JobState state) {
    return switch (state) {
      case HELD, SCHEDULED, READY, ASSIGNED, RUNNING, SILENT -> "pending";
      case SUCCEEDED -> "completed";
      case FAILED, EXPIRED -> "error";
      case CANCELED -> "canceled";
    };
  }

  /** What the end of a job tells. */
  static Event event(JobState end) {
    return switch (end) {
      case SUCCEEDED -> Event.COMPLETED;
      case CANCELED -> Event.CANCELED;
      case HELD, SCHEDULED, READY, ASSIGNED, RUNNING, SILENT, FAILED, EXPIRED -> Event.ERROR;
    };
  }

  /** The task, and what became of its callback. */
  public ObjectNode of(Job job) {
    return of(job, job.spec().callbackUrl() == null ? List.of() : deliveries.of(job.id()));
  }

  /**
   * The task.
   *
   * @param deliveries the job's
   */
  ObjectNode of(Job job, List<Delivery> deliveries) {
    var task = MessageJson.mapper().createObjectNode();
    var history = job.past().history();
    var created = job.provenance().created();
    task.put("task_id", job.id()).put("id", job.id());
    task.put("type", job.spec().taskName());
    task.put("status", status(job.state()));
    task.put("created_at", written(created));
    task.put("updated_at", written(history.isEmpty() ? created : history.getLast().at()));
    if (job.past().ended() != null) {
      task.put("completed_at", written(job.past().ended()));
      task.set("response", response(job));
    }
    task.set("params", parameters(job));
    task.putObject("metadata");
    if (job.spec().callbackUrl() != null) {
      task.put("callback_url", job.spec().callbackUrl());
    }
    callback(task, deliveries);
    details.forEach(it -> it.addTo(job, task));
    return task;
  }

  /** Absent while tries may follow, as long as none has succeeded. */
  private static void callback(ObjectNode task, List<Delivery> deliveries) {
    var succeeded =
        deliveries.stream()
            .flatMap(it -> Optional.ofNullable(it.course().succeeded()).stream())
            .findFirst();
    var failed =
        !deliveries.isEmpty()
            && deliveries.stream().allMatch(it -> it.course().state() == State.FAILED);
    if (succeeded.isPresent() || failed) {
      task.put("callback_succeeded", succeeded.isPresent());
      task.put("callback_completed", succeeded.isPresent());
    }
    succeeded.ifPresent(at -> task.put("callback_succeeded_at", written(at)));
  }

  private static ObjectNode parameters(Job job) {
    var parameters = MessageJson.mapper().createObjectNode();
    var labels = job.spec().labels();
    var values = job.shownArguments();
    for (var i = 0; i < values.size(); i++) {
      parameters.put(i < labels.size() ? labels.get(i) : String.valueOf(i + 1), values.get(i));
    }
    return parameters;
  }

  /** What the script returned; of a job that failed, why it did. */
  static ObjectNode response(Job job) {
    var ending = job.ending();
    var result = ending == null ? null : ending.result();
    if (job.state() == JobState.SUCCEEDED) {
      return object(result == null ? MessageJson.mapper().createObjectNode() : result);
    }
    var response = MessageJson.mapper().createObjectNode();
    response.put("error", "The task ended as " + status(job.state()) + ".");
    if (ending != null) {
      response.set("outcome", MessageJson.mapper().<JsonNode>valueToTree(ending.outcome()));
    }
    if (result != null) {
      response.set("result", result);
    }
    return response;
  }

  private static ObjectNode object(JsonNode result) {
    var returned = result.isObject() && result.hasNonNull("data") ? result.get("data") : result;
    return returned instanceof ObjectNode object
        ? object
        : MessageJson.mapper().createObjectNode().set("output", returned);
  }
}
