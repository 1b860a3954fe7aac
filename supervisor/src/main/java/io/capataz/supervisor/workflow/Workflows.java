package io.capataz.supervisor.workflow;

import io.capataz.supervisor.access.Acl;
import io.capataz.supervisor.access.AclUses;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.listing.Listing;
import io.capataz.supervisor.listing.Pages;
import io.capataz.supervisor.runtime.Indexed;
import java.util.List;
import java.util.Optional;
import org.springframework.data.domain.Sort;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.index.Index;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.stereotype.Repository;

/** All workflows. */
@Repository
public class Workflows implements Indexed, AclUses {

  private final MongoOperations mongo;

  Workflows(MongoOperations mongo) {
    this.mongo = mongo;
  }

  @Override
  public Class<?> indexedType() {
    return Workflow.class;
  }

  @Override
  public List<Index> indexes() {
    return List.of(
        new Index()
            .on(Workflow::organization, Sort.Direction.ASC)
            .on(Workflow::name, Sort.Direction.ASC));
  }

  /** Stores a new workflow. */
  public void add(Workflow workflow) {
    mongo.insert(workflow);
  }

  /** The workflow, if the member may see it. */
  public Optional<Workflow> visible(Caller.Member member, String id) {
    return Optional.ofNullable(
            mongo.findOne(
                of(member).addCriteria(Criteria.where(Workflow::id).is(id)), Workflow.class))
        .filter(workflow -> workflow.acl().admits(member));
  }

  /** The workflows that match the request and that the member may see. */
  Listing.Page<Workflow> list(Caller.Member member, Listing<Workflow> asked) {
    var which = Acl.visibleTo(member);
    asked.filters().forEach((name, values) -> which.and(name).in(values));
    return Pages.find(mongo, Workflow.class, which, asked, Workflow::id);
  }

  /** Removes the workflow; returns whether it existed. */
  boolean remove(Caller.Member member, String id) {
    return mongo
            .remove(of(member).addCriteria(Criteria.where(Workflow::id).is(id)), Workflow.class)
            .getDeletedCount()
        > 0;
  }

  private static Query of(Caller.Member member) {
    return Query.query(Criteria.where(Workflow::organization).is(member.organization()));
  }

  @Override
  public boolean isInAcl(String organization, String entry) {
    return mongo.exists(Query.query(Acl.listing(organization, entry)), Workflow.class);
  }
}
