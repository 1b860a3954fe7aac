package io.capataz.supervisor.golden;

import static io.capataz.supervisor.golden.Story.json;

import io.capataz.supervisor.TestSupervisor;
import org.junit.jupiter.api.Test;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;

/** As {@link GoldenWireTest}, for the check of the audit log. */
class GoldenAuditTest {

  private final TestSupervisor supervisor = TestSupervisor.shared();
  private final Story story = new Story("audit-check", supervisor);

  @Test
  void audit_check() {
    story.tell("nothing recorded", "GET", "~/audit/check");
    story.quietly("POST", "~/pool", json("{'name': 'web'}"));
    story.quietly("POST", "~/pool", json("{'name': 'db'}"));
    story.tell("whole", "GET", "~/audit/check");
    var mongo = supervisor.context().getBean(MongoOperations.class);
    var first = Criteria.where("organization").is(story.org()).and("chained.link.number").is(1);
    mongo.updateFirst(Query.query(first), Update.update("actor", "nobody"), "audit");
    story.tell("an act was changed in the store", "GET", "~/audit/check");
    mongo.remove(Query.query(first), "audit");
    story.tell("an act was removed from the store", "GET", "~/audit/check");
    story.tell("query not known", "GET", "~/audit/check?limit=1");
    story.end();
  }
}
