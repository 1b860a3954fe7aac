package io.capataz.supervisor.job;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.capataz.supervisor.runtime.ReadCache;
import java.util.Optional;
import org.springframework.stereotype.Component;

/**
 * Jobs as this supervisor saw them last, so that the next report about one need not read it first.
 * Only hints: another supervisor may have written since. A move that is based on a hint names its
 * revision, and is refused if that is no longer the job's.
 */
@Component
class KnownJobs {

  private static final long MOST_BYTES = 16L * 1024 * 1024;

  /** Roughly what a job takes besides arguments, result and history. */
  private static final int EMPTY_BYTES = 4_000;

  private final Cache<String, Seen> seen =
      Caffeine.newBuilder()
          .maximumWeight(MOST_BYTES)
          .weigher((String _, Seen kept) -> kept.weight())
          .build();

  private record Seen(Job job, long nanos) {
    int weight() {
      return (int) Math.min(Integer.MAX_VALUE, EMPTY_BYTES + job.weight());
    }

    boolean isRecent() {
      return System.nanoTime() - nanos < ReadCache.MAX_AGE.toNanos();
    }
  }

  /** Remembers a job as it was read or written just now, unless a later revision is known. */
  Job saw(Job job) {
    seen.asMap()
        .merge(
            job.id(),
            new Seen(job, System.nanoTime()),
            (before, now) -> before.job().rev() > now.job().rev() ? before : now);
    return job;
  }

  /** The job as it was seen last, however long ago. */
  Optional<Job> last(String id) {
    return Optional.ofNullable(seen.getIfPresent(id)).map(Seen::job);
  }

  /** The job as it was seen within {@link ReadCache#MAX_AGE}. */
  Optional<Job> recent(String id) {
    return Optional.ofNullable(seen.getIfPresent(id)).filter(Seen::isRecent).map(Seen::job);
  }

  /** A job that was removed must not be handed to anybody. */
  void forget(String id) {
    seen.invalidate(id);
  }
}
