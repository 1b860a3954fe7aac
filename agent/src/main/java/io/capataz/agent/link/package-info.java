/**
 * Communication with the supervisor: calls over HTTPS, and announcements read from Kafka. Knows the
 * messages, not what is done with them.
 */
@NullMarked
package io.capataz.agent.link;

import org.jspecify.annotations.NullMarked;
