package io.capataz.supervisor.pythonindex;

import io.capataz.common.protocol.Bytes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import org.springframework.stereotype.Component;

/** The wheels that the module {@code sdk} has built; its jar contains them. */
@Component
class Wheels {

  private static final String ALL = "classpath*:io/capataz/sdk/wheels/*.whl";

  private final List<Wheel> all;

  Wheels() throws IOException {
    all =
        Stream.of(new PathMatchingResourcePatternResolver().getResources(ALL))
            .map(Wheels::read)
            .sorted(Comparator.comparing(Wheel::filename))
            .toList();
  }

  /**
   * A wheel.
   *
   * @param filename {@code name-version-py3-none-any.whl}
   */
  record Wheel(String filename, Bytes content) {

    /** The name of the project in addresses; PEP 503. */
    String project() {
      return filename.substring(0, filename.indexOf('-')).replace('_', '-');
    }

    /** Its SHA-256, in hexadecimal digits. */
    String digest() {
      return content.sha256().substring("sha256:".length());
    }
  }

  private static Wheel read(Resource resource) {
    try {
      return new Wheel(
          Objects.requireNonNull(resource.getFilename()),
          Bytes.of(resource.getContentAsByteArray()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  SortedSet<String> projects() {
    return all.stream().map(Wheel::project).collect(Collectors.toCollection(TreeSet::new));
  }

  List<Wheel> of(String project) {
    return all.stream().filter(wheel -> wheel.project().equals(project)).toList();
  }

  Optional<Wheel> named(String project, String filename) {
    return of(project).stream().filter(wheel -> wheel.filename().equals(filename)).findFirst();
  }
}
