package io.capataz.supervisor.member;

import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.Scope;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.data.annotation.Id;
import org.springframework.data.mongodb.core.mapping.Document;

/**
 * A person in an organization. A person in two organizations is two members with two passwords:
 * what one organization's managers do to a member must not give access to another organization.
 *
 * @param email in lower case, unique in the organization, never changed
 * @param tags tags by which ACLs match them, such as {@code team:billing}
 * @param enabled false: all of their keys are invalid
 * @param password null: they cannot log in with one
 * @param keys incremented to end all their keys, as by a new password; earlier keys are invalid
 * @param rev counts changes
 * @param madeBy who added them
 */
@Document("members")
public record Member(
    @Id String id,
    String organization,
    String email,
    String name,
    Role role,
    List<String> tags,
    boolean enabled,
    @Nullable PasswordHash password,
    long keys,
    long rev,
    Instant created,
    String madeBy) {

  public Member {
    tags = tags == null ? List.of() : List.copyOf(tags);
  }

  boolean isEnabledOwner() {
    return enabled && role == Role.OWNER;
  }

  Member with(String otherName, Role otherRole, List<String> otherTags, boolean nowEnabled) {
    return new Member(
        id,
        organization,
        email,
        otherName,
        otherRole,
        otherTags,
        nowEnabled,
        password,
        keys,
        rev + 1,
        created,
        madeBy);
  }

  /** The same with a new password; ends all existing keys. */
  Member withPassword(PasswordHash other) {
    return new Member(
        id,
        organization,
        email,
        name,
        role,
        tags,
        enabled,
        other,
        keys + 1,
        rev + 1,
        created,
        madeBy);
  }

  /** The member as a caller, with {@code most} as the highest role, limited to {@code scopes}. */
  Caller.Person caller(Role most, @Nullable Set<Scope> scopes) {
    return new Caller.Person(organization, id, email, name, role.atMost(most), tags, scopes);
  }
}
