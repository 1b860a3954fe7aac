package io.capataz.supervisor.result;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** How long a caller wants to wait for the response: {@code Prefer: wait=20} (RFC 7240). */
public final class WaitPreference {

  /** The maximum wait. */
  static final Duration LONGEST = Duration.ofSeconds(60);

  private static final Pattern WAIT = Pattern.compile("wait\\s*=\\s*\"?(\\d{1,9})\"?\\s*(;.*)?");

  private WaitPreference() {}

  /** Parses the header; empty if it has no wait preference. Unknown preferences are ignored. */
  public static Optional<Duration> read(@Nullable String header) {
    if (header == null) {
      return Optional.empty();
    }
    for (var preference : header.toLowerCase(Locale.ROOT).split(",", -1)) {
      var form = WAIT.matcher(preference.strip());
      if (form.matches()) {
        var wish = Duration.ofSeconds(Long.parseLong(form.group(1)));
        return Optional.of(wish.compareTo(LONGEST) < 0 ? wish : LONGEST);
      }
    }
    return Optional.empty();
  }
}
