package io.capataz.cli;

import io.capataz.cli.terminal.Terminal;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A command as it is typed, and what came of it. */
public final class Typed {

  private final Map<String, String> environment = new HashMap<>();
  private String input = "";
  private String terminals = "";

  /** What a command ended with. */
  public record Ended(int code, String out, String err) {}

  /** At a fake supervisor, with a token in the environment. */
  public static Typed at(FakeSupervisor supervisor) {
    return new Typed()
        .with("CAPATAZ_URL", supervisor.url())
        .with("CAPATAZ_TOKEN", FakeSupervisor.TOKEN)
        .with("CAPATAZ_ORGANIZATION", "acme");
  }

  public Typed with(String variable, String value) {
    environment.put(variable, value);
    return this;
  }

  Typed without(String variable) {
    environment.remove(variable);
    return this;
  }

  public Typed input(String text) {
    input = text;
    return this;
  }

  Typed terminals(String which) {
    terminals = which;
    return this;
  }

  public Ended run(String... words) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int code =
        Main.program()
            .run(
                List.of(words),
                new Terminal(
                    new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
                    new PrintStream(out, true, StandardCharsets.UTF_8),
                    new PrintStream(err, true, StandardCharsets.UTF_8),
                    environment,
                    terminals));
    return new Ended(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }
}
