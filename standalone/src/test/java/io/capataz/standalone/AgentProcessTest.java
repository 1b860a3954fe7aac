package io.capataz.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.common.secret.Secret;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AgentProcessTest {

  @TempDir private Path folder;

  @Test
  void an_agent_that_is_out_of_memory_ends_and_comes_back() throws Exception {
    try (AgentProcess agent =
        AgentProcess.start(
            jarOf(Forgetful.class),
            "http://127.0.0.1:1",
            folder,
            "web-1",
            OptionalInt.empty(),
            new StandaloneSettings.Stop(false, Duration.ZERO),
            () -> Secret.of("join"))) {
      Awaitility.await("its second life")
          .atMost(Duration.ofSeconds(60))
          .until(() -> Files.exists(folder.resolve("second")));
      assertThat(Files.readString(folder.resolve("second")))
          .isEqualTo(Long.toString(agent.pid()))
          .isNotEqualTo(Files.readString(folder.resolve("first")));
    }
  }

  /** In its first life one of its threads needs too much, and the others would go on. */
  static final class Forgetful {

    private Forgetful() {}

    public static void main(String[] arguments) throws Exception {
      List<String> given = Arrays.asList(arguments);
      Path data = Path.of(given.get(given.indexOf("--data") + 1));
      boolean isFirst = !Files.exists(data.resolve("first"));
      Files.writeString(
          data.resolve(isFirst ? "first" : "second"), Long.toString(ProcessHandle.current().pid()));
      if (isFirst) {
        Thread.ofPlatform().start(Forgetful::fill);
      }
      new CountDownLatch(1).await();
    }

    private static void fill() {
      List<byte[]> all = new ArrayList<>();
      while (!all.contains(new byte[0])) {
        all.add(new byte[1 << 20]);
      }
    }
  }

  private Path jarOf(Class<?> main) throws IOException {
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, main.getName());
    Path jar = folder.resolve("agent.jar");
    String entry = main.getName().replace('.', '/') + ".class";
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream out = new JarOutputStream(file, manifest);
        InputStream code = main.getResourceAsStream("/" + entry)) {
      assertThat(code).isNotNull();
      out.putNextEntry(new JarEntry(entry));
      code.transferTo(out);
    }
    return jar;
  }
}
