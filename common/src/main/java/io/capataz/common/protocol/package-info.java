/**
 * What supervisor and agent say to each other: over HTTPS under {@code /agent/v1} and, for
 * announcements, over Kafka.
 *
 * <p>Every type here is a record or a sealed set of records, and {@link
 * io.capataz.common.protocol.MessageJson} is the one way to turn them into bytes. A type may enter
 * only if both sides need the very same meaning of it on the wire.
 */
@NullMarked
package io.capataz.common.protocol;

import org.jspecify.annotations.NullMarked;
