package io.capataz.supervisor.notification;

import static io.capataz.supervisor.runtime.MongoRetry.idempotent;

import io.capataz.supervisor.job.BelongsToJob;
import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.runtime.Indexed;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.data.domain.Sort;
import org.springframework.data.domain.Sort.Direction;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.index.Index;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;
import org.springframework.stereotype.Repository;

/** The notifications in all inboxes; they go when their jobs do. */
@Repository
public class InboxEntries implements Indexed, BelongsToJob {

  private final MongoOperations mongo;
  private final InstantSource clock;

  InboxEntries(MongoOperations mongo, InstantSource clock) {
    this.mongo = mongo;
    this.clock = clock;
  }

  @Override
  public Class<?> indexedType() {
    return InboxEntry.class;
  }

  @Override
  public List<Index> indexes() {
    return List.of(
        new Index().on(InboxEntry::member, Direction.ASC).on(InboxEntry::at, Direction.DESC),
        new Index().on(InboxEntry::job, Direction.ASC));
  }

  /** Puts it into the inbox, unless it is there. */
  void put(Job job, String member, String subject, String body) {
    var entry =
        new InboxEntry(
            job.id() + "-" + member,
            job.organization(),
            member,
            job.id(),
            subject,
            body,
            clock.instant(),
            null);
    var _ =
        idempotent(
            () -> {
              try {
                return mongo.insert(entry);
              } catch (DuplicateKeyException there) {
                return entry;
              }
            });
  }

  /** A member's notifications, newest first. */
  public List<InboxEntry> of(String organization, String member, boolean unreadOnly, int limit) {
    var which = whose(organization, member);
    if (unreadOnly) {
      which.and(InboxEntry::read).isNull();
    }
    return idempotent(
        () ->
            mongo.find(
                Query.query(which).with(Sort.by(Direction.DESC, "at", "_id")).limit(limit),
                InboxEntry.class));
  }

  /**
   * Marks notifications of a member as read; how many were not.
   *
   * @param ids those of others are passed over; empty: all of the member's
   */
  public long markRead(String organization, String member, Optional<List<String>> ids) {
    var theirs = whose(organization, member).and(InboxEntry::read).isNull();
    ids.ifPresent(some -> theirs.and(InboxEntry::id).in(some));
    var update = new Update().set(InboxEntry::read, clock.instant());
    return idempotent(() -> mongo.updateMulti(Query.query(theirs), update, InboxEntry.class))
        .getModifiedCount();
  }

  private static Criteria whose(String organization, String member) {
    return Criteria.where(InboxEntry::member)
        .is(member)
        .and(InboxEntry::organization)
        .is(organization);
  }

  @Override
  public void removeFor(Job job) {
    var _ =
        idempotent(
            () ->
                mongo.remove(
                    Query.query(Criteria.where(InboxEntry::job).is(job.id())), InboxEntry.class));
  }
}
