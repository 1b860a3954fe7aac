package io.capataz.supervisor;

import io.capataz.common.command.Command;
import io.capataz.common.command.Flag;
import io.capataz.common.command.Settings;
import io.capataz.common.command.UsageError;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code ./capataz supervisor}. A setting has one name in three spellings: {@code
 * capataz.oidc.issuer} in a file, {@code CAPATAZ_OIDC_ISSUER} in the environment, {@code
 * --oidc-issuer} as a flag. Spring reads file and environment; flags are handed to it as
 * properties.
 */
final class SupervisorCommand {

  /** Where no setting of ours is meant but Spring's own. */
  private static final String CONFIG = "config";

  /** Flags by the properties they set. */
  private static final Map<String, Flag> FLAGS = new LinkedHashMap<>();

  static {
    flag(
        "mongodb-uri",
        "URI",
        "",
        "where MongoDB is, such as mongodb://host:27017/capataz; required");
    flag(
        "kafka",
        "HOST:PORT,…|off",
        "",
        "Kafka's bootstrap servers; off or without any, agents find work over links and by"
            + " polling");
    flag("mongodb-ca-file", "FILE", "", "certificates that may sign MongoDB's; switches TLS on");
    flag("kafka-security.protocol", "PROTOCOL", "PLAINTEXT", "SSL, SASL_PLAINTEXT or SASL_SSL");
    flag(
        "kafka-security.mechanism",
        "MECHANISM",
        "SCRAM_SHA_512",
        "how users log in: PLAIN, SCRAM_SHA_256 or SCRAM_SHA_512");
    flag("kafka-security.user", "USER", "", "the supervisor's user at Kafka");
    flag("kafka-security.password-file", "FILE", "", "the file with its password");
    flag("kafka-security.agent-user", "USER", "", "the user of all agents at Kafka");
    flag("kafka-security.agent-password-file", "FILE", "", "the file with its password");
    flag("kafka-security.ca-file", "FILE", "", "certificates that may sign the brokers'");
    flag(
        "kafka-client.properties-file",
        "FILE",
        "",
        "further settings of Kafka's clients: key stores, mechanisms, client.id, times");
    flag("kafka-client.agent-addresses", "HOST:PORT,…", "", "Kafka's bootstrap servers for agents");
    flag("kafka-topics.prefix", "TEXT", "capataz.", "what names of topics and groups begin with");
    flag("kafka-topics.replication-factor", "N", "0", "replicas of a new topic; 0: up to three");
    flag(
        "kafka-topics.min-insync-replicas",
        "N",
        "0",
        "replicas that must have a record of a new topic; 0: the cluster's setting");
    flag("kafka-topics.create", "true|false", "true", "create missing topics");
    flag(
        "listen",
        "ADDRESS",
        "127.0.0.1; with TLS: all",
        "the network address where console and API listen, or all");
    flag("address", "ADDRESS", "", "the same as --listen, which wins");
    flag(
        "allow-clear-text",
        "true|false",
        "false",
        "listen without TLS where other machines can connect");
    flag("tls-certificate-file", "FILE", "", "the certificate for TLS, as PEM");
    flag("tls-key-file", "FILE", "", "its private key, as PEM");
    flag("port", "N", "8080", "the port where console and API listen; 0: any free port");
    flag("data", "DIR", "./data", "the folder for admin.token and vault.key");
    flag("organization", "NAME", "default", "the organization of the first start");
    flag("vault-key-file", "FILE", "DIR/vault.key", "the keys that seal secrets in the store");
    flag("announcement-partitions", "N", "16", "partitions of a new announcements topic");
    flag(
        "rescue", "true|false", "false", "write an owner's token where nobody can log in any more");
    flag("keep-jobs", "N", "1000", "how many ended jobs of a task are kept");
    flag("keep-days", "N", "90", "for how many days ended jobs are kept");
    flag("keep-versions", "N", "200", "how many earlier versions of a task are kept");
    flag("audit.keep", "DURATION", "400d", "how long the audit log goes back");
    flag("proxy.trusted", "N", "0", "how many reverse proxies each request passes");
    flag("quota.jobs", "N", "5000000", "jobs that an organization may have");
    flag("quota.waiting-jobs", "N", "1000000", "jobs of it that have not started");
    flag("quota.job-megabytes", "N", "102400", "MiB of its jobs' input, results and output");
    flag("quota.script-megabytes", "N", "10240", "MiB of its scripts");
    flag("quota.task-versions", "N", "100000", "versions of its tasks");
    flag("connections.per-address", "N", "1024", "connections of one address; 0: no limit");
    flag(
        "connections.sending-per-address",
        "N",
        "128",
        "requests of one address that are still being sent; 0: no limit");
    flag("web.allowed-origins", "ORIGIN,…", "", "whose pages may call the API from a browser");
    flag(
        "direct-access.libraries",
        "ORG/LIBRARY,…",
        "",
        "libraries whose tasks anybody may run, without a token");
    flag("oidc.issuer", "URL", "", "the OpenID provider through which members log in");
    flag("oidc.client-id", "ID", "", "what the provider calls this installation");
    flag(
        "oidc.client-secret-file",
        "FILE",
        "",
        "the file with the secret it shares with the provider");
    flag("oidc.scopes", "SCOPE,…", "openid,email", "what the provider is asked for");
    flag("oidc.redirect-uri", "URL", "", "where browsers find /login/oidc/callback");
    flag("oidc.email-claim", "CLAIM", "email", "the claim that holds a member's address");
    flag(
        "oidc.trust-unverified-email",
        "true|false",
        "false",
        "accept addresses the provider did not verify");
    flag(
        "outbound.allowed-networks",
        "NETWORK,…",
        "",
        "private networks that HTTP tasks and webhooks may call, such as 10.1.0.0/16");
    flag(
        "drafts.model",
        "NAME",
        "",
        "the language model that drafts tasks; without it, none are drafted");
    flag(
        "drafts.endpoint",
        "URL",
        "https://api.openai.com/v1",
        "where it is: an OpenAI-compatible API");
    flag("drafts.key-file", "FILE", "", "the file with its API key");
    flag("drafts.timeout", "DURATION", "60s", "how long one answer of it may take");
    flag("drafts.attempts", "N", "3", "how often it is asked for one version");
    flag("drafts.calls-per-hour", "N", "60", "how often an organization may have it asked");
    flag("drafts.tokens-per-day", "N", "500000", "how many tokens an organization may use");
    flag("drafts.input-price", "PRICE", "0", "of a million tokens that it reads");
    flag("drafts.output-price", "PRICE", "0", "of a million tokens that it writes");
    flag("drafts.cost-per-day", "PRICE", "0", "what an organization may spend; 0: no limit");
    flag("drafts.folder", "DIR", "", "where the files of drafts are written, too");
    flag(
        "installer.folder",
        "DIR",
        "",
        "where the agent's jar and lib/ are, for /install.sh; without it, there is none");
    flag("mail.host", "NAME", "", "the server that sends e-mail; without it, none is sent");
    flag("mail.port", "N", "587", "its port");
    flag("mail.from", "ADDRESS", "capataz@localhost", "the sender of e-mail");
    flag("mail.security", "WORD", "STARTTLS", "how it is connected to: STARTTLS, TLS or NONE");
    flag("mail.user", "USER", "", "the user to log in as");
    flag("mail.password-file", "FILE", "", "the file with that user's password");
    flag(
        "metrics.token-file",
        "FILE",
        "",
        "the file with the token that opens /metrics; without it there is no /metrics");
    flag("rate-limit.enabled", "true|false", "true", "limit requests and failed logins");
    limit("token", "6000", "3000", "requests with one token");
    limit("address", "1200", "600", "requests without a known token from one address");
    limit("key", "1200", "600", "runs by one secret key");
    limit("agent", "60000", "6000", "calls of one agent");
    limit("login", "30", "30", "failed logins from one address");
    limit("account", "5", "10", "failed logins to one account from one address");
  }

  static final Command COMMAND =
      new Command(
          "supervisor",
          List.of(
              "The supervisor alone. It needs MongoDB, and Kafka to announce jobs at once.",
              "",
              "Settings are read from flags, the environment, --config and ./application.yaml, in"
                  + " this order. There they are called capataz.mongodb-uri, capataz.oidc.issuer,"
                  + " …"),
          flags());

  private SupervisorCommand() {}

  static void run(String[] arguments) {
    COMMAND.main(
        arguments,
        given -> {
          var _ = SupervisorApplication.start(_ -> {}, properties(given).toArray(String[]::new));
        });
  }

  /** The settings that are given as flags, by the names of their properties. */
  static List<String> settings() {
    return List.copyOf(FLAGS.keySet());
  }

  /** As Spring reads them from a command line. */
  static List<String> properties(Settings given) {
    var _ = given.port("port"); // Else the server refuses it, in more words.
    var properties = new ArrayList<String>();
    FLAGS.forEach(
        (setting, flag) ->
            given
                .text(flag.name())
                .ifPresent(value -> properties.add("--capataz.%s=%s".formatted(setting, value))));
    given
        .path(CONFIG)
        .ifPresent(
            file -> properties.add("--spring.config.additional-location=" + readable(given, file)));
    return properties;
  }

  private static String readable(Settings given, Path file) {
    if (!Files.isReadable(file) || Files.isDirectory(file)) {
      throw new UsageError(given.invalid(CONFIG, "there is no such file, or it cannot be read"));
    }
    return file.toUri().toString();
  }

  private static List<Flag> flags() {
    var flags = new ArrayList<>(FLAGS.values());
    flags.add(
        Flag.of(
            CONFIG, "FILE", "", "a YAML file with settings, which wins over ./application.yaml"));
    return flags;
  }

  private static void limit(String what, String perMinute, String burst, String counted) {
    flag("rate-limit." + what + "-per-minute", "N", perMinute, counted + ", a minute");
    flag("rate-limit." + what + "-burst", "N", burst, counted + ", at once");
  }

  private static void flag(String setting, String label, String fallback, String about) {
    FLAGS.put(setting, Flag.of(setting.replace('.', '-'), label, fallback, about));
  }
}
