package io.capataz.supervisor.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.capataz.common.command.StartFailure;
import io.capataz.supervisor.TestSupervisor;
import java.util.List;
import java.util.UUID;
import org.bson.Document;
import org.junit.jupiter.api.Test;
import org.springframework.data.domain.Sort;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.index.Index;

/** Indexes that are built on what is stored already. */
class MongoIndexesTest {

  /** A document as it is stored. */
  @org.springframework.data.mongodb.core.mapping.Document("indexed_things")
  record Thing(String id, String owner) {}

  private record Things(List<Index> indexes) implements Indexed {
    @Override
    public Class<?> indexedType() {
      return Thing.class;
    }
  }

  private static final MongoOperations MONGO =
      TestSupervisor.shared().context().getBean(MongoOperations.class);

  private static void build(Index index) {
    new MongoIndexes(MONGO, List.of(new Things(List.of(index)))).afterSingletonsInstantiated();
  }

  private static void store(String owner) {
    MONGO
        .getCollection("indexed_things")
        .insertOne(new Document("_id", UUID.randomUUID().toString()).append("owner", owner));
  }

  @Test
  void an_index_is_built_on_what_is_there_and_again_is_nothing() {
    store(UUID.randomUUID().toString());
    var index = new Index().on("owner", Sort.Direction.ASC).on("id", Sort.Direction.DESC);

    build(index);
    build(index);

    assertThat(MONGO.getCollection("indexed_things").listIndexes())
        .extracting(it -> it.get("key", Document.class).toJson())
        .contains("{\"owner\": 1, \"_id\": -1}");
  }

  @Test
  void duplicates_under_a_unique_index_are_told_with_what_to_do() {
    store("twice");
    store("twice");

    assertThatThrownBy(() -> build(new Index().on("owner", Sort.Direction.ASC).unique()))
        .isInstanceOf(StartFailure.class)
        .hasMessageContaining(
            "The unique index {\"owner\": 1} of collection 'indexed_things' cannot be built")
        .hasMessageContaining("Remove or change all but one of them");
  }
}
