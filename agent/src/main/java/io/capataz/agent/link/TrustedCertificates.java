package io.capataz.agent.link;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.Collection;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Certificates that may sign a supervisor's, instead of those of the Java runtime. */
public final class TrustedCertificates {

  private final List<Certificate> certificates;

  private TrustedCertificates(Collection<? extends Certificate> certificates) {
    this.certificates = List.copyOf(certificates);
  }

  /**
   * Reads them from a PEM file.
   *
   * @throws IOException if it cannot be read or contains none, with a message for the person who
   *     started the agent
   */
  public static TrustedCertificates read(Path file) throws IOException {
    try (InputStream pem = Files.newInputStream(file)) {
      Collection<? extends Certificate> certificates =
          CertificateFactory.getInstance("X.509").generateCertificates(pem);
      if (!certificates.isEmpty()) {
        return new TrustedCertificates(certificates);
      }
    } catch (CertificateException e) {
      // Said below: what the parser says names bytes of the file.
    } catch (IOException e) {
      throw new IOException(
          "The file %s with the supervisor's authorities cannot be read (%s). Check its name and rights."
              .formatted(file, e.getClass().getSimpleName()),
          e);
    }
    throw new IOException(
        "The file %s with the supervisor's authorities contains no certificates. Put them into it as PEM."
            .formatted(file));
  }

  /** A context whose connections trust these and nobody else. */
  public SSLContext context() {
    try {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      for (int i = 0; i < certificates.size(); i++) {
        store.setCertificateEntry("ca-" + i, certificates.get(i));
      }
      TrustManagerFactory managers =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      managers.init(store);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, managers.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("Every Java platform can make a trust store in memory.", e);
    }
  }
}
