package io.capataz.supervisor.access;

import io.capataz.supervisor.web.FieldReader;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads ACLs: {@code acls} of seed 004, or {@code acl} as its system has it; and the tags by which
 * ACLs match somebody.
 */
public final class AclFields {

  /** The colon distinguishes tags from roles; without an @, a tag is not an address. */
  private static final Pattern TAG =
      Pattern.compile("[a-z0-9][a-z0-9._-]{0,49}:[a-z0-9][a-z0-9._-]{0,99}");

  private AclFields() {}

  /** The ACL that was sent, if any. Mistakes are added to {@code fields}. */
  public static Optional<Acl> read(FieldReader fields) {
    var ours = entries(fields, "acls");
    var theirs = entries(fields, "acl");
    if (ours.isPresent() && theirs.isPresent()) {
      fields.wrong("acl", "conflict", "must not be sent together with acls.");
    }
    return ours.or(() -> theirs).map(Acl::new);
  }

  /** The tags by which ACLs match somebody, such as {@code team:billing}; empty if not sent. */
  public static Optional<List<String>> tags(FieldReader fields) {
    var sent = fields.names("tags", 50, 151);
    var tags = sent.orElse(List.of());
    for (var i = 0; i < tags.size(); i++) {
      if (!TAG.matcher(tags.get(i)).matches()) {
        fields.wrong(
            "tags/" + i, "wrong_form", "must be key:value in lower case, such as team:billing.");
      }
    }
    return sent.map(list -> list.stream().distinct().toList());
  }

  /**
   * Reads the body of a route that replaces an ACL: {@code {users: […]}}.
   *
   * @throws io.capataz.supervisor.web.ApiProblem 400, naming what is wrong
   */
  public static Acl replacement(ObjectNode body) {
    var fields = FieldReader.of(body).ignoring("customer", "access_token");
    var users = users(fields);
    fields.done();
    return users;
  }

  /**
   * Reads the body of a route that changes an ACL: {@code {users: […], action: "add" | "remove"}}.
   *
   * @throws io.capataz.supervisor.web.ApiProblem 400, naming what is wrong
   */
  public static UnaryOperator<Acl> change(ObjectNode body) {
    var fields = FieldReader.of(body).ignoring("customer", "access_token");
    var named = users(fields).entries();
    var action = fields.requiredText("action", 10);
    if (!action.isEmpty() && !List.of("add", "remove").contains(action)) {
      fields.wrong("action", "unknown_word", "must be add or remove.");
    }
    fields.done();
    return acl -> {
      var entries = new LinkedHashSet<>(acl.entries());
      if (action.equals("add")) {
        entries.addAll(named);
      } else {
        named.forEach(entries::remove);
      }
      return new Acl(List.copyOf(entries));
    };
  }

  private static Acl users(FieldReader fields) {
    if (!fields.has("users")) {
      fields.wrong("users", "required", "is required; an empty list means administrators only.");
    }
    return new Acl(entries(fields, "users").orElse(List.of()));
  }

  /** The entries of one field; empty if it was not sent. */
  public static Optional<List<String>> entries(FieldReader fields, String name) {
    var sent = fields.names(name, Acl.MOST, Acl.LONGEST);
    var entries = sent.orElse(List.of());
    for (var i = 0; i < entries.size(); i++) {
      if (entries.get(i).isBlank()) {
        fields.wrong(name + "/" + i, "empty", "must be a role, an e-mail address or a tag.");
      }
    }
    return sent;
  }
}
