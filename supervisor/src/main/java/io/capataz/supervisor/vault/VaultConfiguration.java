package io.capataz.supervisor.vault;

import io.capataz.supervisor.runtime.CapatazSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Finds the vault's keys, or creates the first one if nothing was ever sealed. */
@Configuration(proxyBeanMethods = false)
class VaultConfiguration {

  @Bean
  Vault vault(CapatazSettings settings, VaultRecords records) {
    var named = settings.vaultKeyFile();
    if (named != null) {
      return Vault.open(named, VaultKeyFile.read(named), records);
    }
    var usual = settings.data().resolve("vault.key");
    if (Files.exists(usual)) {
      return Vault.open(usual, VaultKeyFile.read(usual), records);
    }
    if (!records.all().isEmpty()) {
      throw missing(usual);
    }
    VaultKeyFile.make(usual);
    try {
      return Vault.open(usual, VaultKeyFile.read(usual), records);
    } catch (VaultRefused anotherWasFirst) {
      // The next start would take an unused file for the key.
      remove(usual);
      throw missing(usual);
    }
  }

  private static VaultRefused missing(Path file) {
    return new VaultRefused(
        "The store contains secrets sealed with another supervisor's vault key, and this supervisor has no key: %s does not exist. All supervisors of a store need the same key file. Copy the first one's vault.key here, or set capataz.vault-key-file (CAPATAZ_VAULT_KEY_FILE)."
            .formatted(file));
  }

  private static void remove(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
