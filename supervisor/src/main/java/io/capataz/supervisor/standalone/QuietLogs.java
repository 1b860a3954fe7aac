package io.capataz.supervisor.standalone;

import java.util.Map;
import java.util.TreeMap;
import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggingInitializationContext;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;

/**
 * Keeps the broker's and the store's tales out of the terminal. They talk from their first moment,
 * before Spring has set up its logs, so the levels are set twice: here, and as settings for Spring.
 */
final class QuietLogs {

  private static final Map<String, LogLevel> LEVELS =
      Map.of(
          "ROOT", LogLevel.WARN,
          "kafka", LogLevel.ERROR,
          "state.change.logger", LogLevel.ERROR,
          "org.apache.kafka", LogLevel.ERROR,
          "de.bwaldvogel.mongo", LogLevel.WARN,
          "io.netty", LogLevel.WARN,
          "org.mongodb.driver", LogLevel.WARN);

  /** As in application.yaml, which is not read yet when the first line is written. */
  private static final Map<String, Object> PATTERN =
      Map.of("logging.pattern.console", "%d{HH:mm:ss.SSS} %-5level %logger{0}: %msg %kvp%n%ex");

  private QuietLogs() {}

  /** Sets up logs for a JVM in which no Spring application has done it yet. */
  static void now() {
    LoggingSystem system = LoggingSystem.get(QuietLogs.class.getClassLoader());
    system.beforeInitialize();
    StandardEnvironment environment = new StandardEnvironment();
    environment.getPropertySources().addLast(new MapPropertySource("quiet", PATTERN));
    system.initialize(new LoggingInitializationContext(environment), null, null);
    LEVELS.forEach(system::setLogLevel);
  }

  /** The same as settings of a Spring application, which may override them one by one. */
  static Map<String, Object> asSettings() {
    Map<String, Object> settings = new TreeMap<>();
    LEVELS.forEach(
        (logger, level) -> {
          if (!logger.equals("ROOT")) {
            settings.put("logging.level." + logger, level.name());
          }
        });
    return settings;
  }
}
