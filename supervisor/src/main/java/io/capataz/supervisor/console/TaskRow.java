package io.capataz.supervisor.console;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A task in a list.
 *
 * @param where the host or the pool that runs it
 * @param last the state of its newest job; null: it has none
 */
record TaskRow(
    String id,
    String name,
    String description,
    String where,
    List<String> tags,
    boolean isEnabled,
    StripView strip,
    @Nullable Badge last,
    @Nullable Moment lastAt) {

  /**
   * @param jobs its newest jobs, the newest first
   */
  static TaskRow of(JsonNode task, String where, List<JsonNode> jobs, Words words) {
    var tags = new ArrayList<String>();
    task.path("tags").forEach(tag -> tags.add(tag.asString("")));
    var states = jobs.stream().map(job -> job.path("status").asString("")).toList().reversed();
    var newest = jobs.isEmpty() ? null : jobs.getFirst();
    return new TaskRow(
        task.path("id").asString(""),
        task.path("name").asString(""),
        task.path("description").asString(""),
        where,
        tags,
        task.path("enable").asBoolean(true),
        StripView.of(states),
        newest == null ? null : words.badgeOf(newest),
        newest == null ? null : words.moment(newest.path("creation_date")));
  }
}
