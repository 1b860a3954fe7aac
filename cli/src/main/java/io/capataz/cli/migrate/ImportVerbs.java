package io.capataz.cli.migrate;

import io.capataz.cli.terminal.ExitCode;
import io.capataz.cli.terminal.Failure;
import io.capataz.cli.terminal.Printer;
import io.capataz.cli.terminal.Terminal;
import io.capataz.cli.verb.Call;
import io.capataz.cli.verb.Group;
import io.capataz.cli.verb.Option;
import io.capataz.cli.verb.Verb;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.ZoneId;

/** {@code capataz import}: prints definitions, and says what they do not carry over. */
public final class ImportVerbs {

  private ImportVerbs() {}

  public static Group group() {
    return Group.of(
        "import",
        "Turns jobs of other systems into definitions: crontab, rundeck.",
        crontab(),
        rundeck());
  }

  private static Verb crontab() {
    return importing(
            Verb.of(
                "crontab",
                "Prints tasks and schedules for the lines of a crontab, as apply reads them.",
                "What has no counterpart is said on standard error. Nothing is created."))
        .with(
            Option.bare("users", "lines name a user, as in /etc/crontab and /etc/cron.d"),
            Option.of("run-as", "USER", "whose crontab it is, if scripts are to run as that user"))
        .example("crontab -l | capataz import crontab --host web-1 - > web-1.yaml")
        .example("capataz import crontab /etc/crontab --users --host web-1")
        .does(
            call ->
                print(
                    call,
                    new Crontab(
                            Target.of(call),
                            zone(call),
                            call.has("users"),
                            call.option("run-as").orElse(""))
                        .read(text(call))));
  }

  private static Verb rundeck() {
    return importing(
            Verb.of(
                "rundeck",
                "Prints tasks, workflows and schedules for jobs that Rundeck exported as YAML.",
                "What has no counterpart is said on standard error. Nothing is created."))
        .example("capataz import rundeck jobs.yaml --pool web > jobs-of-rundeck.yaml")
        .does(call -> print(call, new RundeckJobs(Target.of(call), zone(call)).read(text(call))));
  }

  private static Verb importing(Verb verb) {
    return verb.taking("FILE")
        .with(
            Option.of("host", "NAME", "the host on which the tasks run"),
            Option.of("pool", "NAME", "the pool on which they run"),
            Option.of("zone", "ZONE", "the time zone of schedules; that of this machine if unset"))
        .reaching(Verb.Reach.LOCAL);
  }

  private static String zone(Call call) {
    String zone = call.option("zone").orElseGet(() -> ZoneId.systemDefault().getId());
    try {
      return ZoneId.of(zone).getId();
    } catch (DateTimeException e) {
      throw Failure.usage("Unknown --zone '%s': must be like Europe/Madrid.".formatted(zone));
    }
  }

  private static String text(Call call) {
    if (call.argument(0).equals("-")) {
      return call.terminal().readAll();
    }
    try {
      return Files.readString(Path.of(call.argument(0)));
    } catch (IOException e) {
      throw Failure.usage(
          "%s cannot be read (%s).".formatted(call.argument(0), e.getClass().getSimpleName()));
    }
  }

  private static int print(Call call, Imported imported) {
    Terminal terminal = call.terminal();
    imported
        .definitions()
        .forEach(
            definition -> {
              terminal.out().println("---");
              terminal.out().print(Printer.yaml(definition));
            });
    terminal.out().flush();
    imported.notes().forEach(terminal::say);
    return ExitCode.OK;
  }
}
