/** Proofs of the embedded store: what it answers, what it survives, and how much it reads. */
@NullMarked
package io.capataz.embedded.store;

import org.jspecify.annotations.NullMarked;
