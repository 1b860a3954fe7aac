package io.capataz.supervisor.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.supervisor.TestClock;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.TestTokens;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.bson.Document;
import org.bson.types.ObjectId;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;
import tools.jackson.databind.JsonNode;

/** The chain of the audit log over more than a year. */
class AuditOverTimeTest {

  private static final TestClock CLOCK = new TestClock();
  private static final TestSupervisor OWN = TestSupervisor.withClock(CLOCK);

  private final AuditLog log = OWN.context().getBean(AuditLog.class);
  private final MongoOperations store = OWN.context().getBean(MongoOperations.class);
  private final String organization = "time-" + UUID.randomUUID();

  @AfterAll
  static void stop() {
    OWN.close();
  }

  @Test
  void old_acts_are_removed_from_the_beginning_and_what_is_kept_is_whole() {
    pools("a", "b", "c");
    CLOCK.jump(Duration.ofDays(399));
    pools("d", "e");
    CLOCK.jump(Duration.ofDays(2));
    log.forget();

    var check = check();
    assertThat(check.get("whole").asBoolean()).isTrue();
    assertThat(check.get("entries").asInt()).isEqualTo(2);
    assertThat(check.get("outside").asInt()).isZero();
    assertThat(check.at("/removed/number").asInt()).isEqualTo(3);
    assertThat(acts().size()).isEqualTo(2);

    CLOCK.jump(Duration.ofDays(400));
    log.forget();
    pools("f");
    assertThat(check().at("/head/number").asInt()).isEqualTo(6);
    assertThat(check().get("entries").asInt()).isEqualTo(1);
  }

  /** It noted where the chain begins, and removed nothing. */
  @Test
  void a_supervisor_that_dies_before_it_removes_old_acts_leaves_a_whole_chain() {
    pools("a", "b");
    var mine = Query.query(Criteria.where("organization").is(organization));
    var old = store.find(mine, Document.class, "audit");
    CLOCK.jump(Duration.ofDays(401));
    log.forget();
    old.forEach(act -> store.save(act, "audit"));

    assertThat(check().get("whole").asBoolean()).isTrue();
    assertThat(check().get("outside").asInt()).isEqualTo(2);

    log.forget();
    assertThat(check().get("outside").asInt()).isZero();
  }

  @Test
  void an_act_whose_time_was_changed_is_not_removed_for_its_age() {
    pools("a", "b", "c");
    var first =
        Query.query(
            Criteria.where("organization").is(organization).and("chained.link.number").is(1));
    store.updateFirst(
        first, Update.update("at", CLOCK.instant().minus(Duration.ofDays(500))), "audit");
    log.forget();

    assertThat(acts().size()).isEqualTo(3);
    assertThat(check().at("/breaks/0/problem").asString()).isEqualTo("changed");
  }

  @Test
  void an_act_without_an_end_is_added_after_an_hour_and_its_end_comes_too_late() {
    var id = ObjectId.get().toHexString();
    var act =
        new AuditEntry(
            id, organization, "user:x", "DELETE /x", "", Map.of(), "", "", CLOCK.instant());
    log.begin(act);
    assertThat(check().get("waiting").asInt()).isEqualTo(1);

    CLOCK.jump(Duration.ofMinutes(61));
    OWN.context().getBean(AuditChain.class).addAll();
    log.end(act.endedAt(CLOCK.instant(), 200));

    var check = check();
    assertThat(check.get("whole").asBoolean()).isTrue();
    assertThat(check.get("entries").asInt()).isEqualTo(1);
    assertThat(check.get("waiting").asInt()).isZero();
    assertThat(acts().get(0).has("status")).isFalse();
  }

  private void pools(String... names) {
    var path = "/" + organization + "/pool";
    for (var name : names) {
      assertThat(OWN.postAs(owner(), path, Map.of("name", name)).status()).isEqualTo(201);
    }
    assertThat(check().get("whole").asBoolean()).isTrue();
  }

  private JsonNode check() {
    return OWN.getAs(owner(), "/" + organization + "/audit/check").body();
  }

  private JsonNode acts() {
    return OWN.getAs(owner(), "/" + organization + "/audit").body();
  }

  private String owner() {
    return TestTokens.issue(OWN, organization, Role.OWNER);
  }
}
