package io.capataz.supervisor.result;

import static io.capataz.supervisor.job.JobFields.ID;
import static io.capataz.supervisor.job.JobFields.KEYS;
import static io.capataz.supervisor.job.JobFields.REV;
import static io.capataz.supervisor.runtime.MongoRetry.idempotent;

import io.capataz.common.secret.Secret;
import io.capataz.supervisor.access.AccessKey;
import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.job.Jobs;
import java.util.Optional;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;
import org.springframework.stereotype.Repository;

/** The keys with which the result of a job can be seen without a token. */
@Repository
public class JobKeys {

  /** How many keys of a job are valid: one for each time that its run was repeated. */
  private static final int MOST = 10;

  private final MongoOperations mongo;
  private final Jobs jobs;

  JobKeys(MongoOperations mongo, Jobs jobs) {
    this.mongo = mongo;
    this.jobs = jobs;
  }

  /** The job whose key this is; a wrong job and a wrong key look the same. */
  public Optional<Job> opened(String id, Secret key) {
    return AccessKey.parse(key.reveal())
        .filter(shown -> shown.kind() == AccessKey.Kind.JK)
        .flatMap(
            shown ->
                jobs.find(id)
                    .filter(job -> job.provenance().keys().stream().anyMatch(shown::matches)));
  }

  /** Makes a new key that shows what becomes of the job; its last few are good. */
  public Secret issue(Job job) {
    var issued = AccessKey.issue(AccessKey.Kind.JK);
    var more = new Update().push(KEYS).slice(-MOST).each(issued.key().hash()).inc(REV, 1);
    var _ =
        idempotent(
            () -> mongo.updateFirst(Query.query(Criteria.where(ID).is(job.id())), more, Job.class));
    return issued.text();
  }
}
