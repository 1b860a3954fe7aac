package io.capataz.embedded.broker;

import io.capataz.common.command.StartFailure;
import io.capataz.common.files.PrivateFiles;
import io.capataz.common.secret.Secret;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;

/**
 * A real Kafka node, broker and controller in one, that keeps its records in a folder and listens
 * on 127.0.0.1 only.
 *
 * <p>Only its data outlives a restart. The ports may be others at every start: the one voter of the
 * quorum is named in the settings and not in the log, and the broker registers its address anew.
 */
public final class EmbeddedBroker implements AutoCloseable {

  private static final int NODE = 1;
  private static final String BROKER = "BROKER";
  private static final String CONTROLLER = "CONTROLLER";

  /**
   * A port that was free a moment ago may be taken by now; more than a few times is no accident.
   */
  private static final int ATTEMPTS = 3;

  private final KafkaRaftServer server;
  private final int port;
  private boolean closed;

  private EmbeddedBroker(KafkaRaftServer server, int port) {
    this.server = server;
    this.port = port;
  }

  /**
   * Starts a node without authentication, for tests. Returns when it takes records.
   *
   * @param folder where its records are; made and formatted when it is new
   * @param wantedPort the port for clients, or 0 for any free one
   * @throws StartFailure if the port is taken or the folder cannot be written
   */
  public static EmbeddedBroker start(Path folder, int wantedPort) throws IOException {
    return start(folder, wantedPort, Optional.empty());
  }

  /** As the other, for those only who know a password. */
  public static EmbeddedBroker start(Path folder, int wantedPort, BrokerPasswords passwords)
      throws IOException {
    return start(folder, wantedPort, Optional.of(passwords));
  }

  private static EmbeddedBroker start(
      Path folder, int wantedPort, Optional<BrokerPasswords> passwords) throws IOException {
    if (wantedPort != 0 && !FreePort.isFree(wantedPort)) {
      throw new StartFailure(
          "Port %d of 127.0.0.1 is taken by another process. Stop that one, or choose another port with --port."
              .formatted(wantedPort));
    }
    Path absolute = folder.toAbsolutePath();
    try {
      var _ = PrivateFiles.ownFolder(absolute);
      format(absolute);
    } catch (FileSystemException e) {
      throw unwritable(absolute, e);
    }
    for (int attempt = 1; ; attempt++) {
      int port = wantedPort == 0 ? FreePort.choose() : wantedPort;
      KafkaRaftServer server =
          new KafkaRaftServer(
              KafkaConfig.fromProps(settings(absolute, port, FreePort.choose(), passwords)),
              Time.SYSTEM);
      try {
        server.startup();
        return new EmbeddedBroker(server, port);
      } catch (RuntimeException e) { // Kafka's own word for a port that is taken is just this wide.
        server.shutdown();
        if (wantedPort != 0 || attempt == ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  static StartFailure unwritable(Path folder, IOException why) {
    return new StartFailure(
        "The broker cannot write to the folder %s (%s). Make it writable for this user, or choose another with --data."
            .formatted(folder.toAbsolutePath(), why.getClass().getSimpleName()));
  }

  /** What a client calls {@code bootstrap.servers}. */
  public String bootstrapServers() {
    return "127.0.0.1:" + port;
  }

  int port() {
    return port;
  }

  /** Hands over what is pending and stops; a second call does nothing. */
  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      server.shutdown();
      server.awaitShutdown();
    }
  }

  /** Gives a new folder its cluster id; the file is written last, so half a format is none. */
  static void format(Path folder) throws IOException {
    if (Files.exists(folder.resolve("meta.properties"))) {
      return;
    }
    Formatter formatter =
        new Formatter()
            .setNodeId(NODE)
            .setClusterId(Uuid.randomUuid().toString())
            .setControllerListenerName(CONTROLLER)
            .setMetadataLogDirectory(folder.toString())
            .addDirectory(folder.toString())
            .setPrintStream(
                new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
    try {
      formatter.run();
    } catch (IOException | RuntimeException e) {
      throw e;
    } catch (Exception e) { // The formatter declares no narrower one.
      throw new IOException(
          "Cannot prepare %s for the broker: %s".formatted(folder, e.getMessage()), e);
    }
  }

  /** One node for one machine: every replication factor is 1 and every pool and buffer small. */
  private static Properties settings(
      Path folder, int port, int controllerPort, Optional<BrokerPasswords> passwords) {
    Properties settings = new Properties();
    settings.put("process.roles", "broker,controller");
    settings.put("node.id", Integer.toString(NODE));
    settings.put("log.dirs", folder.toString());
    settings.put(
        "listeners",
        "%s://127.0.0.1:%d,%s://127.0.0.1:%d".formatted(BROKER, port, CONTROLLER, controllerPort));
    settings.put(
        "advertised.listeners",
        "%s://127.0.0.1:%d,%s://127.0.0.1:%d".formatted(BROKER, port, CONTROLLER, controllerPort));
    String protocol = passwords.isPresent() ? "SASL_PLAINTEXT" : "PLAINTEXT";
    settings.put(
        "listener.security.protocol.map",
        "%s:%s,%s:%s".formatted(BROKER, protocol, CONTROLLER, protocol));
    passwords.ifPresent(known -> settings.putAll(logins(known)));
    settings.put("inter.broker.listener.name", BROKER);
    settings.put("controller.listener.names", CONTROLLER);
    // Static voters on purpose: a dynamic quorum writes the controller's port into the log.
    settings.put("controller.quorum.voters", "%d@127.0.0.1:%d".formatted(NODE, controllerPort));

    settings.put("auto.create.topics.enable", "false");
    settings.put("default.replication.factor", "1");
    settings.put("min.insync.replicas", "1");
    settings.put("offsets.topic.replication.factor", "1");
    settings.put("offsets.topic.num.partitions", "1");
    settings.put("transaction.state.log.replication.factor", "1");
    settings.put("transaction.state.log.min.isr", "1");
    settings.put("transaction.state.log.num.partitions", "1");
    settings.put("share.coordinator.state.topic.replication.factor", "1");
    settings.put("share.coordinator.state.topic.min.isr", "1");
    settings.put("share.coordinator.state.topic.num.partitions", "1");
    settings.put("group.initial.rebalance.delay.ms", "0");

    settings.put("num.network.threads", "2");
    settings.put("num.io.threads", "4");
    settings.put("background.threads", "2");
    settings.put("group.coordinator.threads", "1");
    settings.put("share.coordinator.threads", "1");
    settings.put("log.cleaner.dedupe.buffer.size", Integer.toString(4 << 20));
    settings.put("log.cleaner.io.buffer.size", Integer.toString(128 << 10));
    settings.put("metadata.log.segment.bytes", Integer.toString(8 << 20));
    // A record every half second, for the lag figures of followers that do not exist here.
    settings.put("metadata.max.idle.interval.ms", "0");
    // Nobody else can take over, so a killed node need not wait to be believed dead.
    settings.put("broker.session.timeout.ms", "3000");
    settings.put("broker.heartbeat.interval.ms", "500");
    settings.put("metric.reporters", "");
    return settings;
  }

  /** The controller listens as well, and takes nobody but the broker. */
  private static Map<String, String> logins(BrokerPasswords passwords) {
    Secret own = PrivateFiles.randomSecret();
    String itself =
        "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"%1$s\" password=\"%2$s\" user_%1$s=\"%2$s\""
            .formatted(BrokerPasswords.BROKER, quoted(own));
    return Map.of(
        "sasl.enabled.mechanisms",
        "PLAIN",
        "sasl.mechanism.inter.broker.protocol",
        "PLAIN",
        "sasl.mechanism.controller.protocol",
        "PLAIN",
        "listener.name.controller.plain.sasl.jaas.config",
        itself + ";",
        "listener.name.broker.plain.sasl.jaas.config",
        itself
            + " user_%s=\"%s\" user_%s=\"%s\";"
                .formatted(
                    BrokerPasswords.SUPERVISOR,
                    quoted(passwords.supervisor()),
                    BrokerPasswords.AGENT,
                    quoted(passwords.agent())),
        "authorizer.class.name",
        AnnouncementRights.class.getName());
  }

  private static String quoted(Secret password) {
    return password.reveal().replace("\\", "\\\\").replace("\"", "\\\"");
  }
}
