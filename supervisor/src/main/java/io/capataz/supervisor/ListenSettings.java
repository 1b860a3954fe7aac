package io.capataz.supervisor;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Where console and API listen, and whether in clear: {@code capataz.*}.
 *
 * @param listen the network address, or {@code all}; not set: all with TLS, and without it the
 *     loopback address, where only this machine's users can connect
 * @param allowClearText whether to listen without TLS where others than this machine can connect;
 *     passwords, tokens and secrets cross the network as they are
 * @param tlsCertificateFile the certificate for TLS and those above it, as PEM
 * @param tlsKeyFile its private key, as PEM
 */
@ConfigurationProperties("capataz")
record ListenSettings(
    @Nullable String listen,
    @DefaultValue("false") boolean allowClearText,
    @Nullable Path tlsCertificateFile,
    @Nullable Path tlsKeyFile) {}
