package io.capataz.helm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What Helm makes of every example in the documentation, in {@code src/test/resources/golden}.
 * {@code ./mvnw -pl helm -am test -Dtest=ExamplesTest -Ddocs.write=true
 * -Dsurefire.failIfNoSpecifiedTests=false} regenerates it.
 */
class ExamplesTest {

  private static final Path PAGE = Path.of("../docs/kubernetes.md");
  private static final Path GOLDEN = Path.of("src/test/resources/golden");
  private static final Pattern PART =
      Pattern.compile("(?m)^## (.+)$|^ *```yaml\\n((?:.*\\n)*?) *```$");

  @TempDir static Path folder;

  /**
   * A block of values, which stands on the first one of its page.
   *
   * @param name after its heading
   */
  record Example(String name, String first, String values) {
    @Override
    public String toString() {
      return name;
    }
  }

  static List<Example> examples() throws IOException {
    var examples = new ArrayList<Example>();
    var heading = "";
    for (var found : PART.matcher(Files.readString(PAGE)).results().toList()) {
      if (found.group(1) != null) {
        heading = found.group(1).toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
      } else {
        var name = heading;
        long before =
            examples.stream().filter(other -> other.name().matches(name + "(-[0-9])?")).count();
        var values = found.group(2).stripIndent();
        var first = examples.isEmpty() ? values : examples.getFirst().values();
        examples.add(new Example(before == 0 ? name : name + "-" + (before + 1), first, values));
      }
    }
    return examples;
  }

  @ParameterizedTest
  @MethodSource("examples")
  void is_rendered_as_it_was(Example example) throws IOException {
    var first = Files.writeString(folder.resolve(example.name() + "-first.yaml"), example.first());
    var values = Files.writeString(folder.resolve(example.name() + ".yaml"), example.values());
    var rendered = Chart.render(first, values);

    assertThat(rendered.manifests())
        .allSatisfy(manifest -> assertThat(KubernetesModel.unknownFields(manifest)).isEmpty());
    var golden = GOLDEN.resolve(example.name() + ".yaml");
    // The dashboard is compared elsewhere, and long.
    var text =
        rendered.text().replaceAll("(?m)(^  capataz.json: \\|-\\n)(?:    .*\\n|\\n)*", "$1    …\n");
    if (Boolean.getBoolean("docs.write")) {
      Files.writeString(golden, text);
    }
    assertThat(golden).hasContent(text);
  }

  @Test
  void the_page_and_the_golden_files_are_as_many() throws IOException {
    assertThat(examples().stream().map(example -> example.name() + ".yaml"))
        .hasSizeGreaterThan(8)
        .containsExactlyInAnyOrderElementsOf(
            Chart.yamlIn(GOLDEN).stream().map(file -> file.getFileName().toString()).toList());
  }

  @Test
  void the_charts_own_readme_shows_values_that_are_enough() throws IOException {
    var page = Files.readString(Chart.FOLDER.resolve("README.md"));
    var values = page.split("```yaml\n", -1)[1].split("```", -1)[0];

    assertThat(Chart.render(Files.writeString(folder.resolve("readme.yaml"), values)).manifests())
        .isNotEmpty();
  }
}
