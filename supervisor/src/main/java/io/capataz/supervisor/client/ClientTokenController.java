package io.capataz.supervisor.client;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.capataz.supervisor.access.AccessKey;
import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.AuditedAct;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.Role;
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

/** Client tokens over HTTP. */
@RestController
class ClientTokenController {

  private static final int MOST_LIBRARIES = 100;
  private static final int LONGEST = 100;

  private static final Listing.Offer<ClientToken> LIST =
      new Listing.Offer<>(
          Map.of(
              "client", new Listing.Order<>(ClientToken::client),
              "creation_date", new Listing.Order<>(ClientToken::created)),
          "client",
          Set.of("client"),
          1_000,
          1_000);

  private final ClientTokens tokens;
  private final InstantSource clock;

  ClientTokenController(ClientTokens tokens, InstantSource clock) {
    this.tokens = tokens;
    this.clock = clock;
  }

  /**
   * A client token in a response.
   *
   * @param libraries those whose tasks it may start
   * @param token the token itself; only in the response that creates it
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record ClientTokenView(
      String id,
      String client,
      List<String> libraries,
      Instant creationDate,
      String madeBy,
      @Nullable String token) {
    static ClientTokenView of(ClientToken kept, @Nullable String text) {
      return new ClientTokenView(
          kept.key(), kept.client(), kept.libraries(), kept.created(), kept.madeBy(), text);
    }
  }

  /**
   * {@code GET /{customer}/client-token}: lists the organization's client tokens, by client. The
   * tokens themselves are never shown. Sorted by {@code client} or {@code creation_date}; filtered
   * by {@code client}; see {@link Listing}.
   */
  @GetMapping("/{customer}/client-token")
  @Accepts(checksQuery = true)
  @Allow(role = Role.ADMIN)
  ResponseEntity<List<ClientTokenView>> list(ApiInput input, Caller.Member caller) {
    var asked = LIST.read(input);
    return asked.answer(
        tokens.list(caller.organization(), asked), token -> ClientTokenView.of(token, null));
  }

  /**
   * {@code POST /{customer}/client-token}: creates the token of a {@code client}, which only this
   * response shows. It starts and follows the API tasks of {@code libraries}. 409 if the client has
   * one; revoke that first.
   */
  @PostMapping("/{customer}/client-token")
  @Allow(role = Role.ADMIN)
  ClientTokenView create(ApiInput input, Caller.Member caller, HttpServletRequest request) {
    var fields = FieldReader.of(input.object()).ignoring("customer", "access_token");
    var client = fields.requiredName("client", LONGEST);
    var libraries = fields.names("libraries", MOST_LIBRARIES, LONGEST).orElse(List.of());
    if (libraries.isEmpty()) {
      fields.wrong("libraries", "required", "must name at least one library.");
    }
    fields.done();
    var issued = AccessKey.issue(AccessKey.Kind.CT);
    var token =
        new ClientToken(
            ClientToken.idOf(caller.organization(), client),
            caller.organization(),
            client,
            issued.key().id(),
            issued.key().hash(),
            libraries,
            clock.instant(),
            caller.name());
    if (!tokens.add(token)) {
      throw ApiProblem.conflict(
          "has_token", "The client %s has a token. Revoke that one first.".formatted(client));
    }
    AuditedAct.of(caller, token.key()).attachTo(request);
    return ClientTokenView.of(token, issued.text().reveal());
  }

  /**
   * {@code DELETE /{customer}/client-token/{id}}: revokes a token. It starts nothing more, on every
   * supervisor, and its open sockets are closed within five seconds.
   */
  @DeleteMapping("/{customer}/client-token/{id}")
  @Allow(role = Role.ADMIN)
  Map<String, String> revoke(@PathVariable String id, Caller.Member caller) {
    if (!tokens.remove(caller.organization(), id)) {
      throw ApiProblem.notFound("The client token");
    }
    return Map.of();
  }
}
