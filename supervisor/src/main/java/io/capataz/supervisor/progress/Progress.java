package io.capataz.supervisor.progress;

import io.capataz.common.protocol.AttemptId;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.data.annotation.Id;
import org.springframework.data.mongodb.core.mapping.Document;

/**
 * How far the script of an attempt says it has come.
 *
 * @param id the job's and the attempt's number, see {@link #idOf}
 * @param taken how many entries the script has reported
 * @param percent 0 to 100; never less than before; null: it has only said what it is doing
 * @param message what it is doing, as it said last
 * @param since when it said so
 * @param history the newest entries, oldest first
 */
@Document("job_progress")
public record Progress(
    @Id String id,
    long taken,
    @Nullable Integer percent,
    @Nullable String message,
    Instant since,
    List<Entry> history) {
  public Progress {
    history = List.copyOf(history);
  }

  /** The most entries of a history. */
  static final int REMEMBERED = 200;

  /**
   * What a script reported at once.
   *
   * @param percent as it stood then; null: nothing had been said
   * @param message null: it said nothing new
   */
  public record Entry(Instant at, @Nullable Integer percent, @Nullable String message) {}

  /** The attempt that it is about. */
  public AttemptId attempt() {
    var slash = id.lastIndexOf('/');
    return new AttemptId(id.substring(0, slash), Integer.parseInt(id.substring(slash + 1)));
  }

  static String idOf(AttemptId attempt) {
    return attempt.job() + "/" + attempt.number();
  }
}
