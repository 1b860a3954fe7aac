/** From READY to an agent and back: announcing, claiming, what agents report. */
@NullMarked
package io.capataz.supervisor.dispatch;

import org.jspecify.annotations.NullMarked;
