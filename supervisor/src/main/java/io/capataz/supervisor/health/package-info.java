/** Whether this supervisor is alive and ready, for whoever starts and watches it. */
@NullMarked
package io.capataz.supervisor.health;

import org.jspecify.annotations.NullMarked;
