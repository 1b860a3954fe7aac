package io.capataz.supervisor.draft;

import static io.capataz.supervisor.runtime.MongoRetry.idempotent;
import static io.capataz.supervisor.runtime.MongoRetry.verified;

import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.listing.Listing;
import io.capataz.supervisor.listing.Pages;
import io.capataz.supervisor.runtime.Indexed;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.data.domain.Sort;
import org.springframework.data.mongodb.core.FindAndReplaceOptions;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.index.Index;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.stereotype.Repository;

/** All drafts. Only here do they change their state. */
@Repository
class Drafts implements Indexed {

  private final MongoOperations mongo;

  Drafts(MongoOperations mongo) {
    this.mongo = mongo;
  }

  @Override
  public Class<?> indexedType() {
    return Draft.class;
  }

  @Override
  public List<Index> indexes() {
    return List.of(
        new Index()
            .on(Draft::organization, Sort.Direction.ASC)
            .on(Draft::created, Sort.Direction.ASC));
  }

  void add(Draft draft) {
    try {
      var _ = idempotent(() -> mongo.insert(draft));
    } catch (DuplicateKeyException there) {
      // The id is random: it is this one, of which the answer was lost.
      if (find(draft.organization(), draft.id()).isEmpty()) {
        throw there;
      }
    }
  }

  Optional<Draft> find(String organization, String id) {
    return idempotent(() -> Optional.ofNullable(mongo.findById(id, Draft.class)))
        .filter(draft -> draft.organization().equals(organization));
  }

  /** The drafts that match the request and that the member may know of. */
  Listing.Page<Draft> list(Caller.Member member, Listing<Draft> asked) {
    var which = Criteria.where("organization").is(member.organization());
    asked.filters().forEach((name, values) -> which.and(name).in(values));
    if (!member.passesAcls()) {
      which.orOperator(
          Criteria.where("acl.entries").in(member.marks()),
          Criteria.where("author").is(member.name()),
          Criteria.where("versions.by").is(member.name()));
    }
    return Pages.find(mongo, Draft.class, which, asked, Draft::id);
  }

  /**
   * Makes a move.
   *
   * @param moved the draft as it was read, one change further
   * @return false if it has changed since it was read, or its state is none that the move leaves
   */
  boolean make(DraftMove move, Draft moved) {
    if (moved.state() != move.to()) {
      throw new IllegalArgumentException(move + " does not lead to " + moved.state() + ".");
    }
    return replace(moved, move.from());
  }

  /** Changes a draft that stays in its state; false if it has changed since it was read. */
  boolean note(Draft noted) {
    return replace(noted, EnumSet.of(noted.state()));
  }

  private boolean replace(Draft changed, Set<DraftState> from) {
    var asRead = the(changed).and(Draft::state).in(from).and(Draft::rev).is(changed.rev() - 1);
    return verified(
            () ->
                Optional.ofNullable(
                    mongo.findAndReplace(
                        Query.query(asRead), changed, FindAndReplaceOptions.options().returnNew())),
            () -> find(changed.organization(), changed.id()).filter(changed::equals))
        .isPresent();
  }

  /** Removes a draft with its files. */
  void remove(Draft draft) {
    var files =
        Criteria.where(DraftFiles::organization)
            .is(draft.organization())
            .and(DraftFiles::draft)
            .is(draft.id());
    mongo.remove(Query.query(the(draft)), Draft.class);
    mongo.remove(Query.query(files), DraftFiles.class);
  }

  private static Criteria the(Draft draft) {
    return Criteria.where(Draft::id)
        .is(draft.id())
        .and(Draft::organization)
        .is(draft.organization());
  }
}
