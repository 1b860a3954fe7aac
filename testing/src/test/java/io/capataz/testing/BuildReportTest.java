package io.capataz.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The report is read from planted files of the kind that Surefire writes. */
class BuildReportTest {

  private static final Instant START = Instant.parse("2026-11-22T10:00:00Z");

  @TempDir Path root;

  @BeforeEach
  void plant() throws IOException {
    plant("agent", "surefire", "io.capataz.agent.QuickTest", "0.5", "", START.plusSeconds(1));
    plant("e2e", "failsafe", "io.capataz.e2e.LongIT", "1,061.5", "", START.plusSeconds(1));
  }

  @Test
  void a_class_that_takes_more_than_its_share_fails_the_build() throws IOException {
    BuildReport report = BuildReport.read(root, START);

    assertThatThrownBy(() -> report.check(Duration.ofSeconds(60)))
        .isInstanceOf(AssertionError.class)
        .hasMessageStartingWith("LongIT took 1061.5 s, and a class may take 60 s.");
    assertThatCode(() -> report.check(Duration.ofSeconds(1_100))).doesNotThrowAnyException();
  }

  @Test
  void the_slowest_come_first() throws IOException {
    assertThat(BuildReport.read(root, START).toString())
        .contains("2 classes, 1062 s")
        .containsSubsequence("e2e", "LongIT", "agent", "QuickTest");
  }

  @Test
  void a_report_of_an_earlier_build_does_not_count() throws IOException {
    plant("agent", "surefire", "OldTest", "500", "", START.minusSeconds(1));

    assertThat(BuildReport.read(root, START).toString()).doesNotContain("OldTest");
  }

  @Test
  void what_the_machine_lacks_is_listed() throws IOException {
    String aborted =
        """
        <testcase name="a"><skipped type="org.opentest4j.TestAbortedException"><![CDATA[\
        org.opentest4j.TestAbortedException: NOT TESTED: no cgroup v1 here
        	at SomeTest.java]]></skipped></testcase>
        """;
    String senseless =
        """
        <testcase name="c"><skipped type="org.opentest4j.TestAbortedException"><![CDATA[\
        org.opentest4j.TestAbortedException: [a shell cannot tell]]]></skipped></testcase>
        """;
    String disabled = "<testcase name=\"b\"><skipped message=\"no Docker\"/></testcase>";
    Instant now = START.plusSeconds(1);
    plant("agent", "surefire", "SomeTest", "1", aborted + aborted + senseless, now);
    plant("supervisor", "failsafe", "StoreIT", "1", disabled, now);

    assertThat(BuildReport.read(root, START).toString())
        .contains("  SomeTest: no cgroup v1 here (2)\n", "  StoreIT: no Docker (1)\n")
        .doesNotContain("a shell cannot tell");
  }

  private void plant(
      String module, String plugin, String name, String time, String cases, Instant written)
      throws IOException {
    Path reports =
        Files.createDirectories(root.resolve(module).resolve("target/" + plugin + "-reports"));
    Path report = reports.resolve("TEST-" + name + ".xml");
    Files.writeString(
        report,
        "<testsuite name=\"%s\" tests=\"3\" time=\"%s\">%s</testsuite>"
            .formatted(name, time, cases));
    Files.setLastModifiedTime(report, FileTime.from(written));
  }
}
