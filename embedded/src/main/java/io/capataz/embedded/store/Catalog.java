package io.capataz.embedded.store;

import java.util.ArrayList;
import java.util.List;

/**
 * Which table holds which collection and which index. What an index is made of is not here: the
 * library keeps that in {@code system.indexes}, a collection like any other.
 */
final class Catalog {

  private final Engine engine;

  Catalog(Engine engine) {
    this.engine = engine;
    engine.write(
        () ->
            engine.define(
                session -> {
                  session.define(
                      "CREATE TABLE IF NOT EXISTS collections(id INTEGER PRIMARY KEY AUTOINCREMENT, db TEXT NOT NULL,"
                          + " name TEXT NOT NULL, UNIQUE(db, name))");
                  session.define(
                      "CREATE TABLE IF NOT EXISTS indexes(id INTEGER PRIMARY KEY AUTOINCREMENT, collection INTEGER NOT"
                          + " NULL, name TEXT NOT NULL, arrays INTEGER NOT NULL DEFAULT 0, UNIQUE(collection, name))");
                  return true;
                }));
  }

  /** The tables of one collection. */
  record CollectionTable(long id) {
    String name() {
      return "docs_" + id;
    }
  }

  /**
   * The table of one index.
   *
   * @param arrayFields as in {@link IndexShape.Keys}, for all documents the index ever held
   */
  record IndexTable(long id, int arrayFields, boolean isNew) {
    String name() {
      return "ix_" + id;
    }
  }

  List<String> databases() {
    return engine.read(
        session -> {
          List<String> names = new ArrayList<>();
          try (Session.Rows rows =
              session.query("SELECT DISTINCT db FROM collections ORDER BY db")) {
            while (rows.next()) {
              names.add(rows.text(1));
            }
          }
          return names;
        });
  }

  CollectionTable openOrCreateCollection(String database, String name) {
    return engine.write(
        () -> {
          String find = "SELECT id FROM collections WHERE db = ? AND name = ?";
          Session writer = engine.writer();
          var known = writer.number(find, database, name);
          if (known.isPresent()) {
            return new CollectionTable(known.getAsLong());
          }
          return engine.define(
              session -> {
                session.change("INSERT INTO collections(db, name) VALUES(?, ?)", database, name);
                CollectionTable table =
                    new CollectionTable(session.number(find, database, name).orElseThrow());
                session.define(
                    "CREATE TABLE %s(rid INTEGER PRIMARY KEY, body BLOB NOT NULL)"
                        .formatted(table.name()));
                return table;
              });
        });
  }

  void dropCollection(CollectionTable table) {
    engine.define(
        session -> {
          session.define("DROP TABLE " + table.name());
          session.change("DELETE FROM collections WHERE id = ?", table.id());
          return true;
        });
  }

  IndexTable openOrCreateIndex(CollectionTable collection, String name) {
    return engine.write(
        () -> {
          Session writer = engine.writer();
          try (Session.Rows rows =
              writer.query(
                  "SELECT id, arrays FROM indexes WHERE collection = ? AND name = ?",
                  collection.id(),
                  name)) {
            if (rows.next()) {
              return new IndexTable(rows.number(1), (int) rows.number(2), false);
            }
          }
          return engine.define(
              session -> {
                session.change(
                    "INSERT INTO indexes(collection, name) VALUES(?, ?)", collection.id(), name);
                long id =
                    session
                        .number(
                            "SELECT id FROM indexes WHERE collection = ? AND name = ?",
                            collection.id(),
                            name)
                        .orElseThrow();
                IndexTable table = new IndexTable(id, 0, true);
                session.define(
                    "CREATE TABLE %s(k BLOB NOT NULL, rid INTEGER NOT NULL, PRIMARY KEY(k, rid)) WITHOUT ROWID"
                        .formatted(table.name()));
                return table;
              });
        });
  }

  void dropIndex(IndexTable table) {
    engine.define(
        session -> {
          session.define("DROP TABLE " + table.name());
          session.change("DELETE FROM indexes WHERE id = ?", table.id());
          return true;
        });
  }

  void noteArrays(IndexTable table, int arrayFields) {
    engine.writer().change("UPDATE indexes SET arrays = ? WHERE id = ?", arrayFields, table.id());
  }
}
