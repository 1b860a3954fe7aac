package io.capataz.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The supervisor's jar and all it names on its class path: nothing embedded is among it. */
class ProductionClassPathIT {

  private static final Path SUPERVISOR =
      Launched.LAUNCHER.resolveSibling("supervisor/target/capataz-supervisor.jar");

  /** SQLite, Scala, Kafka's server and its parts, the wire server, and our own around them. */
  private static final List<String> EMBEDDED =
      List.of(
          "org/sqlite/",
          "scala/",
          "kafka/server/",
          "org/apache/kafka/controller/",
          "org/apache/kafka/metadata/",
          "org/apache/kafka/raft/",
          "org/apache/kafka/server/log/",
          "org/apache/kafka/server/share/",
          "org/apache/kafka/storage/",
          "org/apache/kafka/coordinator/",
          "org/apache/kafka/image/",
          "de/bwaldvogel/",
          "io/netty/",
          "io/capataz/embedded/",
          "io/capataz/standalone/");

  @Test
  void holds_the_supervisor_and_nothing_embedded() throws IOException {
    List<Path> classPath = classPath(SUPERVISOR);

    assertThat(classPath)
        .allSatisfy(jar -> assertThat(jar).isRegularFile())
        .extracting(jar -> jar.getFileName().toString())
        .anyMatch(name -> name.startsWith("kafka-clients-"))
        .anyMatch(name -> name.startsWith("mongodb-driver-sync-"));
    assertThat(embeddedIn(classPath)).isEmpty();
  }

  @Test
  void an_embedded_library_is_found_whatever_its_jar_is_called(@TempDir Path folder)
      throws IOException {
    Path planted = jar(folder.resolve("harmless.jar"), "", "org/sqlite/JDBC.class");
    Path supervisor = jar(folder.resolve("supervisor.jar"), "harmless.jar", "Main.class");

    assertThat(embeddedIn(classPath(supervisor))).containsExactly(planted + ": org/sqlite/");
  }

  private static List<Path> classPath(Path jar) throws IOException {
    List<Path> all = new ArrayList<>(List.of(jar));
    try (JarFile file = new JarFile(jar.toFile())) {
      String others = file.getManifest().getMainAttributes().getValue(Attributes.Name.CLASS_PATH);
      for (String other : others.split(" ", -1)) {
        all.add(jar.resolveSibling(other));
      }
    }
    return all;
  }

  private static List<String> embeddedIn(List<Path> classPath) throws IOException {
    List<String> found = new ArrayList<>();
    for (Path jar : classPath) {
      try (JarFile file = new JarFile(jar.toFile())) {
        EMBEDDED.stream()
            .filter(folder -> file.stream().anyMatch(entry -> entry.getName().startsWith(folder)))
            .map(folder -> jar + ": " + folder)
            .forEach(found::add);
      }
    }
    return found;
  }

  private static Path jar(Path path, String classPath, String entry) throws IOException {
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().put(Attributes.Name.CLASS_PATH, classPath);
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(path), manifest)) {
      out.putNextEntry(new ZipEntry(entry));
    }
    return path;
  }
}
