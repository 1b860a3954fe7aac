package io.capataz.supervisor.access;

import io.capataz.supervisor.web.FieldReader;
import java.util.List;
import java.util.Optional;

/** Reads who may see an object: {@code acls} of seed 004, or {@code acl} as its system has it. */
public final class AclFields {

  private AclFields() {}

  /** What was sent; empty if nothing was. Mistakes are told to {@code fields}. */
  public static Optional<Acl> read(FieldReader fields) {
    var ours = entries(fields, "acls");
    var theirs = entries(fields, "acl");
    if (ours.isPresent() && theirs.isPresent()) {
      fields.wrong("acl", "conflict", "cannot stand beside acls; send one of them.");
    }
    return ours.or(() -> theirs).map(Acl::new);
  }

  /** The entries of one field; empty if it was not sent. */
  public static Optional<List<String>> entries(FieldReader fields, String name) {
    var sent = fields.texts(name, Acl.MOST, Acl.LONGEST);
    var entries = sent.orElse(List.of());
    for (var i = 0; i < entries.size(); i++) {
      if (entries.get(i).isBlank()) {
        fields.wrong(name + "/" + i, "empty", "must be a role, an e-mail address or a tag.");
      }
    }
    return sent;
  }
}
