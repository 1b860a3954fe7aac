/**
 * The conversation with the supervisor: calls over HTTPS, and announcements that are read from
 * Kafka. Knows the messages and nothing of what is done with them.
 */
@NullMarked
package io.capataz.agent.link;

import org.jspecify.annotations.NullMarked;
