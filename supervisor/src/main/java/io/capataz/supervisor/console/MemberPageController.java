package io.capataz.supervisor.console;

import io.capataz.common.protocol.MessageJson;
import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.Scope;
import io.capataz.supervisor.web.Accepts;
import io.capataz.supervisor.web.ApiInput;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.servlet.ModelAndView;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The members of an organization, and what they may do. */
@Controller
class MemberPageController {

  private static final String HERE = "/console/settings/members";

  private final ConsoleApi api;
  private final Words words;

  MemberPageController(ConsoleApi api, Words words) {
    this.api = api;
    this.words = words;
  }

  /** A member. */
  record MemberRow(
      String id,
      String email,
      String name,
      String role,
      String tags,
      boolean isEnabled,
      boolean hasPassword,
      boolean isWithinReach,
      @Nullable Moment since) {}

  /** {@code GET /console/settings/members}: the members, by address; {@code ?cursor=} goes on. */
  @GetMapping("/console/settings/members")
  @Accepts(checksQuery = true)
  @Allow(role = Role.MANAGER, scope = Scope.MEMBER_READ)
  ModelAndView list(ApiInput input, Caller.Member caller) {
    return listed(caller, input.queryText("cursor").orElse(""), null);
  }

  /** {@code POST /console/settings/members}: adds a person. */
  @PostMapping("/console/settings/members")
  @Accepts(checksQuery = true)
  @Allow(role = Role.MANAGER)
  ModelAndView add(ApiInput input, Caller.Member caller) {
    var body = Forms.sent(input, "email", "name", "role");
    // A password may begin or end with a blank.
    input
        .bodyText("password")
        .filter(it -> !it.isEmpty())
        .ifPresent(it -> body.put("password", it));
    tags(input, body);
    return changed(caller, api.send("POST", path(caller), body));
  }

  /** {@code POST /console/settings/members/{id}}: changes the name, the role and the tags. */
  @PostMapping("/console/settings/members/{id:[0-9a-f]{24}}")
  @Accepts(checksQuery = true)
  @Allow(role = Role.MANAGER)
  ModelAndView change(@PathVariable String id, ApiInput input, Caller.Member caller) {
    var body = Forms.sent(input, "name", "role");
    tags(input, body);
    return changed(caller, api.send("PATCH", path(caller) + "/" + id, body));
  }

  /** {@code POST /console/settings/members/{id}/enable}: lets a member sign in again. */
  @PostMapping("/console/settings/members/{id:[0-9a-f]{24}}/enable")
  @Accepts(checksQuery = true)
  @Allow(role = Role.MANAGER)
  ModelAndView enable(@PathVariable String id, ApiInput input, Caller.Member caller) {
    return switched(caller, id, true);
  }

  /** {@code POST /console/settings/members/{id}/disable}: shuts a member out. */
  @PostMapping("/console/settings/members/{id:[0-9a-f]{24}}/disable")
  @Accepts(checksQuery = true)
  @Allow(role = Role.MANAGER)
  ModelAndView disable(@PathVariable String id, ApiInput input, Caller.Member caller) {
    return switched(caller, id, false);
  }

  /** {@code POST /console/settings/members/{id}/remove}: removes a member. */
  @PostMapping("/console/settings/members/{id:[0-9a-f]{24}}/remove")
  @Accepts(checksQuery = true)
  @Allow(role = Role.MANAGER)
  ModelAndView remove(@PathVariable String id, ApiInput input, Caller.Member caller) {
    return changed(caller, api.send("DELETE", path(caller) + "/" + id, null));
  }

  private ModelAndView switched(Caller.Member caller, String id, boolean isEnabled) {
    var body = MessageJson.mapper().createObjectNode().put("enabled", isEnabled);
    return changed(caller, api.send("PATCH", path(caller) + "/" + id, body));
  }

  private ModelAndView changed(Caller.Member caller, ApiAnswer answer) {
    return answer.isSuccess() ? new ModelAndView("redirect:" + HERE) : listed(caller, "", answer);
  }

  private static String path(Caller.Member caller) {
    return "/" + caller.organization() + "/member";
  }

  /** Tags are typed in one field, separated by commas; an empty one takes all away. */
  private static void tags(ApiInput input, ObjectNode body) {
    var typed = input.bodyText("tags").orElse("");
    var tags = body.putArray("tags");
    Stream.of(typed.split(",", -1))
        .map(String::strip)
        .filter(tag -> !tag.isEmpty())
        .forEach(tags::add);
  }

  private ModelAndView listed(Caller.Member caller, String cursor, @Nullable ApiAnswer refused) {
    var query = Map.of("limit", "100", "cursor", cursor);
    var answer = api.get(Paging.address(path(caller), query));
    var page =
        new ModelAndView("console/settings/members")
            .addObject(
                "members",
                answer.body().valueStream().map(member -> row(member, caller.role())).toList())
            .addObject("roles", roles(caller.role()))
            .addObject("paging", Paging.of(HERE, Map.of(), cursor, answer));
    return Forms.refused(page, refused);
  }

  /** Those that somebody of a role may give. */
  static List<String> roles(Role most) {
    return Arrays.stream(Role.values()).filter(most::covers).map(Role::word).toList();
  }

  private MemberRow row(JsonNode member, Role reader) {
    var role = member.path("role").asString("");
    return new MemberRow(
        member.path("id").asString(""),
        member.path("email").asString(""),
        member.path("name").asString(""),
        role,
        String.join(", ", member.path("tags").valueStream().map(tag -> tag.asString("")).toList()),
        member.path("enabled").asBoolean(true),
        member.path("has_password").asBoolean(false),
        roles(reader).contains(role),
        words.moment(member.path("creation_date")));
  }
}
