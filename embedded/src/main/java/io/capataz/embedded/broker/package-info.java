/**
 * The embedded broker: a real Kafka node, broker and controller in one, on the loopback address.
 */
@NullMarked
package io.capataz.embedded.broker;

import org.jspecify.annotations.NullMarked;
