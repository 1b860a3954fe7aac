package io.capataz.supervisor.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.common.protocol.Bytes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

/** The files that pages are made of keep what the content security policy promises. */
class ConsoleAssetsTest {

  private static final Path TEMPLATES = Path.of("src/main/resources/templates/console");
  private static final Path ASSETS =
      Path.of("src/main/resources/io/capataz/supervisor/console/assets");

  /** What the policy refuses: scripts and styles in a page, and files from elsewhere. */
  private static final Pattern REFUSED =
      Pattern.compile(
          "<script(?![^>]*th:src)|<style|["
              + " :]style=|\\son[a-z]+=|th:utext|\\[\\(|=\"https?://(?!www.thymeleaf.org|www.w3.org)");

  private static final Pattern ELSEWHERE = Pattern.compile("url\\(['\"]?(?:https?:|//)|@import");

  private static final int HEAVIEST = 200_000;

  @Test
  void templates_have_no_inline_scripts_or_styles_and_never_leave_text_unescaped()
      throws IOException {
    try (var files = Files.walk(TEMPLATES)) {
      for (var file : files.filter(Files::isRegularFile).toList()) {
        assertThat(REFUSED.matcher(Files.readString(file)).results().map(it -> it.group()))
            .describedAs(file.toString())
            .isEmpty();
      }
    }
  }

  @Test
  void style_sheets_load_nothing_from_elsewhere() throws IOException {
    for (var name : new String[] {"tokens.css", "console.css", "pages.css"}) {
      assertThat(ELSEWHERE.matcher(Files.readString(ASSETS.resolve(name))).find())
          .describedAs(name)
          .isFalse();
    }
  }

  @Test
  void what_others_have_made_is_as_they_published_it() throws IOException {
    var sums = Files.readAllLines(ASSETS.resolve("vendor/SHA256SUMS.txt"));

    assertThat(sums).hasSize(3);
    for (var sum : sums) {
      var parts = sum.split(" +", 2);
      assertThat(Bytes.of(Files.readAllBytes(ASSETS.resolve(parts[1]))).sha256())
          .describedAs(parts[1])
          .isEqualTo("sha256:" + parts[0]);
    }
  }

  @Test
  void everything_together_is_lighter_than_200_kb_when_compressed() throws IOException {
    var all = new ByteArrayOutputStream();
    try (var zipped = new GZIPOutputStream(all);
        var files = Files.walk(ASSETS)) {
      for (var file :
          files.filter(it -> it.toString().matches(".*\\.(css|js|svg|woff2)")).toList()) {
        zipped.write(Files.readAllBytes(file));
      }
    }
    assertThat(all.size()).isLessThan(HEAVIEST);
  }
}
