package io.capataz.supervisor.job;

import static io.capataz.supervisor.job.JobFields.CREATED;
import static io.capataz.supervisor.job.JobFields.ID;
import static io.capataz.supervisor.job.JobFields.STATE;
import static io.capataz.supervisor.job.JobFields.USER_ID;
import static io.capataz.supervisor.runtime.MongoRetry.idempotent;

import io.capataz.supervisor.access.Acl;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.People;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.job.Job.User;
import io.capataz.supervisor.task.Approve;
import java.util.ArrayList;
import java.util.List;
import org.springframework.data.domain.Sort;
import org.springframework.data.domain.Sort.Direction;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.stereotype.Repository;

/** The jobs that wait for somebody. */
@Repository
public class HeldJobs {

  /** Fields of one kind of action only; no path of {@link Job} leads there. */
  private static final String APPROVERS = "spec.action.approvers.entries";

  private static final String BY_STARTER = "spec.action.byStarter";
  private static final String ASKED = "spec.action.people.entries";
  private static final String ASKS = "spec.action.asks";

  private final MongoOperations mongo;

  HeldJobs(MongoOperations mongo) {
    this.mongo = mongo;
  }

  /**
   * The approvals and inputs that wait for a member, newest first: those that they may decide, and
   * have not.
   */
  public List<Job> waitingFor(Caller.Member member, int limit) {
    var words = People.wordsFor(member);
    var ways = new ArrayList<Criteria>();
    ways.add(Criteria.where(APPROVERS).in(words));
    ways.add(Criteria.where(BY_STARTER).is(true).and(USER_ID).is(User.of(member).id()));
    if (member.role().covers(Role.USER)) {
      ways.add(Criteria.where(ASKED).in(words));
      ways.add(Criteria.where(ASKS).is(true).and(ASKED).size(0));
    }
    var which =
        Acl.visibleTo(member)
            .and(STATE)
            .is(JobState.HELD)
            .orOperator(ways.toArray(Criteria[]::new));
    var query = Query.query(which).with(Sort.by(Direction.DESC, CREATED, ID)).limit(limit);
    return idempotent(() -> mongo.find(query, Job.class)).stream()
        .filter(job -> isLeftTo(job, User.of(member).id()))
        .toList();
  }

  private static boolean isLeftTo(Job job, String person) {
    var starter = job.provenance().user();
    var isOwn = starter != null && starter.id().equals(person);
    return !Decisions.hasDecided(job, person)
        && !(isOwn && job.spec().action() instanceof Approve approve && !approve.selfApproval());
  }
}
