package io.capataz.supervisor.callback;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.common.secret.Secret;
import io.capataz.testing.Missing;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The snippets in docs/callbacks.md know a callback from what was changed. */
class VerifierSnippetsTest {

  private static final String KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  private static final String OTHER = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
  private static final String BODY = "{\"task\": \"ñ\\n\", \"status\": \"completed\"}";

  private static final String PYTHON =
      """
      import os
      names = ("id", "timestamp", "signature")
      headers = {"webhook-" + name: os.environ[name] for name in names}
      body = open(os.environ["body"], "rb").read()
      print("yes" if is_from_capataz(os.environ["key"], headers, body) else "no")
      """;

  private static final String NODE =
      """
      const names = ["id", "timestamp", "signature"];
      const headers = Object.fromEntries(names.map((n) => ["webhook-" + n, process.env[n]]));
      const body = require("node:fs").readFileSync(process.env.body);
      console.log(isFromCapataz(process.env.key, headers, body) ? "yes" : "no");
      """;

  @TempDir private Path folder;

  /** The last block of a language in the section. */
  private static String snippet(String language, String containing) throws IOException {
    var page = Files.readString(Path.of("..", "docs", "callbacks.md"));
    return Pattern.compile("(?s)```" + language + "\n(.*?)```")
        .matcher(page)
        .results()
        .map(found -> found.group(1))
        .filter(code -> code.contains(containing))
        .findFirst()
        .orElseThrow();
  }

  @ParameterizedTest
  @CsvSource({"python3, -c", "node, -e", "sh, -c"})
  void a_snippet_accepts_what_is_signed_and_nothing_else(String program, String option)
      throws IOException, InterruptedException {
    var code =
        switch (program) {
          case "python3" -> snippet("python", "is_from_capataz") + PYTHON;
          case "node" -> snippet("js", "isFromCapataz") + NODE;
          default -> snippet("sh", "openssl");
        };
    var command = List.of(program, option, code);
    var signed =
        Signature.headers(
            "a-delivery", Instant.now(), BODY, List.of(Secret.of(OTHER), Secret.of(KEY)));

    assertThat(verdict(command, KEY, signed, BODY)).isEqualTo("yes");
    assertThat(verdict(command, KEY, signed, BODY + " ")).isEqualTo("no");
    var third = "whsec_" + "B".repeat(32);
    assertThat(verdict(command, third, signed, BODY)).isEqualTo("no");
  }

  private String verdict(List<String> command, String key, Map<String, String> headers, String body)
      throws IOException, InterruptedException {
    var file = Files.writeString(folder.resolve("body"), body);
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    var environment = builder.environment();
    headers.forEach((name, value) -> environment.put(name.substring("webhook-".length()), value));
    environment.put("key", key);
    environment.put("body", file.toString());
    Process process;
    try {
      process = builder.start();
    } catch (IOException missing) {
      Missing.unless(false, "the snippet that verifies callbacks with " + command.getFirst());
      throw missing;
    }
    var printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return printed.strip();
  }
}
