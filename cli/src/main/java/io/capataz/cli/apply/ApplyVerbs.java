package io.capataz.cli.apply;

import io.capataz.cli.api.Api;
import io.capataz.cli.terminal.ExitCode;
import io.capataz.cli.terminal.Failure;
import io.capataz.cli.terminal.Format;
import io.capataz.cli.terminal.Printer;
import io.capataz.cli.terminal.Terminal;
import io.capataz.cli.verb.Call;
import io.capataz.cli.verb.Group;
import io.capataz.cli.verb.Option;
import io.capataz.cli.verb.Verb;
import io.capataz.common.protocol.MessageJson;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** {@code capataz apply} and {@code capataz export}. */
public final class ApplyVerbs {

  private ApplyVerbs() {}

  public static Group apply() {
    return Group.alone(
        Verb.of(
                "apply",
                "Creates and changes pools, webhooks, tasks, workflows and schedules as files say.",
                "What the files do not say stays as it is: a field, and an object. A field that is"
                    + " null gets its default. Applying the same files again changes nothing.")
            .with(
                Option.of(
                        "filename",
                        "FILE",
                        "YAML or JSON, a folder of them, or - for standard input")
                    .letter("f")
                    .repeated(),
                Option.bare("dry-run", "show what would be done, and do nothing"),
                Option.bare(
                    "prune",
                    "remove tasks and workflows with --tag, and their schedules, that are in no"
                        + " file"),
                Option.of("tag", "TAG", "the tag for --prune"),
                Option.bare("yes", "remove without being asked"))
            .example("capataz apply -f definitions/ --dry-run")
            .example("capataz apply -f definitions/ --prune --tag team:billing --yes")
            .does(ApplyVerbs::apply));
  }

  public static Group export() {
    return Group.alone(
        Verb.of(
                "export",
                "Prints definitions of what is there, as apply reads them; secrets are masked.",
                "KIND is pool, webhook, task, workflow or schedule; all of them if none is given.")
            .taking("[KIND...]")
            .example("capataz export > definitions.yaml")
            .example("capataz export task schedule")
            .does(ApplyVerbs::export));
  }

  private static int apply(Call call) {
    if (!call.has("filename")) {
      throw Failure.usage("Say which files: capataz apply -f FILE");
    }
    if (call.has("prune") != call.has("tag")) {
      throw Failure.usage("--prune and --tag go together: only what has the tag is removed.");
    }
    List<Definition> definitions = DefinitionFiles.read(call.all("filename"), call.terminal());
    Api api = call.api();
    boolean dryRun = call.has("dry-run");
    List<Pruning.Left> left =
        call.option("tag").map(tag -> new Pruning(api, tag, definitions).found()).orElse(List.of());
    if (!left.isEmpty() && !dryRun && !call.has("yes")) {
      throw Failure.usage(
          "%d objects would be removed: %s. Say so with --yes, or look with --dry-run."
              .formatted(left.size(), left.stream().map(Pruning.Left::label).toList()));
    }
    Report report = new Report(call, dryRun);
    Applying applying = new Applying(api, definitions, dryRun);
    definitions.forEach(definition -> report.add(applying.apply(definition)));
    left.forEach(it -> report.add(applying.remove(it.label(), it.kind(), it.live())));
    report.end();
    return ExitCode.OK;
  }

  /** Reports the result for each object, immediately if the format allows that. */
  private static final class Report {

    private final Terminal terminal;
    private final Printer printer;
    private final boolean dryRun;
    private final List<JsonNode> trees = new ArrayList<>();

    Report(Call call, boolean dryRun) {
      this.terminal = call.terminal();
      this.printer = call.printer();
      this.dryRun = dryRun;
    }

    void add(Applied applied) {
      trees.add(applied.tree());
      switch (printer.format()) {
        case TABLE -> {
          Applied.Action action = applied.action();
          line(applied.label() + " " + (dryRun ? action.wouldBe() : action.word()));
          DifferenceText.of(applied.changes()).forEach(line -> line("  " + line));
        }
        case NAME -> line(applied.label());
        case JSON, YAML -> {}
      }
    }

    private void line(String line) {
      terminal.out().println(Terminal.clean(line));
    }

    void end() {
      if (printer.format() == Format.JSON || printer.format() == Format.YAML) {
        printer.list(io.capataz.cli.terminal.Columns.named("/object"), trees);
      }
    }
  }

  private static int export(Call call) {
    List<Kind> kinds =
        call.arguments(0).isEmpty()
            ? Arrays.asList(Kind.values())
            : call.arguments(0).stream().map(it -> Kind.of(it, "'" + it + "'")).toList();
    Exporting exporting = new Exporting(call.api());
    List<JsonNode> all = kinds.stream().flatMap(kind -> exporting.all(kind).stream()).toList();
    if (call.format() == Format.JSON) {
      call.terminal()
          .out()
          .println(MessageJson.mapper().writerWithDefaultPrettyPrinter().writeValueAsString(all));
      return ExitCode.OK;
    }
    all.forEach(
        definition -> {
          call.terminal().out().println("---");
          call.terminal().out().print(Printer.yaml(definition));
        });
    return ExitCode.OK;
  }
}
