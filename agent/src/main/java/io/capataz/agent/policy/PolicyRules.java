package io.capataz.agent.policy;

import io.capataz.common.environment.VariableNames;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * The rules of a policy. All rules are optional, and every rule present must allow a run. An empty
 * list allows nothing.
 *
 * @param users users that scripts may run as
 * @param tasks ids or names
 * @param scripts digests: {@code sha256:} and 64 hexadecimal digits
 * @param interpreters absolute paths, with the options after them where the options are to be
 *     checked too, or {@link WantedRun#NO_INTERPRETER}
 * @param environment names of variables that a task may set; a trailing {@code *} matches any
 *     suffix
 * @param maxTimeout the longest timeout allowed
 */
record PolicyRules(
    Optional<List<String>> users,
    Optional<List<String>> tasks,
    Optional<List<String>> scripts,
    Optional<List<String>> interpreters,
    Optional<List<String>> environment,
    Optional<Duration> maxTimeout) {

  static final PolicyRules NONE =
      new PolicyRules(
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty());

  private static final int VERSION = 1;

  private static final Set<String> KEYS =
      Set.of("version", "users", "tasks", "scripts", "interpreters", "environment", "max_timeout");

  private static final YAMLMapper YAML =
      YAMLMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  /** The policy is invalid. The message is a clause of a sentence. */
  static final class Invalid extends Exception {

    private static final long serialVersionUID = 1;

    Invalid(String why) {
      super(why);
    }
  }

  /** Parses a policy. Unknown content is an error, since a misspelled rule must not be ignored. */
  static PolicyRules read(String text) throws Invalid {
    JsonNode root;
    try {
      root = YAML.readTree(text);
    } catch (JacksonException e) {
      throw new Invalid("invalid YAML: " + e.getOriginalMessage());
    }
    if (!root.isObject()) {
      throw new Invalid("`version: " + VERSION + "` is missing");
    }
    for (var entry : root.properties()) {
      if (!KEYS.contains(entry.getKey())) {
        throw new Invalid("unknown rule `" + entry.getKey() + "`");
      }
    }
    var version = root.path("version");
    if (!version.isInt() || version.intValue() != VERSION) {
      throw new Invalid("`version` must be " + VERSION + ", the only version this agent supports");
    }
    return new PolicyRules(
        strings(root, "users"),
        strings(root, "tasks"),
        matching(
            strings(root, "scripts"),
            "scripts",
            "sha256:[0-9a-f]{64}",
            "sha256: and 64 hexadecimal digits"),
        matching(
            strings(root, "interpreters"),
            "interpreters",
            "/.*|" + WantedRun.NO_INTERPRETER,
            "an absolute path or `" + WantedRun.NO_INTERPRETER + "`"),
        matching(
            strings(root, "environment"),
            "environment",
            VariableNames.PATTERN + "\\*?|\\*",
            "the name of a variable, or a prefix followed by `*`"),
        seconds(root, "max_timeout"));
  }

  private static Optional<List<String>> matching(
      Optional<List<String>> strings, String rule, String pattern, String expected) throws Invalid {
    for (var string : strings.orElse(List.of())) {
      if (!Pattern.compile(pattern, Pattern.DOTALL).matcher(string).matches()) {
        throw new Invalid("`" + rule + "` contains `" + string + "`; expected " + expected);
      }
    }
    return strings;
  }

  private static Optional<List<String>> strings(JsonNode root, String rule) throws Invalid {
    if (!root.has(rule)) {
      return Optional.empty();
    }
    var list = root.path(rule);
    var texts = new ArrayList<String>();
    for (var text : list) {
      if (!list.isArray() || !text.isString() || text.stringValue().isBlank()) {
        throw notAListOfStrings(rule);
      }
      texts.add(text.stringValue());
    }
    if (!list.isArray()) {
      throw notAListOfStrings(rule);
    }
    return Optional.of(List.copyOf(texts));
  }

  private static Invalid notAListOfStrings(String rule) {
    return new Invalid(
        "`"
            + rule
            + "` must be a list of strings, quoted where YAML would read a number or boolean; `[]`"
            + " allows none");
  }

  private static Optional<Duration> seconds(JsonNode root, String rule) throws Invalid {
    if (!root.has(rule)) {
      return Optional.empty();
    }
    var number = root.path(rule);
    if (!number.isInt() || number.intValue() < 1) {
      throw new Invalid("`" + rule + "` must be a whole number of seconds, 1 or more");
    }
    return Optional.of(Duration.ofSeconds(number.intValue()));
  }

  /** Why the rules refuse a run, as a clause; empty if they allow it. */
  Optional<String> refusal(WantedRun run) {
    if (users.isEmpty() && run.becomesRoot()) {
      return Optional.of(
          "running as root requires that `users` lists `" + run.user() + "` (rule `users`)");
    }
    if (users.isPresent() && !users.get().contains(run.user())) {
      return Optional.of("scripts may not run as `" + run.user() + "` (rule `users`)");
    }
    if (tasks.isPresent()
        && !tasks.get().contains(run.task())
        && !tasks.get().contains(run.taskName())) {
      return Optional.of(
          "task `" + run.taskName() + "`, id " + run.task() + ", is not allowed (rule `tasks`)");
    }
    if (scripts.isPresent() && !scripts.get().contains(run.digest())) {
      return Optional.of("script " + run.digest() + " is not allowed (rule `scripts`)");
    }
    if (scripts.isPresent()) {
      var other = otherThanScript(run);
      if (other.isPresent()) {
        return other;
      }
    }
    if (interpreters.isPresent()
        && !isListed(run.interpreter(), interpreters.get())
        && !isListedWhole(run.words())) {
      return Optional.of(
          "interpreter `" + run.interpreter() + "` is not allowed (rule `interpreters`)");
    }
    if (environment.isPresent()) {
      var unlisted =
          run.environment().stream().filter(name -> !isListed(name)).sorted().findFirst();
      if (unlisted.isPresent()) {
        return Optional.of(
            "tasks may not set the variable `" + unlisted.get() + "` (rule `environment`)");
      }
    }
    if (maxTimeout.isPresent() && run.timeout().compareTo(maxTimeout.get()) > 0) {
      return Optional.of(
          "the timeout of "
              + run.timeout().toSeconds()
              + " s exceeds the maximum of "
              + maxTimeout.get().toSeconds()
              + " s (rule `max_timeout`)");
    }
    return Optional.empty();
  }

  /**
   * Why a run whose script is allowed would still run something else, as a clause: the task says it
   * in the words around the script.
   */
  private Optional<String> otherThanScript(WantedRun run) {
    if (run.isTemplate() && users.isEmpty()) {
      return Optional.of(
          "with the rule `scripts`, the command `"
              + run.user()
              + "` must be listed too (rule `users`)");
    }
    if (!run.words().isEmpty() && !isListedWhole(run.words())) {
      return Optional.of(
          "with the rule `scripts`, the interpreter that the task names must be listed with all its"
              + " options, as `"
              + String.join(" ", run.words())
              + "` (rule `interpreters`)");
    }
    return Optional.empty();
  }

  /** Whether an entry consists of exactly these words. A word with a blank cannot be listed. */
  private boolean isListedWhole(List<String> words) {
    return !words.isEmpty()
        && interpreters.orElse(List.of()).stream()
            .map(entry -> List.of(entry.strip().split("\\s+", -1)))
            .anyMatch(
                entry ->
                    entry.subList(1, entry.size()).equals(words.subList(1, words.size()))
                        && isListed(words.getFirst(), List.of(entry.getFirst())));
  }

  /** Whether the policy names the variable itself, and not only a beginning of its name. */
  boolean names(String variable) {
    return environment.orElse(List.of()).contains(variable);
  }

  private boolean isListed(String variable) {
    return environment.orElse(List.of()).stream()
        .anyMatch(
            name ->
                name.endsWith("*")
                    ? variable.startsWith(name.substring(0, name.length() - 1))
                    : variable.equals(name));
  }

  /** Matches by name, or if both paths lead to the same file. */
  private static boolean isListed(String program, List<String> listed) {
    if (listed.contains(program)) {
      return true;
    }
    var real = real(program);
    return real.isPresent() && listed.stream().anyMatch(name -> real.equals(real(name)));
  }

  private static Optional<Path> real(String program) {
    try {
      return program.startsWith("/")
          ? Optional.of(Path.of(program).toRealPath())
          : Optional.empty();
    } catch (IOException | java.nio.file.InvalidPathException e) {
      return Optional.empty(); // Does not exist, so it cannot be the same.
    }
  }
}
