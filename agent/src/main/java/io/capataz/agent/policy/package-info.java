/** What the people of this host let the supervisor run on it. The host has the last word. */
@NullMarked
package io.capataz.agent.policy;

import org.jspecify.annotations.NullMarked;
