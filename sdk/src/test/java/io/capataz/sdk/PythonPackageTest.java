package io.capataz.sdk;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The package passes its own tests, and its wheels install without a network. */
class PythonPackageTest {

  private static final Path MAIN = Path.of("src", "main");

  @TempDir Path folder = Path.of("");

  @Test
  void the_package_passes_its_own_tests() throws IOException {
    var tests = Path.of("src", "test", "python").toAbsolutePath().toString();

    var ended = Python.run("-W", "error", "-m", "unittest", "discover", "-s", tests);

    assertThat(ended.code()).as(ended.text()).isZero();
    assertThat(ended.text()).containsPattern("Ran \\d\\d+ tests").contains("OK");
  }

  @Test
  void its_version_is_that_of_the_build() throws IOException {
    assertThat(Wheel.versionOf(MAIN.resolve("python")).replace(".dev0", "-SNAPSHOT"))
        .isEqualTo(System.getProperty("capataz.version", "0.1.0-SNAPSHOT"));
  }

  @Test
  void the_same_files_give_the_same_wheels() throws IOException {
    assertThat(bytes(0)).isEqualTo(bytes(0));
    assertThat(bytes(1)).isEqualTo(bytes(1)).isNotEqualTo(bytes(0));
  }

  private static byte[] bytes(int which) throws IOException {
    var out = new ByteArrayOutputStream();
    Wheel.all(MAIN).get(which).write(out);
    return out.toByteArray();
  }

  @Test
  void the_wheels_install_and_work_by_both_names() throws IOException {
    Wheel.main(new String[] {MAIN.toString(), folder.resolve("wheels").toString()});
    var there = folder.resolve("there").toString();

    var installed =
        Python.run(
            "-m",
            "pip",
            "install",
            "--no-index",
            "--find-links",
            folder.resolve("wheels").toString(),
            "--target",
            there,
            "--no-cache-dir",
            "--disable-pip-version-check",
            "capataz-conversight");

    if (installed.text().contains("No module named pip")) {
      io.capataz.testing.Missing.unless(false, "No pip: installing the wheel is not tested.");
    }
    assertThat(installed.code()).as(installed.text()).isZero();
    var used =
        Python.run(
            "-c",
            "import sys; sys.path.insert(0, '"
                + there
                + "')\nfrom conversight import task, Context, TaskLibrary\n"
                + "import capataz\nprint(capataz.__file__, task(lambda: 39, name='x').run())");
    assertThat(used.text().strip()).endsWith(" 39").startsWith(there);
    assertThat(Files.exists(Path.of(there, "capataz", "py.typed"))).isTrue();
  }
}
