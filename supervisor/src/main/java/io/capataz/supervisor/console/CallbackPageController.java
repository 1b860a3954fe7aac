package io.capataz.supervisor.console;

import io.capataz.common.protocol.MessageJson;
import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.Scope;
import io.capataz.supervisor.web.Accepts;
import io.capataz.supervisor.web.ApiInput;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.servlet.ModelAndView;
import tools.jackson.databind.JsonNode;

/** What was told to other systems, and what none of them took. */
@Controller
class CallbackPageController {

  private static final String HERE = "/console/settings/callbacks";
  private static final List<String> STATES = List.of("failed", "open", "succeeded");

  private final ConsoleApi api;
  private final Words words;

  CallbackPageController(ConsoleApi api, Words words) {
    this.api = api;
    this.words = words;
  }

  /**
   * A delivery.
   *
   * @param tries how many there were
   * @param failure why the last try failed; empty: it did not
   */
  record CallbackRow(
      String id,
      String job,
      String event,
      String url,
      Badge badge,
      int tries,
      String failure,
      @Nullable Moment created,
      @Nullable Moment next) {}

  /** A try of a delivery. */
  record TryRow(@Nullable Moment at, String took, String status, String answer, String failure) {}

  /**
   * {@code GET /console/settings/callbacks}: the deliveries, newest first: those that nobody took,
   * or with {@code ?show=} others; {@code ?cursor=} goes on.
   */
  @GetMapping("/console/settings/callbacks")
  @Accepts(checksQuery = true)
  @Allow(role = Role.ADMIN, scope = Scope.JOB_READ)
  ModelAndView list(ApiInput input, Caller.Member caller) {
    return listed(
        caller,
        input.queryText("show").filter(STATES::contains).orElse("failed"),
        input.queryText("cursor").orElse(""));
  }

  /** {@code GET /console/settings/callbacks/{id}}: one delivery, its tries and what is sent. */
  @GetMapping("/console/settings/callbacks/{id:[A-Za-z0-9_-]{1,100}}")
  @Accepts(checksQuery = true)
  @Allow(role = Role.ADMIN, scope = Scope.JOB_READ)
  ModelAndView one(@PathVariable String id, Caller.Member caller) {
    return page(caller, id);
  }

  /** {@code POST /console/settings/callbacks/replay}: sends all again that nobody took. */
  @PostMapping("/console/settings/callbacks/replay")
  @Accepts(checksQuery = true)
  @Allow(role = Role.ADMIN, scope = Scope.JOB_WRITE)
  ModelAndView replayAll(ApiInput input, Caller.Member caller) {
    var body = MessageJson.mapper().createObjectNode();
    var answer = api.send("POST", "/" + caller.organization() + "/callback/replay", body);
    return answer.isSuccess()
        ? new ModelAndView("redirect:" + HERE + "?show=open")
        : Forms.refused(listed(caller, "failed", ""), answer);
  }

  /** {@code POST /console/settings/callbacks/{id}/replay}: sends one again. */
  @PostMapping("/console/settings/callbacks/{id:[A-Za-z0-9_-]{1,100}}/replay")
  @Accepts(checksQuery = true)
  @Allow(role = Role.ADMIN, scope = Scope.JOB_WRITE)
  ModelAndView replay(@PathVariable String id, ApiInput input, Caller.Member caller) {
    var answer =
        api.send("POST", "/" + caller.organization() + "/callback/" + id + "/replay", null);
    return answer.isSuccess()
        ? new ModelAndView("redirect:" + HERE + "/" + id)
        : Forms.refused(listed(caller, "failed", ""), answer);
  }

  private ModelAndView listed(Caller.Member caller, String show, String cursor) {
    var query = Map.of("state", show, "limit", "50", "cursor", cursor);
    var answer = api.get(Paging.address("/" + caller.organization() + "/callback", query));
    return new ModelAndView("console/settings/callbacks")
        .addObject("show", show)
        .addObject("rows", answer.body().valueStream().map(this::row).toList())
        .addObject("paging", Paging.of(HERE, Map.of("show", show), cursor, answer));
  }

  private ModelAndView page(Caller.Member caller, String id) {
    var delivery = api.get("/" + caller.organization() + "/callback/" + id).body();
    return new ModelAndView("console/settings/callback")
        .addObject("row", row(delivery))
        .addObject(
            "tries", delivery.path("tries").valueStream().map(this::made).toList().reversed())
        .addObject("payload", delivery.path("payload").toPrettyString());
  }

  private CallbackRow row(JsonNode delivery) {
    var state = delivery.path("state").asString("open");
    var tries = delivery.path("tries");
    return new CallbackRow(
        delivery.path("id").asString(""),
        delivery.path("job_id").asString(""),
        delivery.path("event").asString(""),
        delivery.path("callback_url").asString(""),
        new Badge(
            state.equals("open") ? "scheduled" : state, words.say("callbacks." + state), null),
        tries.size(),
        tries.isEmpty() ? "" : tries.path(tries.size() - 1).path("failure").asString(""),
        words.moment(delivery.path("creation_date")),
        words.moment(delivery.path("next_try")));
  }

  private TryRow made(JsonNode made) {
    return new TryRow(
        words.moment(made.path("at")),
        made.path("duration").asString("") + " s",
        made.path("status").asString(""),
        made.path("answer").asString(""),
        made.path("failure").asString(""));
  }
}
