package io.capataz.supervisor.run;

import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.job.Cause;
import io.capataz.supervisor.web.ApiProblem;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Starts one kind of {@link Startable}. A bean for each kind; {@link Starters} finds the right. */
public interface Starter {

  /** {@code task} or {@code workflow}. */
  String kind();

  /** The organization's, as it was at most a second ago. */
  Optional<Startable> find(String organization, String id);

  /** What the member may see. */
  Optional<Startable> visible(Caller.Member member, String id);

  /**
   * Checks what a start would be given.
   *
   * @throws ApiProblem 400, naming each argument that is wrong
   */
  void check(Startable what, List<JsonNode> given);

  /**
   * Starts it once: what was started under this id already stays as it is.
   *
   * @param id 24 hexadecimal digits, derived from what causes the start
   * @param given its arguments by position
   * @param notBefore the earliest instant at which its work begins; null: now
   * @throws ApiProblem 400 if the arguments do not fit, 409 if it is disabled, 403 or 429 if the
   *     organization has as many jobs as it may have
   */
  void start(
      Startable what, String id, List<JsonNode> given, Cause cause, @Nullable Instant notBefore);

  /** Whether something was started under this id. */
  boolean isStarted(String organization, String id);

  /** The ids under which it was started and has not ended, at most so many, the newest first. */
  List<String> open(Startable what, int limit);

  /** Ends what was started under this id, if it is open. */
  void cancel(String organization, String id, String by);
}
