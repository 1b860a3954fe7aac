package io.capataz.supervisor.member;

import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.People;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.Scope;
import io.capataz.supervisor.listing.Listing;
import io.capataz.supervisor.listing.Pages;
import io.capataz.supervisor.runtime.Indexed;
import io.capataz.supervisor.runtime.ReadCache;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.data.annotation.Id;
import org.springframework.data.domain.Sort;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.index.Index;
import org.springframework.data.mongodb.core.mapping.Document;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;
import org.springframework.stereotype.Repository;

/** All members of all organizations. */
@Repository
public class Members implements Indexed {

  private final MongoOperations mongo;
  private final ReadCache<String, Member> callers = ReadCache.of(10_000);

  Members(MongoOperations mongo) {
    this.mongo = mongo;
  }

  /**
   * The owners of an organization that are about to stop being one. Two leaving at the same time
   * would each count on the other; here each sees the other leave, because only one can write at a
   * time. A member left here by a crash is still an owner, but does not count.
   *
   * @param rev counts changes, and guards them
   */
  @Document("leaving_owners")
  record Leaving(@Id String organization, long rev, List<String> members) {
    Leaving {
      members = members == null ? List.of() : List.copyOf(members);
    }
  }

  @Override
  public Class<?> indexedType() {
    return Member.class;
  }

  @Override
  public List<Index> indexes() {
    return List.of(
        new Index()
            .on(Member::organization, Sort.Direction.ASC)
            .on(Member::email, Sort.Direction.ASC)
            .unique(),
        // The index for logins that name no organization.
        new Index().on(Member::email, Sort.Direction.ASC));
  }

  /** Adds a member; empty if the organization has one with that address. */
  public Optional<Member> add(Member member) {
    try {
      return Optional.of(mongo.insert(member));
    } catch (DuplicateKeyException taken) {
      return Optional.empty();
    }
  }

  public Optional<Member> find(String organization, String id) {
    return Optional.ofNullable(
        mongo.findOne(
            Query.query(
                Criteria.where(Member::id).is(id).and(Member::organization).is(organization)),
            Member.class));
  }

  /**
   * The caller behind a key.
   *
   * @param id the member's id
   * @param keys the member's key counter when the key was created
   * @param most the highest role the key grants; null: the member's own
   * @param scopes the scopes the key is limited to; null: not limited
   * @return empty if the member is removed or disabled, or the key has ended
   */
  Optional<Caller> callerOf(
      String id, long keys, @Nullable Role most, @Nullable Set<Scope> scopes) {
    return callers
        .get(id, () -> Optional.ofNullable(mongo.findById(id, Member.class)))
        .filter(member -> member.enabled() && member.keys() == keys)
        .map(member -> member.caller(most == null ? Role.OWNER : most, scopes));
  }

  /**
   * The member that a login refers to; empty if there is none, or if the organization must be
   * specified.
   */
  public Optional<Member> meant(String email, Optional<String> organization) {
    var which = Criteria.where(Member::email).is(email);
    organization.ifPresent(name -> which.and(Member::organization).is(name));
    var found = mongo.find(Query.query(which).limit(2), Member.class);
    return found.size() == 1 ? Optional.of(found.getFirst()) : Optional.empty();
  }

  /** Replaces the version that was read with {@code next}; empty after a concurrent change. */
  Optional<Member> replace(Member seen, Member next) {
    var replaced = mongo.findAndReplace(asSeen(seen), next);
    callers.drop();
    return Optional.ofNullable(replaced).map(_ -> next);
  }

  /** Removes a member; false after a concurrent change. */
  boolean remove(Member seen) {
    var removed = mongo.remove(asSeen(seen), Member.class);
    callers.drop();
    return removed.getDeletedCount() == 1;
  }

  /**
   * Announces that a member stops being an owner; false if no owner would be left. When that is
   * done or abandoned, {@link #hasDecided} withdraws the announcement.
   */
  boolean mayLeave(Member owner) {
    while (true) {
      var leaving = leaving(owner.organization());
      var going = new ArrayList<>(leaving.members());
      if (!going.contains(owner.id())) {
        going.add(owner.id());
      }
      var anotherStays =
          mongo.exists(
              Query.query(
                  Criteria.where(Member::organization)
                      .is(owner.organization())
                      .and(Member::role)
                      .is(Role.OWNER)
                      .and(Member::enabled)
                      .is(true)
                      .and(Member::id)
                      .nin(going)),
              Member.class);
      if (!anotherStays) {
        return false;
      }
      if (mongo
              .updateFirst(
                  Query.query(
                      Criteria.where(Leaving::organization)
                          .is(owner.organization())
                          .and(Leaving::rev)
                          .is(leaving.rev())),
                  new Update().set(Leaving::members, going).inc(Leaving::rev, 1),
                  Leaving.class)
              .getModifiedCount()
          == 1) {
        return true;
      }
    }
  }

  /** The member's ownership is decided: withdraws the announcement. */
  void hasDecided(Member member) {
    mongo.updateFirst(
        Query.query(
            Criteria.where(Leaving::organization)
                .is(member.organization())
                .and(Leaving::members)
                .is(member.id())),
        new Update().pull(Leaving::members, member.id()).inc(Leaving::rev, 1),
        Leaving.class);
  }

  private Leaving leaving(String organization) {
    var found = mongo.findById(organization, Leaving.class);
    if (found != null) {
      return found;
    }
    var nobody = new Leaving(organization, 0, List.of());
    try {
      return mongo.insert(nobody);
    } catch (DuplicateKeyException madeMeanwhile) {
      return leaving(organization);
    }
  }

  private static final Map<String, String> STORED =
      Map.of("email", "email", "name", "name", "tags", "tags");

  /**
   * The members of an organization whom one of the entries names, at most {@code most}; disabled
   * ones are none.
   */
  public List<Member> among(String organization, People people, int most) {
    var enabled =
        Query.query(
            Criteria.where(Member::organization).is(organization).and(Member::enabled).is(true));
    return mongo.find(enabled, Member.class).stream()
        .filter(member -> people.includes(member.caller(Role.OWNER, null)))
        .limit(most)
        .toList();
  }

  /** An organization's members. */
  Listing.Page<Member> list(String organization, Listing<Member> asked, List<Role> roles) {
    var which = Criteria.where(Member::organization).is(organization);
    STORED.forEach(
        (name, stored) -> {
          var values = asked.filterAll(name);
          if (!values.isEmpty()) {
            which.and(stored).in(values);
          }
        });
    if (!roles.isEmpty()) {
      which.and(Member::role).in(roles);
    }
    return Pages.find(mongo, Member.class, which, asked, Member::id);
  }

  private static Query asSeen(Member seen) {
    return Query.query(Criteria.where(Member::id).is(seen.id()).and(Member::rev).is(seen.rev()));
  }
}
