/** What Helm makes of the chart, checked without a cluster. */
@NullMarked
package io.capataz.helm;

import org.jspecify.annotations.NullMarked;
