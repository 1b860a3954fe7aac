package io.capataz.supervisor.console;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A job in a list.
 *
 * @param where the host it is on, or the pool it is for
 * @param isOnHost whether it has one
 * @param by who or what asked for it
 * @param waited empty if it has not begun
 * @param took empty if it has not ended
 * @param since when it began, if it still runs
 */
record JobRow(
    String id,
    String task,
    Badge badge,
    String where,
    boolean isOnHost,
    @Nullable String hostId,
    String by,
    String waited,
    String took,
    @Nullable String since,
    @Nullable Moment created) {

  static JobRow of(JsonNode job, Words words) {
    var host = job.path("host").path("hostname");
    var running = job.path("started").isString() && !job.path("ended").isString();
    return new JobRow(
        job.path("id").asString(""),
        job.path("name").asString(""),
        words.badgeOf(job),
        host.isString() ? host.asString() : pool(job, words),
        host.isString(),
        job.path("host_id").asString(null),
        by(job, words),
        waited(job, words),
        words.between(job.path("started"), job.path("ended")),
        running ? job.path("started").asString() : null,
        words.moment(job.path("creation_date")));
  }

  /** Who asked for a job, or what. */
  static String by(JsonNode job, Words words) {
    var user = job.path("user").path("username").asString("");
    var origin = job.path("origin").asString("");
    return origin.equals("user") && !user.isEmpty() ? words.person(user) : words.origin(origin);
  }

  private static String pool(JsonNode job, Words words) {
    return job.hasNonNull("pool") ? words.say("jobs.pool", job.path("pool").asString()) : "";
  }

  private static String waited(JsonNode job, Words words) {
    var begun = job.path("assigned").isString() ? job.path("assigned") : job.path("ended");
    return begun.isString()
        ? words.between(job.path("creation_date"), begun)
        : words.since(job.path("creation_date"));
  }
}
