package io.capataz.cli.apply;

import io.capataz.cli.terminal.Failure;
import io.capataz.cli.terminal.Terminal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** Reads definitions from files: YAML with any number of documents, or JSON. */
final class DefinitionFiles {

  private static final YAMLMapper YAML = YAMLMapper.builder().build();

  private final List<Definition> read = new ArrayList<>();

  private DefinitionFiles() {}

  /**
   * All definitions, in the order in which they can be made.
   *
   * @param paths files, folders, and {@code -} for standard input
   */
  static List<Definition> read(List<String> paths, Terminal terminal) {
    DefinitionFiles files = new DefinitionFiles();
    for (String path : paths) {
      if (path.equals("-")) {
        files.documents(terminal.readAll(), "standard input", Path.of(""));
      } else {
        filesOf(Path.of(path)).forEach(files::file);
      }
    }
    if (files.read.isEmpty()) {
      throw Failure.usage("There are no definitions in %s.".formatted(String.join(", ", paths)));
    }
    eachOnce(files.read);
    files.read.sort(Comparator.comparing(Definition::kind));
    return files.read;
  }

  private static List<Path> filesOf(Path path) {
    if (!Files.isDirectory(path)) {
      return List.of(path);
    }
    try (Stream<Path> all = Files.walk(path)) {
      return all.filter(DefinitionFiles::isDefinition).sorted().toList();
    } catch (IOException e) {
      throw unreadable(path, e);
    }
  }

  private static boolean isDefinition(Path file) {
    String name = String.valueOf(file.getFileName());
    return Files.isRegularFile(file)
        && (name.endsWith(".yaml") || name.endsWith(".yml") || name.endsWith(".json"));
  }

  private void file(Path file) {
    try {
      Path folder = file.toAbsolutePath().getParent();
      documents(Files.readString(file), file.toString(), folder == null ? Path.of("") : folder);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private void documents(String text, String origin, Path folder) {
    try (var documents = YAML.readerFor(JsonNode.class).<JsonNode>readValues(text)) {
      for (int number = 1; documents.hasNext(); number++) {
        JsonNode document = documents.next();
        if (!document.isNull() && !document.isMissingNode()) {
          String place = number == 1 ? origin : "%s, document %d".formatted(origin, number);
          read.add(Definition.read(document, place, folder));
        }
      }
    } catch (JacksonException e) {
      throw Failure.usage("%s is not valid YAML: %s".formatted(origin, e.getOriginalMessage()));
    }
  }

  private static void eachOnce(List<Definition> definitions) {
    Map<String, Definition> known = new HashMap<>();
    for (Definition definition : definitions) {
      Definition other = known.put(definition.label(), definition);
      if (other != null) {
        throw Failure.usage(
            "%s stands twice: in %s and in %s."
                .formatted(definition.label(), other.origin(), definition.origin()));
      }
    }
  }

  private static Failure unreadable(Path path, IOException e) {
    return Failure.usage("%s cannot be read (%s).".formatted(path, e.getClass().getSimpleName()));
  }
}
