/** Files and folders that are nobody else's. */
@NullMarked
package io.capataz.common.files;

import org.jspecify.annotations.NullMarked;
