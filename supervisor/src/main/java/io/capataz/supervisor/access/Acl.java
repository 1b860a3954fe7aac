package io.capataz.supervisor.access;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.data.mongodb.core.query.Criteria;

/**
 * Who, below administrators, may see an object and use it as their role allows; {@code acls} of
 * seed 004. An object that names nobody is for administrators alone.
 *
 * @param entries roles, e-mail addresses and tags ({@code team:billing}), in lower case
 */
public record Acl(List<String> entries) {

  /** What a stored object calls its entries. */
  private static final String STORED = "acl.entries";

  /** For administrators alone. */
  public static final Acl ADMINISTRATORS = new Acl(List.of());

  /** The most entries. */
  public static final int MOST = 200;

  /** The most characters of one, as of an e-mail address. */
  public static final int LONGEST = 254;

  public Acl {
    entries = entries.stream().map(entry -> entry.toLowerCase(Locale.ROOT)).distinct().toList();
  }

  /** What was kept; objects of before there were ACLs have none. */
  public static Acl orNobody(@Nullable Acl kept) {
    return kept == null ? ADMINISTRATORS : kept;
  }

  /** The query for what the member may see of a collection whose objects have an {@code acl}. */
  public static Criteria visibleTo(Caller.Member member) {
    var which = Criteria.where("organization").is(member.organization());
    return member.passesAcls() ? which : which.and(STORED).in(member.marks());
  }

  /** Whether the member may see the object. */
  public boolean admits(Caller.Member member) {
    return member.passesAcls() || entries.stream().anyMatch(member.marks()::contains);
  }
}
