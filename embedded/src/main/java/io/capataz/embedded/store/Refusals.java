package io.capataz.embedded.store;

import de.bwaldvogel.mongo.backend.Utils;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.exception.ErrorCode;
import de.bwaldvogel.mongo.exception.MongoServerError;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Says no, by name, to what the embedded store does not do. Each command has a list of the fields
 * it honours or may safely ignore; any other field that asks for something is refused, so that
 * nothing silently means less here than on MongoDB.
 */
final class Refusals {

  private static final int ILLEGAL_OPERATION = 20;
  private static final int CANNOT_CREATE_INDEX = 67;
  private static final int NOT_IMPLEMENTED = 238;
  private static final int CHANGE_STREAM_NEEDS_REPLICA_SET = 40573;

  private static final String WHAT_NOW = "Use a real MongoDB (--mongodb-uri) for it.";

  private static final Set<String> IN_EVERY_COMMAND =
      Set.of(
          "$db",
          "lsid",
          "$clusterTime",
          "$readPreference",
          "readConcern",
          "writeConcern",
          "comment",
          "maxTimeMS",
          "apiVersion",
          "apiStrict",
          "apiDeprecationErrors");

  private static final Map<String, Set<String>> FIELDS =
      Map.ofEntries(
          Map.entry(
              "find",
              Set.of(
                  "filter",
                  "sort",
                  "projection",
                  "hint",
                  "skip",
                  "limit",
                  "batchSize",
                  "singleBatch",
                  "noCursorTimeout",
                  "allowDiskUse",
                  "allowPartialResults")),
          Map.entry("insert", Set.of("documents", "ordered", "bypassDocumentValidation")),
          Map.entry("update", Set.of("updates", "ordered", "bypassDocumentValidation")),
          Map.entry("delete", Set.of("deletes", "ordered")),
          Map.entry(
              "findAndModify",
              Set.of(
                  "query",
                  "sort",
                  "update",
                  "remove",
                  "new",
                  "upsert",
                  "fields",
                  "arrayFilters",
                  "hint",
                  "bypassDocumentValidation")),
          Map.entry(
              "aggregate",
              Set.of("pipeline", "cursor", "hint", "allowDiskUse", "bypassDocumentValidation")),
          Map.entry("count", Set.of("query", "limit", "skip", "hint")),
          Map.entry("distinct", Set.of("key", "query", "hint")),
          Map.entry("create", Set.of("autoIndexId")),
          Map.entry("createIndexes", Set.of("indexes", "commitQuorum")));

  private static final Set<String> IN_UPDATES =
      Set.of("q", "u", "multi", "upsert", "arrayFilters", "hint");
  private static final Set<String> IN_DELETES = Set.of("q", "limit", "hint");
  private static final Set<String> IN_INDEXES =
      Set.of("key", "name", "unique", "sparse", "v", "background", "ns");

  private Refusals() {}

  static void check(Document command) {
    String name = command.keySet().iterator().next();
    refuseTransactions(command);
    refuseUnkeepableConcerns(command);
    Set<String> known = FIELDS.get(name);
    if (known != null) {
      refuseUnknown(name, command, known, name);
    }
    switch (name) {
      case "update" -> documents(command.get("updates")).forEach(Refusals::checkUpdate);
      case "delete" ->
          documents(command.get("deletes"))
              .forEach(each -> refuseUnknown("delete", each, IN_DELETES, ""));
      case "findAndModify" -> {
        refusePipelineUpdate(command.get("update"));
        refuseProjection(command.get("fields"));
      }
      case "find" -> refuseProjection(command.get("projection"));
      case "aggregate" -> documents(command.get("pipeline")).forEach(Refusals::checkStage);
      case "createIndexes" -> documents(command.get("indexes")).forEach(Refusals::checkIndex);
      case "renameCollection", "mapReduce", "collMod", "bulkWrite" -> throw notDone(name);
      default -> {
        // The library knows the rest, or says that it does not.
      }
    }
  }

  private static void refuseTransactions(Document command) {
    if (command.containsKey("startTransaction") || command.containsKey("autocommit")) {
      throw new MongoServerError(
          ILLEGAL_OPERATION,
          "IllegalOperation",
          "the embedded store has no transactions: change one document at a time. " + WHAT_NOW);
    }
    if (command.containsKey("txnNumber")) {
      // Drivers know these words and tell their user to switch retryable writes off.
      throw new MongoServerError(
          ILLEGAL_OPERATION,
          "IllegalOperation",
          "Transaction numbers are only allowed on a replica set member or mongos");
    }
  }

  private static void refuseUnkeepableConcerns(Document command) {
    if (command.get("readConcern") instanceof Document concern
        && "snapshot".equals(concern.get("level"))) {
      throw notDone("readConcern snapshot");
    }
    if (command.get("writeConcern") instanceof Document concern
        && concern.get("w") instanceof Number nodes
        && nodes.intValue() > 1) {
      throw new MongoServerError(
          ErrorCode.BadValue,
          "cannot use 'w' > 1 when a host is not replicated: the embedded store is one node. Use w: 1 or majority.");
    }
  }

  private static void checkUpdate(Document update) {
    refuseUnknown("update", update, IN_UPDATES, "");
    refusePipelineUpdate(update.get("u"));
  }

  private static void refusePipelineUpdate(@Nullable Object update) {
    if (update instanceof Collection) {
      throw notDone("an update given as a pipeline");
    }
  }

  private static void refuseProjection(@Nullable Object projection) {
    if (!(projection instanceof Document fields)) {
      return;
    }
    fields.forEach(
        (path, value) -> {
          boolean plain = value instanceof Number || value instanceof Boolean;
          boolean known =
              value instanceof Document operator
                  && (operator.keySet().equals(Set.of("$elemMatch"))
                      || operator.keySet().equals(Set.of("$slice")));
          if ((!plain && !known) || path.endsWith(".$")) {
            throw notDone(
                "a projection of field '%s' by an expression or a position".formatted(path));
          }
        });
  }

  private static void checkStage(Document stage) {
    for (String name : stage.keySet()) {
      switch (name) {
        case "$changeStream" ->
            throw new MongoServerError(
                CHANGE_STREAM_NEEDS_REPLICA_SET,
                "The $changeStream stage is only supported on replica sets: the embedded store has no change streams. "
                    + WHAT_NOW);
        case "$out", "$merge" -> throw notDone("the pipeline stage " + name);
        default -> {
          // The library refuses stages it does not know.
        }
      }
    }
  }

  private static void checkIndex(Document index) {
    for (Map.Entry<String, Object> option : index.entrySet()) {
      if (!IN_INDEXES.contains(option.getKey()) && asksForSomething(option.getValue())) {
        throw cannotCreate(index, "it has no option " + option.getKey());
      }
    }
    if (!(index.get("key") instanceof Document keys) || keys.isEmpty()) {
      throw cannotCreate(index, "it has no keys");
    }
    keys.forEach(
        (path, direction) -> {
          if (!(direction instanceof Number number) || number.doubleValue() == 0) {
            throw cannotCreate(index, "a key is 1 or -1, and %s is %s".formatted(path, direction));
          }
          if (Math.abs(number.doubleValue()) != 1) {
            throw cannotCreate(index, "a key is 1 or -1, and %s is %s".formatted(path, direction));
          }
          for (String step : path.split("\\.", -1)) {
            if (step.isEmpty()
                || step.startsWith("$")
                || step.chars().allMatch(Character::isDigit)) {
              throw cannotCreate(
                  index,
                  "it indexes plain paths without positions and wildcards, not '%s'"
                      .formatted(path));
            }
          }
        });
  }

  private static MongoServerError cannotCreate(Document index, String why) {
    return new MongoServerError(
        CANNOT_CREATE_INDEX,
        "CannotCreateIndex",
        "the embedded store cannot create index %s: %s. %s"
            .formatted(index.get("name"), why, WHAT_NOW));
  }

  private static void refuseUnknown(
      String command, Document fields, Set<String> known, String commandField) {
    for (Map.Entry<String, Object> field : fields.entrySet()) {
      String name = field.getKey();
      if (!known.contains(name)
          && !IN_EVERY_COMMAND.contains(name)
          && !name.equals(commandField)
          && asksForSomething(field.getValue())) {
        throw notDone("field '%s' of command %s".formatted(name, command));
      }
    }
  }

  /** {@code tailable: false} asks for nothing. */
  private static boolean asksForSomething(@Nullable Object value) {
    return Utils.isTrue(value) && !(value instanceof Document document && document.isEmpty());
  }

  private static MongoServerError notDone(String what) {
    return new MongoServerError(
        NOT_IMPLEMENTED,
        "NotImplemented",
        "the embedded store does not do %s. %s".formatted(what, WHAT_NOW));
  }

  private static List<Document> documents(@Nullable Object value) {
    return value instanceof Collection<?> several
        ? several.stream().filter(Document.class::isInstance).map(Document.class::cast).toList()
        : List.of();
  }
}
