package io.capataz.supervisor.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.capataz.common.protocol.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.bson.Document;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mockito.Mockito;
import org.springframework.data.annotation.Id;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.convert.MappingMongoConverter;
import org.springframework.data.mongodb.core.convert.NoOpDbRefResolver;
import org.springframework.data.mongodb.core.convert.QueryMapper;
import org.springframework.data.mongodb.core.convert.UpdateMapper;
import org.springframework.data.mongodb.core.mapping.MongoMappingContext;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;

/** What is sent to the store is what Spring Data would send. */
class CompareAndSetTest {

  private static final String ID = "65a1f0000000000000000001";
  private static final Instant NOW = Instant.parse("2026-11-30T10:00:00Z");

  enum Color {
    RED,
    BLUE
  }

  record Hold(String claim, long epoch, @Nullable Instant silent) {}

  record Mark(Color color, Instant at, Duration took, @Nullable Outcome outcome) {}

  record Kept(Hold hold, List<Mark> marks, List<String> words) {}

  record Thing(@Id String id, Color color, long rev, Kept kept) {}

  private MappingMongoConverter converter;
  private CompareAndSet store;
  private MongoMappingContext context;

  @BeforeEach
  void aConverterAsTheSupervisorHasIt() {
    var conversions = new MongoConfiguration().mongoCustomConversions();
    context = new MongoMappingContext();
    context.setSimpleTypeHolder(conversions.getSimpleTypeHolder());
    converter = new MappingMongoConverter(NoOpDbRefResolver.INSTANCE, context);
    converter.setCustomConversions(conversions);
    converter.afterPropertiesSet();
    var mongo = Mockito.mock(MongoOperations.class);
    Mockito.when(mongo.getConverter()).thenReturn(converter);
    store = new CompareAndSet(mongo);
  }

  @Test
  void queries_are_mapped_alike() {
    for (var which :
        List.of(
            Criteria.where("id").is(ID),
            Criteria.where("id").is("not-an-object-id"),
            Criteria.where("id").in(ID, "other").and("color").in(Color.RED, Color.BLUE),
            Criteria.where("id").is(ID).and("kept.hold.claim").ne("c").and("rev").is(3L),
            Criteria.where("color").in(List.of(Color.RED)).and("kept.hold.epoch").lte(7L),
            Criteria.where("kept.hold.silent").is(null).and("kept.words").size(0),
            Criteria.where("kept.hold.silent").is(NOW).and("kept.hold").exists(false),
            Criteria.where("kept.hold").isNull())) {
      var query = Query.query(which);
      var mapped =
          new QueryMapper(converter)
              .getMappedObject(query.getQueryObject(), context.getPersistentEntity(Thing.class));
      assertThat(store.stored(query)).isEqualTo(mapped);
    }
  }

  @Test
  void updates_are_mapped_alike() {
    var mark = new Mark(Color.BLUE, NOW, Duration.ofSeconds(3), new Outcome.Succeeded());
    for (var change :
        List.of(
            new Update().set("color", Color.RED).inc("rev", 1).unset("kept.hold.silent"),
            new Update().set("kept.hold", new Hold("c", 7, NOW)),
            new Update().set("kept.hold.silent", null).set("kept.words", List.of("a", "b")),
            new Update().set("kept.marks", List.of(mark, mark)),
            new Update().push("kept.marks").slice(-100).each(mark),
            new Update().push("kept.marks").each(mark, mark).push("kept.words").each("a"))) {
      var mapped =
          new UpdateMapper(converter)
              .getMappedObject(change.getUpdateObject(), context.getPersistentEntity(Thing.class));
      assertThat(plain(store.stored(change))).isEqualTo(plain(mapped));
    }
  }

  @Test
  void the_id_of_a_nested_document_is_refused() {
    var query = Query.query(Criteria.where("kept.hold.id").is("x"));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> store.stored(query))
        .withMessage("kept.hold.id is not a stored name.");
  }

  /** Lists of either kind, as they are sent. */
  private static String plain(Document document) {
    return document.toJson();
  }
}
