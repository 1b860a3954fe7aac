package io.capataz.cli.context;

import io.capataz.cli.terminal.ExitCode;
import io.capataz.cli.terminal.Failure;
import io.capataz.cli.terminal.Terminal;
import io.capataz.common.secret.Secret;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What a command was told about where to go: options first, then the environment, then a context.
 *
 * @param context the name of a context
 * @param tokenFile a file with a token; {@code -} is standard input
 */
public record Given(
    Optional<String> context,
    Optional<String> url,
    Optional<String> organization,
    Optional<String> tokenFile) {

  /** With what the environment says where no option was given. */
  public Given or(Terminal terminal) {
    return new Given(
        context.or(() -> terminal.variable("CAPATAZ_CONTEXT")),
        url.or(() -> terminal.variable("CAPATAZ_URL")),
        organization.or(() -> terminal.variable("CAPATAZ_ORGANIZATION")),
        tokenFile);
  }

  /**
   * Where to go. A context's token is sent to the context's supervisor only.
   *
   * @throws Failure if that is not known
   */
  public Access access(Terminal terminal) {
    Optional<Secret> token = token(terminal);
    Optional<Access> known = known(terminal, token.isPresent());
    URI address =
        url.map(ServerUrl::read)
            .or(() -> known.map(Access::url))
            .orElseThrow(
                () ->
                    notLoggedIn(
                        "No supervisor is known. Log in: capataz login --url URL, or set"
                            + " CAPATAZ_URL and CAPATAZ_TOKEN."));
    Secret secret =
        token
            .or(() -> known.filter(it -> it.url().equals(address)).map(Access::token))
            .orElseThrow(
                () ->
                    notLoggedIn(
                        "There is no token for %s. Log in: capataz login --url %s"
                            .formatted(address, address)));
    return new Access(
        address,
        organization
            .or(() -> known.filter(it -> it.url().equals(address)).map(Access::organization))
            .orElse(""),
        secret);
  }

  private Optional<Access> known(Terminal terminal, boolean tokenGiven) {
    if (url.isPresent() && tokenGiven && context.isEmpty()) {
      return Optional.empty();
    }
    Contexts contexts = Contexts.of(terminal);
    return context.or(contexts::current).map(contexts::named);
  }

  /** A token that was given for this command, in a file or in the environment. */
  public Optional<Secret> token(Terminal terminal) {
    return tokenFile
        .map(file -> file.equals("-") ? terminal.readAll() : read(file))
        .or(() -> terminal.variable("CAPATAZ_TOKEN"))
        .or(() -> terminal.variable("CAPATAZ_TOKEN_FILE").map(Given::read))
        .map(Given::checked);
  }

  private static String read(String file) {
    try {
      return Files.readString(Path.of(file));
    } catch (IOException e) {
      throw Failure.usage(
          "The token file %s cannot be read (%s).".formatted(file, e.getClass().getSimpleName()));
    }
  }

  /** A token is one word of visible characters; what else it is, the supervisor knows. */
  public static Secret checked(String text) {
    String token = text.strip();
    if (token.isEmpty() || !token.chars().allMatch(c -> c > ' ' && c < 127)) {
      throw Failure.usage("That is not a token: it must be one word, and not empty.");
    }
    return Secret.of(token);
  }

  private static Failure notLoggedIn(String sentence) {
    return new Failure(ExitCode.NOT_ALLOWED, sentence);
  }
}
