package io.capataz.supervisor.access;

import java.util.List;
import java.util.Locale;
import org.springframework.data.mongodb.core.query.Criteria;

/**
 * Who may see an object, besides administrators, and use it as their role allows; {@code acls} of
 * seed 004. An empty ACL means administrators only.
 *
 * @param entries roles, each with those above it, e-mail addresses and tags ({@code team:billing}),
 *     in lower case
 */
public record Acl(List<String> entries) {

  /** The field name of the entries in stored objects. */
  private static final String STORED = "acl.entries";

  /** Administrators only. */
  public static final Acl ADMINISTRATORS = new Acl(List.of());

  /** The maximum number of entries. */
  public static final int MOST = 200;

  /** The maximum length of an entry, that of an e-mail address. */
  public static final int LONGEST = 254;

  public Acl {
    entries = entries.stream().map(entry -> entry.toLowerCase(Locale.ROOT)).distinct().toList();
  }

  /**
   * The filter for objects that the member may see, in a collection whose objects have an {@code
   * acl}.
   */
  public static Criteria visibleTo(Caller.Member member) {
    var which = Criteria.where("organization").is(member.organization());
    return member.passesAcls() ? which : which.and(STORED).in(member.marks());
  }

  /** The filter for the organization's objects whose ACL has this entry. */
  public static Criteria listing(String organization, String entry) {
    return Criteria.where("organization")
        .is(organization)
        .and(STORED)
        .is(entry.toLowerCase(Locale.ROOT));
  }

  /** Whether the member may see the object. */
  public boolean admits(Caller.Member member) {
    return member.passesAcls() || entries.stream().anyMatch(member.marks()::contains);
  }
}
