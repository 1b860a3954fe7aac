package io.capataz.agent.journal;

import io.capataz.agent.journal.JournalEntry.Claiming;
import io.capataz.agent.journal.JournalEntry.Granted;
import io.capataz.agent.journal.JournalEntry.Over;
import io.capataz.agent.journal.JournalEntry.Starting;
import io.capataz.agent.journal.RunJournal.OpenRun;
import io.capataz.common.protocol.AttemptId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The open claims and runs that result from applying journal entries. A claim is remembered until
 * it is answered and all of its attempts are over, because its answer may be repeated until then.
 */
final class JournalState {

  private enum Fate {
    GRANTED,
    STARTED,
    OVER
  }

  private static final class KnownClaim {
    private boolean answered;
    private Map<AttemptId, Fate> attempts = new LinkedHashMap<>();

    boolean isOpen() {
      return !answered || attempts.containsValue(Fate.GRANTED);
    }

    boolean isClosed() {
      return answered && attempts.values().stream().allMatch(fate -> fate == Fate.OVER);
    }

    /**
     * Applies an answer. The last answer counts, but started and finished attempts keep their
     * state.
     */
    void answer(List<AttemptId> granted) {
      var now = new LinkedHashMap<AttemptId, Fate>();
      granted.forEach(attempt -> now.put(attempt, attempts.getOrDefault(attempt, Fate.GRANTED)));
      attempts.forEach(
          (attempt, fate) -> {
            if (fate != Fate.GRANTED) {
              now.putIfAbsent(attempt, fate);
            }
          });
      attempts = now;
      answered = true;
    }
  }

  private final Map<String, KnownClaim> claims = new LinkedHashMap<>();
  private final Map<AttemptId, OpenRun> runs = new LinkedHashMap<>();

  boolean knows(String claim) {
    return claims.containsKey(claim);
  }

  void add(JournalEntry entry) {
    switch (entry) {
      case Claiming(String claim) -> claims.computeIfAbsent(claim, _ -> new KnownClaim());
      case Granted(String claim, List<AttemptId> attempts) -> {
        claims.computeIfAbsent(claim, _ -> new KnownClaim()).answer(attempts);
        forgetIfClosed(claim);
      }
      case Starting(AttemptId attempt, String claim, String folder) -> {
        runs.put(attempt, new OpenRun(attempt, claim, folder));
        mark(claim, attempt, Fate.STARTED);
      }
      case Over(AttemptId attempt, String claim) -> {
        runs.remove(attempt);
        mark(claim, attempt, Fate.OVER);
        forgetIfClosed(claim);
      }
    }
  }

  private void mark(String claim, AttemptId attempt, Fate fate) {
    var known = claims.get(claim);
    if (known != null) {
      known.attempts.put(attempt, fate);
    }
  }

  private void forgetIfClosed(String claim) {
    claims.computeIfPresent(claim, (_, known) -> known.isClosed() ? null : known);
  }

  /** Claims that are unanswered, or have granted attempts that were not started. */
  List<String> claims() {
    return claims.entrySet().stream()
        .filter(claim -> claim.getValue().isOpen())
        .map(Map.Entry::getKey)
        .toList();
  }

  /** Attempts that were started and are not over. */
  List<OpenRun> runs() {
    return List.copyOf(runs.values());
  }

  /** The minimal sequence of entries that results in the same state and order. */
  List<JournalEntry> snapshot() {
    var entries = new ArrayList<JournalEntry>();
    claims.forEach(
        (claim, known) -> {
          entries.add(new Claiming(claim));
          if (known.answered) {
            entries.add(new Granted(claim, List.copyOf(known.attempts.keySet())));
          }
          known.attempts.forEach(
              (attempt, fate) -> {
                if (fate == Fate.OVER) {
                  entries.add(new Over(attempt, claim));
                }
              });
        });
    runs.values()
        .forEach(run -> entries.add(new Starting(run.attempt(), run.claim(), run.folder())));
    return entries;
  }
}
