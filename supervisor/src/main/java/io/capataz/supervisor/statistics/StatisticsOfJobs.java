package io.capataz.supervisor.statistics;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.job.Job.User;
import io.capataz.supervisor.job.JobQueries;
import io.capataz.supervisor.job.JobQueries.Among;
import io.capataz.supervisor.job.JobQueries.Times;
import io.capataz.supervisor.job.JobState;
import io.capataz.supervisor.statistics.JobStatistics.Bucket;
import io.capataz.supervisor.statistics.JobStatistics.Spread;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Counts and times jobs for charts. What was counted is answered again for some seconds, so that a
 * page that many people keep open costs what one costs.
 */
@Component
class StatisticsOfJobs {

  private static final Duration KEPT = Duration.ofSeconds(10);
  private static final int MOST_KEPT = 500;
  private static final int SAMPLE = 200;

  private static final Set<JobState> FAILED = Set.of(JobState.FAILED, JobState.EXPIRED);
  private static final Set<JobState> SUCCEEDED = Set.of(JobState.SUCCEEDED);
  private static final Set<JobState> CANCELED = Set.of(JobState.CANCELED);

  private final JobQueries jobs;
  private final InstantSource clock;
  private final Cache<Asked, JobStatistics> kept =
      Caffeine.newBuilder().expireAfterWrite(KEPT).maximumSize(MOST_KEPT).build();

  StatisticsOfJobs(JobQueries jobs, InstantSource clock) {
    this.jobs = jobs;
    this.clock = clock;
  }

  /**
   * What is kept.
   *
   * @param caller whose jobs are counted; empty: all of the organization's
   */
  private record Asked(
      String organization, String caller, Window window, Instant from, @Nullable String task) {}

  JobStatistics of(Caller.Member caller, Window window, Optional<String> task) {
    var from = window.begin(clock.instant());
    var seesAll = caller.role().covers(Role.ADMIN);
    var asked =
        new Asked(
            caller.organization(),
            seesAll ? "" : User.of(caller).id(),
            window,
            from,
            task.orElse(null));
    return kept.get(asked, _ -> count(caller, asked));
  }

  private JobStatistics count(Caller.Member caller, Asked asked) {
    var width = asked.window().width();
    var buckets =
        IntStream.range(0, asked.window().parts())
            .mapToObj(part -> asked.from().plus(width.multipliedBy(part)))
            .map(from -> bucket(new Among(caller, asked.task(), from, from.plus(width))))
            .toList();
    return new JobStatistics(
        asked.window().word(), asked.from(), buckets.getLast().until(), buckets);
  }

  private Bucket bucket(Among among) {
    var succeeded = jobs.count(among, SUCCEEDED);
    var failed = jobs.count(among, FAILED);
    var times =
        succeeded + failed == 0
            ? List.<Times>of()
            : jobs.times(among, Set.of(JobState.SUCCEEDED, JobState.FAILED), SAMPLE);
    return new Bucket(
        among.from(),
        among.until(),
        succeeded,
        failed,
        jobs.count(among, CANCELED),
        Spread.of(times.stream().flatMap(it -> it.queueWait().stream()).toList()),
        Spread.of(times.stream().flatMap(it -> it.duration().stream()).toList()),
        times.size() == SAMPLE && succeeded + failed > SAMPLE);
  }
}
