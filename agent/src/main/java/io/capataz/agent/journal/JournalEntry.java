package io.capataz.agent.journal;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.capataz.common.protocol.AttemptId;
import java.util.List;

/** An entry of the {@link RunJournal}. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(name = "claiming", value = JournalEntry.Claiming.class),
  @JsonSubTypes.Type(name = "granted", value = JournalEntry.Granted.class),
  @JsonSubTypes.Type(name = "starting", value = JournalEntry.Starting.class),
  @JsonSubTypes.Type(name = "over", value = JournalEntry.Over.class)
})
sealed interface JournalEntry {

  /** A claim is about to be sent. */
  record Claiming(String claim) implements JournalEntry {
    public Claiming {
      requireNonNull(claim);
    }
  }

  /** A claim was answered. */
  record Granted(String claim, List<AttemptId> attempts) implements JournalEntry {
    public Granted {
      requireNonNull(claim);
      attempts = List.copyOf(attempts);
    }
  }

  /**
   * An attempt is about to be started.
   *
   * @param folder the name of its run folder
   */
  record Starting(AttemptId attempt, String claim, String folder) implements JournalEntry {
    public Starting {
      requireNonNull(attempt);
      requireNonNull(claim);
      requireNonNull(folder);
    }
  }

  /** An attempt was reported or given up. */
  record Over(AttemptId attempt, String claim) implements JournalEntry {
    public Over {
      requireNonNull(attempt);
      requireNonNull(claim);
    }
  }
}
