package io.capataz.supervisor.job;

import io.capataz.supervisor.job.Job.Announced;
import io.capataz.supervisor.job.Job.Attempt;
import io.capataz.supervisor.job.Job.Decision;
import io.capataz.supervisor.job.Job.Effect;
import io.capataz.supervisor.job.Job.Ending;
import io.capataz.supervisor.job.Job.GivenFile;
import io.capataz.supervisor.job.Job.Holding;
import io.capataz.supervisor.job.Job.Lease;
import io.capataz.supervisor.job.Job.Limit;
import io.capataz.supervisor.job.Job.Moved;
import io.capataz.supervisor.job.Job.Outbox;
import io.capataz.supervisor.job.Job.Past;
import io.capataz.supervisor.job.Job.Pending;
import io.capataz.supervisor.job.Job.Placement;
import io.capataz.supervisor.job.Job.Provenance;
import io.capataz.supervisor.job.Job.Spec;
import io.capataz.supervisor.job.Job.Stop;
import io.capataz.supervisor.job.Job.User;
import io.capataz.supervisor.task.Task.Target;
import java.time.Instant;
import java.util.List;
import org.springframework.data.core.TypedPropertyPath;

/**
 * The fields of stored jobs that queries, updates and indexes name. The compiler checks each
 * against the records of {@link Job}.
 */
public final class JobFields {
  public static final TypedPropertyPath<Job, String> ID = TypedPropertyPath.of(Job::id);
  public static final TypedPropertyPath<Job, String> ORGANIZATION =
      TypedPropertyPath.of(Job::organization);
  public static final TypedPropertyPath<Job, String> TASK = TypedPropertyPath.of(Job::task);
  public static final TypedPropertyPath<Job, JobState> STATE = TypedPropertyPath.of(Job::state);
  public static final TypedPropertyPath<Job, Long> REV = TypedPropertyPath.of(Job::rev);

  public static final TypedPropertyPath<Job, Integer> TASK_VERSION =
      TypedPropertyPath.of(Job::spec).then(Spec::taskVersion);
  public static final TypedPropertyPath<Job, List<String>> ARGUMENTS =
      TypedPropertyPath.of(Job::spec).then(Spec::arguments);
  public static final TypedPropertyPath<Job, List<GivenFile>> FILES =
      TypedPropertyPath.of(Job::spec).then(Spec::files);
  public static final TypedPropertyPath<Job, List<Integer>> MASKED_ARGUMENTS =
      TypedPropertyPath.of(Job::spec).then(Spec::maskedArguments);
  public static final TypedPropertyPath<Job, List<Limit>> LIMITS =
      TypedPropertyPath.of(Job::spec).then(Spec::limits);

  public static final TypedPropertyPath<Job, String> ORIGIN_WORD =
      TypedPropertyPath.of(Job::provenance).then(Provenance::origin).then(Origin::word);
  public static final TypedPropertyPath<Job, String> ORIGIN_REFERENCE =
      TypedPropertyPath.of(Job::provenance).then(Provenance::origin).then(Origin::reference);
  public static final TypedPropertyPath<Job, String> ORIGIN_STEP =
      TypedPropertyPath.of(Job::provenance)
          .then(Provenance::origin)
          .then(Origin::position)
          .then(Origin.Position::step);
  public static final TypedPropertyPath<Job, String> USER_ID =
      TypedPropertyPath.of(Job::provenance).then(Provenance::user).then(User::id);
  public static final TypedPropertyPath<Job, String> USER_EMAIL =
      TypedPropertyPath.of(Job::provenance).then(Provenance::user).then(User::email);
  public static final TypedPropertyPath<Job, Instant> CREATED =
      TypedPropertyPath.of(Job::provenance).then(Provenance::created);
  public static final TypedPropertyPath<Job, List<String>> KEYS =
      TypedPropertyPath.of(Job::provenance).then(Provenance::keys);

  public static final TypedPropertyPath<Job, Target> TARGET =
      TypedPropertyPath.of(Job::placement).then(Placement::target);
  public static final TypedPropertyPath<Job, String> TARGET_HOST =
      TypedPropertyPath.of(Job::placement).then(Placement::target).then(Target::host);
  public static final TypedPropertyPath<Job, String> TARGET_POOL =
      TypedPropertyPath.of(Job::placement).then(Placement::target).then(Target::pool);
  public static final TypedPropertyPath<Job, String> QUEUE =
      TypedPropertyPath.of(Job::placement).then(Placement::queue);
  public static final TypedPropertyPath<Job, Integer> PRIORITY =
      TypedPropertyPath.of(Job::placement).then(Placement::priority);
  public static final TypedPropertyPath<Job, Instant> READY_SINCE =
      TypedPropertyPath.of(Job::placement).then(Placement::ready);
  public static final TypedPropertyPath<Job, Instant> DUE =
      TypedPropertyPath.of(Job::placement).then(Placement::due);
  public static final TypedPropertyPath<Job, Instant> START_BY =
      TypedPropertyPath.of(Job::placement).then(Placement::startBy);

  public static final TypedPropertyPath<Job, Integer> ATTEMPT =
      TypedPropertyPath.of(Job::holding).then(Holding::attempt);
  public static final TypedPropertyPath<Job, Integer> GENERATION =
      TypedPropertyPath.of(Job::holding).then(Holding::generation);
  public static final TypedPropertyPath<Job, Integer> GIVEN_BACK =
      TypedPropertyPath.of(Job::holding).then(Holding::givenBack);
  public static final TypedPropertyPath<Job, Lease> LEASE =
      TypedPropertyPath.of(Job::holding).then(Holding::lease);
  public static final TypedPropertyPath<Job, String> LEASE_HOST =
      TypedPropertyPath.of(Job::holding).then(Holding::lease).then(Lease::host);
  public static final TypedPropertyPath<Job, String> LEASE_AGENT =
      TypedPropertyPath.of(Job::holding).then(Holding::lease).then(Lease::agent);
  public static final TypedPropertyPath<Job, Long> LEASE_EPOCH =
      TypedPropertyPath.of(Job::holding).then(Holding::lease).then(Lease::epoch);
  public static final TypedPropertyPath<Job, String> LEASE_CLAIM =
      TypedPropertyPath.of(Job::holding).then(Holding::lease).then(Lease::claim);
  public static final TypedPropertyPath<Job, Instant> STARTED =
      TypedPropertyPath.of(Job::holding).then(Holding::started);
  public static final TypedPropertyPath<Job, Long> PID =
      TypedPropertyPath.of(Job::holding).then(Holding::pid);
  public static final TypedPropertyPath<Job, Instant> SILENT_SINCE =
      TypedPropertyPath.of(Job::holding).then(Holding::silentSince);
  public static final TypedPropertyPath<Job, Stop> STOP =
      TypedPropertyPath.of(Job::holding).then(Holding::stop);

  public static final TypedPropertyPath<Job, Instant> ANNOUNCE_AT =
      TypedPropertyPath.of(Job::pending).then(Pending::outbox).then(Outbox::at);
  public static final TypedPropertyPath<Job, Long> ANNOUNCE_SEQ =
      TypedPropertyPath.of(Job::pending).then(Pending::outbox).then(Outbox::seq);
  public static final TypedPropertyPath<Job, Announced> ANNOUNCED =
      TypedPropertyPath.of(Job::pending).then(Pending::announced);
  public static final TypedPropertyPath<Job, List<Effect>> EFFECTS =
      TypedPropertyPath.of(Job::pending).then(Pending::effects);
  public static final TypedPropertyPath<Job, Instant> EFFECTS_DUE =
      TypedPropertyPath.of(Job::pending).then(Pending::effectsDue);
  public static final TypedPropertyPath<Job, String> OPEN_FOR =
      TypedPropertyPath.of(Job::pending).then(Pending::openFor);

  public static final TypedPropertyPath<Job, List<Attempt>> ATTEMPTS =
      TypedPropertyPath.of(Job::past).then(Past::attempts);
  public static final TypedPropertyPath<Job, List<Moved>> HISTORY =
      TypedPropertyPath.of(Job::past).then(Past::history);
  public static final TypedPropertyPath<Job, Instant> ENDED =
      TypedPropertyPath.of(Job::past).then(Past::ended);
  public static final TypedPropertyPath<Job, Ending> ENDING =
      TypedPropertyPath.of(Job::past).then(Past::ending);

  public static final TypedPropertyPath<Job, List<Decision>> DECISIONS =
      TypedPropertyPath.of(Job::past).then(Past::decisions);

  public static final TypedPropertyPath<Job, Long> BYTES =
      TypedPropertyPath.of(Job::past).then(Past::bytes);

  private JobFields() {}
}
