package io.capataz.supervisor.client;

import java.time.Instant;
import org.springframework.data.annotation.Id;
import org.springframework.data.mongodb.core.mapping.Document;

/**
 * A task that a client has started: the short id by which it follows its job.
 *
 * @param id scope and short id
 * @param scope who may follow it; see {@link #ofClient} and {@link #ofAnybody}
 * @param taskId eight hexadecimal digits
 * @param job the job's id
 * @param function the function's name
 */
@Document("client_tasks")
record ClientTask(
    @Id String id,
    String organization,
    String scope,
    String taskId,
    String job,
    String function,
    Instant created) {

  /** What a client has started in a library. */
  static String ofClient(ClientToken token, String library) {
    return "client/" + library + "/" + token.id();
  }

  /** What was started in a library without a token. */
  static String ofAnybody(String organization, String library) {
    return "anybody/" + library + "/" + organization;
  }

  static String idOf(String scope, String taskId) {
    return scope + "/" + taskId;
  }
}
