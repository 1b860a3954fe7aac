package io.capataz.supervisor.documentation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The manual holds together: links lead somewhere, and every page can be found. */
class ManualTest {

  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Path DOCS = ROOT.resolve("docs");

  private static final Pattern FENCE =
      Pattern.compile("(?m)^ *```[^\\n]*\\n.*?^ *```", Pattern.DOTALL);

  /** Not a link in code: {@code `[a](b)`}. */
  private static final Pattern CODE = Pattern.compile("`[^`\\n]*`");

  private static final Pattern LINK = Pattern.compile("]\\(([^()\\s]+)\\)");
  private static final Pattern HEADING = Pattern.compile("(?m)^#{1,6} +(.+?) *$");
  private static final Pattern SHOWN_OF_LINK = Pattern.compile("\\[([^]]*)]\\([^)]*\\)");

  private static final Pattern COMMANDS =
      Pattern.compile("(?m)(?:^ *<!-- ([^>\\n]*) -->\\n)?^ *```(?:sh|bash)\\n(.*)");

  /** Pages whose unmarked commands a test runs, in their printed form. */
  private static final Map<String, String> RUN_BY =
      Map.ofEntries(
          Map.entry("api/README.md", "TerminalStoryIT"),
          Map.entry("command-line.md", "TerminalStoryIT"),
          Map.entry("tutorial.md", "TerminalStoryIT"),
          Map.entry("tutorial.es.md", "ManualTest"),
          Map.entry("../README.md", "DemoIT"),
          Map.entry("callbacks.md", "PagesIT"),
          Map.entry("live-events.md", "PagesIT"),
          Map.entry("metrics.md", "PagesIT"),
          Map.entry("parameters.md", "PagesIT"),
          Map.entry("recipes.md", "PagesIT"),
          Map.entry("running-jobs.md", "PagesIT"),
          Map.entry("scripts.md", "PagesIT"),
          Map.entry("task-api.md", "PagesIT"),
          Map.entry("tasks.md", "PagesIT"),
          Map.entry("tasks-that-wait-for-people.md", "PagesIT"),
          Map.entry("drafts.md", "DraftsPageTest"),
          Map.entry("fleet-runs.md", "FleetPageTest"),
          Map.entry("indicators.md", "IndicatorsPageTest"),
          Map.entry("schedules.md", "SchedulesPageTest"),
          Map.entry("triggers.md", "TriggersPageTest"),
          Map.entry("webhooks.md", "WebhooksPageTest"),
          Map.entry("workflows.md", "WorkflowsPageTest"));

  /** A test that a page names as its proof. */
  private static final Pattern TEST_NAME =
      Pattern.compile("\\b[A-Z]\\w*[a-z]\\w*(?:Test|IT|Contract)\\b");

  @Test
  void every_link_leads_to_a_file_and_a_heading() throws IOException {
    assertThat(pages().flatMap(page -> brokenLinks(page, read(page)))).isEmpty();
  }

  @Test
  void a_link_that_leads_nowhere_is_found() {
    var text =
        """
        # A page: here, and `there`

        [file](no-such-file.md) [anchor](tutorial.md#no-such-heading) [own](#nowhere)
        [right](tutorial.md#5-write-a-task) [right](#a-page-here-and-there) `[code](no.md)`
        ```
        [code](no.md)
        ```
        """;

    assertThat(brokenLinks(DOCS.resolve("page.md"), text))
        .containsExactly(
            "docs/page.md: no-such-file.md",
            "docs/page.md: tutorial.md#no-such-heading",
            "docs/page.md: #nowhere");
  }

  @Test
  void every_page_is_in_the_index() throws IOException {
    var index = links(read(DOCS.resolve("README.md"))).collect(Collectors.toSet());

    assertThat(manual())
        .filteredOn(page -> !page.equals("README.md") && !page.startsWith("adr/0"))
        .allSatisfy(page -> assertThat(index).contains(page));
  }

  @Test
  void assistants_find_every_page_in_the_index_that_is_made_for_them() throws IOException {
    var index = read(DOCS.resolve("llms.txt"));

    assertThat(index).startsWith("# Capataz\n\n> ");
    assertThat(links(index)).doesNotHaveDuplicates();
    assertThat(brokenLinks(DOCS.resolve("llms.txt"), index)).isEmpty();
    assertThat(manual())
        .filteredOn(page -> !page.equals("README.md") && !page.startsWith("adr/0"))
        .allSatisfy(page -> assertThat(links(index)).contains(page));
  }

  @Test
  void the_tutorial_in_spanish_has_the_same_commands() {
    assertThat(fences(read(DOCS.resolve("tutorial.es.md"))))
        .isEqualTo(fences(read(DOCS.resolve("tutorial.md"))));
  }

  /** {@code <!-- not run -->} before a block, or {@code <!-- run by SomeTest -->}. */
  @Test
  void commands_are_run_by_a_test_or_say_that_they_are_not() throws IOException {
    var tests = tests();

    assertThat(tests).containsAll(RUN_BY.values());
    assertThat(
            pages()
                .filter(page -> !RUN_BY.containsKey(DOCS.relativize(page).toString()))
                .flatMap(page -> unmarked(page, tests)))
        .isEmpty();
  }

  private static Stream<String> unmarked(Path page, Set<String> tests) {
    return COMMANDS
        .matcher(read(page))
        .results()
        .filter(block -> !isMarked(block.group(1), tests))
        .map(block -> ROOT.relativize(page) + ": " + block.group(2));
  }

  private static boolean isMarked(@Nullable String mark, Set<String> tests) {
    return "not run".equals(mark)
        || (mark != null && tests.contains(mark.replaceFirst("^run by ", "")));
  }

  @Test
  void a_guarantee_names_its_test() {
    var guarantees =
        read(DOCS.resolve("guarantees.md"))
            .lines()
            .dropWhile(line -> !line.equals("## What holds"))
            .takeWhile(line -> !line.equals("## What does not hold"))
            .filter(line -> line.startsWith("- "))
            .toList();

    assertThat(guarantees).hasSizeGreaterThan(15);
    assertThat(guarantees).allMatch(line -> TEST_NAME.matcher(line).find());
  }

  @Test
  void a_test_that_a_page_names_is_there() throws IOException {
    var tests = tests();

    assertThat(pages().filter(page -> !page.endsWith("CHANGELOG.md")))
        .allSatisfy(page -> assertThat(tests).containsAll(namedTests(page)));
  }

  private static List<String> namedTests(Path page) {
    return TEST_NAME.matcher(read(page)).results().map(MatchResult::group).distinct().toList();
  }

  private static Set<String> tests() throws IOException {
    try (var modules = Files.list(ROOT)) {
      return modules
          .map(module -> module.resolve("src"))
          .filter(Files::isDirectory)
          .flatMap(ManualTest::classes)
          .collect(Collectors.toSet());
    }
  }

  private static Stream<String> classes(Path sources) {
    try (var files = Files.walk(sources)) {
      return files
          .map(file -> Objects.requireNonNull(file.getFileName()).toString())
          .filter(name -> name.endsWith(".java"))
          .map(name -> name.substring(0, name.length() - ".java".length()))
          .toList()
          .stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Stream<String> brokenLinks(Path page, String text) {
    return links(text)
        .filter(link -> !isThere(page, text, link))
        .map(link -> ROOT.relativize(page) + ": " + link);
  }

  private static Stream<String> links(String text) {
    var prose = CODE.matcher(FENCE.matcher(text).replaceAll("")).replaceAll("");
    return LINK.matcher(prose)
        .results()
        .map(found -> found.group(1))
        .filter(link -> URI.create(link).getScheme() == null);
  }

  private static boolean isThere(Path page, String text, String link) {
    var hash = link.indexOf('#');
    var path = hash < 0 ? link : link.substring(0, hash);
    var file = path.isEmpty() ? page : page.resolveSibling(path).normalize();
    if (hash < 0) {
      return Files.exists(file);
    }
    return path.isEmpty()
        ? anchors(text).contains(link.substring(1))
        : Files.exists(file) && anchors(read(file)).contains(link.substring(hash + 1));
  }

  /** The ids that GitHub gives to headings; of equal ones, the second has {@code -1}. */
  private static List<String> anchors(String text) {
    Map<String, Integer> seen = new TreeMap<>();
    return HEADING
        .matcher(FENCE.matcher(text).replaceAll(""))
        .results()
        .map(found -> anchor(found.group(1)))
        .map(
            id -> {
              var times = seen.merge(id, 1, Integer::sum);
              return times == 1 ? id : id + "-" + (times - 1);
            })
        .toList();
  }

  private static String anchor(String heading) {
    return SHOWN_OF_LINK
        .matcher(heading)
        .replaceAll("$1")
        .toLowerCase(Locale.ROOT)
        .replaceAll("[^\\p{L}\\p{N} _-]", "")
        .replace(' ', '-');
  }

  private static List<String> fences(String text) {
    return FENCE.matcher(text).results().map(MatchResult::group).toList();
  }

  /** Every page of the repository: its root, the manual, and those beside code. */
  private static Stream<Path> pages() throws IOException {
    try (var root = Files.list(ROOT)) {
      var outside = root.filter(file -> file.toString().endsWith(".md")).toList();
      return Stream.concat(outside.stream(), manual().map(DOCS::resolve));
    }
  }

  /** The pages of the manual, as paths relative to it. */
  private static Stream<String> manual() throws IOException {
    try (var files = Files.walk(DOCS)) {
      return files
          .filter(file -> file.toString().endsWith(".md"))
          .map(file -> DOCS.relativize(file).toString())
          .sorted()
          .toList()
          .stream();
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
