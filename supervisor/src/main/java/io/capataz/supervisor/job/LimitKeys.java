package io.capataz.supervisor.job;

import io.capataz.supervisor.job.Job.Limit;
import io.capataz.supervisor.task.Task;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** Which concurrency limits a job is under; jobs with the same key share the limit. */
public final class LimitKeys {

  private LimitKeys() {}

  /**
   * The limits of a job of a task with these arguments, which are not sealed.
   *
   * @param masked the positions of those that are secrets
   */
  public static List<Limit> of(
      Task task, List<String> arguments, List<Integer> masked, JobSecrets secrets) {
    var limits = new ArrayList<Limit>();
    if (!task.action().doneBy().hasAttempts()) {
      return limits;
    }
    var concurrency = task.policy().concurrency();
    var key = keyOf(task.id());
    if (concurrency.most() > 0) {
      limits.add(new Limit(key, concurrency.most(), null));
    }
    if (concurrency.key() != null) {
      var value = task.argument(concurrency.key(), arguments);
      // What is a secret could be guessed from a digest that everybody can make.
      var digest =
          masked.contains(task.position(concurrency.key()))
              ? secrets.digest(task, value)
              : digest(value);
      limits.add(new Limit(key + "/" + digest, concurrency.mostPerKey(), concurrency.key()));
    }
    return limits;
  }

  /** A word before the id, because a bare id would be kept as another type than longer keys. */
  public static String keyOf(String task) {
    return "task/" + task;
  }

  private static String digest(String value) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(value.getBytes(StandardCharsets.UTF_8)),
              0,
              16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform supports SHA-256.", e);
    }
  }
}
