package io.capataz.agent.redact;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The forms in which secrets may be printed. White space around a secret is ignored: a secret from
 * a file often ends with a line feed that is not printed.
 *
 * <p>Long secrets are split into pieces, so that at most a few thousand bytes must be examined to
 * decide about one of them. Together the pieces cover the whole secret.
 */
final class SecretForms {

  /** Minimum length in bytes of a line of a secret to be redacted on its own. */
  static final int SHORTEST_LINE = 8;

  /** Maximum length of a form in characters. */
  static final int PIECE = 512;

  private final List<SecretForm> forms = new ArrayList<>();
  private final Set<String> known = new HashSet<>();

  private SecretForms() {}

  /** All forms of the secrets that are long enough. */
  static List<SecretForm> of(Collection<String> secrets) {
    var found = new SecretForms();
    for (var secret : secrets) {
      var bare = secret.strip();
      var text = bare.replace("\r\n", "\n");
      if (length(text) >= SecretForm.SHORTEST) {
        found.addText(text.codePoints().toArray());
        found.addHex(bare.getBytes(UTF_8));
        // A digit may contain bits of the secret and of the white space around it.
        found.addBase64(bare.getBytes(UTF_8));
        found.addBase64(secret.getBytes(UTF_8));
      }
    }
    return found.forms;
  }

  private static int length(String text) {
    return text.getBytes(UTF_8).length;
  }

  /** Adds the text in each escaping that makes a difference, as a whole and line by line. */
  private void addText(int[] text) {
    boolean simple = Arrays.stream(text).allMatch(Escaping::isLetterOrDigit);
    for (var escaping : Escaping.values()) {
      boolean differs =
          switch (escaping) {
            case PLAIN -> simple || contains(text, '%');
            case QUOTED -> contains(text, '\'');
            case URL, BACKSLASH, XML -> !simple;
          };
      if (differs) {
        var escaped = new EscapedText(text, escaping::of, escaping::of);
        add(escaping.name(), text, escaped, 0, text.length);
        addLines(escaping.name(), text, escaped);
      }
    }
  }

  private static boolean contains(int[] text, char character) {
    return Arrays.stream(text).anyMatch(c -> c == character);
  }

  private void addLines(String kind, int[] text, EscapedText escaped) {
    int start = 0;
    for (int i = 0; i <= text.length; i++) {
      if (i == text.length || text[i] == '\n' || text[i] == '\r') {
        addLine(kind, text, escaped, start, i);
        start = i + 1;
      }
    }
  }

  private void addLine(String kind, int[] text, EscapedText escaped, int start, int lineEnd) {
    int from = start;
    int to = lineEnd;
    while (from < to && Character.isWhitespace(text[from])) {
      from++;
    }
    while (from < to && Character.isWhitespace(text[to - 1])) {
      to--;
    }
    if (length(new String(text, from, to - from)) >= SHORTEST_LINE) {
      add(kind, text, escaped, from, to);
    }
  }

  private void addHex(byte[] secret) {
    var digits = HexFormat.of().formatHex(secret).chars().toArray();
    var escaped =
        new EscapedText(
            digits,
            digit -> bytes(inEitherCase(digit)),
            digit -> bytes(afterLineEnd(inEitherCase(digit))));
    add("hex", digits, escaped, 0, digits.length);
  }

  private void addBase64(byte[] secret) {
    for (int before = 0; before < 3; before++) {
      var longer = new byte[before + secret.length];
      System.arraycopy(secret, 0, longer, before, secret.length);
      var encoded = Base64.getEncoder().withoutPadding().encodeToString(longer);
      // Leaves out digits that contain bits of bytes before the secret; in the first form also the
      // one that would contain bits of bytes after it. At the end of the data that digit belongs to
      // the secret alone.
      var digits = encoded.substring(before == 0 ? 0 : before + 1).chars().toArray();
      int shared = longer.length % 3 == 0 ? 0 : 1;
      var escaped =
          new EscapedText(
              digits,
              digit -> bytes(inEitherAlphabet(digit)),
              digit -> bytes(afterLineEnd(inEitherAlphabet(digit))));
      add("base64", digits, escaped, 0, digits.length - shared);
      add("base64", digits, escaped, 0, digits.length);
    }
  }

  private static Stream<String> inEitherCase(int digit) {
    return Stream.of(Character.toString(digit), Character.toString(Character.toUpperCase(digit)))
        .distinct();
  }

  private static Stream<String> inEitherAlphabet(int digit) {
    return switch (digit) {
      case '+' -> Stream.of("+", "-");
      case '/' -> Stream.of("/", "_");
      default -> Stream.of(Character.toString(digit));
    };
  }

  /** Tools break digits into lines of various lengths. */
  private static Stream<String> afterLineEnd(Stream<String> variants) {
    return variants.flatMap(variant -> Stream.of(variant, "\n" + variant, "\r\n" + variant));
  }

  private static byte[][] bytes(Stream<String> variants) {
    return variants.map(variant -> variant.getBytes(UTF_8)).toArray(byte[][]::new);
  }

  /**
   * Adds a form, split into pieces. The last piece overlaps the one before it, so that none is too
   * short.
   */
  private void add(String kind, int[] text, EscapedText escaped, int from, int to) {
    for (int at = from; at < to; at += PIECE) {
      int end = Math.min(at + PIECE, to);
      int start = Math.max(from, end - PIECE);
      if (known.add(kind + " " + new String(text, start, end - start))) {
        forms.add(new SecretForm(escaped, start, end));
      }
    }
  }
}
