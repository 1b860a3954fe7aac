package io.capataz.supervisor.indicator;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.trigger.PageCommands;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The commands of {@code docs/indicators.md} do what the page says. */
class IndicatorsPageTest {

  @Test
  void the_commands_of_the_page_work() throws IOException {
    var page = new PageCommands(TestSupervisor.shared(), Path.of("..", "docs", "indicators.md"));
    var id = page.next().text("/id");
    page.set("INDICATOR", id);
    assertThat(page.next().text("/value")).isEqualTo("80");
    assertThat(page.next().text("/id")).isEqualTo(id);
    assertThat(page.next().text("/state")).isEqualTo("failure");
    for (var count = 0; count < 3; count++) {
      page.next();
    }
    assertThat(page.next().text("/0/name")).isEqualTo("failure");
    assertThat(page.isOver()).isTrue();
    var now = TestSupervisor.shared().get("/indicator/" + id);
    assertThat(now.text("/value")).isEqualTo("0");
  }
}
