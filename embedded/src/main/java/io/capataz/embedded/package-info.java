/**
 * What {@code ./capataz standalone} and tests use in the place of a MongoDB and a Kafka: to
 * everything else they are two addresses like any others. Production has neither of them on its
 * class path.
 */
@NullMarked
package io.capataz.embedded;

import org.jspecify.annotations.NullMarked;
