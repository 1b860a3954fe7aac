package io.capataz.embedded;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.LoggerFactory;

/**
 * Keeps what broker and store log out of the terminal. They log from their first moment, before a
 * Spring application beside them has set up logging, so the levels are set twice: here, and as
 * settings for Spring.
 */
public final class QuietLogs {

  private static final Map<String, Level> LEVELS =
      Map.of(
          "kafka", Level.ERROR,
          "state.change.logger", Level.ERROR,
          "org.apache.kafka", Level.ERROR,
          "de.bwaldvogel.mongo", Level.WARN,
          "io.netty", Level.WARN,
          "org.mongodb.driver", Level.WARN);

  /** As in the supervisor's application.yaml. */
  private static final String PATTERN = "%d{HH:mm:ss.SSS} %-5level %logger{0}: %msg %kvp%n%ex";

  private QuietLogs() {}

  /** Sets up logging for a JVM in which nobody has done it yet. */
  public static void now() {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.reset();
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setContext(context);
    encoder.setPattern(PATTERN);
    encoder.start();
    ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
    console.setContext(context);
    console.setEncoder(encoder);
    console.start();
    Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    root.setLevel(Level.WARN);
    root.addAppender(console);
    LEVELS.forEach((name, level) -> context.getLogger(name).setLevel(level));
  }

  /** The same as settings of a Spring application, which may override them one by one. */
  public static Map<String, Object> asSettings() {
    Map<String, Object> settings = new TreeMap<>();
    LEVELS.forEach((name, level) -> settings.put("logging.level." + name, level.toString()));
    return settings;
  }
}
