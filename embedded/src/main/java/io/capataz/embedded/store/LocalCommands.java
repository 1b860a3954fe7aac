package io.capataz.embedded.store;

import de.bwaldvogel.mongo.bson.Document;
import io.capataz.embedded.store.inprocess.Commands;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The commands of this process, which need no connection and no login. */
final class LocalCommands implements Commands, AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(LocalCommands.class);

  /** As long as a connection would be waited for. */
  private static final int MOST_SECONDS_TO_CLOSE = 10;

  private static final int SHUTDOWN_IN_PROGRESS = 91;

  private final UnaryOperator<Document> store;

  /** Every command holds one of them; closing waits for all. */
  private final Semaphore running = new Semaphore(Integer.MAX_VALUE);

  private volatile boolean closed;

  /**
   * @param store answers a command, also one that it refuses
   */
  LocalCommands(UnaryOperator<Document> store) {
    this.store = store;
  }

  @Override
  public Document run(Document command) {
    if (!running.tryAcquire()) {
      return closedAnswer();
    }
    try {
      return closed ? closedAnswer() : store.apply(command);
    } catch (RuntimeException e) {
      // As the library answers it on a connection.
      log.error("a command of this process failed by a fault of the embedded store", e);
      return new Document("ok", 0.0).append("errmsg", "Unknown error: " + e.getMessage());
    } finally {
      running.release();
    }
  }

  /** A driver takes it for a server that shuts down, and its user for an outage. */
  private static Document closedAnswer() {
    return new Document("ok", 0.0)
        .append("errmsg", "The embedded store is closed; open it again.")
        .append("code", SHUTDOWN_IN_PROGRESS)
        .append("codeName", "ShutdownInProgress");
  }

  /** Refuses new commands, and waits until none runs any more. */
  @Override
  public void close() {
    closed = true;
    try {
      if (!running.tryAcquire(Integer.MAX_VALUE, MOST_SECONDS_TO_CLOSE, TimeUnit.SECONDS)) {
        log.atWarn().log("the embedded store closes while commands still run");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
