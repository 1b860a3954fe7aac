package io.capataz.agent.link;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A supervisor whose certificate only its own authority knows. */
class TrustedCertificatesTest {

  private static final char[] PASSWORD = "changed".toCharArray();

  @TempDir static Path folder;

  private static HttpsServer server;
  private static KeyStore keys;

  @BeforeAll
  static void aServer() throws Exception {
    keys = keys(folder.resolve("keys.p12"));
    server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(context(keys)));
    server.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(204, -1);
          exchange.close();
        });
    server.start();
  }

  @AfterAll
  static void stop() {
    server.stop(0);
  }

  @Test
  void itIsTrustedIfItsAuthorityIsInTheFile() throws Exception {
    Path file = pem("ca.crt", "server");
    try (HttpClient http =
        HttpClient.newBuilder().sslContext(TrustedCertificates.read(file).context()).build()) {
      assertThat(call(http)).isEqualTo(204);
    }
  }

  @Test
  void itIsNotTrustedOtherwise() throws Exception {
    Path file = pem("other.crt", "other");
    try (HttpClient of = HttpClient.newHttpClient();
        HttpClient other =
            HttpClient.newBuilder().sslContext(TrustedCertificates.read(file).context()).build()) {
      assertThatThrownBy(() -> call(of)).isInstanceOf(SSLHandshakeException.class);
      assertThatThrownBy(() -> call(other)).isInstanceOf(SSLHandshakeException.class);
    }
  }

  @Test
  void aFileWithoutCertificatesIsRefused() throws Exception {
    Path text = Files.writeString(folder.resolve("text"), "no certificate");
    Path empty = Files.writeString(folder.resolve("empty"), "");

    assertThatThrownBy(() -> TrustedCertificates.read(text))
        .hasMessageContaining("contains no certificates");
    assertThatThrownBy(() -> TrustedCertificates.read(empty))
        .hasMessageContaining("contains no certificates");
    assertThatThrownBy(() -> TrustedCertificates.read(folder.resolve("missing")))
        .hasMessageContaining("cannot be read (NoSuchFileException)");
  }

  private static int call(HttpClient http) throws IOException, InterruptedException {
    URI address = URI.create("https://127.0.0.1:" + server.getAddress().getPort() + "/");
    return http.send(HttpRequest.newBuilder(address).build(), BodyHandlers.discarding())
        .statusCode();
  }

  private static Path pem(String name, String alias) throws Exception {
    byte[] certificate = keys.getCertificate(alias).getEncoded();
    return Files.writeString(
        folder.resolve(name),
        "-----BEGIN CERTIFICATE-----\n%s\n-----END CERTIFICATE-----\n"
            .formatted(
                Base64.getMimeEncoder(64, "\n".getBytes(US_ASCII)).encodeToString(certificate)));
  }

  /** Two keys with certificates that they signed themselves, made by the runtime's own tool. */
  private static KeyStore keys(Path file) throws Exception {
    for (String alias : List.of("server", "other")) {
      Process keytool =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                  "-genkeypair",
                  "-alias",
                  alias,
                  "-keyalg",
                  "EC",
                  "-dname",
                  "CN=" + alias,
                  "-ext",
                  "SAN=ip:127.0.0.1",
                  "-keystore",
                  file.toString(),
                  "-storepass",
                  new String(PASSWORD))
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve(alias + ".out").toFile())
              .start();
      assertThat(keytool.waitFor()).isZero();
    }
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(file)) {
      keys.load(in, PASSWORD);
    }
    return keys;
  }

  private static SSLContext context(KeyStore keys) throws GeneralSecurityException {
    KeyStore only = KeyStore.getInstance("PKCS12");
    try {
      only.load(null, null);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    only.setKeyEntry(
        "server", keys.getKey("server", PASSWORD), PASSWORD, keys.getCertificateChain("server"));
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(only, PASSWORD);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    return context;
  }
}
