package io.capataz.supervisor.installer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.testing.Missing;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code /install.sh}, run by a shell against a supervisor. */
class InstallerTest {

  private static final String TOKEN = "cpz_jt_not-for-the-command-line";

  /** A program that says what it was started with, in place of the agent. */
  private static final String AGENT =
      """
      public class Agent {
        public static void main(String[] given) {
          System.out.println(System.getenv("CAPATAZ_SUPERVISOR") + " " + String.join(" ", given));
        }
      }
      """;

  @TempDir private static Path served;

  @SuppressWarnings("NullAway.Init")
  private static TestSupervisor supervisor;

  @TempDir private Path folder;

  @BeforeAll
  static void start() throws IOException {
    makeAgent(served);
    supervisor = TestSupervisor.with("--capataz.installer.folder=" + served);
  }

  @AfterAll
  static void stop() {
    supervisor.close();
  }

  @Test
  void it_installs_what_the_supervisor_has_and_the_agent_starts_with_its_settings()
      throws Exception {
    var installed =
        install(script(), Map.of(), "--join-token-file", tokenFile(), "--host", "web-1");

    assertThat(installed.code).describedAs(installed.output).isZero();
    assertThat(installed.output).doesNotContain(TOKEN).contains("/run");
    var program = folder.resolve("usr/local/lib/capataz-agent");
    for (var file : List.of("capataz-agent.jar", "lib/library.jar")) {
      assertThat(program.resolve(file)).hasSameBinaryContentAs(served.resolve(file));
    }
    var settings = folder.resolve("etc/capataz-agent");
    assertThat(settings.resolve("agent.env"))
        .content()
        .contains("CAPATAZ_SUPERVISOR='" + address() + "'", "CAPATAZ_HOST='web-1'");
    for (var file : List.of("agent.env", "join.token")) {
      assertThat(
              PosixFilePermissions.toString(Files.getPosixFilePermissions(settings.resolve(file))))
          .isEqualTo("rw-------");
    }

    var ran = run(Map.of(), program.resolve("run").toString());
    assertThat(ran.output)
        .contains(
            address() + " --join-token-file " + folder.resolve("etc/capataz-agent/join.token"));
  }

  @Test
  void a_token_that_has_been_used_does_not_stay_on_the_host() throws Exception {
    install(script(), Map.of("CAPATAZ_JOIN_TOKEN", TOKEN));
    var token = folder.resolve("etc/capataz-agent/join.token");
    assertThat(token).content().isEqualTo(TOKEN + "\n");
    var identity = Files.createDirectories(folder.resolve("var/lib/capataz-agent"));
    Files.writeString(identity.resolve("credential"), "{}");
    Files.setLastModifiedTime(token, FileTime.fromMillis(1));

    var ran = run(Map.of(), folder.resolve("usr/local/lib/capataz-agent/run").toString());

    assertThat(ran.output).doesNotContain("--join-token-file");
    assertThat(token).doesNotExist();
  }

  @Test
  void a_list_with_another_digest_is_refused_and_what_is_installed_stays() throws Exception {
    install(script(), Map.of("CAPATAZ_JOIN_TOKEN", TOKEN));
    var wrong = script().replaceFirst("DIGEST='[0-9a-f]{8}", "DIGEST='00000000");

    var refused = install(wrong, Map.of());

    assertThat(refused.code).isNotZero();
    assertThat(refused.output).contains("/install/agent has another SHA-256");
    assertInstalled();
  }

  @Test
  void a_file_that_was_changed_on_its_way_is_refused() throws Exception {
    var way = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    way.createContext(
        "/",
        exchange -> {
          var path = exchange.getRequestURI().getPath();
          var bytes = supervisor.send(supervisor.request(path).GET()).raw().body().getBytes(UTF_8);
          exchange.sendResponseHeaders(200, bytes.length);
          try (var body = exchange.getResponseBody()) {
            body.write(bytes); // Bytes of a jar do not survive being read as text.
          }
        });
    way.start();
    try {
      var refused =
          install(
              script(),
              Map.of("CAPATAZ_JOIN_TOKEN", TOKEN),
              "--supervisor",
              "http://127.0.0.1:" + way.getAddress().getPort());

      assertThat(refused.code).isNotZero();
      assertThat(refused.output).contains("/install/agent/capataz-agent.jar has another SHA-256");
      assertThat(folder.resolve("usr/local/lib/capataz-agent")).doesNotExist();
      assertThat(folder.resolve("usr/local/lib/capataz-agent.new")).doesNotExist();
      assertThat(folder.resolve("etc")).doesNotExist();
    } finally {
      way.stop(0);
    }
  }

  @Test
  void an_upgrade_keeps_settings() throws Exception {
    install(script(), Map.of("CAPATAZ_JOIN_TOKEN", TOKEN), "--host", "web-1");
    var settings = folder.resolve("etc/capataz-agent/agent.env");
    Files.writeString(settings, Files.readString(settings) + "CAPATAZ_SLOTS='3'\n");

    var again = install(script(), Map.of());

    assertThat(again.code).describedAs(again.output).isZero();
    assertThat(settings).content().contains("CAPATAZ_SLOTS='3'", "web-1");
    assertInstalled();
  }

  @Test
  void a_unit_is_written_where_systemd_is() throws Exception {
    var installed = install(script(), Map.of("CAPATAZ_JOIN_TOKEN", TOKEN), "--service", "systemd");

    assertThat(installed.code).describedAs(installed.output).isZero();
    assertThat(folder.resolve("etc/systemd/system/capataz-agent.service"))
        .content()
        .contains(
            "Type=notify",
            "Delegate=yes",
            "ExecStart=" + folder.resolve("usr/local/lib/capataz-agent/run"),
            "WantedBy=multi-user.target");
  }

  @Test
  void a_user_needs_no_root() throws Exception {
    var home = Files.createDirectories(folder.resolve("home"));

    var installed =
        run(
            Map.of("HOME", home.toString(), "CAPATAZ_JOIN_TOKEN", TOKEN),
            "sh",
            written(script()),
            "--user",
            "--service",
            "none");

    assertThat(installed.code).describedAs(installed.output).isZero();
    assertThat(home.resolve(".local/share/capataz-agent/run")).isExecutable();
    assertThat(home.resolve(".config/capataz-agent/join.token")).exists();
  }

  @Test
  void a_dry_run_does_nothing_and_an_uninstall_leaves_nothing() throws Exception {
    var dry = install(script(), Map.of("CAPATAZ_JOIN_TOKEN", TOKEN), "--dry-run");
    assertThat(dry.code).describedAs(dry.output).isZero();
    assertThat(dry.output).contains("would install", "would fetch").doesNotContain(TOKEN);
    assertThat(folder.resolve("usr")).doesNotExist();

    install(script(), Map.of("CAPATAZ_JOIN_TOKEN", TOKEN), "--service", "systemd");
    var data = Files.createDirectories(folder.resolve("var/lib/capataz-agent"));
    Files.writeString(data.resolve("credential"), "{}");
    assertThat(install(script(), Map.of(), "--uninstall", "--service", "systemd").code).isZero();
    assertThat(data.resolve("credential")).exists();
    assertThat(install(script(), Map.of(), "--uninstall", "--purge").code).isZero();

    try (var left = Files.walk(folder)) {
      assertThat(left.filter(Files::isRegularFile).map(it -> it.getFileName().toString()))
          .containsExactly("install.sh");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--token x",
        "--join-token=x",
        "--supervisor http://capataz.example.com",
        "--supervisor ftp://127.0.0.1",
        "--host a'b",
        "--host a%b",
        "--service sysv",
        "--colour red"
      })
  void what_cannot_be_is_refused(String options) throws Exception {
    var refused = install(script(), Map.of("CAPATAZ_JOIN_TOKEN", TOKEN), options.split(" "));

    assertThat(refused.code).describedAs(refused.output).isNotZero();
    assertThat(folder.resolve("usr")).doesNotExist();
  }

  @Test
  void a_host_without_identity_needs_a_token() throws Exception {
    var refused = install(script(), Map.of());

    assertThat(refused.code).isNotZero();
    assertThat(refused.output).contains("--join-token-file");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"sh -n", "bash --posix -n", "dash -n", "busybox sh -n", "shellcheck -s sh"})
  void shells_accept_it(String check) throws Exception {
    var words = new ArrayList<>(List.of(check.split(" ")));
    var found = run(Map.of(), "sh", "-c", "command -v " + words.getFirst());
    Missing.unless(found.code == 0, "install.sh with " + words.getFirst());
    words.add(written(script()));

    var checked = run(Map.of(), words.toArray(String[]::new));

    assertThat(checked.code).describedAs(checked.output).isZero();
  }

  @Test
  void only_files_of_the_list_are_served() {
    for (var path : List.of("/install/agent/", "/install/agent/lib", "/install/agent/secret.txt")) {
      assertThat(supervisor.send(supervisor.request(path).GET()).status()).as(path).isEqualTo(404);
    }
    var list = supervisor.send(supervisor.request("/install/agent").GET()).raw().body();
    assertThat(list).contains("  capataz-agent.jar\n", "  lib/library.jar\n").hasLineCount(2);
  }

  private record Ended(int code, String output) {}

  private void assertInstalled() {
    assertThat(folder.resolve("usr/local/lib/capataz-agent/capataz-agent.jar"))
        .hasSameBinaryContentAs(served.resolve("capataz-agent.jar"));
    assertThat(folder.resolve("usr/local/lib/capataz-agent.new")).doesNotExist();
    assertThat(folder.resolve("usr/local/lib/capataz-agent.old")).doesNotExist();
  }

  private static String address() {
    return supervisor.request("/x").build().uri().toString().replaceFirst("/x$", "");
  }

  private static String script() {
    var answer = supervisor.send(supervisor.request("/install.sh").GET());
    assertThat(answer.status()).describedAs(answer.raw().body()).isEqualTo(200);
    return answer.raw().body();
  }

  private String tokenFile() throws IOException {
    return Files.writeString(folder.resolve("token"), TOKEN + "\n").toString();
  }

  private String written(String script) throws IOException {
    return Files.writeString(folder.resolve("install.sh"), script).toString();
  }

  private Ended install(String script, Map<String, String> variables, String... options)
      throws Exception {
    var words = new ArrayList<>(List.of("sh", written(script), "--prefix", folder.toString()));
    words.addAll(List.of(options));
    return run(variables, words.toArray(String[]::new));
  }

  private Ended run(Map<String, String> variables, String... words) throws Exception {
    var output = Files.createTempFile("install", ".out");
    try {
      var process = new ProcessBuilder(words).redirectErrorStream(true);
      process.redirectOutput(output.toFile()).directory(folder.toFile());
      process.environment().remove("CAPATAZ_JOIN_TOKEN");
      process.environment().put("JAVA_HOME", requireNonNull(System.getProperty("java.home")));
      process.environment().putAll(variables);
      var running = process.start();
      try {
        assertThat(running.waitFor(60, TimeUnit.SECONDS)).as("ended in time").isTrue();
      } finally {
        running.destroyForcibly();
      }
      return new Ended(running.exitValue(), Files.readString(output));
    } finally {
      Files.delete(output);
    }
  }

  private static void makeAgent(Path into) throws IOException {
    var source = Files.writeString(into.resolve("Agent.java"), AGENT);
    var compiler = ToolProvider.getSystemJavaCompiler();
    assertThat(compiler.run(null, null, null, "-d", into.toString(), source.toString())).isZero();
    var manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, "Agent");
    try (var jar =
        new JarOutputStream(Files.newOutputStream(into.resolve("capataz-agent.jar")), manifest)) {
      jar.putNextEntry(new JarEntry("Agent.class"));
      Files.copy(into.resolve("Agent.class"), jar);
    }
    Files.createDirectory(into.resolve("lib"));
    try (var jar =
        new JarOutputStream(
            Files.newOutputStream(into.resolve("lib/library.jar")), new Manifest())) {
      jar.putNextEntry(new JarEntry("nothing"));
    }
    Files.writeString(into.resolve("secret.txt"), "not for everybody");
  }
}
