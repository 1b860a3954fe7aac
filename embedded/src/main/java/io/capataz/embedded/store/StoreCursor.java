package io.capataz.embedded.store;

import de.bwaldvogel.mongo.backend.AbstractCursor;
import de.bwaldvogel.mongo.bson.Document;
import io.capataz.embedded.store.Scan.Found;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The rest of an answer, fetched batch by batch. Between two batches it holds a place in the order
 * and nothing else.
 */
final class StoreCursor extends AbstractCursor {

  static final int DOCUMENTS_IN_FIRST_BATCH = 101;

  /** A reply must stay below what drivers accept, 48 MB, whatever the last document adds. */
  private static final int BYTES_IN_BATCH = 16 << 20;

  private final Engine engine;
  private final Answer answer;
  private final UnaryOperator<Document> projection;
  private @Nullable Found ahead;

  StoreCursor(long id, Engine engine, Answer answer, UnaryOperator<Document> projection) {
    super(id);
    this.engine = engine;
    this.answer = answer;
    this.projection = projection;
  }

  /** Whether the last batch was the last one. */
  @Override
  public synchronized boolean isEmpty() {
    return ahead == null;
  }

  /** A number of 0 leaves the size of the batch to us. */
  @Override
  public synchronized List<Document> takeDocuments(int numberToReturn) {
    return engine.read(
        session -> {
          answer.resume(session);
          try {
            return take(numberToReturn);
          } finally {
            answer.suspend();
          }
        });
  }

  private List<Document> take(int numberToReturn) {
    List<Document> batch = new ArrayList<>();
    long bytes = 0;
    Found found = ahead == null ? answer.next() : ahead;
    while (found != null) {
      boolean full = numberToReturn > 0 && batch.size() >= numberToReturn;
      boolean tooLarge = bytes > 0 && bytes + found.size() > BYTES_IN_BATCH;
      if (full || tooLarge) {
        break;
      }
      bytes += found.size();
      batch.add(projection.apply(found.document()));
      found = answer.next();
    }
    ahead = found;
    return batch;
  }
}
