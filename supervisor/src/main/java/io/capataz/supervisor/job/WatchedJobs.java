package io.capataz.supervisor.job;

import static io.capataz.supervisor.job.JobFields.ID;
import static io.capataz.supervisor.job.JobFields.REV;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.data.annotation.Id;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Repository;

/**
 * Looks after the jobs that somebody waits for, because another supervisor may move them: all of
 * them with one query, however many wait. Moves made here signal by themselves.
 */
@Repository
class WatchedJobs {

  private static final Logger log = LoggerFactory.getLogger(WatchedJobs.class);

  private static final int AT_ONCE = 500;

  private final MongoOperations mongo;
  private final JobSignals signals;
  private final String collection;

  /** How many wait for each job. */
  private final Map<String, Integer> waiting = new ConcurrentHashMap<>();

  /** As they were seen last. */
  private final Map<String, Long> revisions = new ConcurrentHashMap<>();

  WatchedJobs(MongoOperations mongo, JobSignals signals) {
    this.mongo = mongo;
    this.signals = signals;
    this.collection = mongo.getCollectionName(Job.class);
  }

  /** One who waits; closed when they no longer do. */
  final class Watch implements AutoCloseable {
    private final String job;

    private Watch(String job) {
      this.job = job;
    }

    @Override
    public void close() {
      if (waiting.computeIfPresent(job, (_, count) -> count == 1 ? null : count - 1) == null) {
        revisions.remove(job);
      }
    }
  }

  Watch watch(String job) {
    waiting.merge(job, 1, Integer::sum);
    return new Watch(job);
  }

  private record Seen(@Id String id, long rev) {}

  @Scheduled(fixedDelayString = "PT0.5S")
  void look() {
    var jobs = List.copyOf(waiting.keySet());
    try {
      for (var from = 0; from < jobs.size(); from += AT_ONCE) {
        look(jobs.subList(from, Math.min(from + AT_ONCE, jobs.size())));
      }
    } catch (DataAccessException away) {
      // Each waiting request looks at its job again when its time is up, and fails then.
      log.atDebug().setCause(away).log("jobs that are waited for could not be looked at");
    }
  }

  private void look(List<String> jobs) {
    var query = Query.query(Criteria.where(ID).in(jobs));
    query.fields().include(REV);
    var found =
        mongo.find(query, Seen.class, collection).stream()
            .collect(Collectors.toMap(Seen::id, Seen::rev));
    for (var job : jobs) {
      // One that was removed is looked for, too: its waiters must hear of it.
      var rev = found.getOrDefault(job, -1L);
      if (!rev.equals(revisions.put(job, rev))) {
        signals.changed(job);
      }
      if (!waiting.containsKey(job)) {
        revisions.remove(job);
      }
    }
  }
}
