package io.capataz.supervisor.task;

import io.capataz.supervisor.web.FieldReader;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads a {@code callback_url}: an https or http URL, or an e-mail address (seed 001). Whether it
 * may be called is decided when it is.
 */
public final class CallbackUrl {

  private static final int LONGEST = 2_000;

  private static final Pattern EMAIL =
      Pattern.compile("[\\x21-\\x7e&&[^@:,;<>\"\\\\()/]]{1,64}@[A-Za-z0-9][A-Za-z0-9.-]{0,179}");

  private CallbackUrl() {}

  /** Reads the field; an empty string counts as absent. */
  public static Optional<String> read(FieldReader fields, String name) {
    var sent = fields.textOrNothing(name, LONGEST);
    var flaw = sent.map(CallbackUrl::flaw);
    flaw.ifPresent(why -> fields.wrong(name, "wrong_form", why));
    return flaw.isPresent() ? Optional.empty() : sent;
  }

  /** Whether it is an e-mail address. */
  public static boolean isEmail(String target) {
    return EMAIL.matcher(target).matches();
  }

  /** Why it is neither; null: it is one. */
  public static @Nullable String flaw(String target) {
    if (isEmail(target)) {
      return null;
    }
    try {
      return flaw(new URI(target));
    } catch (URISyntaxException malformed) {
      return "must be a URL such as https://example.org/path, or an e-mail address.";
    }
  }

  private static @Nullable String flaw(URI uri) {
    var scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
    if (!scheme.equals("https") && !scheme.equals("http")) {
      return "must begin with https://, or be an e-mail address.";
    }
    if (uri.getHost() == null) {
      return "must contain a host.";
    }
    return uri.getRawUserInfo() != null || uri.getRawFragment() != null
        ? "must contain no user, no password and no fragment."
        : null;
  }
}
