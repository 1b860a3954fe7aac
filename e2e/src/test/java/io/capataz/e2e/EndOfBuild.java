package io.capataz.e2e;

import io.capataz.testing.BuildReport;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** Runs last of all: says what the tests of every module took, and what was skipped. */
class EndOfBuild {

  @Test
  void no_test_class_takes_more_than_its_share() throws IOException {
    BuildReport report =
        BuildReport.read(
            Path.of(System.getProperty("capataz.home")),
            Instant.parse(System.getProperty("capataz.build.start")));

    System.out.print(report);
    report.check(Duration.ofSeconds(Long.getLong("capataz.test.limit")));
  }
}
