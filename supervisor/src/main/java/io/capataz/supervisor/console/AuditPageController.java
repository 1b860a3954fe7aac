package io.capataz.supervisor.console;

import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.Scope;
import io.capataz.supervisor.web.Accepts;
import io.capataz.supervisor.web.ApiInput;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.servlet.ModelAndView;
import tools.jackson.databind.JsonNode;

/** Who did what. */
@Controller
class AuditPageController {

  private static final List<String> FILTERS =
      List.of("actor", "action", "object", "status", "from", "until");

  private static final int A_DATE = 10;
  private static final int REFUSED = 400;

  private final ConsoleApi api;
  private final Words words;

  AuditPageController(ConsoleApi api, Words words) {
    this.api = api;
    this.words = words;
  }

  /**
   * An act.
   *
   * @param status of its answer; empty: its end is unknown
   */
  record ActRow(
      @Nullable Moment at,
      String actor,
      String who,
      String action,
      String object,
      String address,
      String request,
      String status,
      boolean isRefused) {}

  /**
   * {@code GET /console/settings/audit}: the acts, newest first, filtered as in the API by {@code
   * actor}, {@code action}, {@code object}, {@code status}, and by the days {@code from} and {@code
   * until}; {@code ?cursor=} goes on.
   */
  @GetMapping("/console/settings/audit")
  @Accepts(checksQuery = true)
  @Allow(role = Role.ADMIN, scope = Scope.AUDIT_READ)
  ModelAndView list(ApiInput input, Caller.Member caller) {
    var filters = new LinkedHashMap<String, String>();
    FILTERS.forEach(name -> filters.put(name, input.queryText(name).map(String::strip).orElse("")));
    var cursor = input.queryText("cursor").orElse("");
    var answer = api.send("GET", asked(caller, filters, cursor), null);
    var acts =
        answer.isSuccess()
            ? answer.body().valueStream().map(this::row).toList()
            : List.<ActRow>of();
    var page = new ModelAndView("console/settings/audit", "acts", acts);
    page.addObject("filter", filters);
    page.addObject("isFiltered", filters.values().stream().anyMatch(it -> !it.isEmpty()));
    page.addObject("paging", Paging.of("/console/settings/audit", filters, cursor, answer));
    return Forms.refused(page, answer.isSuccess() ? null : answer);
  }

  private static String asked(Caller.Member caller, Map<String, String> filters, String cursor) {
    var query = new LinkedHashMap<>(filters);
    query.put("from", instant(filters.getOrDefault("from", ""), "T00:00:00Z"));
    query.put("until", instant(filters.getOrDefault("until", ""), "T23:59:59.999Z"));
    query.put("limit", "50");
    query.put("cursor", cursor);
    return Paging.address("/" + caller.organization() + "/audit", query);
  }

  /** A day has a beginning and an end; what is no day is left to the API. */
  private static String instant(String day, String time) {
    return day.length() == A_DATE ? day + time : day;
  }

  private ActRow row(JsonNode act) {
    var actor = act.path("actor").asString("");
    return new ActRow(
        words.moment(act.path("at")),
        actor,
        words.actor(actor),
        act.path("action").asString(""),
        act.path("object").asString(""),
        act.path("address").asString(""),
        act.path("request_id").asString(""),
        act.path("status").asString(""),
        act.path("status").asInt(0) >= REFUSED);
  }
}
