package io.capataz.helm;

import com.marcnuri.helm.Helm;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The chart, and Helm itself to render it. */
final class Chart {

  static final Path FOLDER = Path.of("capataz");

  static final String NAMESPACE = "jobs";

  private static final String KUBERNETES = "1.34.0";

  private Chart() {}

  static Helm helm() {
    return new Helm(FOLDER);
  }

  /** What {@code helm template capataz capataz --namespace jobs -f …} prints, with these files. */
  static Rendered render(Path... values) {
    var command =
        helm().template().withName("capataz").withNamespace(NAMESPACE).withKubeVersion(KUBERNETES);
    for (var file : values) {
      command.withValuesFile(file.toAbsolutePath());
    }
    return Rendered.of(command.call());
  }

  static List<Path> yamlIn(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".yaml")).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
