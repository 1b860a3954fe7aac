package io.capataz.agent.policy;

import static java.util.Objects.requireNonNull;

import io.capataz.agent.host.IoReason;
import io.capataz.common.environment.VariableNames;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The policy file of this host, which restricts what may run on it. It is checked before every run,
 * so changes take effect with the next run. An invalid policy refuses everything: falling back to
 * no policy would allow more than its author intended.
 */
public final class HostPolicy {

  /** Default path of the policy file. */
  public static final Path DEFAULT_FILE = Path.of("/etc/capataz/policy.yaml");

  private static final Logger log = LoggerFactory.getLogger(HostPolicy.class);

  private static final long MAX_BYTES = 1 << 20;
  private static final int WRITABLE_BY_OTHERS = 0022;
  private static final int ROOT = 0;

  private final Path file;
  private final boolean required;
  private final int ownUser;
  private @Nullable Read last;

  /** A verdict with the state of the file that it is based on. */
  private record Read(State state, Verdict verdict) {}

  private record State(long file, FileTime changed, long bytes, int owner, int mode) {

    static State of(Path file) throws IOException {
      var all = Files.readAttributes(file, "unix:ino,ctime,size,uid,mode");
      return new State(
          (Long) requireNonNull(all.get("ino")),
          (FileTime) requireNonNull(all.get("ctime")),
          (Long) requireNonNull(all.get("size")),
          (Integer) requireNonNull(all.get("uid")),
          (Integer) requireNonNull(all.get("mode")));
    }
  }

  private sealed interface Verdict {
    record Rules(PolicyRules rules) implements Verdict {}

    record RefuseAll(String why) implements Verdict {}
  }

  /**
   * @param file the policy file
   * @param required whether a missing file refuses everything
   * @param ownUser uid of the agent's user
   */
  public HostPolicy(Path file, boolean required, int ownUser) {
    this.file = file;
    this.required = required;
    this.ownUser = ownUser;
  }

  /** Why a run is refused, as a sentence; empty if it is allowed. */
  public Optional<String> refusal(WantedRun run) {
    return switch (verdict()) {
      case Verdict.Rules(PolicyRules rules) ->
          loadsCode(run, rules)
              .or(
                  () ->
                      rules
                          .refusal(run)
                          .map(
                              why ->
                                  "Refused by the policy of this host, "
                                      + file
                                      + ": "
                                      + why
                                      + "."));
      case Verdict.RefuseAll(String why) -> Optional.of(why);
    };
  }

  /** A variable that makes programs load code could replace the script that was checked. */
  private Optional<String> loadsCode(WantedRun run, PolicyRules rules) {
    return run.environment().stream()
        .filter(name -> VariableNames.loadsCode(name) && !rules.names(name))
        .sorted()
        .findFirst()
        .map(
            name ->
                "Refused by this host: tasks may not set the variable `"
                    + name
                    + "`, because it makes programs run other code than the script. The owner of"
                    + " the host can allow it by its whole name (rule `environment` in "
                    + file
                    + ").");
  }

  /** Whether the policy names a user, or a command template, that scripts may run as. */
  public boolean lists(String user) {
    return verdict() instanceof Verdict.Rules(PolicyRules rules)
        && rules.users().orElse(List.of()).contains(user);
  }

  /** Why every run is refused, as a sentence; empty if the policy is valid. */
  public Optional<String> problem() {
    return verdict() instanceof Verdict.RefuseAll(String why) ? Optional.of(why) : Optional.empty();
  }

  private synchronized Verdict verdict() {
    State state;
    try {
      state = State.of(file);
    } catch (NoSuchFileException e) {
      boolean meantToBeThere = required || Files.isSymbolicLink(file);
      return meantToBeThere
          ? refuseAll("the file does not exist")
          : new Verdict.Rules(PolicyRules.NONE);
    } catch (IOException e) {
      return refuseAll("cannot read the file (" + IoReason.of(e) + ")");
    }
    if (last != null && last.state.equals(state)) {
      return last.verdict;
    }
    var verdict = read(state);
    last = new Read(state, verdict);
    if (verdict instanceof Verdict.RefuseAll(String why)) {
      log.error(why);
    } else {
      log.info("policy {} loaded", file);
    }
    return verdict;
  }

  private Verdict read(State state) {
    if (state.owner != ROOT && state.owner != ownUser) {
      return refuseAll("the file must be owned by root or by the user of the agent");
    }
    if ((state.mode & WRITABLE_BY_OTHERS) != 0) {
      return refuseAll("the file is writable by others than its owner; run chmod go-w on it");
    }
    if (state.bytes > MAX_BYTES) {
      return refuseAll("the file is larger than " + MAX_BYTES + " bytes");
    }
    try {
      return new Verdict.Rules(PolicyRules.read(Files.readString(file)));
    } catch (CharacterCodingException e) {
      return refuseAll("the file is not UTF-8");
    } catch (IOException e) {
      return refuseAll("cannot read the file (" + IoReason.of(e) + ")");
    } catch (PolicyRules.Invalid e) {
      return refuseAll(String.valueOf(e.getMessage()));
    }
  }

  private Verdict refuseAll(String why) {
    return new Verdict.RefuseAll(
        "All jobs are refused on this host, because its policy "
            + file
            + " is invalid: "
            + why
            + ".");
  }
}
