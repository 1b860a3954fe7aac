package io.capataz.supervisor.host;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Selects the hosts of a pool by their labels, in the syntax of Kubernetes label selectors:
 * requirements separated by commas, all of which a host must meet.
 *
 * <ul>
 *   <li>{@code os=linux} or {@code os==linux}: it has that value
 *   <li>{@code os!=windows}: it has another value, or no such label
 *   <li>{@code zone in (a, b)}: it has one of the values
 *   <li>{@code zone notin (a, b)}: it has none of them, or no such label
 *   <li>{@code gpu}: it has a label of that name
 *   <li>{@code !legacy}: it has none
 * </ul>
 */
final class Selector {

  /** The maximum length. */
  static final int LONGEST = 1_000;

  private static final int MOST = 32;

  private static final String SPACE = "\\s*";
  private static final Pattern PRESENT = Pattern.compile("(!?)" + SPACE + "(" + Labels.NAME + ")");
  private static final Pattern EQUALS =
      Pattern.compile(
          "(" + Labels.NAME + ")" + SPACE + "(==?|!=)" + SPACE + "(" + Labels.VALUE + ")");
  private static final Pattern AMONG =
      Pattern.compile("(" + Labels.NAME + ")\\s+(in|notin)\\s*\\(([^()]*)\\)");

  private final List<Requirement> requirements;

  private Selector(List<Requirement> requirements) {
    this.requirements = List.copyOf(requirements);
  }

  /** An invalid selector; the message says where and what is allowed. */
  static final class Invalid extends Exception {

    private static final long serialVersionUID = 1L;

    Invalid(String part) {
      super(
          "must be a valid selector; error at '"
              + part
              + "'. Separate requirements by commas: name, !name, name=value,"
              + " name!=value, name in (a, b), name notin (a, b).");
    }
  }

  /**
   * One requirement.
   *
   * @param wanted whether one of the values is wanted, or none of them
   * @param values null: any
   */
  private record Requirement(String name, boolean wanted, @Nullable Set<String> values) {
    boolean isMetBy(Map<String, String> labels) {
      var value = labels.get(name);
      return wanted == (value != null && (values == null || values.contains(value)));
    }
  }

  /** Reads a selector. */
  static Selector parse(String text) throws Invalid {
    var requirements = new ArrayList<Requirement>();
    for (var part : parts(text)) {
      requirements.add(requirement(part.strip()));
      if (requirements.size() > MOST) {
        throw new Invalid(part.strip());
      }
    }
    return new Selector(requirements);
  }

  /** Whether a host with these labels belongs. */
  boolean matches(Map<String, String> labels) {
    return requirements.stream().allMatch(requirement -> requirement.isMetBy(labels));
  }

  private static Requirement requirement(String part) throws Invalid {
    var present = PRESENT.matcher(part);
    if (present.matches()) {
      return new Requirement(present.group(2), present.group(1).isEmpty(), null);
    }
    var equals = EQUALS.matcher(part);
    if (equals.matches()) {
      var wanted = !equals.group(2).equals("!=");
      return new Requirement(equals.group(1), wanted, Set.of(equals.group(3)));
    }
    var among = AMONG.matcher(part);
    if (among.matches()) {
      var values = new TreeSet<String>();
      for (var value : among.group(3).split(",", -1)) {
        if (!Labels.isLabel("any", value.strip())) {
          throw new Invalid(part);
        }
        values.add(value.strip());
      }
      return new Requirement(among.group(1), among.group(2).equals("in"), values);
    }
    throw new Invalid(part);
  }

  /** Splits at commas that are not inside parentheses. */
  private static List<String> parts(String text) {
    var parts = new ArrayList<String>();
    var depth = 0;
    var start = 0;
    for (var i = 0; i < text.length(); i++) {
      switch (text.charAt(i)) {
        case '(' -> depth++;
        case ')' -> depth--;
        case ',' -> {
          if (depth == 0) {
            parts.add(text.substring(start, i));
            start = i + 1;
          }
        }
        default -> {}
      }
    }
    parts.add(text.substring(start));
    return parts;
  }
}
