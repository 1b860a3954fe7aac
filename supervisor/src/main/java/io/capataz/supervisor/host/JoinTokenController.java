package io.capataz.supervisor.host;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.AuditedAct;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.Scope;
import io.capataz.supervisor.host.JoinTokens.Admission;
import io.capataz.supervisor.host.JoinTokens.JoinToken;
import io.capataz.supervisor.listing.Listing;
import io.capataz.supervisor.web.Accepts;
import io.capataz.supervisor.web.ApiInput;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.web.FieldReader;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/** Join tokens over HTTP. */
@RestController
class JoinTokenController {

  private static final int MOST_POOLS = 20;

  private static final Listing.Offer<JoinToken> LIST =
      new Listing.Offer<>(
          Map.of("creation_date", new Listing.Order<>(JoinToken::created)),
          "creation_date",
          Set.of(),
          1_000,
          1_000);

  private final JoinTokens tokens;
  private final Pools pools;
  private final InstantSource clock;

  JoinTokenController(JoinTokens tokens, Pools pools, InstantSource clock) {
    this.tokens = tokens;
    this.pools = pools;
    this.clock = clock;
  }

  /**
   * A join token in a response.
   *
   * @param state {@code valid}, {@code spent} or {@code revoked}, or {@code "expired"}
   * @param labels the labels of its hosts
   * @param pools the ids of the pools its hosts are added to
   * @param lastUse when it last enrolled a host; absent: never
   * @param expiresIn seconds; only in the response that creates it
   * @param token the token itself; only in the response that creates it
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record JoinTokenView(
      String id,
      String state,
      @JsonUnwrapped Enrols enrols,
      Map<String, String> labels,
      List<String> pools,
      Instant creationDate,
      Instant expires,
      @Nullable Instant lastUse,
      @Nullable String madeBy,
      @Nullable Long expiresIn,
      @Nullable String token) {}

  /**
   * The hosts that a join token enrols.
   *
   * @param hosts how many hosts it may enrol
   * @param enrolled how many it has enrolled
   * @param host the only host name it can be used for; absent: that of any new host
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Enrols(int hosts, int enrolled, @Nullable String host) {}

  /**
   * {@code GET /{customer}/host/join-token}: lists the organization's join tokens, until a week
   * after they have expired. The tokens themselves are never shown. Sorted by {@code
   * creation_date}; see {@link Listing}.
   */
  @GetMapping("/{customer}/host/join-token")
  @Accepts(checksQuery = true)
  @Allow(role = Role.ADMIN, scope = Scope.HOST_READ)
  ResponseEntity<List<JoinTokenView>> list(@PathVariable String customer, ApiInput input) {
    var asked = LIST.read(input);
    return asked.answer(tokens.list(customer, asked), token -> view(token, null));
  }

  /**
   * {@code POST /{customer}/host/join-token}: creates a join token, with which one new agent can
   * enrol within 15 minutes. {@code hosts} lets it enrol up to that many, and {@code expires}, an
   * instant at most 90 days ahead, until then. {@code host} binds it to a host of that name; only a
   * bound token can give an existing host a new agent. {@code labels} are those of its hosts once
   * they have enrolled, and {@code pools} name pools with listed hosts which they are added to.
   */
  @PostMapping("/{customer}/host/join-token")
  @Allow(role = Role.ADMIN, scope = Scope.HOST_WRITE)
  JoinTokenView create(
      @PathVariable String customer,
      ApiInput input,
      Caller.Member caller,
      HttpServletRequest request) {
    var fields = FieldReader.of(input.object()).ignoring("customer", "access_token");
    var admits = admission(customer, fields);
    var now = clock.instant();
    var expires = fields.instant("expires");
    expires.ifPresent(instant -> checkExpiry(instant, now, fields));
    fields.done();
    var issued = tokens.issue(customer, admits, expires.orElse(null), caller.name());
    AuditedAct.of(caller, issued.token().id()).attachTo(request);
    return view(issued.token(), issued.text().reveal());
  }

  private Admission admission(String customer, FieldReader fields) {
    var host = fields.text("host", 254);
    host.filter(name -> !Host.isName(name))
        .ifPresent(_ -> fields.wrong("host", "invalid_name", "must be a host name."));
    var hosts = (int) fields.whole("hosts", 1, JoinTokens.MOST_HOSTS).orElse(1);
    if (hosts > 1 && host.isPresent()) {
      fields.wrong("hosts", "conflict", "must be 1 for a token that is bound to a host.");
    }
    return new Admission(hosts, host.orElse(null), Labels.read(fields), pools(customer, fields));
  }

  private List<String> pools(String customer, FieldReader fields) {
    var sent = fields.texts("pools", MOST_POOLS, 254).orElse(List.of());
    var ids = new ArrayList<String>();
    for (var i = 0; i < sent.size(); i++) {
      var pool = pools.named(customer, sent.get(i));
      if (pool.isEmpty()) {
        fields.wrong(
            "pools/" + i,
            "not_found",
            "must be the id or name of an existing pool; see GET /" + customer + "/pool.");
      } else if (pool.get().selector() != null) {
        fields.wrong(
            "pools/" + i,
            "conflict",
            "is a pool that selects its hosts by labels. Send labels that it selects instead.");
      }
      pool.map(Pool::id).ifPresent(ids::add);
    }
    return ids.stream().distinct().toList();
  }

  private static void checkExpiry(Instant expires, Instant now, FieldReader fields) {
    if (!expires.isAfter(now)) {
      fields.wrong("expires", "in_the_past", "must be in the future.");
    } else if (expires.isAfter(now.plus(JoinTokens.LONGEST_LIFE))) {
      fields.wrong("expires", "too_late", "must be at most 90 days ahead.");
    }
  }

  /**
   * {@code DELETE /{customer}/host/join-token/{id}}: revokes a join token: it enrols no more hosts.
   * Those it has enrolled stay. 404 if it is revoked already.
   */
  @DeleteMapping("/{customer}/host/join-token/{id}")
  @Allow(role = Role.ADMIN, scope = Scope.HOST_WRITE)
  JoinTokenView revoke(@PathVariable String customer, @PathVariable String id) {
    if (!tokens.revoke(customer, id)) {
      throw ApiProblem.notFound("The join token");
    }
    return tokens
        .find(customer, id)
        .map(token -> view(token, null))
        .orElseThrow(() -> ApiProblem.notFound("The join token"));
  }

  private JoinTokenView view(JoinToken token, @Nullable String text) {
    var admits = token.admits();
    return new JoinTokenView(
        token.id(),
        token.state(clock.instant()).name().toLowerCase(Locale.ROOT),
        new Enrols(admits.hosts(), admits.hosts() - token.left(), admits.host()),
        Labels.of(admits.labels()),
        admits.pools(),
        token.created(),
        token.expires(),
        token.lastUse(),
        token.madeBy(),
        text == null ? null : Duration.between(token.created(), token.expires()).toSeconds(),
        text);
  }
}
