package io.capataz.supervisor.documentation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.web.bind.annotation.PostMapping;

/** Whoever follows {@code docs/how-a-job-runs.md} finds what it names. */
class TourTest {

  private static final Path PAGE = Path.of("..", "docs", "how-a-job-runs.md");

  private static final Pattern LINK =
      Pattern.compile("\\[`(\\w+)(?:\\.(\\w+))?`]\\(\\.\\./([^)#]+\\.java)\\)");

  /**
   * A link to a class or to a method of it.
   *
   * @param method empty: the class
   */
  record Link(String type, String method, Path file) {}

  static List<Link> links() throws IOException {
    return links(Files.readString(PAGE));
  }

  private static List<Link> links(String text) {
    return LINK.matcher(text).results().map(TourTest::link).toList();
  }

  private static Link link(MatchResult found) {
    var method = found.group(2) == null ? "" : found.group(2);
    return new Link(found.group(1), method, Path.of("..").resolve(found.group(3)));
  }

  @ParameterizedTest
  @MethodSource("links")
  void what_a_link_names_is_there(Link link) throws IOException {
    assertThat(isThere(link)).as("%s in %s", link, PAGE).isTrue();
  }

  @Test
  void a_link_to_something_that_is_not_there_is_found() throws IOException {
    var there = links().getFirst();

    assertThat(isThere(new Link(there.type(), "noSuchMethod", there.file()))).isFalse();
    assertThat(isThere(new Link("NoSuchClass", "", there.file()))).isFalse();
    assertThat(isThere(new Link("X", "", there.file().resolveSibling("X.java")))).isFalse();
  }

  @Test
  void the_page_has_ten_links_and_more_to_methods() throws IOException {
    assertThat(Files.readAllLines(PAGE)).filteredOn(line -> line.matches("\\d+\\. .*")).hasSize(10);
    assertThat(links()).filteredOn(link -> !link.method().isEmpty()).hasSizeGreaterThan(10);
  }

  @Test
  void the_first_link_is_the_code_that_takes_the_post() throws Exception {
    var first = links().getFirst();
    var path = first.file().toString();
    var name = path.substring(path.indexOf("io/capataz"), path.length() - 5).replace('/', '.');

    assertThat(
            Arrays.stream(Class.forName(name).getDeclaredMethods())
                .filter(method -> method.getName().equals(first.method()))
                .flatMap(method -> Stream.ofNullable(method.getAnnotation(PostMapping.class)))
                .flatMap(mapping -> Arrays.stream(mapping.value())))
        .contains("/{customer}/task/{id}/job");
  }

  private static boolean isThere(Link link) throws IOException {
    if (!Files.exists(link.file())) {
      return false;
    }
    var text = Files.readString(link.file());
    var declaresType = has(text, "(?:class|record|interface|enum) " + link.type() + "\\b");
    return declaresType
        && (link.method().isEmpty()
            || has(text, "\\n {2,4}[\\w<@][^=;\\n]*\\b" + link.method() + "\\("));
  }

  private static boolean has(String text, String pattern) {
    return Pattern.compile(pattern).matcher(text).find();
  }
}
