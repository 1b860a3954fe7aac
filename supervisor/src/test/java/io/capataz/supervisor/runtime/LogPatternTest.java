package io.capataz.supervisor.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.PatternLayout;
import ch.qos.logback.classic.spi.LoggingEvent;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.slf4j.event.KeyValuePair;
import org.springframework.beans.factory.config.YamlPropertiesFactoryBean;
import org.springframework.core.io.ClassPathResource;

/** Nobody writes a line of the log but the supervisor. */
class LogPatternTest {

  @Test
  void what_is_logged_stays_on_one_line() {
    var context = new LoggerContext();
    var layout = new PatternLayout();
    layout.setContext(context);
    layout.setPattern(pattern());
    layout.start();
    var event =
        new LoggingEvent(
            "x",
            context.getLogger("a"),
            Level.INFO,
            "first\n12:00:00.000 ERROR forged",
            null,
            null);
    event.setKeyValuePairs(List.of(new KeyValuePair("task", "a\r\nb\u001b[2Jc\u0000")));

    var line = layout.doLayout(event);

    assertThat(line).endsWith("\n").contains("first", "forged", "task=");
    assertThat(line)
        .describedAs("with date and zone, as agents write it")
        .matches(
            "(?s)\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}(Z|[+-]\\d\\d:\\d\\d) INFO .*");
    assertThat(line.strip().chars()).noneMatch(Character::isISOControl);
  }

  private static String pattern() {
    var yaml = new YamlPropertiesFactoryBean();
    yaml.setResources(new ClassPathResource("application.yaml"));
    return Objects.requireNonNull(yaml.getObject()).getProperty("logging.pattern.console");
  }
}
