package io.capataz.cli;

import io.capataz.cli.api.Api;
import io.capataz.cli.apply.ApplyVerbs;
import io.capataz.cli.host.HostVerbs;
import io.capataz.cli.job.JobVerbs;
import io.capataz.cli.login.LoginVerbs;
import io.capataz.cli.mcp.McpVerb;
import io.capataz.cli.migrate.ImportVerbs;
import io.capataz.cli.schedule.ScheduleVerbs;
import io.capataz.cli.task.TaskVerbs;
import io.capataz.cli.terminal.Terminal;
import io.capataz.cli.token.TokenVerbs;
import io.capataz.cli.verb.Completion;
import io.capataz.cli.verb.Group;
import io.capataz.cli.verb.Program;
import io.capataz.cli.webhook.WebhookVerbs;
import io.capataz.cli.workflow.WorkflowVerbs;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The command line. The launcher says in {@code capataz.terminal} which streams are a terminal. */
public final class Main {

  private static final int BUFFER = 32 * 1024;

  private Main() {}

  public static void main(String[] words) {
    Terminal terminal =
        new Terminal(
            System.in,
            stream(FileDescriptor.out, false),
            stream(FileDescriptor.err, true),
            System.getenv(),
            System.getProperty("capataz.terminal", ""));
    int code = program().run(List.of(words), terminal);
    // Not by returning: a client's threads would be waited for.
    Runtime.getRuntime().exit(code);
  }

  private static PrintStream stream(FileDescriptor descriptor, boolean byLine) {
    return new PrintStream(
        new java.io.BufferedOutputStream(new FileOutputStream(descriptor), BUFFER),
        byLine,
        StandardCharsets.UTF_8);
  }

  /** All commands. */
  public static Program program() {
    List<Group> groups = new ArrayList<>();
    groups.add(LoginVerbs.login());
    groups.add(LoginVerbs.context());
    groups.add(LoginVerbs.whoami());
    groups.add(TaskVerbs.group());
    groups.add(JobVerbs.group());
    groups.add(WorkflowVerbs.group());
    groups.add(ScheduleVerbs.group());
    groups.add(WebhookVerbs.group());
    groups.add(HostVerbs.group());
    groups.add(TokenVerbs.group());
    groups.add(ApplyVerbs.apply());
    groups.add(ApplyVerbs.export());
    groups.add(ImportVerbs.group());
    groups.add(McpVerb.group());
    groups.add(Completion.group(List.copyOf(groups)));
    return new Program(groups, Api::of);
  }
}
