package io.capataz.supervisor.member;

import io.capataz.common.secret.Secret;
import io.capataz.supervisor.access.Addresses;
import io.capataz.supervisor.access.AuditedAct;
import io.capataz.supervisor.access.RateLimits;
import io.capataz.supervisor.access.RateLimits.Limit;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.web.ClientNetwork;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Authenticates people. All failures look the same and take the same time: an unknown address, a
 * wrong password, a disabled member. Repeated failures are slowed down, whatever the address.
 */
@Component
class Logins {

  private static final Logger log = LoggerFactory.getLogger(Logins.class);

  private final Members members;
  private final Passwords passwords;
  private final RateLimits limits;
  private final Addresses addresses;

  Logins(Members members, Passwords passwords, RateLimits limits, Addresses addresses) {
    this.members = members;
    this.passwords = passwords;
    this.limits = limits;
    this.addresses = addresses;
  }

  /**
   * The member with that address and password.
   *
   * @param organization the organization; optional if the address exists in only one
   * @throws ApiProblem 401 if there is none, 429 after too many failures
   */
  Member proven(
      String email,
      Secret password,
      Optional<String> organization,
      HttpServletRequest request,
      HttpServletResponse response) {
    var address = addresses.of(request);
    var lowered = email.toLowerCase(Locale.ROOT);
    // Counted before the result is known, so that concurrent attempts cannot bypass the limit.
    limits.take(Limit.LOGIN, address, response);
    var meant = members.meant(lowered, organization);
    // The organization that is meant, named or not: else an account would have two budgets. And the
    // address: else anyone who knows an account could keep its owner from logging in.
    var account =
        meant.map(Member::organization).or(() -> organization).orElse("")
            + " "
            + lowered
            + " "
            + ClientNetwork.of(address);
    limits.take(Limit.ACCOUNT, account, response);
    meant.ifPresent(
        member ->
            new AuditedAct(member.organization(), "anonymous", member.id()).attachTo(request));
    var able = meant.filter(Member::enabled);
    if (!passwords.matches(password, able.map(Member::password).orElse(null))) {
      log.atWarn()
          .addKeyValue("organization", meant.map(Member::organization).orElse(""))
          .addKeyValue("member", meant.map(Member::id).orElse("unknown"))
          .addKeyValue("address", address)
          .log("login failed");
      throw ApiProblem.unauthorized(
          "Unknown address or wrong password"
              + (organization.isPresent()
                  ? " in this organization."
                  : ". If you belong to more than one organization, specify it as customer."));
    }
    limits.giveBack(Limit.LOGIN, address);
    limits.giveBack(Limit.ACCOUNT, account);
    var member = able.orElseThrow();
    new AuditedAct(member.organization(), "user:" + member.email(), member.id()).attachTo(request);
    return member;
  }
}
