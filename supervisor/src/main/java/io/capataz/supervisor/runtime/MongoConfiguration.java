package io.capataz.supervisor.runtime;

import com.mongodb.ConnectionString;
import com.mongodb.MongoClientSettings;
import com.mongodb.MongoCommandException;
import com.mongodb.MongoException;
import com.mongodb.MongoSecurityException;
import com.mongodb.MongoSocketException;
import com.mongodb.MongoTimeoutException;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.event.CommandListener;
import io.capataz.common.command.StartFailure;
import io.capataz.common.command.UsageError;
import io.capataz.common.protocol.MessageJson;
import io.capataz.common.protocol.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.bson.Document;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.persistence.autoconfigure.EntityScanner;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.convert.converter.Converter;
import org.springframework.data.annotation.TypeAlias;
import org.springframework.data.convert.ReadingConverter;
import org.springframework.data.convert.WritingConverter;
import org.springframework.data.mongodb.MongoDatabaseFactory;
import org.springframework.data.mongodb.MongoManagedTypes;
import org.springframework.data.mongodb.core.MongoTemplate;
import org.springframework.data.mongodb.core.SimpleMongoClientDatabaseFactory;
import org.springframework.data.mongodb.core.convert.MongoConverter;
import org.springframework.data.mongodb.core.convert.MongoCustomConversions;
import tools.jackson.databind.JsonNode;

/** The store client, within {@link StoreLimits}, and the stored form of values. */
@Configuration(proxyBeanMethods = false)
class MongoConfiguration {

  private static final Duration FIRST_ANSWER = Duration.ofSeconds(5);

  @Bean
  MongoClient mongoClient(
      CapatazSettings settings,
      List<CommandListener> listeners,
      ObjectProvider<MongoClientFactory> factory) {
    var address = addressOf(settings);
    var client =
        factory
            .getIfAvailable(() -> MongoClients::create)
            .create(clientSettings(settings, address, listeners));
    try {
      awaitAnswer(client, databaseIn(address));
      return client;
    } catch (MongoException e) {
      client.close();
      throw unusable(address, e);
    }
  }

  private static MongoClientSettings clientSettings(
      CapatazSettings settings, ConnectionString address, List<CommandListener> listeners) {
    return StoreLimits.settings(address)
        .applyToSslSettings(
            ssl ->
                Optional.ofNullable(settings.mongodbCaFile())
                    .ifPresent(file -> ssl.enabled(true).context(trusting(file))))
        .commandListenerList(listeners)
        .build();
  }

  /** TLS with a server whose certificate one of these has signed, and with no other. */
  private static SSLContext trusting(Path file) {
    try (var pem = Files.newInputStream(file)) {
      var trusted = KeyStore.getInstance(KeyStore.getDefaultType());
      trusted.load(null, null);
      for (var certificate : CertificateFactory.getInstance("X.509").generateCertificates(pem)) {
        trusted.setCertificateEntry("ca-" + trusted.size(), certificate);
      }
      var managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      managers.init(trusted);
      var context = SSLContext.getInstance("TLS");
      context.init(null, managers.getTrustManagers(), null);
      return context;
    } catch (IOException | GeneralSecurityException e) {
      throw new StartFailure(
          "The file %s of capataz.mongodb-ca-file (CAPATAZ_MONGODB_CA_FILE, --mongodb-ca-file) cannot be used (%s). It must hold certificates as PEM, and this user must be able to read it."
              .formatted(file, e.getClass().getSimpleName()));
    }
  }

  /** Retries for a while even if the URI sets a short timeout: a first connection is slow. */
  private static void awaitAnswer(MongoClient client, String database) {
    var begun = System.nanoTime();
    while (true) {
      try {
        // Unlike a ping, it needs the same rights as the supervisor.
        var _ = client.getDatabase(database).listCollectionNames().first();
        return;
      } catch (MongoTimeoutException | MongoSocketException e) {
        if (System.nanoTime() - begun > FIRST_ANSWER.toNanos()) {
          throw e;
        }
      }
    }
  }

  /** The message never holds the address itself: it may have a password in it. */
  private static ConnectionString addressOf(CapatazSettings settings) {
    try {
      return new ConnectionString(settings.mongodbUri());
    } catch (IllegalArgumentException e) {
      throw new UsageError(
          "capataz.mongodb-uri (CAPATAZ_MONGODB_URI, --mongodb-uri) is not the address of a"
              + " MongoDB. Write it as mongodb://host:27017/capataz, with special characters of"
              + " user name and password percent-encoded.");
    }
  }

  private static String databaseIn(ConnectionString address) {
    return Optional.ofNullable(address.getDatabase()).orElse("capataz");
  }

  private static StartFailure unusable(ConnectionString address, MongoException failure) {
    var hosts = String.join(",", address.getHosts());
    return switch (failure) {
      case MongoSecurityException _ ->
          new StartFailure(
              "MongoDB at %s refuses the user name or password in capataz.mongodb-uri (CAPATAZ_MONGODB_URI, --mongodb-uri)."
                  .formatted(hosts));
      case MongoCommandException refused ->
          new StartFailure(
              "MongoDB at %s refuses to work for this supervisor: %s. Check the user and its rights in capataz.mongodb-uri (CAPATAZ_MONGODB_URI, --mongodb-uri)."
                  .formatted(hosts, refused.getErrorMessage()));
      default ->
          new StartFailure(
              "MongoDB at %s does not answer. Start it, or name another with capataz.mongodb-uri (CAPATAZ_MONGODB_URI, --mongodb-uri)."
                  .formatted(hosts));
    };
  }

  @Bean
  MongoDatabaseFactory mongoDatabaseFactory(MongoClient client, CapatazSettings settings) {
    var factory = new SimpleMongoClientDatabaseFactory(client, databaseIn(addressOf(settings)));
    factory.setExceptionTranslator(new Outages());
    return factory;
  }

  /** Without events of loading and saving, for which nobody listens. */
  @Bean
  MongoTemplate mongoTemplate(MongoDatabaseFactory factory, MongoConverter converter) {
    var template = new MongoTemplate(factory, converter);
    template.setEntityLifecycleEventsEnabled(false);
    return template;
  }

  /**
   * The stored types. Records of a sealed type, such as a task's action, are stored with their
   * alias; it is only understood if the type is known before the first document is read.
   */
  @Bean
  static MongoManagedTypes mongoManagedTypes(ApplicationContext context)
      throws ClassNotFoundException {
    return MongoManagedTypes.fromIterable(
        new EntityScanner(context)
            .scan(org.springframework.data.mongodb.core.mapping.Document.class, TypeAlias.class));
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
