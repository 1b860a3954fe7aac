package io.capataz.supervisor.member;

import io.capataz.common.secret.Secret;
import io.capataz.supervisor.access.Addresses;
import io.capataz.supervisor.access.AuditedAct;
import io.capataz.supervisor.access.RateLimits;
import io.capataz.supervisor.access.RateLimits.Limit;
import io.capataz.supervisor.web.ApiProblem;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Locale;
import java.util.Optional;
import org.springframework.stereotype.Component;

/**
 * Authenticates people. All failures look the same and take the same time: an unknown address, a
 * wrong password, a disabled member. Repeated failures are slowed down, whatever the address.
 */
@Component
class Logins {

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
    var account = organization.orElse("") + " " + lowered;
    // Counted before the result is known, so that concurrent attempts cannot bypass the limit.
    limits.take(Limit.LOGIN, address, response);
    limits.take(Limit.ACCOUNT, account, response);
    var meant = members.meant(lowered, organization);
    meant.ifPresent(
        member -> new AuditedAct(member.organization(), "anonymous", member.id()).tell(request));
    var able = meant.filter(Member::enabled);
    if (!passwords.matches(password, able.map(Member::password).orElse(null))) {
      throw ApiProblem.unauthorized(
          "Unknown address or wrong password"
              + (organization.isPresent()
                  ? " in this organization."
                  : ". If you belong to more than one organization, specify it as customer."));
    }
    limits.giveBack(Limit.LOGIN, address);
    limits.giveBack(Limit.ACCOUNT, account);
    var member = able.orElseThrow();
    new AuditedAct(member.organization(), "user:" + member.email(), member.id()).tell(request);
    return member;
  }
}
