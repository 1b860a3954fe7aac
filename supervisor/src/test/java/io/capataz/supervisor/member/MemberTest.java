package io.capataz.supervisor.member;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.supervisor.TestPerson;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestSupervisor.Answer;
import io.capataz.supervisor.access.AccessKey;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.organization.Organizations;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Executors;
import org.bson.Document;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.data.mongodb.core.MongoOperations;

/** Managers look after who is in the organization. */
class MemberTest {

  private final TestSupervisor supervisor = TestSupervisor.shared();

  @Test
  void a_manager_adds_finds_changes_and_removes_somebody() {
    var manager = supervisor.tokenWith(Role.MANAGER);
    var email = "Some.Body-" + UUID.randomUUID() + "@example.org";

    var added =
        supervisor.postAs(manager, "/acme/member", Map.of("email", email, "name", "Some Body"));
    assertThat(added.status()).isEqualTo(200);
    assertThat(added.text("/email")).isEqualTo(email.toLowerCase(java.util.Locale.ROOT));
    assertThat(added.text("/role")).isEqualTo("viewer");
    assertThat(added.body().get("has_password").asBoolean()).isFalse();
    var path = "/acme/member/" + added.text("/id");

    var again = supervisor.postAs(manager, "/acme/member", Map.of("email", email));
    assertThat(again.status()).isEqualTo(409);
    assertThat(again.text("/code")).isEqualTo("email_taken");
    assertThat(
            supervisor
                .getAs(manager, "/acme/member?role=viewer&email=" + added.text("/email"))
                .body()
                .size())
        .isEqualTo(1);

    var changed = supervisor.sendAs(manager, "PATCH", path, Map.of("credential", "user"));
    assertThat(changed.text("/role")).isEqualTo("user");
    assertThat(changed.text("/name")).isEqualTo("Some Body");

    assertThat(supervisor.sendAs(manager, "DELETE", path, null).status()).isEqualTo(200);
    assertThat(supervisor.getAs(manager, path).status()).isEqualTo(404);
  }

  @ParameterizedTest
  @CsvSource({"no-address, /email", "two@at@example.org, /email", "a b@example.org, /email"})
  void what_is_no_address_is_400(String email, String pointer) {
    var answer = supervisor.post("/acme/member", Map.of("email", email));

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.text("/errors/0/pointer")).isEqualTo(pointer);
  }

  @Test
  void a_tag_cannot_look_like_a_role_or_an_address() {
    for (var tag : List.of("admin", "owner@example.org", "Team:Billing", "team:")) {
      var answer =
          supervisor.post(
              "/acme/member",
              Map.of("email", UUID.randomUUID() + "@example.org", "tags", List.of(tag)));

      assertThat(answer.text("/errors/0/pointer")).isEqualTo("/tags/0");
    }
  }

  @Test
  void nobody_gives_or_takes_a_role_above_their_own() {
    var manager = supervisor.tokenWith(Role.MANAGER);
    var admin = TestPerson.loggedIn(supervisor, Role.ADMIN);
    var user = TestPerson.loggedIn(supervisor, Role.USER);

    assertThat(
            supervisor
                .postAs(
                    manager,
                    "/acme/member",
                    Map.of("email", UUID.randomUUID() + "@example.org", "role", "admin"))
                .status())
        .isEqualTo(403);
    assertThat(change(manager, user, Map.of("role", "owner")).status()).isEqualTo(403);
    assertThat(change(manager, admin, Map.of("role", "viewer")).status()).isEqualTo(403);
    assertThat(change(manager, admin, Map.of("enabled", false)).status()).isEqualTo(403);
    assertThat(supervisor.sendAs(manager, "DELETE", "/acme/member/" + admin.id(), null).status())
        .isEqualTo(403);
    assertThat(change(user.session(), user, Map.of("role", "owner")).status()).isEqualTo(403);
    assertThat(admin.get("/session").text("/member/role")).isEqualTo("admin");
  }

  @Test
  void a_tag_is_given_by_its_holders_and_by_administrators_alone() {
    var tag = "team:" + UUID.randomUUID();
    var manager = TestPerson.loggedIn(supervisor, Role.MANAGER);
    var holder = TestPerson.loggedIn(supervisor, Role.MANAGER, tag);
    var user = TestPerson.loggedIn(supervisor, Role.USER);
    var tags = Map.of("tags", List.of(tag));
    var newcomer = Map.of("email", UUID.randomUUID() + "@example.org", "tags", List.of(tag));

    assertThat(change(manager.session(), user, tags).status()).isEqualTo(403);
    assertThat(supervisor.postAs(manager.session(), "/acme/member", newcomer).status())
        .isEqualTo(403);
    assertThat(change(holder.session(), user, tags).status()).isEqualTo(200);
    // Keeping what is there gives nothing.
    assertThat(change(manager.session(), user, Map.of("tags", List.of(tag), "name", "x")).status())
        .isEqualTo(200);
    assertThat(change(supervisor.token(), manager, tags).status()).isEqualTo(200);
  }

  @Test
  void an_address_that_opens_something_is_added_by_an_administrator_alone() {
    var address = UUID.randomUUID() + "@example.org";
    var _ = taskFor(List.of(address));
    var manager = supervisor.tokenWith(Role.MANAGER);

    var refused = supervisor.postAs(manager, "/acme/member", Map.of("email", address));
    assertThat(refused.status()).isEqualTo(403);
    assertThat(refused.text("/detail")).contains(address);
    assertThat(supervisor.post("/acme/member", Map.of("email", address)).status()).isEqualTo(200);
  }

  @Test
  void nobody_changes_their_own_role_or_tags() {
    var owner = TestPerson.loggedIn(supervisor, Role.OWNER);

    assertThat(change(owner.session(), owner, Map.of("role", "viewer")).status()).isEqualTo(403);
    assertThat(change(owner.session(), owner, Map.of("tags", List.of("team:x"))).status())
        .isEqualTo(403);
    assertThat(change(owner.session(), owner, Map.of("name", "Somebody Else")).status())
        .isEqualTo(200);
  }

  @Test
  void a_token_that_is_narrowed_by_tags_makes_no_members() {
    var narrow =
        supervisor
            .post(
                "/acme/integration-token",
                Map.of("name", "narrow", "role", "manager", "tags", List.of("team:billing")))
            .text("/token");

    assertThat(
            supervisor
                .postAs(narrow, "/acme/member", Map.of("email", UUID.randomUUID() + "@example.org"))
                .status())
        .isEqualTo(403);
  }

  @Test
  void an_acl_that_names_a_role_means_those_above_it_too() {
    var task = taskFor(List.of("user"));

    assertThat(TestPerson.loggedIn(supervisor, Role.VIEWER).get("/acme/task/" + task).status())
        .isEqualTo(404);
    assertThat(TestPerson.loggedIn(supervisor, Role.MANAGER).get("/acme/task/" + task).status())
        .isEqualTo(200);
  }

  @Test
  void who_is_disabled_or_removed_is_refused_at_the_next_request() {
    var disabled = TestPerson.loggedIn(supervisor, Role.USER);
    var token = disabled.send("POST", "/token", Map.of("name", "laptop")).text("/token");
    var removed = TestPerson.loggedIn(supervisor, Role.USER);

    var _ = change(supervisor.token(), disabled, Map.of("enabled", false));
    var _ = supervisor.sendAs(supervisor.token(), "DELETE", "/acme/member/" + removed.id(), null);

    assertThat(disabled.get("/session").status()).isEqualTo(401);
    assertThat(supervisor.getAs(token, "/session").status()).isEqualTo(401);
    assertThat(removed.get("/session").status()).isEqualTo(401);
  }

  @Test
  void a_member_sees_what_an_acl_says_of_their_address_role_or_tag() {
    var tag = "team:" + UUID.randomUUID();
    var tagged = TestPerson.loggedIn(supervisor, Role.VIEWER, tag);
    var other = TestPerson.loggedIn(supervisor, Role.VIEWER);
    var task = taskFor(List.of(tag));

    assertThat(tagged.get("/acme/task/" + task).status()).isEqualTo(200);
    assertThat(other.get("/acme/task/" + task).status()).isEqualTo(404);

    var _ = change(supervisor.token(), tagged, Map.of("tags", List.of()));
    assertThat(tagged.get("/acme/task/" + task).status()).isEqualTo(404);
    var byAddress = taskFor(List.of(other.email()));
    assertThat(other.get("/acme/task/" + byAddress).status()).isEqualTo(200);
  }

  @Test
  void another_organizations_members_are_not_there() {
    var person = TestPerson.loggedIn(supervisor, Role.USER);
    var elsewhere = ownerOf("elsewhere-" + UUID.randomUUID());

    for (var method : List.of("GET", "PATCH", "DELETE")) {
      var body = method.equals("PATCH") ? Map.of("enabled", false) : null;
      assertThat(supervisor.sendAs(elsewhere, method, "/api/member/" + person.id(), body).status())
          .describedAs(method)
          .isEqualTo(404);
    }
    assertThat(
            supervisor
                .sendAs(
                    elsewhere,
                    "PUT",
                    "/acme/member/" + person.id() + "/password",
                    Map.of("password", "stolen with ease"))
                .status())
        .isEqualTo(404);
    // The same address may be a member there, with a password that opens nothing here.
    assertThat(
            supervisor
                .postAs(
                    elsewhere,
                    "/api/member",
                    Map.of("email", person.email(), "password", "stolen with ease"))
                .status())
        .isEqualTo(200);
    assertThat(TestPerson.login(supervisor, person.email(), "stolen with ease").status())
        .isEqualTo(401);
    assertThat(TestPerson.login(supervisor, person.email(), person.password()).status())
        .isEqualTo(200);
  }

  @Test
  void the_last_owner_stays_whoever_tries_at_the_same_time() throws Exception {
    var organization = "owned-" + UUID.randomUUID();
    var token = ownerOf(organization);
    var owners = new ArrayList<String>();
    for (var i = 0; i < 4; i++) {
      owners.add(
          supervisor
              .postAs(
                  token,
                  "/" + organization + "/member",
                  Map.of("email", "owner-" + i + "@example.org", "role", "owner"))
              .text("/id"));
    }

    try (var everybody = Executors.newVirtualThreadPerTaskExecutor()) {
      var answers =
          owners.stream()
              .map(
                  id ->
                      everybody.submit(
                          () ->
                              supervisor.sendAs(
                                  token,
                                  owners.indexOf(id) % 2 == 0 ? "DELETE" : "PATCH",
                                  "/" + organization + "/member/" + id,
                                  owners.indexOf(id) % 2 == 0 ? null : Map.of("role", "viewer"))))
              .toList();
      var statuses = new ArrayList<Integer>();
      for (var answer : answers) {
        statuses.add(answer.get().status());
      }
      assertThat(statuses).containsExactlyInAnyOrder(200, 200, 200, 409);
    }
    var left = supervisor.getAs(token, "/" + organization + "/member?role=owner").body();
    assertThat(left.size()).isEqualTo(1);
    var last = "/" + organization + "/member/" + left.get(0).get("id").asString();
    assertThat(supervisor.sendAs(token, "PATCH", last, Map.of("enabled", false)).text("/code"))
        .isEqualTo("last_owner");

    // With another owner beside them they may go.
    var another =
        supervisor.postAs(
            token,
            "/" + organization + "/member",
            Map.of("email", "another@example.org", "role", "owner"));
    assertThat(another.status()).isEqualTo(200);
    assertThat(supervisor.sendAs(token, "DELETE", last, null).status()).isEqualTo(200);
  }

  private Answer change(String bearer, TestPerson person, Map<String, ?> fields) {
    return supervisor.sendAs(bearer, "PATCH", "/acme/member/" + person.id(), fields);
  }

  private String taskFor(List<String> acls) {
    var agent = io.capataz.supervisor.TestAgent.enrolled(supervisor);
    return supervisor
        .post(
            "/acme/task",
            Map.of(
                "name",
                "any",
                "host_id",
                agent.host(),
                "acls",
                acls,
                "script",
                Map.of("filename", "x.sh", "content", "exit 0")))
        .text("/id");
  }

  private String ownerOf(String organization) {
    var _ = supervisor.context().getBean(Organizations.class).ensure(organization);
    var issued = AccessKey.issue(AccessKey.Kind.IT);
    supervisor
        .context()
        .getBean(MongoOperations.class)
        .getCollection("integration_tokens")
        .insertOne(
            new Document("_id", issued.key().id())
                .append("organization", organization)
                .append("name", "test")
                .append("role", Role.OWNER.name())
                .append("hash", issued.key().hash())
                .append("created", Date.from(Instant.now())));
    return issued.text().reveal();
  }
}
