package io.capataz.supervisor.task;

import io.capataz.supervisor.access.People;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.data.annotation.TypeAlias;

/**
 * Waits for people to approve or reject.
 *
 * @param approvers who may decide; with {@code byStarter} in addition to whoever started the job
 * @param byStarter whether whoever started the job is an approver
 * @param quorum how many have to approve
 * @param selfApproval whether whoever started the job may decide, if they are an approver
 * @param deadline how long it waits; null: for ever
 * @param lapse what becomes of it after that
 * @param labels what the choices are called
 */
@TypeAlias("approve")
public record Approve(
    People approvers,
    boolean byStarter,
    Quorum quorum,
    boolean selfApproval,
    @Nullable Duration deadline,
    Lapse lapse,
    Labels labels)
    implements Action {

  /**
   * How many have to approve.
   *
   * @param count how many different people; 0: for each entry of the approvers somebody whom it
   *     names
   */
  public record Quorum(int count) {
    static final Quorum ONE = new Quorum(1);
    static final Quorum ALL = new Quorum(0);

    public boolean isAll() {
      return count == 0;
    }

    /** Its word or number on the wire. */
    Object wire() {
      return isAll() ? "all" : count == 1 ? "one" : count;
    }
  }

  /** What becomes of an approval on which nobody has decided in time. */
  public enum Lapse {
    /** It ends as expired. */
    EXPIRED,
    /** It counts as approved. */
    APPROVED,
    /** It counts as rejected. */
    REJECTED
  }

  /** What the choices are called. */
  public record Labels(@Nullable String approve, @Nullable String reject) {
    static final Labels NONE = new Labels(null, null);
  }

  /**
   * Whether so many approvals are enough.
   *
   * @param approvals for each person who has approved, the entries of the approvers that name them
   */
  public boolean isMetBy(Collection<List<String>> approvals) {
    return quorum.isAll()
        ? approvers.entries().stream()
            .allMatch(entry -> approvals.stream().anyMatch(named -> named.contains(entry)))
        : approvals.size() >= quorum.count();
  }

  /** How many approvals it takes, counted as {@link #isMetBy} does. */
  public int needed() {
    return quorum.isAll() ? approvers.entries().size() : quorum.count();
  }
}
