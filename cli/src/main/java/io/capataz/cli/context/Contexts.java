package io.capataz.cli.context;

import io.capataz.cli.terminal.ExitCode;
import io.capataz.cli.terminal.Failure;
import io.capataz.cli.terminal.Terminal;
import io.capataz.common.files.PrivateFiles;
import io.capataz.common.protocol.MessageJson;
import io.capataz.common.secret.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * The supervisors that a person is logged in to, by names of their own. They are kept in {@code
 * $XDG_CONFIG_HOME/capataz/contexts.json}, which only its owner can read.
 */
public final class Contexts {

  private static final Set<PosixFilePermission> OTHERS =
      Set.of(
          PosixFilePermission.GROUP_READ,
          PosixFilePermission.GROUP_WRITE,
          PosixFilePermission.OTHERS_READ,
          PosixFilePermission.OTHERS_WRITE);

  private final Path file;
  private final Map<String, Access> all;
  private @Nullable String current;

  private Contexts(Path file, Map<String, Access> all, @Nullable String current) {
    this.file = file;
    this.all = all;
    this.current = current;
  }

  /** Reads them; there may be none. */
  public static Contexts of(Terminal terminal) {
    Path file = file(terminal);
    try {
      JsonNode tree = MessageJson.mapper().readTree(Files.readAllBytes(file));
      mustBePrivate(file);
      Map<String, Access> all = new LinkedHashMap<>();
      tree.path("contexts").properties().forEach(e -> all.put(e.getKey(), read(e.getValue())));
      return new Contexts(file, all, tree.path("current").asString(null));
    } catch (NoSuchFileException e) {
      return new Contexts(file, new LinkedHashMap<>(), null);
    } catch (JacksonException | IllegalArgumentException e) {
      throw Failure.usage("The file %s is damaged. Remove it and log in again.".formatted(file));
    } catch (IOException e) {
      throw new Failure(
          ExitCode.FAILED,
          "The file %s cannot be read (%s).".formatted(file, e.getClass().getSimpleName()));
    }
  }

  private static Path file(Terminal terminal) {
    Path folder =
        terminal
            .variable("XDG_CONFIG_HOME")
            .map(Path::of)
            .filter(Path::isAbsolute)
            .orElseGet(() -> home(terminal).resolve(".config"));
    return folder.resolve("capataz").resolve("contexts.json");
  }

  private static Path home(Terminal terminal) {
    return Path.of(
        terminal
            .variable("HOME")
            .orElseThrow(() -> Failure.usage("HOME is not set, so contexts cannot be found.")));
  }

  private static void mustBePrivate(Path file) throws IOException {
    if (Files.getPosixFilePermissions(file).stream().anyMatch(OTHERS::contains)) {
      throw Failure.usage(
          "Others can read or write %s, which holds tokens. Close it: chmod 600 %s"
              .formatted(file, file));
    }
  }

  private static Access read(JsonNode entry) {
    return new Access(
        ServerUrl.read(entry.path("url").asString("")),
        entry.path("organization").asString(""),
        Secret.of(entry.path("token").asString("")));
  }

  /** The one of that name. */
  public Access named(String name) {
    Access found = all.get(name);
    if (found == null) {
      throw new Failure(
          ExitCode.NOT_FOUND,
          "There is no context '%s'. There are: %s.".formatted(name, String.join(", ", names())));
    }
    return found;
  }

  /** The name of the one that is used when none is named. */
  public Optional<String> current() {
    return Optional.ofNullable(current).filter(all::containsKey);
  }

  public Set<String> names() {
    return all.keySet();
  }

  /** Adds or replaces one, and makes it the current one. */
  public void add(String name, Access access) {
    all.put(name, access);
    current = name;
    write();
  }

  /** Makes one the current one. */
  public void use(String name) {
    var _ = named(name);
    current = name;
    write();
  }

  /** Forgets one. */
  public void remove(String name) {
    var _ = named(name);
    all.remove(name);
    write();
  }

  private void write() {
    var tree = MessageJson.mapper().createObjectNode();
    tree.put("current", current);
    var entries = tree.putObject("contexts");
    all.forEach(
        (name, access) ->
            entries
                .putObject(name)
                .put("url", access.url().toString())
                .put("organization", access.organization())
                .put("token", access.token().reveal()));
    var _ = PrivateFiles.write(file, Secret.of(tree.toPrettyString()));
  }
}
