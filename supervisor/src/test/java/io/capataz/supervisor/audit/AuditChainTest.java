package io.capataz.supervisor.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.supervisor.TestClock;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestSupervisor.Answer;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.TestTokens;
import io.capataz.supervisor.audit.AuditEntry.Stage;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.bson.Document;
import org.bson.types.ObjectId;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;

/** Somebody has the store, but no vault key. */
class AuditChainTest {

  private static final int ACTS = 5;

  private final TestSupervisor supervisor = TestSupervisor.shared();
  private final MongoOperations mongo = supervisor.context().getBean(MongoOperations.class);
  private final AuditChain chain = supervisor.context().getBean(AuditChain.class);
  private final String organization = "chain-" + UUID.randomUUID();
  private final String token = TestTokens.issue(supervisor, organization, Role.OWNER);

  @BeforeEach
  void some_acts() {
    IntStream.range(0, ACTS).forEach(this::act);
    assertThat(problems()).isEmpty();
  }

  @Test
  void a_whole_chain_says_where_it_ends() {
    var check = check();

    assertThat(check.body().get("whole").asBoolean()).isTrue();
    assertThat(check.body().get("entries").asInt()).isEqualTo(ACTS);
    assertThat(check.body().at("/head/number").asInt()).isEqualTo(ACTS);
    assertThat(check.text("/head/hash")).startsWith("hmac:");
    act(ACTS);
    assertThat(check().body().at("/head/number").asInt()).isEqualTo(ACTS + 1);
    assertThat(check().text("/head/hash")).isNotEqualTo(check.text("/head/hash"));
  }

  @Test
  void a_changed_act_is_found_whatever_was_changed() {
    for (var field : List.of("actor", "action", "object", "address", "request", "chained.proof")) {
      var before = document(3);
      mongo.updateFirst(number(3), Update.update(field, "user:somebody-else"), "audit");
      assertThat(problems()).describedAs(field).containsExactly("3 changed");
      put(before);
    }
    mongo.updateFirst(number(2), Update.update("status", 403), "audit");
    mongo.updateFirst(number(4), new Update().unset("ended"), "audit");

    assertThat(problems()).containsExactly("2 changed", "4 changed");
    assertThat(check().body().get("whole").asBoolean()).isFalse();
  }

  @Test
  void an_act_that_becomes_another_organizations_is_missing() {
    mongo.updateFirst(number(3), Update.update("organization", "elsewhere"), "audit");

    assertThat(problems()).containsExactly("3 missing");
  }

  @Test
  void removed_acts_are_found_at_the_beginning_in_the_middle_and_at_the_end() {
    mongo.remove(number(1), "audit");
    mongo.remove(number(3), "audit");
    mongo.remove(number(4), "audit");
    assertThat(problems()).containsExactly("1 missing", "3 missing");

    mongo.remove(number(5), "audit");
    assertThat(problems()).containsExactly("1 missing", "3 missing");
  }

  @Test
  void an_inserted_act_is_found() {
    var twin = document(3);
    twin.put("_id", new ObjectId());
    put(twin);
    assertThat(problems()).contains("3 moved");
    mongo.remove(Query.query(Criteria.where("_id").is(twin.get("_id"))), "audit");

    link(twin).put("number", 99L);
    put(twin);
    assertThat(problems()).containsExactly("99 moved");
    mongo.remove(Query.query(Criteria.where("_id").is(twin.get("_id"))), "audit");

    twin.remove("chained");
    put(twin);
    assertThat(check().body().get("outside").asInt()).isEqualTo(1);
  }

  /** A supervisor would add it, and everybody would believe it. */
  @Test
  void an_act_that_waits_to_be_added_and_was_not_recorded_by_a_supervisor_is_found() {
    var forged = document(3);
    forged.put("_id", new ObjectId());
    chained(forged).remove("link");
    chained(forged).put("stage", Stage.CLOSED.name());
    put(forged);

    assertThat(problems()).containsExactly("6 changed");
  }

  @Test
  void reordered_acts_are_found() {
    var second = document(2);
    var third = document(3);
    var link = link(second);
    chained(second).put("link", link(third));
    chained(third).put("link", link);
    put(second);
    put(third);

    assertThat(problems()).containsExactly("2 changed", "3 changed");
  }

  @Test
  void an_end_that_was_moved_forward_is_found() {
    var head = heads();
    head.get("last", Document.class).put("number", 4L);
    mongo.save(head, "auditHeads");
    mongo.remove(number(5), "audit");
    assertThat(problems()).contains("4 head_changed");

    mongo.remove(Query.query(Criteria.where("_id").is(organization)), "auditHeads");
    assertThat(problems()).isNotEmpty();
  }

  @Test
  void a_beginning_that_was_moved_is_found() {
    var head = heads();
    var second = link(document(2));
    head.put("removed", new Document("number", 2L).append("hash", second.get("hash")));
    mongo.save(head, "auditHeads");
    mongo.remove(number(1), "audit");
    mongo.remove(number(2), "audit");

    assertThat(problems()).containsExactly("5 head_changed");
    act(ACTS);
    assertThat(problems()).describedAs("it stays found").containsExactly("6 head_changed");
    act(ACTS + 1);
    assertThat(problems()).containsExactly("6 head_changed");
  }

  @Test
  void other_organizations_do_not_see_it() {
    assertThat(supervisor.get("/" + organization + "/audit/check").status()).isEqualTo(404);
    var manager = TestTokens.issue(supervisor, organization, Role.MANAGER);
    assertThat(supervisor.getAs(manager, "/" + organization + "/audit/check").status())
        .isEqualTo(403);
  }

  @Test
  void supervisors_that_add_acts_at_once_make_one_chain() throws Exception {
    try (var other = supervisor.another(new TestClock());
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var chains = List.of(chain, other.context().getBean(AuditChain.class));
      var work =
          IntStream.range(0, 40)
              .mapToObj(
                  n ->
                      (Callable<Object>)
                          () -> {
                            act(100 + n);
                            chains.get(n % 2).addAll(organization);
                            return n;
                          })
              .toList();
      for (var done : threads.invokeAll(work)) {
        var _ = done.get();
      }
    }

    assertThat(problems()).isEmpty();
    assertThat(check().body().get("entries").asInt()).isEqualTo(ACTS + 40);
  }

  /** The head names an act, and its document has no link yet. */
  @Test
  void a_supervisor_that_dies_between_the_two_writes_leaves_what_the_next_one_completes() {
    var last = document(ACTS);
    chained(last).remove("link");
    chained(last).put("stage", Stage.CLOSED.name());
    put(last);

    assertThat(problems()).isEmpty();
    assertThat(chained(document(ACTS)).get("stage")).isNull();
    act(ACTS);
    assertThat(problems()).isEmpty();
    assertThat(check().body().get("entries").asInt()).isEqualTo(ACTS + 1);
  }

  private void act(int n) {
    var made = supervisor.postAs(token, "/" + organization + "/pool", Map.of("name", "pool-" + n));
    assertThat(made.status()).isEqualTo(201);
  }

  private Answer check() {
    var answer = supervisor.getAs(token, "/" + organization + "/audit/check");
    assertThat(answer.status()).describedAs(answer.raw().body()).isEqualTo(200);
    return answer;
  }

  private List<String> problems() {
    return check()
        .body()
        .get("breaks")
        .valueStream()
        .map(it -> it.get("number").asInt() + " " + it.get("problem").asString())
        .toList();
  }

  private Query number(long number) {
    return Query.query(
        Criteria.where("organization").is(organization).and("chained.link.number").is(number));
  }

  private Document document(long number) {
    var found = mongo.findOne(number(number), Document.class, "audit");
    assertThat(found).isNotNull();
    return found;
  }

  private static Document chained(Document act) {
    return act.get("chained", Document.class);
  }

  private static Document link(Document act) {
    return chained(act).get("link", Document.class);
  }

  private Document heads() {
    var head = mongo.findById(organization, Document.class, "auditHeads");
    assertThat(head).isNotNull();
    return head;
  }

  private void put(Document act) {
    var _ = mongo.save(act, "audit");
  }
}
