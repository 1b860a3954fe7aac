package io.capataz.embedded.store;

import de.bwaldvogel.mongo.bson.Document;
import io.capataz.embedded.store.IndexShape.Keys;
import io.capataz.embedded.store.Scan.Found;
import java.util.ArrayList;
import java.util.List;

/**
 * Compares documents and index entries both ways: every key of every document must be in its index,
 * and an index must have no entry beyond those. Reads everything, so it is for tests and for
 * doubts.
 */
final class ConsistencyCheck {

  private final Engine engine;
  private final List<String> problems = new ArrayList<>();

  ConsistencyCheck(Engine engine) {
    this.engine = engine;
  }

  /** What is wrong, in sentences; an empty list is a sound store. */
  List<String> run(List<StoreCollection> collections) {
    return engine.write(
        () -> {
          problems.clear();
          checkFile();
          collections.forEach(this::check);
          return List.copyOf(problems);
        });
  }

  private void checkFile() {
    try (Session.Rows rows = engine.writer().query("PRAGMA quick_check")) {
      while (rows.next()) {
        String verdict = rows.text(1);
        if (!verdict.equals("ok")) {
          problems.add("file: " + verdict);
        }
      }
    }
  }

  private void check(StoreCollection collection) {
    List<StoreIndex> indexes = collection.storedIndexes();
    long[] expected = new long[indexes.size()];
    Scan everything = new Scan(engine, collection.table(), Plan.allDocuments(false, true));
    everything.resume(engine.writer());
    try {
      for (Found found = everything.next(); found != null; found = everything.next()) {
        for (int i = 0; i < indexes.size(); i++) {
          expected[i] += checkEntries(collection, indexes.get(i), found);
        }
      }
    } finally {
      everything.suspend();
    }
    for (int i = 0; i < indexes.size(); i++) {
      StoreIndex index = indexes.get(i);
      if (index.getCount() != expected[i]) {
        problems.add(
            "%s: index %s has %d entries, but the documents have %d keys"
                .formatted(
                    collection.getFullName(), index.getName(), index.getCount(), expected[i]));
      }
    }
  }

  private int checkEntries(StoreCollection collection, StoreIndex index, Found found) {
    Document document = found.document();
    Keys keys = index.shape().keysOf(document);
    for (byte[] key : keys.keys()) {
      String count = "SELECT count(*) FROM %s WHERE k = ? AND rid = ?".formatted(index.table());
      if (engine.writer().number(count, key, found.position()).orElse(0) != 1) {
        problems.add(
            "%s: document %s is missing in index %s"
                .formatted(collection.getFullName(), document.get("_id"), index.getName()));
      }
      if (index.shape().unique()) {
        String others = "SELECT count(*) FROM %s WHERE k = ?".formatted(index.table());
        if (engine.writer().number(others, key).orElse(0) != 1) {
          problems.add(
              "%s: a key of document %s is not unique in index %s"
                  .formatted(collection.getFullName(), document.get("_id"), index.getName()));
        }
      }
    }
    return keys.keys().size();
  }
}
