package io.capataz.embedded.store;

import de.bwaldvogel.mongo.backend.AbstractCursor;
import de.bwaldvogel.mongo.bson.Document;
import java.util.List;

/**
 * The rest of an answer that is already here, such as the result of an aggregation. The library's
 * own cursor refuses a batch whose size the client leaves to the server.
 */
final class ListCursor extends AbstractCursor {

  private List<Document> rest;

  ListCursor(long id, List<Document> rest) {
    super(id);
    this.rest = rest;
  }

  @Override
  public synchronized boolean isEmpty() {
    return rest.isEmpty();
  }

  /** A number of 0 leaves the size of the batch to us. */
  @Override
  public synchronized List<Document> takeDocuments(int numberToReturn) {
    int count =
        numberToReturn > 0
            ? Math.min(numberToReturn, rest.size())
            : Math.min(StoreCursor.DOCUMENTS_IN_FIRST_BATCH, rest.size());
    List<Document> batch = List.copyOf(rest.subList(0, count));
    rest = rest.subList(count, rest.size());
    return batch;
  }
}
