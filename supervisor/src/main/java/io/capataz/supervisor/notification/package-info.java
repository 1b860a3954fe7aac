/** Notifications: e-mail, entries of inboxes and webhooks, to members of the organization only. */
@ApplicationModule(allowedDependencies = {"access", "job", "member", "outbound", "task"})
@NullMarked
package io.capataz.supervisor.notification;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
