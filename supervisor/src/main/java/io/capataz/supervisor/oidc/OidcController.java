package io.capataz.supervisor.oidc;

import io.capataz.common.secret.Secret;
import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.Audited;
import io.capataz.supervisor.member.LoginView;
import io.capataz.supervisor.member.Sessions;
import io.capataz.supervisor.web.ApiInput;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.web.FieldReader;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.Optional;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/**
 * Logging in through the organization's OpenID Connect provider by HTTP. A browser goes there and
 * comes back; the session's key is never in an address, and never in a cookie.
 */
@RestController
class OidcController {

  private static final int LONGEST_PATH = 1_000;
  private static final int LONGEST_CUSTOMER = 64;

  private final OidcLogins logins;
  private final Sessions sessions;

  OidcController(OidcLogins logins, Sessions sessions) {
    this.logins = logins;
    this.sessions = sessions;
  }

  /**
   * {@code GET /login/oidc}: sends a browser to the organization's provider to log in there (302).
   *
   * <p>{@code ?customer=acme} names the organization; it may be left out by who is in only one.
   * {@code ?return_to=path} is where the browser goes in the end, a path of this server, {@code /}
   * if left out. Sets a cookie that must come back within ten minutes. 404 with {@code oidc_off}
   * where no provider is set up, 503 with {@code oidc_unavailable} while it is away.
   */
  @GetMapping("/login/oidc")
  @Allow(Allow.Who.ANYONE)
  @ResponseStatus(HttpStatus.FOUND)
  ResponseEntity<Void> begin(ApiInput input, HttpServletResponse response) {
    var _ = logins.mustBeOn();
    var errors = new ArrayList<ApiProblem.FieldError>();
    var customer = input.queryText("customer").filter(text -> !text.isEmpty());
    if (customer.isPresent() && customer.get().length() > LONGEST_CUSTOMER) {
      errors.add(
          new ApiProblem.FieldError(
              "/customer", "wrong_length", "must have 1 to " + LONGEST_CUSTOMER + " characters."));
    }
    var returnTo = input.queryText("return_to").orElse("/");
    if (!isOwnPath(returnTo)) {
      errors.add(
          new ApiProblem.FieldError(
              "/return_to",
              "wrong_form",
              "must be a path of this server, as /jobs?state=failed, of at most "
                  + LONGEST_PATH
                  + " characters."));
    }
    if (!errors.isEmpty()) {
      throw ApiProblem.invalid(errors);
    }
    return ResponseEntity.status(HttpStatus.FOUND)
        .location(logins.begin(customer, returnTo, response))
        .build();
  }

  /**
   * {@code GET /login/oidc/callback}: takes a browser that the provider sends back, and sends it on
   * to where it wanted to go (302), with {@code login_code} in the query. {@code POST /login/oidc}
   * makes a session of that code.
   *
   * <p>{@code ?code=given}, {@code ?state=given} and {@code ?error=given} are the provider's. 400
   * with {@code oidc_state} if this browser began no such login, or more than ten minutes ago. 401
   * with {@code oidc_refused} if the provider or the person said no, or what came back is not
   * right; with {@code oidc_email} if the provider does not vouch for an address; with {@code
   * oidc_unknown} if no enabled member has it. 404 with {@code oidc_off} where no provider is set
   * up, 429 after too many failures, 503 with {@code oidc_unavailable} if the provider does not
   * answer, or not as it should.
   */
  @GetMapping(OidcSettings.CALLBACK)
  @Allow(Allow.Who.ANYONE)
  @Audited
  @ResponseStatus(HttpStatus.FOUND)
  ResponseEntity<Void> comeBack(
      ApiInput input, HttpServletRequest request, HttpServletResponse response) {
    var done =
        logins.comeBack(
            input.queryText("state"),
            input.queryText("code"),
            input.queryText("error"),
            request,
            response);
    return ResponseEntity.status(HttpStatus.FOUND)
        .location(withCode(done.returnTo(), done.code()))
        .build();
  }

  /**
   * {@code POST /login/oidc}: makes a session of a {@code login_code}, and answers as {@code POST
   * /login} does. Only the browser that came back from the provider can, once, within a minute; it
   * shows so by its cookie. 401 looks the same whatever was wrong; 404 with {@code oidc_off} where
   * no provider is set up, 429 after too many failures.
   */
  @PostMapping("/login/oidc")
  @Allow(Allow.Who.ANYONE)
  @Audited
  LoginView finish(ApiInput input, HttpServletRequest request, HttpServletResponse response) {
    var fields = FieldReader.of(input.object());
    var code = fields.requiredText("login_code", 200);
    fields.done();
    var member = logins.proven(Secret.shown(code), request, response);
    return LoginView.of(sessions.begin(member), member);
  }

  /**
   * Whether it is a path of this server, whatever a browser makes of it: two slashes, or one and a
   * backslash, would name another host, and browsers pass over control characters between them.
   */
  private static boolean isOwnPath(String text) {
    if (text.length() > LONGEST_PATH
        || !text.startsWith("/")
        || text.startsWith("//")
        || !text.chars().allMatch(c -> c > ' ' && c <= '~' && c != '\\')) {
      return false;
    }
    try {
      var _ = new URI(text);
      return true;
    } catch (URISyntaxException noAddress) {
      return false;
    }
  }

  private static URI withCode(String path, Secret code) {
    var uri = URI.create(path);
    var query = Optional.ofNullable(uri.getRawQuery()).map(text -> text + "&").orElse("");
    var fragment = Optional.ofNullable(uri.getRawFragment()).map(text -> "#" + text).orElse("");
    return URI.create(uri.getRawPath() + "?" + query + "login_code=" + code.reveal() + fragment);
  }
}
