package io.capataz.supervisor.pythonindex;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.common.protocol.Bytes;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestSupervisor.Answer;
import io.capataz.testing.Missing;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code pip} installs the Python package from a supervisor, without any other network. */
class PythonIndexTest {

  private static final Pattern LINK =
      Pattern.compile("<a href=\"([^\"#]+)#sha256=([0-9a-f]{64})\" data-requires-python=");

  private final TestSupervisor supervisor = TestSupervisor.shared();

  private Answer get(String path) {
    return supervisor.send(supervisor.request(path).GET());
  }

  private URI address(String path) {
    return supervisor.request(path).build().uri();
  }

  @Test
  void projects_are_listed() {
    var answer = get("/sdk/simple/");

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.raw().headers().firstValue("Content-Type").orElseThrow())
        .startsWith("text/html");
    assertThat(answer.raw().body())
        .contains("<a href=\"capataz/\">capataz</a>", "<a href=\"capataz-conversight/\">");
  }

  @Test
  void a_file_has_the_digest_that_its_link_names() throws Exception {
    var link = LINK.matcher(get("/sdk/simple/capataz/").raw().body());
    assertThat(link.find()).isTrue();
    var file = address("/sdk/simple/capataz/").resolve(link.group(1));

    try (var http = HttpClient.newHttpClient()) {
      var content = http.send(HttpRequest.newBuilder(file).build(), BodyHandlers.ofByteArray());
      assertThat(content.statusCode()).isEqualTo(200);
      assertThat(Bytes.of(content.body()).sha256()).isEqualTo("sha256:" + link.group(2));
    }
    assertThat(link.find()).isFalse();
  }

  @Test
  void other_projects_and_files_are_not_found() {
    for (var path :
        List.of(
            "/sdk/simple/other/",
            "/sdk/simple/Capataz/",
            "/sdk/simple/capataz/other.whl",
            "/sdk/simple/capataz-conversight/" + "x".repeat(1_000),
            "/sdk/simple/other/capataz-0.1.0-py3-none-any.whl")) {
      assertThat(get(path).status()).as(path).isEqualTo(404);
      assertThat(get(path).text("/code")).as(path).isEqualTo("not_found");
    }
  }

  @Test
  void pip_installs_it(@TempDir Path folder) throws Exception {
    Missing.unless(run(folder, "python3", "-m", "pip", "--version") == 0, "There is no pip.");

    var code =
        run(
            folder,
            "python3",
            "-m",
            "pip",
            "install",
            "--isolated",
            "--no-cache-dir",
            "--disable-pip-version-check",
            "--index-url",
            address("/sdk/simple").toString(),
            "--target",
            folder.resolve("there").toString(),
            "capataz-conversight");

    assertThat(code).as(said(folder)).isZero();
    assertThat(folder.resolve("there/capataz/worker.py")).exists();
    assertThat(folder.resolve("there/conversight/__init__.py")).exists();
  }

  private static String said(Path folder) throws IOException {
    return Files.readString(folder.resolve("said"), StandardCharsets.UTF_8);
  }

  private static int run(Path folder, String... command) throws Exception {
    try {
      var process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("said").toFile())
              .start();
      assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
      return process.exitValue();
    } catch (IOException noPython) {
      return -1;
    }
  }
}
