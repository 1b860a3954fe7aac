package io.capataz.supervisor.metrics;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * {@code capataz.metrics.*}.
 *
 * @param tokenFile the file with the token that Prometheus presents; not set: there is no {@code
 *     /metrics}
 */
@ConfigurationProperties("capataz.metrics")
record MetricsSettings(@Nullable Path tokenFile) {}
