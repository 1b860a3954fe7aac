package io.capataz.supervisor;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Base64;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.web.server.context.WebServerApplicationContext;

/** A certificate that is renewed is used without a restart. */
@ExtendWith(OutputCaptureExtension.class)
class TlsReloadTest {

  private static final char[] PASSWORD = "password".toCharArray();

  @TempDir Path folder;

  @Test
  void new_files_are_used_and_half_of_them_are_not(CapturedOutput log) throws Exception {
    var first = made("first");
    var second = made("second");
    var certificate = folder.resolve("tls.crt");
    var key = folder.resolve("tls.key");
    Files.writeString(certificate, certificatePem(first));
    Files.writeString(key, keyPem(first));
    try (var supervisor =
        TestSupervisor.with(
            "--capataz.listen=127.0.0.1",
            "--capataz.tls-certificate-file=" + certificate,
            "--capataz.tls-key-file=" + key,
            "--spring.ssl.bundle.watch.file.quiet-period=100ms")) {
      var server = ((WebServerApplicationContext) supervisor.context()).getWebServer();
      var port = requireNonNull(server).getPort();
      assertThat(subject(port, first, second)).isEqualTo("CN=first");

      Files.writeString(certificate, certificatePem(second));
      await().atMost(Duration.ofSeconds(60)).until(() -> log.getAll().contains("SSL reload error"));
      assertThat(subject(port, first, second)).isEqualTo("CN=first");

      Files.writeString(key, keyPem(second));
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> subject(port, first, second).equals("CN=second"));
    }
  }

  /** Who answers there, of these two. */
  private static String subject(int port, KeyStore first, KeyStore second) throws Exception {
    var trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry("first", first.getCertificate("key"));
    trusted.setCertificateEntry("second", second.getCertificate("key"));
    var managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    managers.init(trusted);
    var context = SSLContext.getInstance("TLS");
    context.init(null, managers.getTrustManagers(), null);
    try (var socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", port)) {
      socket.startHandshake();
      var peer = (X509Certificate) socket.getSession().getPeerCertificates()[0];
      return peer.getSubjectX500Principal().getName();
    }
  }

  private static String certificatePem(KeyStore keys) throws Exception {
    return pem("CERTIFICATE", keys.getCertificate("key").getEncoded());
  }

  private static String keyPem(KeyStore keys) throws Exception {
    return pem("PRIVATE KEY", keys.getKey("key", PASSWORD).getEncoded());
  }

  private static String pem(String what, byte[] bytes) {
    var text = Base64.getMimeEncoder(64, "\n".getBytes(US_ASCII)).encodeToString(bytes);
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(what, text, what);
  }

  /** A key with a certificate that it signed itself, made by the runtime's own tool. */
  private KeyStore made(String name) throws Exception {
    var file = folder.resolve(name + ".p12");
    var keytool =
        new ProcessBuilder(
                Path.of(requireNonNull(System.getProperty("java.home")), "bin", "keytool")
                    .toString(),
                "-genkeypair",
                "-alias",
                "key",
                "-keyalg",
                "EC",
                "-dname",
                "CN=" + name,
                "-ext",
                "SAN=ip:127.0.0.1",
                "-keystore",
                file.toString(),
                "-storepass",
                new String(PASSWORD))
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve(name + ".out").toFile())
            .start();
    assertThat(keytool.waitFor()).isZero();
    return read(file);
  }

  private static KeyStore read(Path file) throws Exception {
    var keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(file)) {
      keys.load(in, PASSWORD);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return keys;
  }
}
