package io.capataz.supervisor.taskapi;

import io.capataz.supervisor.access.Acl;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.data.annotation.Id;
import org.springframework.data.mongodb.core.mapping.Document;

/**
 * What a client of this API has said about a task it made, which a job has no place for; and what
 * lists are filtered by.
 *
 * @param id the job's
 * @param type the name of the task it runs
 * @param test whether it was made with a test key
 * @param updated when the client last changed it, or it ended
 * @param status in the words of this API
 * @param completed when it ended; null: it has not
 */
@Document("task_api_tasks")
record TaskRecord(
    @Id String id,
    String organization,
    Acl acl,
    String type,
    boolean test,
    Said said,
    Instant created,
    Instant updated,
    String status,
    @Nullable Instant completed) {

  static final String PENDING = "pending";

  /**
   * What the client said.
   *
   * @param metadata a JSON object
   * @param tags null: none were ever set
   * @param uniqueId the id by which the client finds it; null: none
   */
  record Said(
      @Nullable String instruction,
      String metadata,
      @Nullable List<String> tags,
      @Nullable String uniqueId,
      @Nullable String project,
      @Nullable String batch,
      @Nullable String urgency) {}
}
