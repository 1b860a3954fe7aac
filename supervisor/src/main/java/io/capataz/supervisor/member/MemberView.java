package io.capataz.supervisor.member;

import java.time.Instant;
import java.util.List;

/**
 * A member in a response.
 *
 * @param role the member's role; the original calls it {@code credential}
 * @param tags tags by which ACLs can match the member
 * @param hasPassword whether the member can log in with a password
 */
record MemberView(
    String id,
    String email,
    String name,
    String role,
    String credential,
    List<String> tags,
    boolean enabled,
    boolean hasPassword,
    Instant creationDate) {
  static MemberView of(Member member) {
    return new MemberView(
        member.id(),
        member.email(),
        member.name(),
        member.role().word(),
        member.role().word(),
        member.tags(),
        member.enabled(),
        member.password() != null,
        member.created());
  }
}
