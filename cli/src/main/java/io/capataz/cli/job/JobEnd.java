package io.capataz.cli.job;

import io.capataz.cli.terminal.ExitCode;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** How a job ended, as an exit code and as a sentence. */
final class JobEnd {

  private static final Map<String, Integer> SIGNALS =
      Map.ofEntries(
          Map.entry("SIGHUP", 1),
          Map.entry("SIGINT", 2),
          Map.entry("SIGQUIT", 3),
          Map.entry("SIGILL", 4),
          Map.entry("SIGTRAP", 5),
          Map.entry("SIGABRT", 6),
          Map.entry("SIGBUS", 7),
          Map.entry("SIGFPE", 8),
          Map.entry("SIGKILL", 9),
          Map.entry("SIGUSR1", 10),
          Map.entry("SIGSEGV", 11),
          Map.entry("SIGUSR2", 12),
          Map.entry("SIGPIPE", 13),
          Map.entry("SIGALRM", 14),
          Map.entry("SIGTERM", 15));

  private JobEnd() {}

  /** The exit code of a command that has waited for it. */
  static int exitCode(JsonNode job) {
    if (job.path("status").asString("").equals("succeeded")) {
      return ExitCode.OK;
    }
    JsonNode outcome = job.path("outcome");
    String type = outcome.path("type").asString("");
    if (type.equals("timed_out")) {
      return ExitCode.TIMED_OUT;
    }
    int code = job.path("exit_code").asInt(0);
    if (code > 0 && code <= 255) {
      return code;
    }
    Integer signal = SIGNALS.get(signal(job));
    return signal == null ? ExitCode.NOT_SUCCEEDED : ExitCode.ofSignal(signal);
  }

  /** The signal that ended its script: of a stranger, or the last one that it was sent. */
  private static String signal(JsonNode job) {
    JsonNode sent = job.path("signals");
    return sent.isEmpty()
        ? job.path("outcome").path("signal").asString("")
        : sent.get(sent.size() - 1).path("signal").asString("");
  }

  /** What became of it. */
  static String sentence(JsonNode job) {
    String id = job.path("id").asString("");
    String after =
        job.hasNonNull("duration")
            ? String.format(Locale.ROOT, " after %.1f s", job.path("duration").asDouble(0))
            : "";
    return "Job %s %s%s.".formatted(id, how(job), after);
  }

  private static String how(JsonNode job) {
    JsonNode outcome = job.path("outcome");
    return switch (outcome.path("type").asString("")) {
      case "exited_with" -> "failed with exit code " + outcome.path("code").asInt(0);
      case "timed_out" -> "timed out";
      case "killed" -> "was killed by " + outcome.path("signal").asString("a signal");
      case "canceled" -> "was canceled";
      case "interrupted" -> "was interrupted, because its agent shut down,";
      case "could_not_start" -> "could not start" + reason(outcome);
      case "refused" -> "was refused by its host" + reason(outcome);
      case "lost" -> "was lost with its host";
      case "rejected" -> "was rejected";
      case "failed" -> "failed" + reason(outcome);
      default -> job.path("status").asString("ended");
    };
  }

  private static String reason(JsonNode outcome) {
    String reason = outcome.path("reason").asString(outcome.path("message").asString(""));
    return reason.isEmpty() ? "" : " (" + reason + ")";
  }
}
