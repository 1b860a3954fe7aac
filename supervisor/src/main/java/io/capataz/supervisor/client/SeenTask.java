package io.capataz.supervisor.client;

import io.capataz.common.protocol.MessageJson;
import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.job.JobState;
import io.capataz.supervisor.library.ApiCalls.Ended;
import io.capataz.supervisor.progress.Progress;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * A client's task as it stands, in the words of seed 002's clients.
 *
 * @param progress null: its script has reported none
 * @param ended null: it has not
 */
record SeenTask(ClientTask task, Job job, @Nullable Progress progress, @Nullable Ended ended) {

  private static final DateTimeFormatter NAIVE =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS", Locale.ROOT);

  private static final int ATTEMPT_BITS = 40;

  private static final String STATUS = "status";
  private static final String PROGRESS = "progress";

  /** Where a task stands. */
  enum Status {
    STARTING("Starting"),
    PROCESSING("Processing"),
    COMPLETED("Completed"),
    ERROR("Error");

    private final String word;

    Status(String word) {
      this.word = word;
    }

    String word() {
      return word;
    }
  }

  Status status() {
    if (job.state() == JobState.RUNNING || job.state() == JobState.SILENT) {
      return Status.PROCESSING;
    }
    if (ended == null) {
      return Status.STARTING;
    }
    return ended.error() == null ? Status.COMPLETED : Status.ERROR;
  }

  boolean isOver() {
    return ended != null;
  }

  /** 0 to 100. */
  int percent() {
    if (status() == Status.COMPLETED) {
      return 100;
    }
    return progress == null || progress.percent() == null ? 0 : progress.percent();
  }

  /** What went wrong; null: nothing. */
  @Nullable String error() {
    return ended == null ? null : ended.error();
  }

  /** The name for people: {@code nightly_copy} is {@code Nightly Copy}. */
  String displayName() {
    return Arrays.stream(task.function().split("_", -1))
        .filter(word -> !word.isEmpty())
        .map(word -> word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1))
        .collect(Collectors.joining(" "));
  }

  /** An instant as these clients read it: UTC without saying so, to the microsecond. */
  static String time(Instant instant) {
    return NAIVE.format(LocalDateTime.ofInstant(instant, ZoneOffset.UTC));
  }

  /**
   * Something that a client is sent once.
   *
   * @param order of two entries of a task, the later one has the larger number
   */
  record Entry(long order, ObjectNode view) {}

  /** What has happened so far, oldest first. */
  List<Entry> history() {
    var entries = new ArrayList<Entry>();
    entries.add(
        new Entry(0, entry(job.provenance().created()).put(PROGRESS, 0).put(STATUS, "Starting")));
    var started = job.holding().started();
    var attempt = (long) job.shownAttempt() << ATTEMPT_BITS;
    if (started != null) {
      entries.add(new Entry(attempt + 1, entry(started).put(STATUS, "Processing")));
    }
    if (progress != null) {
      entries.addAll(reported(progress, attempt + 2));
    }
    if (ended != null) {
      entries.add(new Entry(Long.MAX_VALUE, last(ended)));
    }
    return entries;
  }

  private static List<Entry> reported(Progress progress, long first) {
    var before = progress.taken() - progress.history().size();
    var entries = new ArrayList<Entry>();
    for (var said : progress.history()) {
      var view = entry(said.at());
      if (said.percent() != null) {
        view.put(PROGRESS, said.percent());
      }
      view.put(STATUS, "Processing");
      if (said.message() != null) {
        view.put("message", said.message());
      }
      entries.add(new Entry(first + before + entries.size(), view));
    }
    return entries;
  }

  private ObjectNode last(Ended end) {
    var at = job.past().ended();
    var view = entry(at == null ? job.provenance().created() : at);
    view.put(PROGRESS, percent()).put(STATUS, status().word());
    if (end.error() == null) {
      view.set("result", end.value());
    } else {
      view.put("message", end.error());
    }
    return view;
  }

  private static ObjectNode entry(Instant at) {
    return MessageJson.mapper().createObjectNode().put("timestamp", time(at));
  }
}
