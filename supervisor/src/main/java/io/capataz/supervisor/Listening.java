package io.capataz.supervisor;

import io.capataz.common.command.UsageError;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.boot.context.event.ApplicationContextInitializedEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;

/**
 * Decides where the server listens, before it is made: where only this machine's users can connect,
 * unless there is TLS or somebody says in so many words that clear text is meant. Tokens, passwords
 * and secrets are in what is sent.
 */
final class Listening implements ApplicationListener<ApplicationContextInitializedEvent> {

  private static final String ADDRESS = "server.address";
  private static final String LOOPBACK = "127.0.0.1";

  private static final String BUNDLE = "capataz";
  private static final String PEM = "spring.ssl.bundle.pem." + BUNDLE + ".";

  /** Spring's own settings, any of which means TLS. */
  private static final List<String> TLS_OF_SPRING =
      List.of("server.ssl.bundle", "server.ssl.certificate", "server.ssl.key-store");

  @Override
  public void onApplicationEvent(ApplicationContextInitializedEvent event) {
    var environment = event.getApplicationContext().getEnvironment();
    var decided = new HashMap<String, Object>();
    var hasTls = isSecured(environment, decided);
    var address =
        given(environment, ADDRESS)
            .or(() -> given(environment, "capataz.listen"))
            .or(() -> given(environment, "capataz.address"))
            .orElse(hasTls ? "all" : LOOPBACK);
    if (!hasTls && !isLoopback(address) && !isAllowed(environment)) {
      throw new UsageError(
          "The supervisor would listen on %s without TLS, and anyone on the network could read passwords, tokens and secrets. Set capataz.tls-certificate-file and capataz.tls-key-file (--tls-certificate-file, --tls-key-file), or listen on 127.0.0.1 (--listen), or set capataz.allow-clear-text to true (--allow-clear-text=true) if a proxy or the network does the encryption."
              .formatted(address));
    }
    decided.put(ADDRESS, isAll(address) ? "" : address);
    environment.getPropertySources().addFirst(new MapPropertySource("listening", decided));
  }

  private static boolean isSecured(
      ConfigurableEnvironment environment, Map<String, Object> decided) {
    var certificate = given(environment, "capataz.tls-certificate-file");
    var key = given(environment, "capataz.tls-key-file");
    if (certificate.isPresent() != key.isPresent()) {
      throw new UsageError(
          "Only one of capataz.tls-certificate-file and capataz.tls-key-file is set"
              + " (--tls-certificate-file, --tls-key-file). TLS needs both.");
    }
    if (certificate.isPresent() && key.isPresent()) {
      decided.put("server.ssl.bundle", BUNDLE);
      decided.put(
          PEM + "keystore.certificate",
          readable("capataz.tls-certificate-file", certificate.get()));
      decided.put(PEM + "keystore.private-key", readable("capataz.tls-key-file", key.get()));
      // New files are used without a restart. Until both are there they do not fit, and the old
      // ones stay in use.
      decided.put(PEM + "keystore.verify-keys", "true");
      decided.put(PEM + "reload-on-update", "true");
      return true;
    }
    return TLS_OF_SPRING.stream().anyMatch(name -> given(environment, name).isPresent())
        && !"false".equals(environment.getProperty("server.ssl.enabled"));
  }

  private static String readable(String setting, String file) {
    var path = Path.of(file).toAbsolutePath();
    if (!Files.isReadable(path) || Files.isDirectory(path)) {
      throw new UsageError(
          "Invalid %s '%s': there is no such file, or it cannot be read.".formatted(setting, file));
    }
    return path.toUri().toString();
  }

  private static boolean isAllowed(ConfigurableEnvironment environment) {
    return "true".equals(environment.getProperty("capataz.allow-clear-text"));
  }

  private static Optional<String> given(ConfigurableEnvironment environment, String name) {
    return Optional.ofNullable(environment.getProperty(name))
        .map(String::strip)
        .filter(value -> !value.isEmpty());
  }

  private static boolean isAll(String address) {
    return address.equals("all") || address.equals("*");
  }

  /** A name that nobody knows is not: the server refuses it, in words of its own. */
  private static boolean isLoopback(String address) {
    if (isAll(address)) {
      return false;
    }
    try {
      return InetAddress.getByName(address).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }
}
