package io.capataz.supervisor.member;

import java.time.Instant;
import java.util.List;

/**
 * A member in an answer.
 *
 * @param role what they may do; the original calls it {@code credential}
 * @param tags what ACLs may name them by
 * @param hasPassword whether they can log in with one
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
