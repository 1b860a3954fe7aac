package io.capataz.e2e;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The console, walked through by a person with a real browser. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ConsoleIT {

  private static final Pattern LINK = Pattern.compile("console +(http://\\S+/link/\\S+)");
  private static final int WIDE = 1440;
  private static final int PHONE = 390;

  /** On this machine a job may take a moment to be claimed. */
  private static final LocatorAssertions.ContainsTextOptions SOON =
      new LocatorAssertions.ContainsTextOptions().setTimeout(60_000);

  @TempDir private static Path data;

  private static Chromium chromium;
  private static Standalone capataz;
  private static Page page;

  @BeforeAll
  static void start() throws IOException {
    chromium = Chromium.open();
    PlaywrightAssertions.setDefaultAssertionTimeout(30_000);
    capataz = Standalone.start(data);
    page = chromium.page(WIDE, ColorScheme.LIGHT);
    page.setDefaultTimeout(60_000);
    page.navigate(capataz.process().line(LINK).group(1));
  }

  @AfterAll
  static void stop() {
    if (capataz != null) {
      capataz.close();
    }
    if (chromium != null) {
      chromium.close();
    }
  }

  @AfterEach
  void the_browser_has_nothing_to_complain_about() {
    assertThat(chromium.complaints()).isEmpty();
  }

  @Test
  @Order(1)
  void a_newcomer_sees_a_first_job_run_after_two_clicks() {
    assertThat(page.locator("h1")).hasText("Three steps to a first job");
    capataz.host();
    page.reload();

    button("Run the sample").click();

    assertThat(page.locator("h1")).containsText("hello");
    assertThat(page.locator(".log")).containsText("1 of 5", SOON);
    assertThat(page.locator("#state")).containsText("Running");
    assertThat(page.locator(".log")).containsText("5 of 5", SOON);
    assertThat(page.locator("#state")).containsText("Succeeded", SOON);
    assertThat(page.locator("#result")).containsText("counted");
  }

  @Test
  @Order(2)
  void a_run_form_says_what_is_wrong_beside_the_field() {
    String task =
        capataz
            .createTask(
                "import-orders",
                "echo \"importing $*\"\n",
                Map.of(
                    "description",
                    "Reads a CSV file and writes its rows into the order store.",
                    "tags",
                    List.of("shop"),
                    "task_arguments",
                    List.of(
                        Map.of("type", "number", "label", "Rows at once", "min", 1, "max", 5000),
                        Map.of("type", "input", "label", "Region", "default", "eu"))))
            .path("id")
            .asString();
    open("/console/tasks/" + task);
    page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Run").setExact(true))
        .click();

    page.getByLabel("Rows at once").fill("12000");
    page.keyboard().press("Control+Enter");

    assertThat(page.locator(".field.bad .err")).hasText("Must be from 1 to 5000.");
    assertThat(page.locator("[role=alert]")).isFocused();
    assertThat(page.getByLabel("Rows at once")).hasValue("12000");
    picture("run-form", page);

    page.getByLabel("Rows at once").fill("500");
    button("Run").click();
    assertThat(page.locator(".log")).containsText("importing 500 eu", SOON);
  }

  @Test
  @Order(3)
  void a_running_job_is_cancelled_after_a_question() {
    String job = run("nightly-backup", "echo begun; sleep 600\n", Map.of());
    open("/console/jobs/" + job);
    assertThat(page.locator(".log")).containsText("begun", SOON);

    button("Cancel the job").click();
    Locator dialog = page.locator("dialog[open]");
    assertThat(dialog).containsText("Cancel this job of nightly-backup?");
    page.keyboard().press("Escape");
    assertThat(dialog).hasCount(0);
    assertThat(page.locator("#state")).containsText("Running");

    button("Cancel the job").click();
    dialog
        .getByRole(AriaRole.BUTTON, new Locator.GetByRoleOptions().setName("Cancel the job"))
        .click();
    assertThat(page.locator("#state")).containsText("Canceled", SOON);
  }

  @Test
  @Order(4)
  void a_list_changes_in_place_and_keeps_new_jobs_back() {
    open("/console/jobs");
    assertThat(page.locator("#live")).hasText("Live");
    int before = page.locator("#rows tr").count();

    String job = run("check-disks", "df -h /; exit 3\n", Map.of());

    assertThat(page.locator("#more-new")).containsText("New jobs: 1");
    assertThat(page.locator("#rows tr")).hasCount(before);
    page.locator("#more-new").click();
    assertThat(page.locator("#j-" + job)).containsText("Failed, exit code 3", SOON);
  }

  @Test
  @Order(8)
  void what_scripts_and_names_say_is_never_more_than_text() {
    String payload = "<img src=x onerror=alert(1)>";
    String script =
        """
        printf '<script>alert(2)</script>\\n'
        printf '\\033]8;;javascript:alert(3)\\007link\\033]8;;\\007\\n'
        printf '\\033]0;title\\007\\033[31mred\\033[0m \\033[2J\\033[?1049h\\033Pq#0\\033\\\\done\\n'
        echo '[{"<b>key</b>": "<img src=x onerror=alert(4)>"}]'
        """;
    JsonNode task =
        capataz.post(
            "/default/task",
            Map.of(
                "name", payload,
                "description", payload,
                "tags", List.of(payload),
                "host_id", capataz.host().path("id").asString(),
                "script", Map.of("filename", "payload.sh", "content", script)));
    String job = capataz.order(task);
    open("/console/jobs/" + job);

    assertThat(page.locator(".log")).containsText("<script>alert(2)</script>", SOON);
    assertThat(page.locator(".log")).containsText("red done");
    assertThat(page.locator(".log .ansi-red-fg")).hasText("red");
    assertThat(page.locator("#result")).containsText("<img src=x onerror=alert(4)>", SOON);
    assertThat(page.locator(".log a[href^=javascript]")).hasCount(0);
    for (String path : List.of("/console/jobs", "/console/tasks")) {
      open(path);
      assertThat(page.locator("main")).containsText(payload);
    }
  }

  @Test
  @Order(5)
  void output_is_searched_and_filtered() {
    String job = run("reindex-catalog", REINDEX, Map.of("tags", List.of("search")));
    open("/console/jobs/" + job);
    assertThat(page.locator("#state")).containsText("Succeeded", SOON);
    assertThat(page.locator("[data-role=count]")).hasText("2,006 lines");

    page.locator("[data-role=search]").fill("rejected");
    assertThat(page.locator("[data-role=hits]")).hasText("1 of 4");
    page.locator("[data-role=search]").press("Enter");
    assertThat(page.locator("[data-role=hits]")).hasText("2 of 4");
    assertThat(page.locator(".log mark").first()).hasText("rejected");

    button("stderr").click();
    assertThat(page.locator(".log .block > ol > li")).hasCount(4);
    page.locator("[data-role=search]").fill("");
    button("All").click();
    page.locator("[data-role=log]").focus();
    page.keyboard().press("e");
    assertThat(page.locator(".log .on")).containsText("rejected");
    picture("job", page);
  }

  @Test
  @Order(5)
  void a_failed_host_of_a_fleet_run_leads_to_its_output() {
    String task =
        capataz.createTask("patch-os", "echo patching; exit 3\n", Map.of()).path("id").asString();
    String host = capataz.host().path("id").asString();
    String run =
        capataz
            .post("/default/task/" + task + "/fleet", Map.of("hosts", List.of(host)))
            .path("id")
            .asString();
    open("/console/fleet");
    page.locator("a[href='/console/fleet/" + run + "']").click();
    assertThat(page.locator("h1")).containsText("patch-os");
    assertThat(page.locator("#failed")).containsText("exit code 3", SOON);

    page.locator(".cell.failed").click();
    assertThat(page.locator(".log")).containsText("patching", SOON);
  }

  @Test
  @Order(5)
  void a_webhook_and_a_token_are_made_and_their_secrets_shown_once() {
    open("/console/webhooks");
    button("Create a webhook").click();
    page.locator("dialog[open] #name").fill("deploy");
    page.keyboard().press("Enter");
    assertThat(page.locator("h1")).containsText("deploy");
    assertThat(page.locator(".note.succeeded")).containsText("It is not shown again.");

    open("/console/settings/integrations");
    button("Create a token").click();
    page.locator("dialog[open] #name").fill("ci");
    page.keyboard().press("Enter");
    assertThat(page.locator(".note.succeeded")).containsText("It is not shown again.");
    open("/console/settings/integrations");
    assertThat(page.locator(".note.succeeded")).hasCount(0);
    button("Revoke ci").click();
    assertThat(page.locator("dialog[open]")).containsText("Revoke ci?");
    page.keyboard().press("Escape");
    assertThat(page.locator("dialog[open]")).hasCount(0);
  }

  @Test
  @Order(6)
  void no_page_has_a_serious_fault_for_those_who_do_not_see_or_point() throws IOException {
    Map<String, List<String>> faults = new TreeMap<>();
    for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
      Page other = chromium.page(WIDE, scheme);
      other.context().addCookies(page.context().cookies());
      for (var each : pages().entrySet()) {
        other.navigate(capataz.address() + each.getValue());
        List<String> found = Chromium.seriousFaults(other);
        if (!found.isEmpty()) {
          faults.put(each.getKey() + " " + scheme, found);
        }
      }
      other.context().close();
    }
    assertThat(faults).isEmpty();
  }

  @Test
  @Order(7)
  void every_page_fits_a_phone() {
    Page phone = chromium.page(PHONE, ColorScheme.LIGHT);
    phone.context().addCookies(page.context().cookies());
    for (var each : pages().entrySet()) {
      phone.navigate(capataz.address() + each.getValue());
      assertThat((Integer) phone.evaluate("document.documentElement.scrollWidth"))
          .as(each.getKey())
          .isLessThanOrEqualTo(PHONE);
    }
    phone.context().close();
    pictures();
  }

  private static final String REINDEX =
      """
      printf '\\033[1mreindex 4.2.0\\033[0m  catalog=main  shards=2000\\n'
      printf '\\033[36minfo\\033[0m  connected to search-01:9200, cluster \\033[32mgreen\\033[0m, 3 nodes\\n'
      for n in $(seq 1 2000); do
        printf '\\033[32mdone\\033[0m  shard %04d  153,604 documents  115.3 s\\n' "$n"
        if [ $((n % 500)) = 0 ]; then
          printf '\\033[33mwarn\\033[0m  shard %04d  rejected by search-02, trying again in 500 ms\\n' "$n" >&2
        fi
      done
      """;

  private Map<String, String> pages() {
    String host = "/console/hosts/" + capataz.host().path("id").asString();
    var jobs = capataz.get("/default/job?limit=100");
    String task = jobs.get(0).path("task_id").asString();
    Map<String, String> pages = new TreeMap<>();
    pages.put("home", "/console");
    pages.put("jobs", "/console/jobs");
    pages.put("job", "/console/jobs/" + jobs.get(0).path("id").asString());
    pages.put("tasks", "/console/tasks");
    pages.put("task", "/console/tasks/" + task);
    pages.put("run", "/console/tasks/" + task + "/run");
    pages.put("hosts", "/console/hosts");
    pages.put("host", host);
    String fleetRun = capataz.get("/default/fleet").get(0).path("id").asString();
    pages.put("fleet", "/console/fleet");
    pages.put("fleet-run", "/console/fleet/" + fleetRun);
    pages.put("fleet-hosts", "/console/fleet/" + fleetRun + "?show=failed");
    String webhook = capataz.get("/default/webhook").get(0).path("id").asString();
    pages.put("webhooks", "/console/webhooks");
    pages.put("webhook", "/console/webhooks/" + webhook);
    pages.put("indicators", "/console/indicators");
    pages.put("drafts", "/console/drafts");
    for (String settings :
        List.of("tokens", "members", "integrations", "credentials", "audit", "callbacks")) {
      pages.put(settings, "/console/settings/" + settings);
    }
    pages.put("components", "/console/components");
    pages.put("sign-in", "/console/sign-in");
    return pages;
  }

  private String run(String name, String script, Map<String, ?> more) {
    return capataz.order(capataz.createTask(name, script, more));
  }

  private static void open(String path) {
    page.navigate(capataz.address() + path);
  }

  private static Locator button(String name) {
    return page.getByRole(
        AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
  }

  /** Pictures for the documentation, when they are asked for: {@code -Dconsole.pictures=true}. */
  private void pictures() {
    if (Boolean.getBoolean("console.pictures")) {
      for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
        for (int width : List.of(WIDE, PHONE)) {
          Page other = chromium.page(width, scheme);
          other.context().addCookies(page.context().cookies());
          pages().forEach((name, path) -> take(other, name, path, width, scheme));
          other.context().close();
        }
      }
    }
  }

  private static void take(Page other, String name, String path, int width, ColorScheme scheme) {
    other.navigate(capataz.address() + path);
    other.waitForTimeout(700);
    write(other, "%s-%s-%d".formatted(name, scheme.name().toLowerCase(Locale.ROOT), width));
  }

  private static void picture(String name, Page shown) {
    if (Boolean.getBoolean("console.pictures")) {
      write(shown, name);
    }
  }

  private static void write(Page shown, String name) {
    Path folder = Path.of(System.getProperty("capataz.home"), "docs", "images");
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    shown.screenshot(
        new Page.ScreenshotOptions().setPath(folder.resolve("console-" + name + ".png")));
  }
}
