package io.capataz.embedded.store.inprocess;

import de.bwaldvogel.mongo.bson.Document;

/** What runs commands; the same as behind a connection, without the connection. */
@FunctionalInterface
public interface Commands {

  /**
   * Runs a command on the calling thread and answers it, also if it fails, as MongoDB would.
   *
   * @param command in the order in which MongoDB wants its fields, with {@code $db}
   */
  Document run(Document command);
}
