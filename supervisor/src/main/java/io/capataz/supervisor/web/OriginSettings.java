package io.capataz.supervisor.web;

import java.util.List;
import java.util.regex.Pattern;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The origins whose pages may call this API from a browser: {@code capataz.web.*}.
 *
 * @param allowedOrigins each such as {@code https://intranet.example.org}, with the port if it is
 *     not the scheme's default; empty: only our own pages
 */
@ConfigurationProperties("capataz.web")
record OriginSettings(@DefaultValue List<String> allowedOrigins) {

  /** As browsers write it: lower case, no path, no trailing slash. */
  private static final Pattern ORIGIN =
      Pattern.compile("https?://(?:[a-z0-9.-]{1,253}|\\[[0-9a-f:.]{2,45}])(?::[0-9]{1,5})?");

  OriginSettings {
    allowedOrigins = List.copyOf(allowedOrigins);
    for (var origin : allowedOrigins) {
      if (!ORIGIN.matcher(origin).matches()) {
        throw new IllegalArgumentException(
            "capataz.web.allowed-origins must be origins such as https://intranet.example.org,"
                + " in lower"
                + " case and without a path, not '"
                + origin
                + "'. Wildcards are not supported.");
      }
    }
  }
}
