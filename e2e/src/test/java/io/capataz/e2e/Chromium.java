package io.capataz.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.ColorScheme;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * The Chromium of this machine, and what it finds wrong: refusals of the content security policy,
 * errors in the console, dialogs that a payload has opened.
 */
final class Chromium implements AutoCloseable {

  private static final String VIOLATIONS =
      "document.addEventListener('securitypolicyviolation',"
          + " e => console.error('VIOLATION ' + e.violatedDirective + ' ' + e.blockedURI))";

  private final Playwright playwright;
  private final Browser browser;
  private final List<String> complaints = new ArrayList<>();

  private Chromium(Playwright playwright, Path program) {
    this.playwright = playwright;
    this.browser =
        playwright
            .chromium()
            .launch(
                new BrowserType.LaunchOptions()
                    .setExecutablePath(program)
                    .setArgs(
                        List.of(
                            "--no-sandbox",
                            "--disable-gpu",
                            "--disable-dev-shm-usage",
                            "--disable-background-networking",
                            "--disable-component-update")));
  }

  /** Skips the test, and says so, where there is none; on a build server that is a failure. */
  static Chromium open() {
    Optional<Path> program =
        Stream.of("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
            .map(Path::of)
            .filter(Files::isExecutable)
            .findFirst();
    if (program.isEmpty()) {
      String told = "NO BROWSER: install chromium, or the console's stories are not tested";
      System.err.println(told);
      assertThat(System.getenv("CI")).as(told).isNull();
      Assumptions.abort(told);
    }
    return new Chromium(
        Playwright.create(
            new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1"))),
        program.orElseThrow());
  }

  Page page(int width, ColorScheme scheme) {
    BrowserContext context =
        browser.newContext(
            new Browser.NewContextOptions()
                .setViewportSize(width, width < 600 ? 844 : 900)
                .setColorScheme(scheme)
                .setLocale("en-GB")
                .setTimezoneId("Europe/Madrid"));
    context.addInitScript(VIOLATIONS);
    Page page = context.newPage();
    page.onConsoleMessage(
        message -> {
          if (message.type().equals("error") && !message.text().contains("status of 422")) {
            complaints.add(page.url() + " " + message.text());
          }
        });
    page.onPageError(error -> complaints.add(page.url() + " " + error));
    page.onDialog(
        dialog -> {
          complaints.add(page.url() + " opened a dialog: " + dialog.message());
          dialog.dismiss();
        });
    return page;
  }

  /** What it has complained about since it was asked last. */
  List<String> complaints() {
    List<String> told = List.copyOf(complaints);
    complaints.clear();
    return told;
  }

  /** What axe finds on a page that is serious or worse, each with its first place. */
  static List<String> seriousFaults(Page page) throws IOException {
    try (InputStream axe = Chromium.class.getResourceAsStream("/axe/axe-4.14.1.min.js")) {
      page.evaluate(new String(axe.readAllBytes(), StandardCharsets.UTF_8) + "\n;0;");
    }
    Object found =
        page.evaluate(
            """
            async () => (await axe.run(document, {resultTypes: ['violations']})).violations
              .filter(v => v.impact === 'serious' || v.impact === 'critical')
              .map(v => `${v.id}: ${v.nodes.length} such as ${v.nodes[0].html.slice(0, 160)} ${v.nodes[0].failureSummary}`)
            """);
    return found instanceof List<?> list ? list.stream().map(String::valueOf).toList() : List.of();
  }

  @Override
  public void close() {
    browser.close();
    playwright.close();
  }
}
