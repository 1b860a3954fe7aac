package io.capataz.supervisor.runtime;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The settings of a supervisor: {@code capataz.*} in a file, {@code CAPATAZ_*} in the environment,
 * flags of the same names.
 *
 * @param mongodbUri where the store is; a database in it is used, else {@code capataz}
 * @param kafka bootstrap servers of the broker; empty or {@code off}: none, agents find their work
 *     over their links and by {@code sync}
 * @param data the folder for what the supervisor itself keeps, as {@code admin.token}
 * @param organization the organization that the first start makes
 * @param vaultKeyFile the file with the keys that seal secrets in the store; not set: {@code
 *     vault.key} in the data folder, made by the first start
 * @param announcementPartitions partitions of the announcements topic when it is created here
 * @param mongodbCaFile certificates that may sign MongoDB's, as PEM; switches TLS on. Not set:
 *     those of the Java runtime, if the address says {@code tls=true}
 */
@ConfigurationProperties("capataz")
public record CapatazSettings(
    String mongodbUri,
    @DefaultValue("") String kafka,
    @DefaultValue("data") Path data,
    @DefaultValue("default") String organization,
    @Nullable Path vaultKeyFile,
    @DefaultValue("16") int announcementPartitions,
    @Nullable Path mongodbCaFile) {

  /** A YAML file reads {@code off} as false. */
  private static final Set<String> OFF = Set.of("off", "false");

  public CapatazSettings {
    kafka = OFF.contains(kafka.strip().toLowerCase(Locale.ROOT)) ? "" : kafka.strip();
    if (mongodbUri == null || mongodbUri.isBlank()) {
      throw new IllegalArgumentException(
          "capataz.mongodb-uri (CAPATAZ_MONGODB_URI) is not set. A supervisor needs MongoDB. Set"
              + " it to mongodb://host:27017/capataz, or run ./capataz standalone, which includes a"
              + " store.");
    }
    if (announcementPartitions < 1 || announcementPartitions > 1024) {
      throw new IllegalArgumentException(
          "capataz.announcement-partitions must be 1 to 1024, not " + announcementPartitions + ".");
    }
  }
}
