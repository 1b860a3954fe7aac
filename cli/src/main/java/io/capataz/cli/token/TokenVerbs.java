package io.capataz.cli.token;

import io.capataz.cli.api.Api;
import io.capataz.cli.terminal.Columns;
import io.capataz.cli.terminal.ExitCode;
import io.capataz.cli.terminal.Format;
import io.capataz.cli.verb.Call;
import io.capataz.cli.verb.Group;
import io.capataz.cli.verb.Option;
import io.capataz.cli.verb.Verb;
import io.capataz.common.protocol.MessageJson;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code capataz token …}. */
public final class TokenVerbs {

  private static final Columns COLUMNS =
      Columns.named("/id")
          .with("ID", "/id")
          .with("NAME", "/name")
          .with("ROLE", "/role")
          .with("SCOPES", "/scopes")
          .with("EXPIRES", "/expires")
          .with("LAST USE", "/last_use");

  private static final Option PERSONAL =
      Option.bare("personal", "your own tokens instead of the organization's");

  private TokenVerbs() {}

  public static Group group() {
    return Group.of(
        "token",
        "Keys to the API for programs: list, create, revoke.",
        Verb.of("list", "Lists tokens; none of them is shown.")
            .with(PERSONAL)
            .does(
                call -> {
                  Api api = call.api();
                  JsonNode tokens = api.call("GET", path(call, api), null, Map.of());
                  call.printer().list(COLUMNS, tokens.valueStream().toList());
                  return ExitCode.OK;
                }),
        Verb.of("create", "Creates a token and prints it. It is not shown again.")
            .taking("NAME")
            .with(
                PERSONAL,
                Option.of("role", "ROLE", "viewer, user, agent, manager, admin or integration"),
                Option.of("scope", "SCOPE", "the only thing it may do, such as task:run")
                    .repeated(),
                Option.of("tag", "TAG", "only objects with that entry in their ACL").repeated(),
                Option.of("expires", "INSTANT", "its last moment, as 2027-01-31T12:00:00Z"))
            .example("capataz token create deploys --role user --scope task:run --scope job:read")
            .does(TokenVerbs::create),
        Verb.of("revoke", "Revokes a token.")
            .taking("ID")
            .with(PERSONAL)
            .does(
                call -> {
                  Api api = call.api();
                  String path = path(call, api) + "/" + Api.encoded(call.argument(0));
                  var _ = api.call("DELETE", path, null, Map.of());
                  return ExitCode.OK;
                }));
  }

  private static String path(Call call, Api api) {
    return call.has("personal") ? "/token" : api.own("/integration-token");
  }

  private static int create(Call call) {
    Api api = call.api();
    ObjectNode body = MessageJson.mapper().createObjectNode().put("name", call.argument(0));
    call.option("role").ifPresent(it -> body.put("role", it));
    call.option("expires").ifPresent(it -> body.put("expires", it));
    if (call.has("scope")) {
      call.all("scope").forEach(body.putArray("scopes")::add);
    }
    if (call.has("tag")) {
      call.all("tag").forEach(body.putArray("tags")::add);
    }
    JsonNode token = api.call("POST", path(call, api), body, Map.of());
    if (call.format() == Format.TABLE) {
      call.terminal().say("This is the only time that the token is shown:");
      call.terminal().out().println(token.path("token").asString(""));
    } else {
      call.printer().whole(COLUMNS, token);
    }
    return ExitCode.OK;
  }
}
