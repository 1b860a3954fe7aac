package io.capataz.common.planted;

import org.assertj.core.api.Assertions;

/** Breaks a rule on purpose; see ArchitectureTest. */
final class UsesALibrary extends Assertions {}
