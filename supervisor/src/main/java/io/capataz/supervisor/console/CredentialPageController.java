package io.capataz.supervisor.console;

import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.Scope;
import io.capataz.supervisor.web.Accepts;
import io.capataz.supervisor.web.ApiInput;
import io.capataz.supervisor.web.LargeBody;
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

/** Stored credentials. What they contain is written here, and never shown. */
@Controller
class CredentialPageController {

  private static final String HERE = "/console/settings/credentials";

  private final ConsoleApi api;
  private final Words words;

  CredentialPageController(ConsoleApi api, Words words) {
    this.api = api;
    this.words = words;
  }

  /** A credential, without its content. */
  record CredentialRow(
      String id,
      String name,
      String type,
      String description,
      List<String> acls,
      String changedBy,
      @Nullable Moment changed) {}

  /** {@code GET /console/settings/credentials}: the credentials, by name; {@code ?cursor=}. */
  @GetMapping("/console/settings/credentials")
  @Accepts(checksQuery = true)
  @Allow(role = Role.MANAGER, scope = Scope.CREDENTIAL_READ)
  ModelAndView list(ApiInput input, Caller.Member caller) {
    return listed(caller, input.queryText("cursor").orElse(""), null);
  }

  /** {@code POST /console/settings/credentials}: stores a text, or a user with a password. */
  @PostMapping("/console/settings/credentials")
  @Accepts(checksQuery = true)
  @LargeBody
  @Allow(role = Role.ADMIN, scope = Scope.CREDENTIAL_WRITE)
  ModelAndView create(ApiInput input, Caller.Member caller) {
    var body = Forms.sent(input, "name", "description");
    var isPair = Forms.text(input, "user").isPresent();
    body.put("type", isPair ? "pair" : "text");
    content(input, body, isPair);
    return changed(caller, api.send("POST", path(caller), body));
  }

  /** {@code POST /console/settings/credentials/{id}/content}: replaces what it contains. */
  @PostMapping("/console/settings/credentials/{id:[0-9a-f]{24}}/content")
  @Accepts(checksQuery = true)
  @LargeBody
  @Allow(role = Role.ADMIN, scope = Scope.CREDENTIAL_WRITE)
  ModelAndView replace(@PathVariable String id, ApiInput input, Caller.Member caller) {
    var before = api.get(path(caller) + "/" + id).body();
    var body = Forms.sent(input);
    body.put("name", before.path("name").asString(""));
    if (before.hasNonNull("description")) {
      body.set("description", before.path("description"));
    }
    body.set("acls", before.path("acls"));
    content(input, body, before.path("type").asString("").equals("pair"));
    return changed(caller, api.send("PUT", path(caller) + "/" + id, body));
  }

  /** {@code POST /console/settings/credentials/{id}/remove}: removes it, if no task uses it. */
  @PostMapping("/console/settings/credentials/{id:[0-9a-f]{24}}/remove")
  @Accepts(checksQuery = true)
  @Allow(role = Role.ADMIN, scope = Scope.CREDENTIAL_WRITE)
  ModelAndView remove(@PathVariable String id, ApiInput input, Caller.Member caller) {
    return changed(caller, api.send("DELETE", path(caller) + "/" + id, null));
  }

  /** Secrets are sent as they were typed: a blank at their end may belong to them. */
  private static void content(ApiInput input, ObjectNode body, boolean isPair) {
    Forms.text(input, "user").filter(_ -> isPair).ifPresent(user -> body.put("user", user));
    input
        .bodyText("value")
        .filter(it -> !it.isEmpty())
        .ifPresent(it -> body.put(isPair ? "password" : "value", it));
  }

  private ModelAndView changed(Caller.Member caller, ApiAnswer answer) {
    return answer.isSuccess() ? new ModelAndView("redirect:" + HERE) : listed(caller, "", answer);
  }

  private static String path(Caller.Member caller) {
    return "/" + caller.organization() + "/credential";
  }

  private ModelAndView listed(Caller.Member caller, String cursor, @Nullable ApiAnswer refused) {
    var query = Map.of("limit", "100", "cursor", cursor);
    var answer = api.get(Paging.address(path(caller), query));
    var page =
        new ModelAndView("console/settings/credentials")
            .addObject("credentials", answer.body().valueStream().map(this::row).toList())
            .addObject("paging", Paging.of(HERE, Map.of(), cursor, answer));
    return Forms.refused(page, refused);
  }

  private CredentialRow row(JsonNode credential) {
    return new CredentialRow(
        credential.path("id").asString(""),
        credential.path("name").asString(""),
        credential.path("type").asString("text"),
        credential.path("description").asString(""),
        credential.path("acls").valueStream().map(entry -> entry.asString("")).toList(),
        words.person(credential.path("changed_by").asString("")),
        words.moment(credential.path("last_update")));
  }
}
