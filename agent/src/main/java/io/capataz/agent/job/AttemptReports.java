package io.capataz.agent.job;

import io.capataz.agent.link.Backoff;
import io.capataz.agent.link.Reply;
import io.capataz.agent.link.SupervisorClient;
import io.capataz.common.protocol.AttemptEnd;
import io.capataz.common.protocol.AttemptGivenBack;
import io.capataz.common.protocol.AttemptStarted;
import io.capataz.common.protocol.OutputReport;
import io.capataz.common.protocol.OutputReport.Chunk;
import io.capataz.common.protocol.WorkOrder;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Speaks about one attempt, until the supervisor says that it is not this agent's any more. Silent
 * from then on.
 */
final class AttemptReports {

  private static final Logger log = LoggerFactory.getLogger(AttemptReports.class);

  private final SupervisorClient supervisor;
  private final Backoff backoff;
  private final WorkOrder order;
  private final Runnable fenced;
  private volatile boolean silent;

  /**
   * @param fenced told once when the attempt turns out not to be this agent's any more
   */
  AttemptReports(SupervisorClient supervisor, Backoff backoff, WorkOrder order, Runnable fenced) {
    this.supervisor = supervisor;
    this.backoff = backoff;
    this.order = order;
    this.fenced = fenced;
  }

  void beSilent() {
    silent = true;
  }

  boolean isSilent() {
    return silent;
  }

  void started(long pid) throws InterruptedException {
    AttemptStarted started = new AttemptStarted(order.claim(), pid);
    untilReached(() -> supervisor.started(order.attemptId(), started));
  }

  /** One try, because there may be more to send by the next. */
  Reply<OutputReport.Answer> output(List<Chunk> chunks) throws InterruptedException {
    Reply<OutputReport.Answer> reply =
        supervisor.output(order.attemptId(), new OutputReport(order.claim(), chunks));
    listenTo(reply);
    return reply;
  }

  void end(AttemptEnd end) throws InterruptedException {
    untilReached(() -> supervisor.end(order.attemptId(), end));
  }

  void givenBack(String reason) throws InterruptedException {
    AttemptGivenBack givenBack = new AttemptGivenBack(order.claim(), reason);
    untilReached(() -> supervisor.givenBack(order.attemptId(), givenBack));
  }

  private <T> void untilReached(Backoff.Call<T> call) throws InterruptedException {
    for (int failures = 1; !silent; failures++) {
      Reply<T> reply = call.call();
      listenTo(reply);
      if (!(reply instanceof Reply.Unreachable)) {
        return;
      }
      Thread.sleep(backoff.pause(failures));
    }
  }

  private void listenTo(Reply<?> reply) {
    switch (reply) {
      case Reply.Fenced<?>(int status, String detail) -> {
        log.atWarn()
            .addKeyValue("job", order.job())
            .addKeyValue("attempt", order.attempt())
            .log("the attempt is not ours any more ({}): {}", status, detail);
        silent = true;
        fenced.run();
      }
      // The session's own calls meet the same answer and end the agent.
      case Reply.CredentialRefused<?> _ -> silent = true;
      case Reply.Taken<?> _, Reply.Faulty<?> _, Reply.Unreachable<?> _ -> {}
    }
  }
}
