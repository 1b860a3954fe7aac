/**
 * Backup of a standalone Capataz, running or not, and restore into an empty folder. Neither leaves
 * something half done that could be taken for the whole, whenever it is killed.
 */
@NullMarked
package io.capataz.standalone.backup;

import org.jspecify.annotations.NullMarked;
