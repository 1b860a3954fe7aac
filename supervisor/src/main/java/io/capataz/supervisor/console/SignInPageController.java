package io.capataz.supervisor.console;

import io.capataz.common.protocol.MessageJson;
import io.capataz.common.secret.Secret;
import io.capataz.supervisor.access.AccessKey;
import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.Scope;
import io.capataz.supervisor.web.Accepts;
import io.capataz.supervisor.web.ApiInput;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.core.env.Environment;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.servlet.ModelAndView;

/** Signing in and out. Each way ends with a key of the API in the session's cookie. */
@Controller
class SignInPageController {

  /** A page of the console; anything else could lead to another site. */
  private static final Pattern OWN_PAGE =
      Pattern.compile("/console(?:[/?][A-Za-z0-9._~/?&=%+,:-]{0,1000})?");

  private static final String HOME = "/console";

  private final ConsoleApi api;
  private final LoginLinks links;
  private final boolean hasProvider;

  SignInPageController(ConsoleApi api, LoginLinks links, Environment environment) {
    this.api = api;
    this.links = links;
    this.hasProvider = !environment.getProperty("capataz.oidc.issuer", "").isBlank();
  }

  /**
   * The page where one signs in.
   *
   * @param to the page to go on with
   * @param problem the name of a message; null: nothing has gone wrong yet
   * @param detail what the API said
   * @param byToken whether the form for a token is open
   */
  record SignIn(
      String to,
      String email,
      boolean hasProvider,
      boolean byToken,
      @Nullable String problem,
      @Nullable String detail) {}

  /** {@code GET /console/sign-in}: the page; {@code ?to=} a page to go on with. */
  @GetMapping("/console/sign-in")
  @Accepts(checksQuery = true)
  @Allow(Allow.Who.ANYONE)
  ModelAndView page(ApiInput input) {
    return page(
        new SignIn(ownPage(input.queryText("to")), "", hasProvider, false, null, null),
        HttpStatus.OK);
  }

  /** {@code POST /console/sign-in}: with an address and a password. */
  @PostMapping("/console/sign-in")
  @Accepts(checksQuery = true)
  @Allow(Allow.Who.ANYONE)
  ModelAndView withPassword(
      ApiInput input, HttpServletRequest request, HttpServletResponse response) {
    var to = ownPage(input.bodyText("to"));
    var email = input.bodyText("email").orElse("").strip();
    var body = MessageJson.mapper().createObjectNode();
    body.put("email", email);
    body.put("password", input.bodyText("password").orElse(""));
    input
        .bodyText("customer")
        .map(String::strip)
        .filter(name -> !name.isEmpty())
        .ifPresent(name -> body.put("customer", name));
    var answer = api.call(new ApiCall("POST", "/login", body, null));
    if (!answer.isSuccess()) {
      return refused(new SignIn(to, email, hasProvider, false, problem(answer), detail(answer)));
    }
    return begun(Secret.of(answer.body().path("access_token").asString("")), to, request, response);
  }

  /** {@code POST /console/sign-in/token}: with a token of the API. */
  @PostMapping("/console/sign-in/token")
  @Accepts(checksQuery = true)
  @Allow(Allow.Who.ANYONE)
  ModelAndView withToken(ApiInput input, HttpServletRequest request, HttpServletResponse response) {
    var to = ownPage(input.bodyText("to"));
    var token = input.bodyText("token").orElse("").strip();
    if (AccessKey.parse(token).isPresent()) {
      var key = Secret.of(token);
      if (api.call(new ApiCall("GET", "/session", null, key)).isSuccess()) {
        return begun(key, to, request, response);
      }
    }
    return refused(new SignIn(to, "", hasProvider, true, "sign-in.token.wrong", null));
  }

  /** {@code GET /console/sign-in/provider}: back from the organization's provider. */
  @GetMapping("/console/sign-in/provider")
  @Accepts(checksQuery = true)
  @Allow(Allow.Who.ANYONE)
  ModelAndView fromProvider(
      ApiInput input, HttpServletRequest request, HttpServletResponse response) {
    var body = MessageJson.mapper().createObjectNode();
    body.put("login_code", input.queryText("login_code").orElse(""));
    var answer = api.call(new ApiCall("POST", "/login/oidc", body, null));
    if (!answer.isSuccess()) {
      return refused(
          new SignIn(HOME, "", hasProvider, false, "sign-in.provider.wrong", answer.detail()));
    }
    return begun(
        Secret.of(answer.body().path("access_token").asString("")), HOME, request, response);
  }

  /** {@code GET /console/sign-in/link/{key}}: with the link that the first start printed. */
  @GetMapping("/console/sign-in/link/{key}")
  @Accepts(checksQuery = true)
  @Allow(Allow.Who.ANYONE)
  ModelAndView withLink(
      @PathVariable String key, HttpServletRequest request, HttpServletResponse response) {
    var token = links.redeem(key);
    return token.isPresent()
        ? begun(token.get(), HOME, request, response)
        : refused(new SignIn(HOME, "", hasProvider, true, "sign-in.link.wrong", null));
  }

  /** {@code POST /console/sign-out}: ends the session. */
  @PostMapping("/console/sign-out")
  @Accepts(checksQuery = true)
  @Allow(role = Role.VIEWER, scope = Scope.SESSION_READ)
  ModelAndView signOut(ApiInput input, HttpServletRequest request, HttpServletResponse response) {
    // Of a token, only the browser's copy is forgotten.
    var _ = api.send("POST", "/logout", null);
    ConsoleCookie.end(request, response);
    return new ModelAndView("redirect:/console/sign-in");
  }

  private static ModelAndView begun(
      Secret key, String to, HttpServletRequest request, HttpServletResponse response) {
    ConsoleCookie.begin(request, response, key);
    return new ModelAndView("redirect:" + to);
  }

  private static ModelAndView refused(SignIn what) {
    return page(what, HttpStatus.UNPROCESSABLE_CONTENT);
  }

  private static ModelAndView page(SignIn what, HttpStatus status) {
    var page = new ModelAndView("console/sign-in", "signIn", what);
    page.setStatus(status);
    return page;
  }

  private static String problem(ApiAnswer answer) {
    return switch (answer.status()) {
      case 401 -> "sign-in.password.wrong";
      case 429 -> "sign-in.too-many";
      default -> "sign-in.failed";
    };
  }

  /** What was wrong with address and password is not told. */
  private static @Nullable String detail(ApiAnswer answer) {
    return answer.status() == 401 ? null : answer.detail();
  }

  private static String ownPage(Optional<String> asked) {
    return asked
        .filter(OWN_PAGE.asMatchPredicate())
        .filter(page -> !page.startsWith("/console/sign-in") && !page.contains(".."))
        .orElse(HOME);
  }
}
