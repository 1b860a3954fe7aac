package io.capataz.supervisor.draft;

import static io.capataz.supervisor.runtime.MongoRetry.idempotent;

import java.util.Optional;
import org.springframework.data.annotation.Id;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.mapping.Document;
import org.springframework.stereotype.Repository;

/** What organizations have decided about their drafts. */
@Repository
class DraftRules {

  private final MongoOperations mongo;

  DraftRules(MongoOperations mongo) {
    this.mongo = mongo;
  }

  /**
   * The rules of an organization.
   *
   * @param secondPerson whether somebody has to approve a draft who has asked for none of its
   *     versions
   */
  @Document("draft_rules")
  record Rules(@Id String organization, boolean secondPerson) {}

  Rules of(String organization) {
    return idempotent(() -> Optional.ofNullable(mongo.findById(organization, Rules.class)))
        .orElse(new Rules(organization, false));
  }

  Rules set(Rules rules) {
    return idempotent(() -> mongo.save(rules));
  }
}
