package io.capataz.cli.mcp;

import io.capataz.cli.terminal.ExitCode;
import io.capataz.cli.terminal.Failure;
import io.capataz.cli.verb.Group;
import io.capataz.cli.verb.Verb;
import java.io.IOException;

/** {@code capataz mcp}. */
public final class McpVerb {

  private McpVerb() {}

  public static Group group() {
    return Group.alone(
        Verb.of(
                "mcp",
                "Serves tools for assistants on standard input and output (MCP). They only read.",
                "An assistant starts it. It can see what the token may see; give it one of its own:"
                    + " capataz token create assistant --role viewer")
            .does(
                call -> {
                  try {
                    new McpServer(call.api(), call.terminal()).serve();
                    return ExitCode.OK;
                  } catch (IOException e) {
                    throw new Failure(ExitCode.FAILED, "Standard input cannot be read.");
                  }
                }));
  }
}
