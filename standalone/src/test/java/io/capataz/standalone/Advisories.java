package io.capataz.standalone;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The advisories in {@code advisories.txt}, and the libraries they are compared with.
 *
 * @param made when the list was made; later ones are not in it
 */
record Advisories(LocalDate made, List<Advisory> all) {

  /** A jar as Maven names it; its version begins with a number. */
  private static final Pattern JAR = Pattern.compile("([^/]+?)-(\\d[^/]*)\\.jar!/");

  Advisories {
    all = List.copyOf(all);
  }

  /** A library. */
  record Artifact(String name, String version) implements Comparable<Artifact> {
    @Override
    public int compareTo(Artifact other) {
      return toString().compareTo(other.toString());
    }

    @Override
    public String toString() {
      return name + " " + version;
    }
  }

  /** A range of versions of a library that has known faults. */
  record Advisory(String name, String from, String fixed, List<String> ids) {
    Advisory {
      ids = List.copyOf(ids);
    }

    boolean concerns(Artifact artifact) {
      return artifact.name().equals(name)
          && compare(artifact.version(), from) >= 0
          && compare(artifact.version(), fixed) < 0;
    }
  }

  static Advisories read() {
    try (var file = Advisories.class.getResourceAsStream("/advisories.txt")) {
      var lines =
          new String(requireNonNull(file).readAllBytes(), StandardCharsets.UTF_8)
              .lines()
              .filter(line -> !line.isBlank() && !line.startsWith("#"))
              .map(line -> List.of(line.split("\\s+", -1)))
              .toList();
      return new Advisories(
          LocalDate.parse(lines.getFirst().get(1)),
          lines.stream()
              .skip(1)
              .map(
                  words ->
                      new Advisory(
                          words.get(0), words.get(1), words.get(2), words.subList(3, words.size())))
              .toList());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** All libraries on the class path of these tests: those of every command. */
  static Set<Artifact> ofThisBuild() {
    var found = new TreeSet<Artifact>();
    try {
      var manifests = Advisories.class.getClassLoader().getResources("META-INF/MANIFEST.MF");
      while (manifests.hasMoreElements()) {
        var jar = JAR.matcher(manifests.nextElement().toString());
        if (jar.find()) {
          found.add(new Artifact(jar.group(1), jar.group(2)));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return found;
  }

  /** Which of these libraries are affected, by what, and the version to upgrade to. */
  List<String> affecting(Collection<Artifact> artifacts) {
    return artifacts.stream()
        .flatMap(
            artifact ->
                all.stream()
                    .filter(advisory -> advisory.concerns(artifact))
                    .map(
                        advisory ->
                            "%s is affected by %s; raise it to %s or later"
                                .formatted(
                                    artifact, String.join(", ", advisory.ids()), advisory.fixed())))
        .toList();
  }

  /** By the numbers in them; words such as Final do not count. */
  static int compare(String one, String other) {
    return Arrays.compare(numbers(one), numbers(other));
  }

  private static long[] numbers(String version) {
    var numbers =
        Stream.of(version.split("[.-]", -1))
            .filter(part -> !part.isEmpty() && part.chars().allMatch(Character::isDigit))
            .mapToLong(Long::parseLong)
            .toArray();
    // 5.0 and 5.0.0 are the same.
    return Arrays.copyOf(numbers, Math.max(numbers.length, 5));
  }
}
