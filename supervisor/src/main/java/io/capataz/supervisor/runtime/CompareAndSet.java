package io.capataz.supervisor.runtime;

import com.mongodb.client.model.FindOneAndUpdateOptions;
import com.mongodb.client.model.ReturnDocument;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import org.bson.Document;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.convert.MongoConverter;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;
import org.springframework.data.mongodb.core.query.Update.Modifiers;
import org.springframework.stereotype.Component;

/**
 * The compare-and-set of documents that change often.
 *
 * <p>It does what {@link MongoOperations#findAndModify} does, but expects stored names in queries
 * and updates. Stored documents use the names of the records' components, so these are the same.
 * Spring Data resolves every name in every command, and throws and catches an exception for each
 * nested one.
 */
@Component
public class CompareAndSet {

  private static final FindOneAndUpdateOptions NEW =
      new FindOneAndUpdateOptions().returnDocument(ReturnDocument.AFTER);

  private final MongoOperations mongo;

  CompareAndSet(MongoOperations mongo) {
    this.mongo = mongo;
  }

  /**
   * Changes the document that the query finds, in one step.
   *
   * @return the document after the change; empty if there is none that the query finds
   */
  public <T> Optional<T> change(Class<T> type, Query which, Update change) {
    var filter = stored(which);
    var update = stored(change);
    return Optional.ofNullable(
            mongo.execute(type, collection -> collection.findOneAndUpdate(filter, update, NEW)))
        .map(document -> mongo.getConverter().read(type, document));
  }

  Document stored(Query which) {
    return stored(which.getQueryObject());
  }

  Document stored(Update change) {
    return stored(change.getUpdateObject());
  }

  private @Nullable Object stored(@Nullable Object value) {
    return switch (value) {
      case null -> null;
      case Map<?, ?> document -> stored(document);
      case Collection<?> list -> list.stream().map(this::stored).toList();
      case Object[] array -> Arrays.stream(array).map(this::stored).toList();
      case Modifiers modifiers -> stored(modifiers);
      default -> converter().convertToMongoType(value);
    };
  }

  private Document stored(Map<?, ?> document) {
    var stored = new Document();
    document.forEach(
        (name, value) -> {
          var isId = name.equals("id") || name.equals("_id");
          stored.put(isId ? "_id" : name(name), isId ? storedId(value) : stored(value));
        });
    return stored;
  }

  private Document stored(Modifiers modifiers) {
    var stored = new Document();
    modifiers.getModifiers().forEach(it -> stored.put(it.getKey(), stored(it.getValue())));
    return stored;
  }

  /** An id of 24 hexadecimal digits is stored as an object id. */
  private @Nullable Object storedId(@Nullable Object value) {
    return switch (value) {
      case null -> null;
      case String id when ObjectId.isValid(id) -> new ObjectId(id);
      case Collection<?> ids -> ids.stream().map(this::storedId).toList();
      case Map<?, ?> condition -> {
        var stored = new Document();
        condition.forEach((operator, ids) -> stored.put((String) operator, storedId(ids)));
        yield stored;
      }
      default -> stored(value);
    };
  }

  /** Ids of nested documents have another stored name and are not dealt with here. */
  private static String name(Object name) {
    var path = (String) name;
    if (path.endsWith(".id")) {
      throw new IllegalArgumentException(path + " is not a stored name.");
    }
    return path;
  }

  private MongoConverter converter() {
    return mongo.getConverter();
  }
}
