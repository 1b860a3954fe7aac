package io.capataz.supervisor.member;

import io.capataz.common.secret.Secret;

/**
 * The response to a login.
 *
 * @param accessToken the session's key, shown only here
 * @param expiresIn seconds
 */
public record LoginView(
    String accessToken, String tokenType, long expiresIn, String customer, MemberView member) {

  public static LoginView of(Secret session, Member member) {
    return new LoginView(
        session.reveal(),
        "Bearer",
        Sessions.LIFE.toSeconds(),
        member.organization(),
        MemberView.of(member));
  }
}
