package io.capataz.supervisor.runtime;

import com.mongodb.ConnectionString;
import com.mongodb.MongoClientSettings;
import com.mongodb.MongoConnectionPoolClearedException;
import com.mongodb.MongoNodeIsRecoveringException;
import com.mongodb.MongoNotPrimaryException;
import com.mongodb.ReadPreference;
import com.mongodb.WriteConcern;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import io.capataz.common.protocol.MessageJson;
import io.capataz.common.protocol.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.bson.Document;
import org.jspecify.annotations.Nullable;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.convert.converter.Converter;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.data.convert.ReadingConverter;
import org.springframework.data.convert.WritingConverter;
import org.springframework.data.mongodb.MongoDatabaseFactory;
import org.springframework.data.mongodb.core.MongoExceptionTranslator;
import org.springframework.data.mongodb.core.SimpleMongoClientDatabaseFactory;
import org.springframework.data.mongodb.core.convert.MongoCustomConversions;
import tools.jackson.databind.JsonNode;

/** The store client: majority and journaled writes, reads from the primary. */
@Configuration(proxyBeanMethods = false)
class MongoConfiguration {

  @Bean
  MongoClient mongoClient(CapatazSettings settings) {
    return MongoClients.create(
        MongoClientSettings.builder()
            // Ours first, so that the URI can override it.
            .applyToClusterSettings(cluster -> cluster.serverSelectionTimeout(15, TimeUnit.SECONDS))
            .applyConnectionString(new ConnectionString(settings.mongodbUri()))
            .writeConcern(WriteConcern.MAJORITY.withJournal(true))
            .readPreference(ReadPreference.primary())
            .applicationName("capataz-supervisor")
            .build());
  }

  @Bean
  MongoDatabaseFactory mongoDatabaseFactory(MongoClient client, CapatazSettings settings) {
    var database = new ConnectionString(settings.mongodbUri()).getDatabase();
    var factory =
        new SimpleMongoClientDatabaseFactory(
            client, Optional.ofNullable(database).orElse("capataz"));
    factory.setExceptionTranslator(new Outages());
    return factory;
  }

  /**
   * Recognizes more exceptions as an outage of the store than the framework does: when a connection
   * breaks, calls waiting for another one fail too, and during an election the old primary reports
   * that it no longer is one.
   */
  private static final class Outages extends MongoExceptionTranslator {
    @Override
    public @Nullable DataAccessException translateExceptionIfPossible(RuntimeException failure) {
      return switch (failure) {
        case MongoConnectionPoolClearedException cleared ->
            new DataAccessResourceFailureException(String.valueOf(cleared.getMessage()), cleared);
        case MongoNotPrimaryException stale ->
            new DataAccessResourceFailureException(String.valueOf(stale.getMessage()), stale);
        case MongoNodeIsRecoveringException busy ->
            new DataAccessResourceFailureException(String.valueOf(busy.getMessage()), busy);
        default -> super.translateExceptionIfPossible(failure);
      };
    }
  }

  /**
   * Values with a stored form of their own. An outcome is stored as on the wire; a result is stored
   * as JSON text, because scripts may use names that documents do not allow.
   */
  @Bean
  MongoCustomConversions mongoCustomConversions() {
    return new MongoCustomConversions(
        List.of(
            OutcomeWriter.INSTANCE,
            OutcomeReader.INSTANCE,
            DurationWriter.INSTANCE,
            DurationReader.INSTANCE,
            JsonWriter.INSTANCE,
            JsonReader.INSTANCE));
  }

  @WritingConverter
  private enum OutcomeWriter implements Converter<Outcome, Document> {
    INSTANCE;

    @Override
    public Document convert(Outcome outcome) {
      return Document.parse(MessageJson.mapper().writeValueAsString(outcome));
    }
  }

  @ReadingConverter
  private enum OutcomeReader implements Converter<Document, Outcome> {
    INSTANCE;

    @Override
    public Outcome convert(Document document) {
      return MessageJson.mapper().readValue(document.toJson(), Outcome.class);
    }
  }

  @WritingConverter
  private enum DurationWriter implements Converter<Duration, Long> {
    INSTANCE;

    @Override
    public Long convert(Duration duration) {
      return duration.toMillis();
    }
  }

  @ReadingConverter
  private enum DurationReader implements Converter<Long, Duration> {
    INSTANCE;

    @Override
    public Duration convert(Long millis) {
      return Duration.ofMillis(millis);
    }
  }

  @WritingConverter
  private enum JsonWriter implements Converter<JsonNode, String> {
    INSTANCE;

    @Override
    public String convert(JsonNode node) {
      return MessageJson.mapper().writeValueAsString(node);
    }
  }

  @ReadingConverter
  private enum JsonReader implements Converter<String, JsonNode> {
    INSTANCE;

    @Override
    public JsonNode convert(String text) {
      return MessageJson.mapper().readTree(text);
    }
  }
}
