package io.capataz.supervisor.console;

import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.Scope;
import io.capataz.supervisor.web.Accepts;
import io.capataz.supervisor.web.ApiInput;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.servlet.ModelAndView;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Tokens: the reader's own, and those of the organization. Each is shown once. */
@Controller
class TokenPageController {

  private static final List<String> SCOPES =
      Arrays.stream(Scope.values()).map(Scope::word).toList();

  private final ConsoleApi api;
  private final Words words;

  TokenPageController(ConsoleApi api, Words words) {
    this.api = api;
    this.words = words;
  }

  /**
   * A token.
   *
   * @param role empty: the member's own
   * @param scopes empty: all that its role allows
   */
  record TokenRow(
      String id,
      String name,
      String role,
      List<String> scopes,
      @Nullable Moment created,
      @Nullable Moment expires,
      @Nullable Moment used) {}

  /** {@code GET /console/settings}: leads to the reader's own tokens. */
  @GetMapping("/console/settings")
  @Accepts(checksQuery = true)
  @Allow(role = Role.VIEWER, scope = Scope.SESSION_READ)
  ModelAndView settings(Caller.Member caller) {
    return new ModelAndView("redirect:/console/settings/tokens");
  }

  /** {@code GET /console/settings/tokens}: the reader's own tokens. */
  @GetMapping("/console/settings/tokens")
  @Accepts(checksQuery = true)
  @Allow(role = Role.VIEWER, scope = Scope.SESSION_READ)
  ModelAndView own(Caller.Member caller) {
    return ownPage(caller);
  }

  /** {@code POST /console/settings/tokens}: makes one, which the page that answers shows. */
  @PostMapping("/console/settings/tokens")
  @Accepts(checksQuery = true)
  @Allow(role = Role.VIEWER)
  ModelAndView create(ApiInput input, Caller.Member caller) {
    var answer = api.send("POST", "/token", wish(input));
    return made(answer, ownPage(caller));
  }

  /** {@code POST /console/settings/tokens/{id}/revoke}: revokes one of the reader's own. */
  @PostMapping("/console/settings/tokens/{id:[A-Za-z0-9_-]{1,100}}/revoke")
  @Accepts(checksQuery = true)
  @Allow(role = Role.VIEWER)
  ModelAndView revoke(@PathVariable String id, ApiInput input, Caller.Member caller) {
    var answer = api.send("DELETE", "/token/" + id, null);
    return answer.isSuccess()
        ? new ModelAndView("redirect:/console/settings/tokens")
        : Forms.refused(ownPage(caller), answer);
  }

  /** {@code GET /console/settings/integrations}: the organization's tokens. */
  @GetMapping("/console/settings/integrations")
  @Accepts(checksQuery = true)
  @Allow(role = Role.ADMIN)
  ModelAndView integrations(ApiInput input, Caller.Member caller) {
    return integrationPage(caller, input.queryText("cursor").orElse(""));
  }

  /** {@code POST /console/settings/integrations}: makes one, which the answer shows. */
  @PostMapping("/console/settings/integrations")
  @Accepts(checksQuery = true)
  @Allow(role = Role.ADMIN)
  ModelAndView integrate(ApiInput input, Caller.Member caller) {
    var answer = api.send("POST", integrationPath(caller), wish(input));
    return made(answer, integrationPage(caller, ""));
  }

  /** {@code POST /console/settings/integrations/{id}/revoke}: revokes one. */
  @PostMapping("/console/settings/integrations/{id:[A-Za-z0-9_-]{1,100}}/revoke")
  @Accepts(checksQuery = true)
  @Allow(role = Role.ADMIN)
  ModelAndView disconnect(@PathVariable String id, ApiInput input, Caller.Member caller) {
    var answer = api.send("DELETE", integrationPath(caller) + "/" + id, null);
    return answer.isSuccess()
        ? new ModelAndView("redirect:/console/settings/integrations")
        : Forms.refused(integrationPage(caller, ""), answer);
  }

  private static String integrationPath(Caller.Member caller) {
    return "/" + caller.organization() + "/integration-token";
  }

  private static ObjectNode wish(ApiInput input) {
    var body = Forms.sent(input, "name", "role");
    // A day that is named as the last one is over before the next begins.
    Forms.text(input, "expires").ifPresent(day -> body.put("expires", day + "T23:59:59Z"));
    var scopes =
        SCOPES.stream().filter(scope -> input.bodyText("scope_" + scope).isPresent()).toList();
    if (!scopes.isEmpty()) {
      var sent = body.putArray("scopes");
      scopes.forEach(sent::add);
    }
    return body;
  }

  private static ModelAndView made(ApiAnswer answer, ModelAndView page) {
    return answer.isSuccess()
        ? page.addObject("secret", answer.body().path("token").asString(""))
        : Forms.refused(page, answer);
  }

  private ModelAndView ownPage(Caller.Member caller) {
    var answer = api.send("GET", "/token", null);
    return page(caller, answer, "tokens")
        .addObject("mayMake", answer.isSuccess())
        .addObject("paging", new Paging(answer.body().size(), null, null));
  }

  private ModelAndView integrationPage(Caller.Member caller, String cursor) {
    var query = Map.of("limit", "100", "cursor", cursor);
    var answer = api.get(Paging.address(integrationPath(caller), query));
    return page(caller, answer, "integrations")
        .addObject("mayMake", true)
        .addObject("paging", Paging.of("/console/settings/integrations", Map.of(), cursor, answer));
  }

  private ModelAndView page(Caller.Member caller, ApiAnswer answer, String kind) {
    var rows = answer.isSuccess() ? answer.body().valueStream().map(this::row).toList() : List.of();
    return new ModelAndView("console/settings/tokens")
        .addObject("kind", kind)
        .addObject("tokens", rows)
        .addObject("roles", MemberPageController.roles(caller.role()))
        .addObject("scopes", SCOPES);
  }

  private TokenRow row(JsonNode token) {
    return new TokenRow(
        token.path("id").asString(""),
        token.path("name").asString(""),
        token.path("role").asString(""),
        token.path("scopes").valueStream().map(scope -> scope.asString("")).toList(),
        words.moment(token.path("creation_date")),
        words.moment(token.path("expires")),
        words.moment(token.path("last_use")));
  }
}
