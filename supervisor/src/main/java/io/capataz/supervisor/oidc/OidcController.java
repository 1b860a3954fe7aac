package io.capataz.supervisor.oidc;

import io.capataz.common.secret.Secret;
import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.Audited;
import io.capataz.supervisor.member.LoginView;
import io.capataz.supervisor.member.Sessions;
import io.capataz.supervisor.web.Accepts;
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
 * Login through the organization's OpenID Connect provider over HTTP. The browser is redirected
 * there and back; the session key is never part of a URL or a cookie.
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
   * {@code GET /login/oidc}: redirects the browser to the organization's provider for login (302).
   *
   * <p>{@code ?customer=acme} names the organization; people who belong to only one can omit it.
   * {@code ?return_to=path} is the final destination of the browser, a path on this server, default
   * {@code /}. Sets a cookie that expires in ten minutes. 404 with {@code oidc_off} if no provider
   * is configured, 503 with {@code oidc_unavailable} while it is unavailable.
   */
  @GetMapping("/login/oidc")
  @Accepts(query = "return_to")
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
              "must be a path on this server such as /jobs?state=failed, with at most "
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
   * {@code GET /login/oidc/callback}: receives the browser from the provider and redirects it to
   * its destination (302), with {@code login_code} in the query. {@code POST /login/oidc} exchanges
   * that code for a session.
   *
   * <p>{@code ?code=given}, {@code ?state=given} and {@code ?error=given} are set by the provider.
   * 400 with {@code oidc_state} if this browser did not start the login within the last ten
   * minutes. 401 with {@code oidc_refused} if the provider or the person declined, or the response
   * is invalid; with {@code oidc_email} if the provider does not confirm an address; with {@code
   * oidc_unknown} if no enabled member has it. 404 with {@code oidc_off} if no provider is
   * configured, 429 after too many failures, 503 with {@code oidc_unavailable} if the provider is
   * unavailable or its response is invalid.
   */
  @GetMapping(OidcSettings.CALLBACK)
  @Accepts(checksQuery = true) // A provider may send more than it has to.
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
   * {@code POST /login/oidc}: exchanges a {@code login_code} for a session; the response is that of
   * {@code POST /login}. The code works once, within one minute, and only in the browser that
   * logged in, which its cookie proves. 401 does not say what was wrong; 404 with {@code oidc_off}
   * if no provider is configured, 429 after too many failures.
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
   * Whether a browser would interpret this as a path on this server. Two slashes, or a slash and a
   * backslash, would name another host, and browsers ignore control characters between them.
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
