package io.capataz.supervisor.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Each text that a page shows is there in each language, and says the same values. */
class ConsoleTextsTest {

  private static final Path MAIN = Path.of("src/main");
  private static final Path TEXTS =
      MAIN.resolve("resources/io/capataz/supervisor/console/messages.properties");
  private static final Path SPANISH = TEXTS.resolveSibling("messages_es.properties");

  /** A key in a template, and one in the code. */
  private static final List<Pattern> USES =
      List.of(
          Pattern.compile("#\\{([a-z][a-z0-9_.-]*)[}(]"),
          Pattern.compile("say\\(\\s*\"([a-z][a-z0-9_.-]*[a-z0-9])\""));

  /** A key whose last part is a value. */
  private static final Pattern FAMILY =
      Pattern.compile(
          "(?:#\\{\\$\\{'|say\\(\\s*\"|getMessage\\(\\s*\")([a-z][a-z0-9_.-]*\\.)['\"]");

  private static final Pattern VALUE = Pattern.compile("\\{(\\d)}");

  @Test
  void every_key_that_is_used_has_a_text() {
    var known = read(TEXTS).stringPropertyNames();
    var missing = new TreeSet<String>();
    for (var source : sources()) {
      for (var use : USES) {
        use.matcher(source)
            .results()
            .map(found -> found.group(1))
            .filter(key -> !known.contains(key))
            .forEach(missing::add);
      }
    }
    assertThat(missing).isEmpty();
  }

  @Test
  void both_languages_have_the_same_keys_and_values() {
    var english = read(TEXTS);
    var spanish = read(SPANISH);

    assertThat(spanish.stringPropertyNames())
        .containsExactlyInAnyOrderElementsOf(english.stringPropertyNames());
    for (var key : english.stringPropertyNames()) {
      assertThat(values(spanish.getProperty(key)))
          .describedAs(key)
          .isEqualTo(values(english.getProperty(key)));
    }
  }

  @Test
  void every_text_is_used() {
    var used = new HashSet<String>();
    var families = new HashSet<String>();
    for (var source : sources()) {
      for (var word :
          Pattern.compile("[a-z][a-z0-9_.-]*[a-z0-9]").matcher(source).results().toList()) {
        used.add(word.group());
      }
      FAMILY.matcher(source).results().map(found -> found.group(1)).forEach(families::add);
    }
    families.addAll(Set.of("ago.", "in.")); // One or the other, in Words.
    assertThat(read(TEXTS).stringPropertyNames())
        .filteredOn(key -> families.stream().noneMatch(key::startsWith))
        .allMatch(used::contains);
  }

  private static Set<String> values(String text) {
    var values = new TreeSet<String>();
    VALUE.matcher(text).results().forEach(found -> values.add(found.group(1)));
    return values;
  }

  private static Properties read(Path file) {
    var texts = new Properties();
    try (var reader = Files.newBufferedReader(file)) {
      texts.load(reader);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return texts;
  }

  private static List<String> sources() {
    try (var code = Files.walk(MAIN.resolve("java/io/capataz/supervisor/console"));
        var templates = Files.walk(MAIN.resolve("resources/templates/console"))) {
      return Stream.concat(code, templates)
          .filter(Files::isRegularFile)
          .map(
              file -> {
                try {
                  return Files.readString(file);
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              })
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
