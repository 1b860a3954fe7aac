package io.capataz.supervisor.console;

import io.capataz.common.protocol.MessageJson;
import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.Scope;
import io.capataz.supervisor.web.Accepts;
import io.capataz.supervisor.web.ApiInput;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.servlet.ModelAndView;
import tools.jackson.databind.JsonNode;

/** Incoming webhooks: what has come, and what it has started. */
@Controller
class WebhookPageController {

  private final ConsoleApi api;
  private final WebhookPages webhooks;

  WebhookPageController(ConsoleApi api, WebhookPages webhooks) {
    this.api = api;
    this.webhooks = webhooks;
  }

  /** {@code GET /console/webhooks}: all webhooks, by name; {@code ?cursor=} goes on. */
  @GetMapping("/console/webhooks")
  @Accepts(checksQuery = true)
  @Allow(role = Role.VIEWER, scope = Scope.SESSION_READ)
  ModelAndView list(ApiInput input, Caller.Member caller) {
    return listed(caller, input.queryText("cursor").orElse(""));
  }

  /** {@code GET /console/webhooks/{id}}: one webhook with its deliveries; {@code ?cursor=}. */
  @GetMapping("/console/webhooks/{id:[0-9a-f]{24}}")
  @Accepts(checksQuery = true)
  @Allow(role = Role.VIEWER, scope = Scope.SESSION_READ)
  ModelAndView one(@PathVariable String id, ApiInput input, Caller.Member caller) {
    return page(caller, id, input.queryText("cursor").orElse(""));
  }

  /** {@code POST /console/webhooks}: makes one. The page that answers shows its secrets, once. */
  @PostMapping("/console/webhooks")
  @Accepts(checksQuery = true)
  @Allow(role = Role.ADMIN, scope = Scope.WEBHOOK_WRITE)
  ModelAndView create(ApiInput input, Caller.Member caller) {
    var body = Forms.sent(input, "name", "verification");
    var answer = api.send("POST", "/" + caller.organization() + "/webhook", body);
    if (!answer.isSuccess()) {
      return Forms.refused(listed(caller, ""), answer);
    }
    var made = answer.body();
    return page(caller, made.path("id").asString(""), "")
        .addObject("secret", text(made, "secret"))
        .addObject("signingSecret", text(made, "signing_secret"));
  }

  /** {@code POST /console/webhooks/{id}/secret}: makes a new key, which the answer shows once. */
  @PostMapping("/console/webhooks/{id:[0-9a-f]{24}}/secret")
  @Accepts(checksQuery = true)
  @Allow(role = Role.ADMIN, scope = Scope.WEBHOOK_WRITE)
  ModelAndView rotate(@PathVariable String id, ApiInput input, Caller.Member caller) {
    var body = MessageJson.mapper().createObjectNode();
    var answer = api.send("POST", path(caller, id) + "/secret", body);
    var page = Forms.refused(page(caller, id, ""), answer.isSuccess() ? null : answer);
    return page.addObject("secret", text(answer.body(), "secret"));
  }

  /** {@code POST /console/webhooks/{id}/enable}: lets it take deliveries. */
  @PostMapping("/console/webhooks/{id:[0-9a-f]{24}}/enable")
  @Accepts(checksQuery = true)
  @Allow(role = Role.ADMIN, scope = Scope.WEBHOOK_WRITE)
  ModelAndView enable(@PathVariable String id, ApiInput input, Caller.Member caller) {
    return switched(caller, id, true);
  }

  /** {@code POST /console/webhooks/{id}/disable}: deliveries are refused. */
  @PostMapping("/console/webhooks/{id:[0-9a-f]{24}}/disable")
  @Accepts(checksQuery = true)
  @Allow(role = Role.ADMIN, scope = Scope.WEBHOOK_WRITE)
  ModelAndView disable(@PathVariable String id, ApiInput input, Caller.Member caller) {
    return switched(caller, id, false);
  }

  /** {@code POST /console/webhooks/{id}/deliveries/{delivery}/replay}: starts it once more. */
  @PostMapping("/console/webhooks/{id:[0-9a-f]{24}}/deliveries/{delivery:[0-9a-f]+}/replay")
  @Accepts(checksQuery = true)
  @Allow(role = Role.ADMIN, scope = Scope.WEBHOOK_WRITE)
  ModelAndView replay(
      @PathVariable String id,
      @PathVariable String delivery,
      ApiInput input,
      Caller.Member caller) {
    return changed(
        caller, id, api.send("POST", path(caller, id) + "/delivery/" + delivery + "/replay", null));
  }

  private ModelAndView switched(Caller.Member caller, String id, boolean isEnabled) {
    var body = MessageJson.mapper().createObjectNode().put("enable", isEnabled);
    return changed(caller, id, api.send("PUT", path(caller, id), body));
  }

  private ModelAndView changed(Caller.Member caller, String id, ApiAnswer answer) {
    return answer.isSuccess()
        ? new ModelAndView("redirect:/console/webhooks/" + id)
        : Forms.refused(page(caller, id, ""), answer);
  }

  private static @Nullable String text(JsonNode made, String name) {
    return made.hasNonNull(name) ? made.path(name).asString() : null;
  }

  private static String path(Caller.Member caller, String id) {
    return "/" + caller.organization() + "/webhook/" + id;
  }

  private ModelAndView listed(Caller.Member caller, String cursor) {
    return new ModelAndView(
        "console/webhooks/list", "webhooks", webhooks.list(caller.organization(), cursor));
  }

  private ModelAndView page(Caller.Member caller, String id, String cursor) {
    return new ModelAndView(
        "console/webhooks/webhook", "webhook", webhooks.one(caller.organization(), id, cursor));
  }
}
