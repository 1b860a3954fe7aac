package io.capataz.supervisor.access;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.capataz.supervisor.access.IntegrationTokens.IntegrationToken;
import io.capataz.supervisor.listing.Listing;
import io.capataz.supervisor.web.Accepts;
import io.capataz.supervisor.web.ApiInput;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.web.FieldReader;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/** Integration tokens over HTTP; the section of seed 004 on integration keys. */
@RestController
class IntegrationTokenController {

  private static final Listing.Offer<IntegrationToken> LIST =
      new Listing.Offer<>(
          Map.of(
              "name", new Listing.Order<>(IntegrationToken::name),
              "creation_date", new Listing.Order<>(IntegrationToken::created)),
          "name",
          Set.of("name"),
          1_000,
          1_000);

  private final IntegrationTokens tokens;
  private final InstantSource clock;

  IntegrationTokenController(IntegrationTokens tokens, InstantSource clock) {
    this.tokens = tokens;
    this.clock = clock;
  }

  /**
   * An integration token in a response.
   *
   * @param username the original's name for its user
   * @param role what it may do
   * @param tags the only tags by which ACLs match it; empty: ACLs match its role
   * @param scopes the scopes it is limited to; absent: everything its role allows
   * @param expires when it expires; absent: never
   * @param lastUse when it was last used, to the minute; absent: never
   * @param token the token itself; only in the response that creates it
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record TokenView(
      String id,
      String name,
      String username,
      String role,
      List<String> tags,
      @Nullable List<String> scopes,
      Instant creationDate,
      @Nullable Instant expires,
      @Nullable Instant lastUse,
      @Nullable String madeBy,
      @Nullable String token) {
    static TokenView of(IntegrationToken kept, @Nullable String text) {
      return new TokenView(
          kept.id(),
          kept.name(),
          kept.organization() + "-" + kept.id() + "-integration",
          kept.role().word(),
          kept.tags(),
          kept.scopes() == null ? null : kept.scopes().stream().map(Scope::word).toList(),
          kept.created(),
          kept.expires(),
          kept.lastUse(),
          kept.madeBy(),
          text);
    }
  }

  /**
   * {@code GET /{customer}/integration-token}, and {@code GET /api/token} of seed 004's clients:
   * lists the organization's tokens that are not revoked, by name. The tokens themselves are never
   * shown. Sorted by {@code name} or {@code creation_date}; filtered by {@code name}; see {@link
   * Listing}.
   */
  @GetMapping({"/{customer}/integration-token", "/api/token"})
  @Accepts(checksQuery = true)
  @Allow(role = Role.ADMIN)
  ResponseEntity<List<TokenView>> list(ApiInput input, Caller.Member caller) {
    var asked = LIST.read(input);
    return asked.answer(
        tokens.list(caller.organization(), asked), token -> TokenView.of(token, null));
  }

  /**
   * {@code POST /{customer}/integration-token}, and {@code POST /api/token} of seed 004's clients:
   * creates a token, which only this response shows.
   *
   * <p>Fields: {@code name}; {@code role}, at most the caller's, default {@code integration} or the
   * caller's if that is lower; {@code expires}, an instant; {@code scopes}, to which it is limited,
   * such as {@code task:run}; {@code tags}, the only ones by which objects' ACLs match it, for a
   * role below admin. 403 for a role above the caller's.
   */
  @PostMapping({"/{customer}/integration-token", "/api/token"})
  @Allow(role = Role.ADMIN)
  TokenView create(ApiInput input, Caller.Member caller, HttpServletRequest request) {
    var fields = FieldReader.of(input.object()).ignoring("customer", "access_token");
    var name = fields.requiredName("name", 200);
    var role = Role.read(fields, "role").orElse(Role.INTEGRATION.atMost(caller.role()));
    var scopes = Scope.read(fields);
    var tags = AclFields.tags(fields).orElse(List.of());
    if (!tags.isEmpty() && role.covers(Role.ADMIN)) {
      fields.wrong(
          "tags",
          "conflict",
          "must be left out for the role "
              + role.word()
              + ", which can see every object; choose a role below admin.");
    }
    var expires = fields.instant("expires");
    expires
        .filter(instant -> !instant.isAfter(clock.instant()))
        .ifPresent(_ -> fields.wrong("expires", "in_the_past", "must be in the future."));
    fields.done();
    if (!caller.role().covers(role)) {
      throw ApiProblem.forbidden(
          "A token cannot have a role above yours, which is " + caller.role().word() + ".");
    }
    var issued = AccessKey.issue(AccessKey.Kind.IT);
    var token =
        tokens.add(
            new IntegrationToken(
                issued.key().id(),
                caller.organization(),
                name,
                role,
                tags,
                scopes.orElse(null),
                issued.key().hash(),
                clock.instant(),
                expires.orElse(null),
                null,
                caller.name(),
                null));
    AuditedAct.of(caller, token.id()).attachTo(request);
    return TokenView.of(token, issued.text().reveal());
  }

  /**
   * {@code DELETE /{customer}/integration-token/{id}}, and {@code DELETE /api/token/{id}} of seed
   * 004's clients: revokes a token. The next request with it gets 401, on every supervisor. 403 for
   * a token whose role is above the caller's.
   */
  @DeleteMapping({"/{customer}/integration-token/{id}", "/api/token/{id}"})
  @Allow(role = Role.ADMIN)
  Map<String, String> revoke(@PathVariable String id, Caller.Member caller) {
    var token =
        tokens
            .find(caller.organization(), id)
            .orElseThrow(() -> ApiProblem.notFound("The integration token"));
    if (!caller.role().covers(token.role())) {
      throw ApiProblem.forbidden(
          "You cannot revoke this token: its role, "
              + token.role().word()
              + ", is above yours, "
              + caller.role().word()
              + ".");
    }
    if (!tokens.revoke(caller.organization(), id)) {
      throw ApiProblem.notFound("The integration token");
    }
    return Map.of();
  }
}
