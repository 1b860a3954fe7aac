package io.capataz.common.protocol;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST /agent/v1/claims}: an agent asks for work. The same claim id asked again is answered
 * with the same work orders, so a lost answer costs nothing.
 *
 * @param epoch the session's epoch
 * @param claim made by the agent, random, at least 16 characters; becomes the claim id of each
 *     attempt granted
 * @param free how many orders it can take now, at least 1
 * @param jobs the ids it has heard of; empty means "what is next for me"
 * @param heard how it came to ask
 * @param inline how many bytes of a script the orders may carry; longer ones the agent has already,
 *     or fetches by {@code GET …/script}. Missing from older agents: orders carry all of them
 * @param again whether it may have been asked before; false spares the supervisor a look at what
 *     was granted. Missing from older agents: it may have been
 * @param settle whether to answer only with what was granted under this claim before, and nothing
 *     new: it was offered on a link that is gone, or sent by an earlier life of the agent. Null: no
 */
public record Claim(
    long epoch,
    String claim,
    int free,
    List<String> jobs,
    Heard heard,
    @Nullable Integer inline,
    @Nullable Boolean again,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Boolean settle) {

  /** A claim that is granted what waits. */
  public Claim(
      long epoch,
      String claim,
      int free,
      List<String> jobs,
      Heard heard,
      @Nullable Integer inline,
      @Nullable Boolean again) {
    this(epoch, claim, free, jobs, heard, inline, again, null);
  }

  public Claim {
    requireNonNull(claim);
    requireNonNull(heard);
    jobs = List.copyOf(jobs);
  }

  /** Whether it may have been asked before. */
  public boolean mayBeRepeated() {
    return again == null || again;
  }

  /** The same claim, asked once more. */
  public Claim repeated() {
    return new Claim(epoch, claim, free, jobs, heard, inline, true, settle);
  }

  /** How an agent came to know that there is work. Told for people and metrics. */
  public enum Heard {
    /** A record on Kafka. */
    ANNOUNCEMENT,
    /** The periodic {@code sync}, or the one on connecting. */
    SYNC,
    /** A slot became free while more was known to wait. */
    FREE_SLOT,
    /** The supervisor that holds the agent's link made the job, or made it ready. */
    LINK
  }

  /**
   * The answer: at most {@code free} orders, oldest first. A job that is not in it is not this
   * agent's to run now.
   *
   * @param orders what to run
   * @param more whether more jobs wait for this host than were granted
   */
  public record Answer(List<WorkOrder> orders, boolean more) {
    public Answer {
      orders = List.copyOf(orders);
    }
  }
}
