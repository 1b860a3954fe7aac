package io.capataz.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.standalone.Advisories.Artifact;
import java.time.LocalDate;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** No library with a published fault is part of the build, as far as the list in it knows. */
class AdvisoriesTest {

  private static final Advisories ADVISORIES = Advisories.read();

  @Test
  void no_library_is_affected() {
    assertThat(ADVISORIES.affecting(Advisories.ofThisBuild())).isEmpty();
  }

  @Test
  void the_libraries_that_matter_are_looked_at() {
    assertThat(Advisories.ofThisBuild())
        .extracting(Artifact::name)
        .contains(
            "tomcat-embed-core",
            "spring-web",
            "spring-security-core",
            "mongodb-driver-core",
            "kafka-clients",
            "netty-handler",
            "jackson-databind",
            "logback-core",
            "sqlite-jdbc");
  }

  @Test
  void an_affected_library_among_others_is_found() {
    var libraries = new TreeSet<>(Advisories.ofThisBuild());
    libraries.add(new Artifact("tomcat-embed-core", "11.0.24"));

    assertThat(ADVISORIES.affecting(libraries))
        .isNotEmpty()
        .allMatch(told -> told.startsWith("tomcat-embed-core 11.0.24 is affected by CVE-2026-"))
        .allMatch(told -> told.endsWith("; raise it to 11.0.25 or later"));
  }

  @Test
  void ranges_are_compared_by_number() {
    var all =
        new Advisories(
            LocalDate.EPOCH,
            List.of(new Advisories.Advisory("a", "4.2.0", "4.2.15", List.of("CVE-1"))));

    for (var affected : List.of("4.2.0", "4.2", "4.2.2.Final", "4.2.14.Final")) {
      assertThat(all.affecting(Set.of(new Artifact("a", affected)))).as(affected).hasSize(1);
    }
    for (var safe : List.of("4.1.200.Final", "4.2.15.Final", "4.10.0", "5.0")) {
      assertThat(all.affecting(Set.of(new Artifact("a", safe)))).as(safe).isEmpty();
    }
    assertThat(all.affecting(Set.of(new Artifact("b", "4.2.0")))).isEmpty();
  }

  @Test
  void every_line_of_the_list_is_a_range_with_ids() {
    assertThat(ADVISORIES.made()).isAfter(LocalDate.of(2026, 1, 1));
    assertThat(ADVISORIES.all())
        .isNotEmpty()
        .allMatch(line -> Advisories.compare(line.from(), line.fixed()) < 0)
        .allMatch(line -> !line.ids().isEmpty())
        .allMatch(line -> line.ids().stream().allMatch(id -> id.matches("(CVE|GHSA)-[0-9a-z-]+")));
  }
}
