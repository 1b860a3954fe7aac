package io.capataz.supervisor.member;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.capataz.supervisor.access.AccessKey;
import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.Audited;
import io.capataz.supervisor.access.AuditedAct;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.Scope;
import io.capataz.supervisor.member.PersonalTokens.PersonalToken;
import io.capataz.supervisor.web.ApiInput;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.web.FieldReader;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/** Personal tokens over HTTP; not part of the seeds, but in the style of seed 004. */
@RestController
class PersonalTokenController {

  private final PersonalTokens tokens;
  private final Members members;
  private final Sessions sessions;
  private final InstantSource clock;

  PersonalTokenController(
      PersonalTokens tokens, Members members, Sessions sessions, InstantSource clock) {
    this.tokens = tokens;
    this.members = members;
    this.sessions = sessions;
    this.clock = clock;
  }

  /**
   * A personal token in a response.
   *
   * @param role the highest role it grants; absent: the member's own
   * @param scopes the scopes it is limited to; absent: everything its role allows
   * @param expires when it expires; absent: never
   * @param lastUse when it was last used, to the minute; absent: never
   * @param token the token itself; only in the response that creates it
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record TokenView(
      String id,
      String name,
      @Nullable String role,
      @Nullable List<String> scopes,
      Instant creationDate,
      @Nullable Instant expires,
      @Nullable Instant lastUse,
      @Nullable String token) {
    static TokenView of(PersonalToken kept, @Nullable String text) {
      return new TokenView(
          kept.id(),
          kept.name(),
          kept.role() == null ? null : kept.role().word(),
          kept.scopes() == null ? null : kept.scopes().stream().map(Scope::word).toList(),
          kept.created(),
          kept.expires(),
          kept.lastUse(),
          text);
    }
  }

  /** {@code GET /token}: lists the caller's personal tokens, oldest first. */
  @GetMapping("/token")
  @Allow(role = Role.VIEWER)
  List<TokenView> list(Caller.Member caller) {
    return tokens.of(self(caller)).stream().map(token -> TokenView.of(token, null)).toList();
  }

  /**
   * {@code POST /token}: creates a token, which only this response shows. Requires a session: a
   * token cannot create another one that outlives it.
   *
   * <p>Fields: {@code name}; {@code role}, at most the caller's, which is the default; {@code
   * scopes}, to which it is limited, such as {@code task:run}; {@code expires}, an instant.
   */
  @PostMapping("/token")
  @Allow(role = Role.VIEWER)
  @Audited
  TokenView create(
      ApiInput input, Caller.Member caller, AccessKey key, HttpServletRequest request) {
    var member = self(caller);
    if (key.kind() != AccessKey.Kind.SE) {
      throw ApiProblem.forbidden("Tokens can only be created in a session. Log in first.");
    }
    var fields = FieldReader.of(input.object()).ignoring("customer", "access_token");
    var name = fields.requiredName("name", 200);
    var role = Role.read(fields, "role");
    var scopes = Scope.read(fields);
    var expires = fields.instant("expires");
    expires
        .filter(instant -> !instant.isAfter(clock.instant()))
        .ifPresent(_ -> fields.wrong("expires", "in_the_past", "must be in the future."));
    fields.done();
    if (!role.map(caller.role()::covers).orElse(true)) {
      throw ApiProblem.forbidden(
          "A token cannot have a role above yours, which is " + caller.role().word() + ".");
    }
    // The member was read after the session was accepted. If the password has changed in between,
    // the session has ended, and a token created now would outlive it.
    if (sessions.callerOf(key).isEmpty()) {
      throw ApiProblem.unauthorized("The session has ended.");
    }
    var issued = AccessKey.issue(AccessKey.Kind.PT);
    var token =
        tokens.add(
            new PersonalToken(
                issued.key().id(),
                issued.key().hash(),
                member.id(),
                name,
                role.orElse(null),
                scopes.orElse(null),
                member.keys(),
                clock.instant(),
                expires.orElse(null),
                null));
    AuditedAct.of(caller, token.id()).attachTo(request);
    return TokenView.of(token, issued.text().reveal());
  }

  /** {@code DELETE /token/{id}}: revokes one of the caller's tokens. */
  @DeleteMapping("/token/{id}")
  @Allow(role = Role.VIEWER)
  @Audited
  Map<String, String> end(@PathVariable String id, Caller.Member caller) {
    if (!tokens.end(self(caller).id(), id)) {
      throw ApiProblem.notFound("The token");
    }
    return Map.of();
  }

  private Member self(Caller.Member caller) {
    return switch (caller) {
      case Caller.Machine _, Caller.Run _ ->
          throw ApiProblem.forbidden(
              "Only members have personal tokens. Integration tokens are at"
                  + " /{customer}/integration-token.");
      case Caller.Person person ->
          members
              .find(person.organization(), person.user())
              .orElseThrow(() -> ApiProblem.notFound("The member"));
    };
  }
}
