package io.capataz.cli.webhook;

import io.capataz.cli.api.Api;
import io.capataz.cli.api.Named;
import io.capataz.cli.terminal.Columns;
import io.capataz.cli.terminal.ExitCode;
import io.capataz.cli.verb.Group;
import io.capataz.cli.verb.Option;
import io.capataz.cli.verb.Verb;

/** {@code capataz webhook …}. */
public final class WebhookVerbs {

  private static final Columns COLUMNS =
      Columns.named("/name")
          .with("ID", "/id")
          .with("NAME", "/name")
          .with("ENABLED", "/enable")
          .with("VERIFICATION", "/verification")
          .with("DELIVERIES", "/trigger_count");

  private static final Columns DELIVERIES =
      Columns.named("/id")
          .with("ID", "/id")
          .with("AT", "/at")
          .with("BY", "/by")
          .with("SIZE", "/size")
          .with("STARTED", it -> Integer.toString(it.path("started").size()));

  private WebhookVerbs() {}

  public static Group group() {
    return Group.of(
        "webhook",
        "What other systems call: list, show, deliveries.",
        Verb.of("list", "Lists the webhooks that you may see.")
            .does(
                call -> {
                  call.printer().list(COLUMNS, call.api().all("/webhook", Integer.MAX_VALUE));
                  return ExitCode.OK;
                }),
        Verb.of("show", "Shows a webhook, without its secrets.")
            .taking("NAME")
            .does(
                call -> {
                  call.printer().whole(COLUMNS, Named.WEBHOOK.one(call.api(), call.argument(0)));
                  return ExitCode.OK;
                }),
        Verb.of("credentials", "Shows the keys and the signing secret of a webhook.")
            .taking("NAME")
            .does(
                call -> {
                  Api api = call.api();
                  String id = Named.WEBHOOK.one(api, call.argument(0)).path("id").asString("");
                  call.printer().whole(COLUMNS, api.get(Named.WEBHOOK.at(id) + "/credentials"));
                  return ExitCode.OK;
                }),
        Verb.of("deliveries", "Lists what has come in, newest first.")
            .taking("NAME")
            .with(Option.of("limit", "N", "at most so many; 50 if left out"))
            .does(
                call -> {
                  Api api = call.api();
                  String id = Named.WEBHOOK.one(api, call.argument(0)).path("id").asString("");
                  call.printer()
                      .list(
                          DELIVERIES,
                          api.all(
                              Named.WEBHOOK.at(id) + "/delivery",
                              call.number("limit", 1, 100_000, 50)));
                  return ExitCode.OK;
                }));
  }
}
