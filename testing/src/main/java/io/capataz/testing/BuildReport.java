package io.capataz.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/**
 * What the tests of a build took and what it could not try, read from the reports of Surefire and
 * Failsafe. A class that takes more than its share fails the build, so that the build stays fast.
 *
 * @param classes the slowest first
 * @param missing how many tests were skipped because the machine lacks something, by class and
 *     reason
 */
public record BuildReport(List<TestClass> classes, Map<String, Integer> missing) {

  private static final int SHOWN = 15;

  private static final String MISSING =
      "NOT PROVED by this build, because this machine lacks something:\n";

  private static final Pattern REPORT = Pattern.compile("TEST-.*\\.xml");

  /** A test class and how long it ran. */
  public record TestClass(String module, String name, int tests, Duration took) {

    @Override
    public String toString() {
      return "%8.1f s  %-10s  %s (%d)".formatted(seconds(took), module, name, tests);
    }
  }

  public BuildReport {
    classes = List.copyOf(classes);
    missing = new TreeMap<>(missing);
  }

  /** Reads what was written since the start of the build; older reports are of another build. */
  public static BuildReport read(Path root, Instant start) throws IOException {
    List<TestClass> classes = new ArrayList<>();
    Map<String, Integer> missing = new TreeMap<>();
    for (Path file : files(root)) {
      if (Files.getLastModifiedTime(file).toInstant().isBefore(start)) {
        continue;
      }
      Element suite = parse(file).getDocumentElement();
      String name = simpleName(suite.getAttribute("name"));
      classes.add(
          new TestClass(
              root.relativize(file).getName(0).toString(),
              name,
              Integer.parseInt(suite.getAttribute("tests")),
              Duration.ofMillis((long) (1000 * number(suite.getAttribute("time"))))));
      elements(suite, "skipped").stream()
          .flatMap(skipped -> reason(skipped).stream())
          .forEach(reason -> missing.merge(name + ": " + reason, 1, Integer::sum));
    }
    classes.sort(Comparator.comparing(TestClass::took).reversed());
    return new BuildReport(classes, missing);
  }

  /** What a person reads at the end of a build. */
  @Override
  public String toString() {
    Duration all = classes.stream().map(TestClass::took).reduce(Duration.ZERO, Duration::plus);
    StringBuilder text = new StringBuilder();
    text.append(
        "Tests: %d classes, %.0f s one after the other. The slowest:%n"
            .formatted(classes.size(), seconds(all)));
    classes.stream().limit(SHOWN).forEach(one -> text.append(one).append('\n'));
    text.append(missing.isEmpty() ? "Nothing is missing on this machine.\n" : MISSING);
    missing.forEach((what, times) -> text.append("  %s (%d)%n".formatted(what, times)));
    return text.toString();
  }

  /** Fails when a class took longer than one may. */
  public void check(Duration limit) {
    List<String> over =
        classes.stream()
            .filter(one -> one.took().compareTo(limit) > 0)
            .map(one -> "%s took %.1f s".formatted(one.name(), seconds(one.took())))
            .toList();
    if (!over.isEmpty()) {
      throw new AssertionError(
          "%s, and a class may take %d s. Make it faster, split it, or move repetitions to -Psoak."
              .formatted(String.join(", ", over), limit.toSeconds()));
    }
  }

  private static List<Path> files(Path root) throws IOException {
    List<Path> files = new ArrayList<>();
    try (Stream<Path> modules = Files.list(root)) {
      for (Path module : modules.sorted().toList()) {
        for (String kind : List.of("surefire-reports", "failsafe-reports")) {
          Path reports = module.resolve("target").resolve(kind);
          if (Files.isDirectory(reports)) {
            try (Stream<Path> all = Files.list(reports)) {
              all.filter(file -> REPORT.matcher(file.getFileName().toString()).matches())
                  .forEach(files::add);
            }
          }
        }
      }
    }
    return files;
  }

  private static Document parse(Path file) throws IOException {
    try {
      return DocumentBuilderFactory.newDefaultInstance().newDocumentBuilder().parse(file.toFile());
    } catch (ParserConfigurationException | SAXException e) {
      throw new IOException(file + " is no report of a test class", e);
    }
  }

  private static List<Element> elements(Element top, String name) {
    NodeList all = top.getElementsByTagName(name);
    return IntStream.range(0, all.getLength()).mapToObj(i -> (Element) all.item(i)).toList();
  }

  /**
   * What is missing: the message where an annotation has skipped a class, else what {@link Missing}
   * has said. Other assumptions only say that a case makes no sense.
   */
  private static Optional<String> reason(Element skipped) {
    String message = skipped.getAttribute("message");
    if (!message.isBlank()) {
      return Optional.of(message);
    }
    return skipped
        .getTextContent()
        .lines()
        .findFirst()
        .filter(line -> line.contains(Missing.MARK))
        .map(line -> line.substring(line.indexOf(Missing.MARK) + Missing.MARK.length()));
  }

  /** Surefire writes thousands with a comma. */
  private static double number(String text) {
    return Double.parseDouble(text.replace(",", ""));
  }

  private static String simpleName(String name) {
    return name.substring(name.lastIndexOf('.') + 1);
  }

  private static double seconds(Duration duration) {
    return duration.toMillis() / 1e3;
  }
}
