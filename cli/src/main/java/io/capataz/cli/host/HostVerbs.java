package io.capataz.cli.host;

import io.capataz.cli.api.Api;
import io.capataz.cli.api.Named;
import io.capataz.cli.terminal.Columns;
import io.capataz.cli.terminal.ExitCode;
import io.capataz.cli.verb.Call;
import io.capataz.cli.verb.Group;
import io.capataz.cli.verb.Option;
import io.capataz.cli.verb.Verb;
import io.capataz.common.protocol.MessageJson;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code capataz host …}. */
public final class HostVerbs {

  private static final Columns COLUMNS =
      Columns.named("/name")
          .with("ID", "/id")
          .with("NAME", "/name")
          .with("STATE", "/state")
          .with("RUNNING", it -> text(it, "/running") + "/" + text(it, "/slots"))
          .with("LAST CONTACT", "/last_contact");

  private static final Columns TOKENS =
      Columns.named("/id")
          .with("ID", "/id")
          .with("STATE", "/state")
          .with("ENROLLED", it -> text(it, "/enrolled") + "/" + text(it, "/hosts"))
          .with("EXPIRES", "/expires")
          .with("MADE BY", "/made_by");

  private HostVerbs() {}

  public static Group group() {
    return Group.of(
        "host",
        "The machines that run scripts: list, drain, add.",
        Verb.of("list", "Lists the hosts.")
            .with(Option.of("label", "NAME=VALUE", "those with a label"))
            .does(HostVerbs::list),
        Verb.of("show", "Shows all there is of a host.")
            .taking("NAME")
            .does(
                call -> {
                  call.printer().whole(COLUMNS, Named.HOST.one(call.api(), call.argument(0)));
                  return ExitCode.OK;
                }),
        change("drain", "Gives a host no new jobs, until it is empty."),
        change("disable", "Gives a host no new jobs until it is enabled."),
        change("enable", "Gives a host jobs again."),
        Verb.of(
                "join-token",
                "Makes a token with which one agent enrols, within 15 minutes, and prints it.")
            .with(
                Option.of("host", "NAME", "the only name under which it may enrol"),
                Option.of("hosts", "COUNT", "how many hosts it enrols, 10000 at most"),
                Option.of("expires", "INSTANT", "its last moment, as 2027-01-31T12:00:00Z"),
                Option.of("label", "NAME=VALUE", "a label of its hosts").repeated(),
                Option.of("pool", "POOL", "a pool that its hosts are added to").repeated())
            .example("CAPATAZ_JOIN_TOKEN=$(capataz host join-token) capataz agent --supervisor URL")
            .example(
                "capataz host join-token --hosts 40 --expires 2027-01-31T12:00:00Z --pool build")
            .does(HostVerbs::joinToken),
        Verb.of("join-tokens", "Lists join tokens and how many hosts each has enrolled.")
            .does(
                call -> {
                  call.printer()
                      .list(TOKENS, call.api().all("/host/join-token", Integer.MAX_VALUE));
                  return ExitCode.OK;
                }),
        Verb.of("revoke-join-token", "Revokes a join token. Hosts that it has enrolled stay.")
            .taking("ID")
            .does(
                call -> {
                  String path = "/host/join-token/" + Api.encoded(call.argument(0));
                  call.printer().row(TOKENS, call.api().send("DELETE", path, null));
                  return ExitCode.OK;
                }));
  }

  private static String text(JsonNode object, String pointer) {
    return Columns.text(object, pointer);
  }

  private static Verb change(String name, String about) {
    return Verb.of(name, about)
        .taking("NAME")
        .does(
            call -> {
              Api api = call.api();
              String id = Named.HOST.one(api, call.argument(0)).path("id").asString("");
              call.printer().row(COLUMNS, api.send("PUT", Named.HOST.at(id) + "/" + name, null));
              return ExitCode.OK;
            });
  }

  private static int list(Call call) {
    String query = call.option("label").map(it -> "?label=" + Api.encoded(it)).orElse("");
    call.printer().list(COLUMNS, call.api().all("/host" + query, Integer.MAX_VALUE));
    return ExitCode.OK;
  }

  private static int joinToken(Call call) {
    ObjectNode body = MessageJson.mapper().createObjectNode();
    call.option("host").ifPresent(name -> body.put("host", name));
    body.put("hosts", call.number("hosts", 1, 10_000, 1));
    call.option("expires").ifPresent(instant -> body.put("expires", instant));
    if (call.has("label")) {
      body.put("labels", String.join("\n", call.all("label")));
    }
    if (call.has("pool")) {
      call.all("pool").forEach(body.putArray("pools")::add);
    }
    JsonNode token = call.api().send("POST", "/host/join-token", body);
    call.terminal().out().println(token.path("token").asString(""));
    return ExitCode.OK;
  }
}
