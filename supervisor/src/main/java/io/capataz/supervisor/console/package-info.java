/**
 * The web console: pages for people, under {@code /console}.
 *
 * <p>A page has no way of its own to anything. Its controller calls routes of the API through
 * {@link io.capataz.supervisor.console.ConsoleApi}, inside this process, with the key of the person
 * who looks: the same guard, the same checks, the same audit log. So this package depends on no
 * feature, and what it can do, every client can.
 *
 * <p>To add a page:
 *
 * <ol>
 *   <li>a controller in this package, named {@code …PageController}, with a route under {@code
 *       /console/}, {@code @Allow(role = VIEWER, scope = SESSION_READ)} and
 *       {@code @Accepts(checksQuery = true)}; it asks {@code ConsoleApi} and puts records into the
 *       model
 *   <li>a template in {@code templates/console/<feature>/}, which fills the layout's fragments
 *   <li>its texts in {@code messages.properties} and {@code messages_es.properties}
 *   <li>a new look is first a row of {@code /console/components}
 * </ol>
 *
 * <p>Problems of the API become pages in {@link io.capataz.supervisor.console.ConsoleFilter}; a
 * form that shows them beside its fields reads them from the answer.
 */
@ApplicationModule(allowedDependencies = {"access"})
@NullMarked
package io.capataz.supervisor.console;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
