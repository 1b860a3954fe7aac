package io.capataz.cli.login;

import io.capataz.cli.context.Access;
import io.capataz.cli.context.Contexts;
import io.capataz.cli.context.Given;
import io.capataz.cli.terminal.Columns;
import io.capataz.cli.terminal.ExitCode;
import io.capataz.cli.terminal.Failure;
import io.capataz.cli.terminal.Printer;
import io.capataz.cli.terminal.Terminal;
import io.capataz.cli.verb.Call;
import io.capataz.cli.verb.Group;
import io.capataz.cli.verb.Option;
import io.capataz.cli.verb.Verb;
import io.capataz.cli.verb.Verb.Reach;
import io.capataz.common.protocol.MessageJson;
import io.capataz.common.secret.Secret;
import java.io.Console;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** {@code capataz login}, {@code context} and {@code whoami}. */
public final class LoginVerbs {

  private static final Columns COLUMNS =
      Columns.named("/name")
          .with("CURRENT", it -> it.path("current").asBoolean() ? "*" : "")
          .with("NAME", "/name")
          .with("URL", "/url")
          .with("ORGANIZATION", "/organization");

  private static final Option OUTPUT =
      Option.of("output", "FORMAT", "table, json, yaml or name").letter("o");

  private LoginVerbs() {}

  public static Group login() {
    return Group.alone(
        Verb.of(
                "login",
                "Keeps a token for a supervisor, after trying it.",
                "The token is read from --token-file, CAPATAZ_TOKEN, CAPATAZ_TOKEN_FILE, standard"
                    + " input, or typed without being shown. It is kept in"
                    + " $XDG_CONFIG_HOME/capataz/contexts.json, which only you can read.")
            .with(
                Option.of("url", "URL", "the supervisor (CAPATAZ_URL)"),
                Option.of("token-file", "FILE", "a file with the token, - for standard input"),
                Option.of("context", "NAME", "a name for it; the host of the URL if left out"))
            .example("capataz login --url http://127.0.0.1:8080 --token-file data/admin.token")
            .reaching(Reach.LOGIN)
            .does(LoginVerbs::logIn));
  }

  public static Group context() {
    return Group.of(
        "context",
        "The supervisors you are logged in to.",
        local("list", "Lists them.").with(OUTPUT).does(LoginVerbs::list),
        local("use", "Chooses the one that commands talk to.")
            .taking("NAME")
            .does(
                call -> {
                  Contexts.of(call.terminal()).use(call.argument(0));
                  return ExitCode.OK;
                }),
        local("remove", "Forgets one with its token. The token stays valid; see 'token revoke'.")
            .taking("NAME")
            .does(
                call -> {
                  Contexts.of(call.terminal()).remove(call.argument(0));
                  return ExitCode.OK;
                }));
  }

  public static Group whoami() {
    return Group.alone(
        Verb.of("whoami", "Shows whose token is used, with which role.")
            .does(
                call -> {
                  JsonNode session =
                      call.api(call.given().access(call.terminal()))
                          .call("GET", "/session", null, Map.of());
                  call.printer().whole(Columns.named("/principal/username"), session);
                  return ExitCode.OK;
                }));
  }

  private static Verb local(String name, String about) {
    return Verb.of(name, about).reaching(Reach.LOCAL);
  }

  private static int logIn(Call call) {
    Terminal terminal = call.terminal();
    Given given = call.given();
    String name = given.context().orElse("");
    Access access =
        Access.at(
            given.url().orElseThrow(() -> Failure.usage("Say where: capataz login --url URL")),
            given.token(terminal).orElseGet(() -> asked(terminal)));
    JsonNode session = call.api(access).call("GET", "/session", null, Map.of());
    String organization = session.at("/organization/id").asString("");
    String kept = name.isEmpty() ? access.url().getAuthority() : name;
    Contexts.of(terminal).add(kept, access.in(organization));
    terminal.say(
        "Logged in to %s as %s, role %s, organization %s. Context: %s."
            .formatted(
                access.url(),
                session.at("/principal/username").asString(""),
                session.at("/member/role").asString(""),
                organization,
                kept));
    if (access.isOpen()) {
      terminal.say("Warning: without https, others on the way can read the token.");
    }
    return ExitCode.OK;
  }

  private static Secret asked(Terminal terminal) {
    @Nullable Console console = terminal.inIsTerminal() ? System.console() : null;
    if (console == null) {
      return Given.checked(terminal.readAll());
    }
    char @Nullable [] typed = console.readPassword("Token: ");
    return Given.checked(typed == null ? "" : new String(typed));
  }

  private static int list(Call call) {
    Contexts contexts = Contexts.of(call.terminal());
    String current = contexts.current().orElse("");
    new Printer(call.terminal(), call.format())
        .list(
            COLUMNS,
            contexts.names().stream()
                .<JsonNode>map(
                    name ->
                        MessageJson.mapper()
                            .createObjectNode()
                            .put("name", name)
                            .put("url", contexts.named(name).url().toString())
                            .put("organization", contexts.named(name).organization())
                            .put("current", name.equals(current)))
                .toList());
    return ExitCode.OK;
  }
}
