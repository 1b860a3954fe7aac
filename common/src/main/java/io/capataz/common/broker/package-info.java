/**
 * What supervisors and agents share as clients of a Kafka cluster: the file with further settings,
 * and a look at what its ports speak. Needs no library.
 */
@NullMarked
package io.capataz.common.broker;

import org.jspecify.annotations.NullMarked;
