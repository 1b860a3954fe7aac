package io.capataz.supervisor;

import io.capataz.common.command.StartFailure;
import io.capataz.common.command.UsageError;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringBootExceptionReporter;
import org.springframework.boot.context.properties.ConfigurationPropertiesBindException;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.web.server.PortInUseException;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.core.convert.ConversionFailedException;
import org.yaml.snakeyaml.error.YAMLException;

/** Turns what a failing start throws into a sentence for the person at the terminal. */
final class StartFailures {

  private StartFailures() {}

  /**
   * Takes the place of the framework's own reports, which are pages long. Whoever started the
   * application gets the exception and reports it once.
   */
  static final class Silence implements SpringBootExceptionReporter {
    @Override
    public boolean reportException(Throwable failure) {
      return true;
    }
  }

  /** The sentence, if the failure is of a known kind. */
  static Optional<RuntimeException> sentenceIn(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      @Nullable RuntimeException sentence =
          switch (cause) {
            case StartFailure known -> known;
            case UsageError known -> known;
            case PortInUseException taken ->
                new StartFailure(
                    "Port %d is taken by another process. Stop that one, or choose another port with --port (CAPATAZ_PORT)."
                        .formatted(taken.getPort()));
            case ConfigurationPropertiesBindException wrong -> wrongSetting(wrong);
            case YAMLException wrong ->
                new StartFailure(
                    "The settings file is not valid YAML: %s."
                        .formatted(
                            String.valueOf(wrong.getMessage()).lines().findFirst().orElse("")));
            default -> null;
          };
      if (sentence != null) {
        return Optional.of(sentence);
      }
    }
    return Optional.empty();
  }

  /** Settings check their values themselves, in sentences; the framework checks their types. */
  private static UsageError wrongSetting(ConfigurationPropertiesBindException failure) {
    var name = "";
    for (var cause = failure.getCause(); cause != null; cause = cause.getCause()) {
      if (cause instanceof BindException bind) {
        name = bind.getName().toString();
      }
      if (cause instanceof ConversionFailedException conversion) {
        return new UsageError(
            "Invalid %s (%s)%s: must be %s."
                .formatted(
                    name,
                    variableOf(name),
                    name.contains("secret") ? "" : " '" + conversion.getValue() + "'",
                    kindOf(conversion.getTargetType().getType())));
      }
    }
    return new UsageError(
        String.valueOf(NestedExceptionUtils.getMostSpecificCause(failure).getMessage()));
  }

  private static String kindOf(Class<?> type) {
    return switch (type.getSimpleName()) {
      case "int", "Integer", "long", "Long" -> "a number";
      case "boolean", "Boolean" -> "true or false";
      case "Duration" -> "a duration, such as 12h or 400d";
      case "InetAddress" -> "an address of this machine";
      default -> "a valid " + type.getSimpleName();
    };
  }

  private static String variableOf(String property) {
    return property.replaceAll("[.-]", "_").toUpperCase(Locale.ROOT);
  }
}
