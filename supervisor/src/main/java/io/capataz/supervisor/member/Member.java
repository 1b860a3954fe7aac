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
 * A person in an organization. Who is in two organizations is two members with two passwords: what
 * one organization's managers do to a member must not open another one's door.
 *
 * @param email in lower case, unique in the organization, never changed
 * @param tags what ACLs may name them by, as {@code team:billing}
 * @param enabled false: none of their keys opens anything
 * @param password null: they cannot log in with one
 * @param keys counts what ends all their keys, as a new password does; a key of before opens
 *     nothing
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

  /** The same with another password; all keys there were have ended. */
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

  /** Them as a caller, with {@code most} as the greatest role, narrowed to {@code scopes}. */
  Caller.Person caller(Role most, @Nullable Set<Scope> scopes) {
    return new Caller.Person(organization, id, email, role.atMost(most), tags, scopes);
  }
}
