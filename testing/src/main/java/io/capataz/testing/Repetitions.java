package io.capataz.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;
import java.util.Properties;

/**
 * How often tests repeat what is random or costly: seldom in {@code ./mvnw verify}, often with
 * {@code -Psoak}. All numbers stand in {@code repetitions.properties}.
 */
public final class Repetitions {

  private static final Properties ALL = all();

  private Repetitions() {}

  /** Returns whether this build takes its time. */
  public static boolean isSoak() {
    return Boolean.getBoolean("capataz.soak");
  }

  /** Returns the number of that name; a system property of the same name overrides the file. */
  public static int of(String name) {
    return Integer.getInteger(name, of(name, isSoak()));
  }

  static int of(String name, boolean soak) {
    String numbers = ALL.getProperty(name);
    if (numbers == null) {
      throw new IllegalArgumentException(name + " is not in repetitions.properties.");
    }
    List<String> both = List.of(numbers.split(",", -1));
    return Integer.parseInt(both.get(soak ? 1 : 0).strip());
  }

  static List<String> names() {
    return ALL.stringPropertyNames().stream().sorted().toList();
  }

  private static Properties all() {
    Properties all = new Properties();
    try (InputStream file = Repetitions.class.getResourceAsStream("repetitions.properties")) {
      all.load(Objects.requireNonNull(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return all;
  }
}
