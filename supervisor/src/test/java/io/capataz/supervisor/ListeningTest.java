package io.capataz.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.capataz.common.command.UsageError;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.event.ApplicationContextInitializedEvent;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.env.MapPropertySource;

class ListeningTest {

  private static final String ADDRESS = "server.address";

  @TempDir Path folder;

  @Test
  void without_a_word_only_this_machine_can_connect() {
    assertThat(decided(Map.of(), ADDRESS)).isEqualTo("127.0.0.1");
  }

  @Test
  void an_address_of_the_loopback_needs_no_more_words() {
    for (var address : new String[] {"127.0.0.1", "localhost", "::1", "127.1.2.3"}) {
      assertThat(decided(Map.of("capataz.listen", address), ADDRESS)).isEqualTo(address);
      assertThat(decided(Map.of("capataz.address", address), ADDRESS)).isEqualTo(address);
    }
  }

  @Test
  void any_other_is_refused_in_clear_text() {
    for (var name : new String[] {"capataz.listen", "capataz.address", "server.address"}) {
      for (var address : new String[] {"all", "*", "0.0.0.0", "::", "192.0.2.1"}) {
        assertThatThrownBy(() -> decided(Map.of(name, address), ADDRESS))
            .as(name + "=" + address)
            .isInstanceOf(UsageError.class)
            .hasMessageContaining("would listen on " + address + " without TLS")
            .hasMessageContaining("--allow-clear-text=true");
      }
    }
  }

  @Test
  void clear_text_is_allowed_in_so_many_words() {
    assertThat(
            decided(
                Map.of("capataz.listen", "192.0.2.1", "capataz.allow-clear-text", "true"), ADDRESS))
        .isEqualTo("192.0.2.1");
    assertThat(
            decided(Map.of("capataz.listen", "all", "capataz.allow-clear-text", "true"), ADDRESS))
        .isEqualTo("");
    // That it is allowed does not make it happen.
    assertThat(decided(Map.of("capataz.allow-clear-text", "true"), ADDRESS)).isEqualTo("127.0.0.1");
  }

  @Test
  void with_tls_it_listens_everywhere_unless_told_otherwise() throws Exception {
    var tls =
        Map.<String, Object>of(
            "capataz.tls-certificate-file",
            Files.writeString(folder.resolve("tls.crt"), "PEM").toString(),
            "capataz.tls-key-file",
            Files.writeString(folder.resolve("tls.key"), "PEM").toString());
    assertThat(decided(tls, ADDRESS)).isEqualTo("");
    assertThat(decided(tls, "spring.ssl.bundle.pem.capataz.keystore.private-key"))
        .isEqualTo(folder.resolve("tls.key").toUri().toString());
    var here = new HashMap<>(tls);
    here.put("capataz.listen", "192.0.2.1");
    assertThat(decided(here, ADDRESS)).isEqualTo("192.0.2.1");
    assertThat(decided(Map.of("server.ssl.bundle", "mine"), ADDRESS)).isEqualTo("");
  }

  @Test
  void half_of_tls_is_refused() {
    assertThatThrownBy(() -> decided(Map.of("capataz.tls-key-file", folder.toString()), ADDRESS))
        .isInstanceOf(UsageError.class)
        .hasMessageContaining("TLS needs both");
    assertThatThrownBy(
            () ->
                decided(
                    Map.of(
                        "capataz.tls-key-file", "/nowhere",
                        "capataz.tls-certificate-file", "/nowhere"),
                    ADDRESS))
        .isInstanceOf(UsageError.class)
        .hasMessageContaining("Invalid capataz.tls-certificate-file '/nowhere'");
  }

  private static @Nullable String decided(Map<String, Object> given, String name) {
    var context = new GenericApplicationContext();
    context.getEnvironment().getPropertySources().addFirst(new MapPropertySource("given", given));
    new Listening()
        .onApplicationEvent(
            new ApplicationContextInitializedEvent(
                new SpringApplication(), new String[0], context));
    return context.getEnvironment().getProperty(name);
  }
}
