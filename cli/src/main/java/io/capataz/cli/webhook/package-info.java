/** Commands for webhooks. */
@NullMarked
package io.capataz.cli.webhook;

import org.jspecify.annotations.NullMarked;
