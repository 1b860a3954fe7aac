package io.capataz.supervisor;

import com.mongodb.event.CommandListener;
import io.capataz.common.protocol.MessageJson;
import io.capataz.embedded.store.EmbeddedStore;
import io.capataz.supervisor.access.AccessKey;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.runtime.MongoClientFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.bson.Document;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.data.mongodb.core.MongoOperations;
import tools.jackson.databind.JsonNode;

/**
 * A whole supervisor on a free port, for tests that speak HTTP to it. One is shared by all test
 * classes of this JVM; each test works in what it makes itself.
 */
public final class TestSupervisor implements AutoCloseable {

  static {
    // Less than the 20 s after which the server ends an idle connection: a request that meets that
    // end fails, and a POST is not sent again.
    System.setProperty("jdk.httpclient.keepalive.timeout", "10");
  }

  private static @Nullable TestSupervisor shared;

  private static final TestClock CLOCK = new TestClock();
  private static @Nullable TestSupervisor clocked;

  private final HttpClient http = HttpClient.newHttpClient();
  private final ConfigurableApplicationContext context;
  private final URI address;
  private final String token;

  private final String mongodbUri;

  /** The first of several on a store makes the key, and the others are given it. */
  private final Path vaultKey;

  private TestSupervisor(
      String mongodbUri,
      Optional<? extends InstantSource> clock,
      @Nullable String knownToken,
      @Nullable Path knownVaultKey,
      String... settings) {
    this(mongodbUri, Optional.empty(), clock, List.of(), knownToken, knownVaultKey, settings);
  }

  private TestSupervisor(
      String mongodbUri,
      Optional<MongoClientFactory> store,
      Optional<? extends InstantSource> clock,
      List<CommandListener> listeners,
      @Nullable String knownToken,
      @Nullable Path knownVaultKey,
      String... settings) {
    this.mongodbUri = mongodbUri;
    try {
      var data = Files.createTempDirectory("capataz-test-");
      vaultKey = knownVaultKey != null ? knownVaultKey : data.resolve("vault.key");
      context =
          new SpringApplicationBuilder(SupervisorApplication.class)
              .initializers(
                  context ->
                      store.ifPresent(
                          factory ->
                              context.getBeanFactory().registerSingleton("testStore", factory)),
                  context ->
                      clock.ifPresent(
                          c ->
                              ((GenericApplicationContext) context)
                                  .registerBean(
                                      "testClock",
                                      InstantSource.class,
                                      () -> c,
                                      bean -> bean.setPrimary(true))))
              .initializers(
                  context ->
                      listeners.forEach(
                          listener ->
                              ((GenericApplicationContext) context)
                                  .registerBean(CommandListener.class, () -> listener)))
              // As arguments: what application.yaml says must not win.
              .run(
                  Stream.concat(
                          Stream.of(
                                  "--server.port=0",
                                  "--capataz.mongodb-uri=" + mongodbUri,
                                  "--capataz.kafka=" + TestBroker.shared(),
                                  "--capataz.data=" + data,
                                  "--capataz.organization=acme",
                                  knownVaultKey == null
                                      ? ""
                                      : "--capataz.vault-key-file=" + vaultKey)
                              .filter(usual -> !isGiven(usual, settings)),
                          // All tests call from one address, and most of them with one token.
                          settings.length == 0
                              ? Stream.of("--capataz.rate-limit.enabled=false")
                              : Arrays.stream(settings))
                      .toArray(String[]::new));
      var web = Objects.requireNonNull(((WebServerApplicationContext) context).getWebServer());
      address = URI.create("http://127.0.0.1:" + web.getPort());
      token =
          knownToken != null ? knownToken : Files.readString(data.resolve("admin.token")).strip();
      deleteAtExit(data);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Given twice, a setting would be a list. */
  private static boolean isGiven(String usual, String... settings) {
    var name = usual.substring(0, usual.indexOf('=') + 1);
    return !name.isEmpty() && Arrays.stream(settings).anyMatch(it -> it.startsWith(name));
  }

  /** The one supervisor of this JVM. */
  public static synchronized TestSupervisor shared() {
    if (shared == null) {
      shared = new TestSupervisor(TestStore.shared() + "/capataz", Optional.empty(), null, null);
    }
    return shared;
  }

  /**
   * The one supervisor of this JVM whose time tests move, on a database of its own. Its time only
   * goes forward, and jobs of other test classes grow old in it: each test works in what it makes
   * itself.
   */
  public static synchronized TestSupervisor clocked() {
    if (clocked == null) {
      clocked = withClock(CLOCK);
    }
    return clocked;
  }

  /** The time of {@link #clocked}. */
  public static TestClock clock() {
    return CLOCK;
  }

  /** Another supervisor, on a database of its own, whose time the test moves. */
  public static TestSupervisor withClock(TestClock clock, String... settings) {
    return new TestSupervisor(
        TestStore.shared() + "/test-" + UUID.randomUUID(),
        Optional.of(clock),
        null,
        null,
        settings);
  }

  /** Another supervisor, on a store of the test's own, and with settings. */
  public static TestSupervisor on(String mongodbUri, String... settings) {
    return new TestSupervisor(mongodbUri, Optional.empty(), null, null, settings);
  }

  /** Another supervisor, which calls a store of the test's own without a connection. */
  public static TestSupervisor inProcess(EmbeddedStore store) {
    return new TestSupervisor(
        "mongodb://this-process",
        Optional.of(store::client),
        Optional.empty(),
        List.of(),
        null,
        null);
  }

  /**
   * Another supervisor, which calls a store through a client of the test's own.
   *
   * @param beside one that uses the same store; null: it is the first one
   */
  public static TestSupervisor through(MongoClientFactory store, @Nullable TestSupervisor beside) {
    return new TestSupervisor(
        "mongodb://this-process",
        Optional.of(store),
        Optional.empty(),
        List.of(),
        beside == null ? null : beside.token,
        beside == null ? null : beside.vaultKey);
  }

  /** Another supervisor, on a database of its own, whose commands to the store are seen. */
  public static TestSupervisor observed(CommandListener listener) {
    return new TestSupervisor(
        TestStore.shared() + "/test-" + UUID.randomUUID(),
        Optional.empty(),
        Optional.empty(),
        List.of(listener),
        null,
        null);
  }

  /** Another supervisor, on a database of its own, which counts requests; and with settings. */
  public static TestSupervisor with(String... settings) {
    return new TestSupervisor(
        TestStore.shared() + "/test-" + UUID.randomUUID(), Optional.empty(), null, null, settings);
  }

  /** Another supervisor beside this one: on the same database and with the same token. */
  public TestSupervisor another(TestClock clock, String... settings) {
    return new TestSupervisor(mongodbUri, Optional.of(clock), token, vaultKey, settings);
  }

  /** An answer: its status and its body, which is JSON or missing. */
  public record Answer(int status, JsonNode body, HttpResponse<String> raw) {
    public String text(String pointer) {
      return body.at(pointer).asString();
    }
  }

  @Override
  public void close() {
    context.close();
  }

  public ConfigurableApplicationContext context() {
    return context;
  }

  /** The owner's integration token. */
  public String token() {
    return token;
  }

  /** A new integration token with that role. */
  public String tokenWith(Role role) {
    var issued = AccessKey.issue(AccessKey.Kind.IT);
    context
        .getBean(MongoOperations.class)
        .getCollection("integration_tokens")
        .insertOne(
            new Document("_id", issued.key().id())
                .append("organization", "acme")
                .append("name", "test")
                .append("role", role.name())
                .append("hash", issued.key().hash())
                .append("created", Date.from(Instant.now())));
    return issued.text().reveal();
  }

  public Answer get(String path) {
    return getAs(token, path);
  }

  /** Gets with another bearer token. */
  public Answer getAs(String bearer, String path) {
    return send(request(path).GET().header("Authorization", "Bearer " + bearer));
  }

  public Answer post(String path, Object body) {
    return postAs(token, path, body);
  }

  public Answer put(String path, Object body) {
    return send(
        request(path)
            .header("Authorization", "Bearer " + token)
            .header("Content-Type", "application/json")
            .PUT(BodyPublishers.ofByteArray(MessageJson.write(body))));
  }

  public Answer put(String path) {
    return send(
        request(path).header("Authorization", "Bearer " + token).PUT(BodyPublishers.noBody()));
  }

  /** Asks with any method, as the owner, with a JSON body unless it is null, and with headers. */
  public Answer ask(String method, String path, @Nullable Object body, String... headers) {
    return askAs(token, method, path, body, headers);
  }

  public Answer askAs(
      String bearer, String method, String path, @Nullable Object body, String... headers) {
    var request = request(path).header("Authorization", "Bearer " + bearer);
    if (headers.length > 0) {
      request.headers(headers);
    }
    if (body == null) {
      return send(request.method(method, BodyPublishers.noBody()));
    }
    return send(
        request
            .header("Content-Type", "application/json")
            .method(method, BodyPublishers.ofByteArray(MessageJson.write(body))));
  }

  /** Posts JSON with another bearer token, or without one. */
  public Answer postAs(@Nullable String bearer, String path, Object body) {
    var request =
        request(path)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofByteArray(MessageJson.write(body)));
    if (bearer != null) {
      request.header("Authorization", "Bearer " + bearer);
    }
    return send(request);
  }

  /** Sends JSON, or nothing where {@code body} is null, with a bearer token. */
  public Answer sendAs(String bearer, String method, String path, @Nullable Object body) {
    return askAs(bearer, method, path, body);
  }

  /** A request to be filled in by the test. */
  public HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(address.resolve(path));
  }

  public Answer send(HttpRequest.Builder request) {
    try {
      var answer = http.send(request.build(), BodyHandlers.ofString());
      var type = answer.headers().firstValue("Content-Type").orElse("");
      var body =
          type.contains("json") && !answer.body().isEmpty() && !type.contains("ndjson")
              ? MessageJson.mapper().readTree(answer.body())
              : MessageJson.mapper().missingNode();
      return new Answer(answer.statusCode(), body, answer);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static void deleteAtExit(Path data) {
    data.toFile().deleteOnExit();
    data.resolve("admin.token").toFile().deleteOnExit();
    data.resolve("vault.key").toFile().deleteOnExit();
  }
}
