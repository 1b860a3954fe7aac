package io.capataz.supervisor.progress;

import static io.capataz.supervisor.runtime.MongoRetry.idempotent;

import io.capataz.common.protocol.AttemptId;
import io.capataz.common.protocol.ProgressReport;
import io.capataz.supervisor.job.BelongsToJob;
import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.progress.Progress.Entry;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;
import org.springframework.stereotype.Repository;

/** The progress of all jobs, one document for each attempt that reports any. */
@Repository
public class JobProgress implements BelongsToJob {

  private final MongoOperations mongo;
  private final InstantSource clock;

  JobProgress(MongoOperations mongo, InstantSource clock) {
    this.mongo = mongo;
    this.clock = clock;
  }

  /** What the script of an attempt has reported; empty if it has not. */
  public Optional<Progress> of(AttemptId attempt) {
    return idempotent(
        () -> Optional.ofNullable(mongo.findById(Progress.idOf(attempt), Progress.class)));
  }

  /** What the scripts of these attempts have reported, as far as they have. */
  public List<Progress> of(Collection<AttemptId> attempts) {
    var ids = attempts.stream().map(Progress::idOf).toList();
    return ids.isEmpty()
        ? List.of()
        : idempotent(
            () -> mongo.find(Query.query(Criteria.where(Progress::id).in(ids)), Progress.class));
  }

  /**
   * Adds what a script reported, as far as it is new.
   *
   * @return the progress with it; empty if nothing of it was new
   */
  Optional<Progress> add(AttemptId attempt, ProgressReport report) {
    while (true) {
      var now = of(attempt);
      if (now.isEmpty()) {
        var none = new Progress(Progress.idOf(attempt), 0, null, null, clock.instant(), List.of());
        var first = after(none, report);
        if (inserted(first)) {
          return Optional.of(first);
        }
      } else if (report.before() + report.entries().size() <= now.get().taken()) {
        return Optional.empty();
      } else {
        var next = after(now.get(), report);
        if (replaced(now.get(), next)) {
          return Optional.of(next);
        }
      }
    }
  }

  /** False if there is one already: it was reported twice at the same time. */
  private boolean inserted(Progress first) {
    try {
      mongo.insert(first);
      return true;
    } catch (DuplicateKeyException thereAlready) {
      return false;
    }
  }

  /** False if somebody else has changed it. */
  private boolean replaced(Progress now, Progress next) {
    var unchanged =
        Query.query(Criteria.where(Progress::id).is(now.id()).and(Progress::taken).is(now.taken()));
    var change =
        new Update()
            .set(Progress::taken, next.taken())
            .set(Progress::percent, next.percent())
            .set(Progress::message, next.message())
            .set(Progress::since, next.since())
            .set(Progress::history, next.history());
    return mongo.updateFirst(unchanged, change, Progress.class).getMatchedCount() > 0;
  }

  /** What it is after the entries of a report that are new. */
  private Progress after(Progress now, ProgressReport report) {
    var at = clock.instant();
    var percent = now.percent();
    var message = now.message();
    var history = new ArrayList<>(now.history());
    var known = Math.clamp(now.taken() - report.before(), 0, report.entries().size());
    for (var entry : report.entries().subList(known, report.entries().size())) {
      percent = larger(percent, entry.percent());
      message = entry.message() == null ? message : entry.message();
      history.add(new Entry(at, percent, entry.message()));
    }
    return new Progress(
        now.id(),
        report.before() + report.entries().size(),
        percent,
        message,
        at,
        history.subList(Math.max(0, history.size() - Progress.REMEMBERED), history.size()));
  }

  private static @Nullable Integer larger(@Nullable Integer one, @Nullable Integer other) {
    return one == null || (other != null && other > one) ? other : one;
  }

  /** Removes the progress of all attempts. */
  @Override
  public void removeFor(Job job) {
    if (job.attempt() > 0) {
      var attempts =
          IntStream.rangeClosed(1, job.attempt())
              .mapToObj(number -> Progress.idOf(new AttemptId(job.id(), number)))
              .toList();
      var _ =
          idempotent(
              () ->
                  mongo.remove(
                      Query.query(Criteria.where(Progress::id).in(attempts)), Progress.class));
    }
  }
}
