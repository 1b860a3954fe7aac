package io.capataz.supervisor.installer;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * What {@code /install.sh} installs: {@code capataz.installer.*}.
 *
 * @param folder holds {@code capataz-agent.jar} and its libraries in {@code lib}; anybody who
 *     reaches the supervisor can fetch them. Not set: there is no {@code /install.sh}
 */
@ConfigurationProperties("capataz.installer")
record InstallerSettings(@Nullable Path folder) {}
