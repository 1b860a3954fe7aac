package io.capataz.supervisor.client;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The libraries that are open to everybody: {@code capataz.direct-access.*}.
 *
 * @param libraries each as {@code ORGANIZATION/LIBRARY}; anyone who reaches the supervisor may
 *     start their tasks and read the results whose ids they know. Empty: none
 */
@ConfigurationProperties("capataz.direct-access")
record DirectAccessSettings(@DefaultValue List<String> libraries) {

  private static final Pattern FORM = Pattern.compile("[^/\\s]{1,100}/[A-Za-z_][A-Za-z0-9_]{0,99}");

  DirectAccessSettings {
    libraries = List.copyOf(libraries);
    var names = new HashSet<String>();
    for (var library : libraries) {
      if (!FORM.matcher(library).matches() || !names.add(nameOf(library))) {
        throw new IllegalArgumentException(
            "capataz.direct-access.libraries must be ORGANIZATION/LIBRARY, with commas between them"
                + " and each library's name once, not '"
                + library
                + "'.");
      }
    }
  }

  /** The organization whose library of that name is open; empty if none is. */
  Optional<String> organizationOf(String library) {
    return libraries.stream()
        .filter(it -> nameOf(it).equals(library))
        .map(it -> it.substring(0, it.indexOf('/')))
        .findFirst();
  }

  private static String nameOf(String library) {
    return library.substring(library.indexOf('/') + 1);
  }
}
