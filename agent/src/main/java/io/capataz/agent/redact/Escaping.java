package io.capataz.agent.redact;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * How tools escape text, character by character. Tools differ in which characters they escape, so
 * each character may or may not be escaped, except letters and digits.
 *
 * <p>No variant of a character is a prefix of another one, so matching never has to backtrack.
 */
enum Escaping {
  PLAIN(""),

  /** In URLs and forms. */
  URL("%"),

  /** In JSON and source code, and by shells outside of quotes, in "..." and in $'...'. */
  BACKSLASH("\\"),

  /** By shells in '...', and in SQL and YAML, which double the quote. */
  QUOTED("'"),

  /** In XML and HTML. */
  XML("&");

  private final String neverPlain;

  /**
   * @param neverPlain the character that begins an escape, and so is always escaped itself
   */
  Escaping(String neverPlain) {
    this.neverPlain = neverPlain;
  }

  /** All variants of a character, as bytes. A line feed may be written as two characters. */
  byte[][] of(int character) {
    var variants = new LinkedHashSet<String>(variants(character));
    if (character == '\n') {
      for (var before : variants('\r')) {
        variants('\n').forEach(variant -> variants.add(before + variant));
      }
    }
    return variants.stream().map(variant -> variant.getBytes(ISO_8859_1)).toArray(byte[][]::new);
  }

  /** Whether the character is never escaped. */
  static boolean isLetterOrDigit(int character) {
    return (character >= 'a' && character <= 'z')
        || (character >= 'A' && character <= 'Z')
        || (character >= '0' && character <= '9');
  }

  private List<String> variants(int character) {
    Stream<String> plain =
        neverPlain.indexOf(character) < 0 ? Stream.of(utf8(character)) : Stream.of();
    Stream<String> escaped = isLetterOrDigit(character) ? Stream.of() : escaped(character);
    return Stream.concat(plain, escaped).toList();
  }

  private Stream<String> escaped(int character) {
    return switch (this) {
      case PLAIN -> Stream.of();
      case URL -> Stream.concat(plus(character), eachByte("%", character));
      case BACKSLASH ->
          Stream.of(
                  letter(character),
                  backslash(character),
                  octal(character),
                  eachByte("\\x", character),
                  utf16(character),
                  utf32(character),
                  codePoint("\\u{", character, "}"))
              .flatMap(variants -> variants);
      case QUOTED -> character == '\'' ? Stream.of("'\\''", "'\"'\"'", "''") : Stream.of();
      case XML ->
          Stream.of(
                  entity(character),
                  Stream.of("&#" + character + ";"),
                  codePoint("&#x", character, ";"))
              .flatMap(variants -> variants);
    };
  }

  /** The UTF-8 bytes of a character, each as one char. */
  private static String utf8(int character) {
    return new String(Character.toString(character).getBytes(UTF_8), ISO_8859_1);
  }

  private static Stream<String> plus(int character) {
    return character == ' ' ? Stream.of("+") : Stream.of();
  }

  private static Stream<String> letter(int character) {
    return switch (character) {
      case 0x07 -> Stream.of("\\a");
      case '\b' -> Stream.of("\\b");
      case '\t' -> Stream.of("\\t");
      case '\n' -> Stream.of("\\n");
      case 0x0b -> Stream.of("\\v");
      case '\f' -> Stream.of("\\f");
      case '\r' -> Stream.of("\\r");
      case 0x1b -> Stream.of("\\e", "\\E");
      default -> Stream.of();
    };
  }

  private static Stream<String> backslash(int character) {
    return character >= ' ' && character < 0x7f
        ? Stream.of("\\" + Character.toString(character))
        : Stream.of();
  }

  private static Stream<String> octal(int character) {
    return Stream.of(
        utf8(character)
            .chars()
            .mapToObj(b -> "\\" + (b >> 6) + (b >> 3 & 7) + (b & 7))
            .collect(Collectors.joining()));
  }

  private static Stream<String> entity(int character) {
    return switch (character) {
      case '&' -> Stream.of("&amp;");
      case '<' -> Stream.of("&lt;");
      case '>' -> Stream.of("&gt;");
      case '"' -> Stream.of("&quot;");
      case '\'' -> Stream.of("&apos;");
      default -> Stream.of();
    };
  }

  private static Stream<String> eachByte(String before, int character) {
    return inHex(
        hex ->
            utf8(character)
                .chars()
                .mapToObj(b -> before + hex.toHexDigits((byte) b))
                .collect(Collectors.joining()));
  }

  private static Stream<String> utf16(int character) {
    return inHex(
        hex ->
            Character.toString(character)
                .chars()
                .mapToObj(unit -> "\\u" + hex.toHexDigits((char) unit))
                .collect(Collectors.joining()));
  }

  private static Stream<String> utf32(int character) {
    return Character.isSupplementaryCodePoint(character)
        ? inHex(hex -> "\\U" + hex.toHexDigits(character))
        : Stream.of();
  }

  private static Stream<String> codePoint(String before, int character, String after) {
    return inHex(hex -> before + hex.toHexDigits(character).replaceFirst("^0+(?=.)", "") + after);
  }

  private static Stream<String> inHex(Function<HexFormat, String> written) {
    return Stream.of(HexFormat.of().withUpperCase(), HexFormat.of()).map(written);
  }
}
