package io.capataz.agent.redact;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.testing.Missing;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RedactorTest {

  /** A secret that is as hard to match as possible. */
  private static final List<String> SECRETS =
      List.of(
          "hunter22",
          "p@ss w\\o'rd$1!",
          "https://user:pw@host/x?y=1&z=2#3",
          "pässwörd-ñ-€-😀-é",
          "s3cr3t/+==",
          "\"q\"&<x>'y'",
          "'begins and ends with quotes'",
          "back\\slash\\\\and \\two",
          "100%25 sure%",
          "tab\there \u001b[0m \u007f \u0001",
          "two\nlines of 'it'\n\nthe fourth \"one\"",
          "`id` $(id) ${x} !! ~ # * ? [a] {b,c}; d | e",
          "-begins with a dash",
          "ends with a \\",
          "~ok, nobody^knows",
          key(new Random(1), 1800));

  private static String key(Random random, int length) {
    var key = new StringBuilder("-----BEGIN RSA PRIVATE KEY-----\n");
    while (key.length() < length) {
      var line = new byte[48];
      random.nextBytes(line);
      key.append(Base64.getEncoder().encodeToString(line)).append('\n');
    }
    return key.append("-----END RSA PRIVATE KEY-----").toString();
  }

  private static String hidden(Redactor redactor, String printed) {
    return new String(hidden(redactor, printed.getBytes(UTF_8)), UTF_8);
  }

  private static byte[] hidden(Redactor redactor, byte[] printed) {
    var bytes = printed.clone();
    redactor.redact(bytes, bytes.length);
    return bytes;
  }

  private static String hidden(String secret, String printed) {
    return hidden(Redactor.of(List.of(secret)), printed);
  }

  private static String stars(int count) {
    return "*".repeat(count);
  }

  @Test
  void overwrites_a_secret_byte_by_byte() {
    assertThat(hidden("hunter22", "pw=hunter22;hunter2;xhunter22x"))
        .isEqualTo("pw=********;hunter2;x********x");
    assertThat(hidden("año ñu", "<año ñu>")).as("bytes, not characters").isEqualTo("<********>");
  }

  @Test
  void secrets_may_overlap() {
    assertThat(hidden("aaaa", "aaa aaaa aaaaaaa")).isEqualTo("aaa **** *******");
    assertThat(hidden("abab", "xababab")).isEqualTo("x******");
    assertThat(hidden(Redactor.of(List.of("abcd", "cdef", "bc__")), "abcdef abc__f"))
        .isEqualTo("****** a****f");
    assertThat(hidden(Redactor.of(List.of("secret", "secret-and-more")), "secret-and-more secret"))
        .isEqualTo("*************** ******");
  }

  @Test
  void looks_at_no_more_than_it_is_given() {
    var bytes = "hunter22 hunter22".getBytes(UTF_8);
    Redactor.of(List.of("hunter22")).redact(bytes, 16);
    assertThat(new String(bytes, UTF_8)).isEqualTo("******** hunter22");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "   ", "abc", "ñ1", " abc\n", "\n\n\n\n", "        "})
  void what_is_short_is_not_hidden(String secret) {
    var redactor = Redactor.of(List.of(secret));
    assertThat(redactor.isIdle()).isTrue();
    assertThat(redactor.reach()).isZero();
    assertThat(redactor.pendingBytes("abc".getBytes(UTF_8), 3)).isZero();
    assertThat(hidden(redactor, "abc  ñ1  \n\n\n\n")).isEqualTo("abc  ñ1  \n\n\n\n");
  }

  @Test
  void is_not_idle_with_one_secret() {
    assertThat(Redactor.of(List.of()).isIdle()).isTrue();
    assertThat(Redactor.of(List.of("a", "abcd")).isIdle()).isFalse();
    assertThat(Redactor.of(List.of("ññ")).isIdle()).as("four bytes").isFalse();
  }

  @Test
  void white_space_around_a_secret_does_not_count() {
    assertThat(hidden("hunter2\n", "hunter2 and\thunter2\n")).isEqualTo("******* and\t*******\n");
    assertThat(hidden("\t hunter2\r\n", "hunter2")).isEqualTo("*******");
    var encoded = Base64.getEncoder().encodeToString("hunter2\n".getBytes(UTF_8));
    assertThat(hidden("hunter2\n", encoded)).as("encoded with it").matches("\\*+=*");
  }

  @Test
  void a_line_of_a_secret_is_a_secret() {
    var secret = "first line\n  second line\nshort\n\nlast line";
    assertThat(hidden(secret, "> second line\r\n> short\r\n> last line"))
        .isEqualTo("> ***********\r\n> short\r\n> *********");
    assertThat(hidden(secret, secret)).isEqualTo(stars(secret.length()));
    var printed = secret.replace("\n", "\r\n");
    assertThat(hidden(secret, printed)).isEqualTo(stars(printed.length()));
    assertThat(hidden(printed, secret)).isEqualTo(stars(secret.length()));
    assertThat(hidden(printed, printed)).isEqualTo(stars(printed.length()));
    assertThat(hidden("it's\rfirst line", "'first line'")).isEqualTo("'**********'");
    assertThat(hidden("1 < 2 &&\n3 > 2 is so", "<p>3 &gt; 2 is so</p>"))
        .isEqualTo("<p>**************</p>");
  }

  @Test
  void a_long_secret_is_found_in_pieces() {
    var random = new Random(2);
    var secret = new StringBuilder();
    while (secret.length() < 5000) {
      secret.append(Long.toString(random.nextLong() >>> 1, 36)).append("/&");
    }
    var redactor = Redactor.of(List.of(secret.toString()));
    assertThat(redactor.reach()).isLessThan(8 * SecretForms.PIECE);
    assertThat(hidden(redactor, "<" + secret + ">")).isEqualTo("<" + stars(secret.length()) + ">");
    var inUrl = URLEncoder.encode(secret.toString(), UTF_8);
    assertThat(hidden(redactor, "<" + inUrl + ">")).isEqualTo("<" + stars(inUrl.length()) + ">");
    var bytes = secret.toString().getBytes(UTF_8);
    assertThat(hidden(redactor, Base64.getEncoder().encodeToString(bytes))).matches("\\*+=*");
    assertThat(hidden(redactor, Base64.getMimeEncoder().encodeToString(bytes))).matches("\\*+=*");
    assertThat(hidden(redactor, HexFormat.of().formatHex(bytes))).matches("\\*+");
    assertThat(hidden(redactor, secret.substring(0, SecretForms.PIECE - 1)))
        .isEqualTo(secret.substring(0, SecretForms.PIECE - 1));
  }

  /** Whatever stands before and after it, and however long the lines are. */
  @ParameterizedTest
  @CsvSource({"4", "5", "6", "7", "8", "40", "700"})
  void is_found_in_a_longer_base64_text(int length) {
    var random = new Random(length);
    for (int round = 0; round < 60; round++) {
      var secret = token(random, length);
      var before = new byte[random.nextInt(20)];
      var after = new byte[random.nextInt(20)];
      random.nextBytes(before);
      random.nextBytes(after);
      var all = concat(before, secret.getBytes(UTF_8), after);
      Base64.Encoder encoder =
          switch (round % 6) {
            case 0 -> Base64.getEncoder();
            case 1 -> Base64.getUrlEncoder();
            case 2 -> Base64.getEncoder().withoutPadding();
            case 3 -> Base64.getMimeEncoder();
            case 4 -> Base64.getMimeEncoder(64, new byte[] {'\n'});
            default -> Base64.getMimeEncoder(4, new byte[] {'\n'});
          };
      var encoded = encoder.encodeToString(all);
      var result = hidden(secret, encoded);

      int first = (before.length * 8 + 5) / 6;
      int shared = (before.length + length) * 8 % 6;
      int last = (before.length + length) * 8 / 6;
      int digit = 0;
      for (int i = 0; i < encoded.length(); i++) {
        if (encoded.charAt(i) == '\r' || encoded.charAt(i) == '\n' || encoded.charAt(i) == '=') {
          continue;
        }
        boolean mustGo = digit >= first && (digit < last || (digit == last && after.length == 0));
        // The bytes that follow may be the same as none.
        boolean mayGo = digit == last && shared > 0 && digit >= first;
        if (mustGo || !mayGo) {
          assertThat(result.charAt(i))
              .as("digit %s of %s, of which %s remains", digit, encoded, result)
              .isEqualTo(mustGo ? '*' : encoded.charAt(i));
        }
        digit++;
      }
    }
  }

  @Test
  void is_found_as_it_is_written_by_java() {
    for (var secret : SECRETS) {
      assertThat(hidden(secret, "?a=" + URLEncoder.encode(secret, UTF_8) + "&b="))
          .matches("\\?a=\\*+&b=");
      var bytes = secret.getBytes(UTF_8);
      assertThat(hidden(secret, "x " + HexFormat.of().withUpperCase().formatHex(bytes) + " y"))
          .matches("x \\*+ y");
    }
  }

  /** A program that reads secrets, each followed by a zero byte, and writes each in its way. */
  record Tool(String name, List<String> command, String becomes) {

    static Tool shell(String name, String command, String becomes) {
      return new Tool(
          name,
          List.of(
              "bash", "-c", "while IFS= read -r -d '' S; do " + command + "; printf '\\0'; done"),
          becomes);
    }

    static Tool python(String imports, String expression, String becomes) {
      var program =
          """
          import sys, %s
          for s in sys.stdin.buffer.read().decode().split('\\0')[:-1]:
            r = %s
            sys.stdout.buffer.write((r if isinstance(r, bytes) else r.encode()) + b'\\0')
          """
              .formatted(imports, expression);
      return new Tool("python3: " + expression, List.of("python3", "-c", program), becomes);
    }

    static Tool node(String expression, String becomes) {
      var program =
          """
          for (const s of require('fs').readFileSync(0, 'utf8').split('\\0').slice(0, -1))
            process.stdout.write(%s + '\\0')
          """
              .formatted(expression);
      return new Tool("node: " + expression, List.of("node", "-e", program), becomes);
    }

    static Tool jq(String filter, String becomes) {
      return shell("jq " + filter, "printf %s \"$S\" | jq -Rsj " + filter, becomes);
    }

    /** The first word of a shell command that is not part of the shell. */
    String program() {
      return name.replaceFirst("[ :].*", "");
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private static Stream<Tool> tools() {
    var word = "\\*+|'\\*+'|\"\\*+\"|\\$'\\*+'";
    var base64 = "\\*+=*\n?";
    return Stream.of(
        Tool.shell("bash printf", "printf %s \"$S\"", "\\*+"),
        Tool.shell("bash printf %q", "printf %q \"$S\"", word),
        Tool.shell("bash @Q", "printf %s \"${S@Q}\"", word),
        Tool.shell("bash declare -p", "declare -p S", "declare -- S=(" + word + ")\n"),
        Tool.shell("bash -x", "(exec 2>&1; set -x; : \"$S\")", "\\+ : (" + word + ")\n"),
        Tool.shell("bash -x, assigned", "(exec 2>&1; set -x; a=$S)", "\\+ a=(" + word + ")\n"),
        Tool.shell("dash -x", "dash -xc ': \"$1\"' dash \"$S\" 2>&1", "\\+ : (" + word + ")\n"),
        Tool.shell("base64", "printf %s \"$S\" | base64", base64),
        Tool.shell("base64 -w0", "printf %s \"$S\" | base64 -w0", base64),
        Tool.shell("base64 -w19", "printf %s \"$S\" | base64 -w19", "\\*+\n?=?\n?=?\n?"),
        Tool.shell("base64 of a here-string", "base64 -w0 <<< \"$S\"", "\\*+\\w{0,2}=*"),
        Tool.shell("openssl base64", "printf %s \"$S\" | openssl base64", base64),
        Tool.shell("xxd -p", "printf %s \"$S\" | xxd -p", "\\*+\n"),
        Tool.shell("xxd -p -u", "printf %s \"$S\" | xxd -p -u", "\\*+\n"),
        Tool.python("shlex", "shlex.quote(s)", word),
        Tool.python("json", "json.dumps(s)", "\"\\*+\""),
        Tool.python("json", "json.dumps(s, ensure_ascii=False)", "\"\\*+\""),
        Tool.python(
            "json", "json.dumps({'a': [s]}, indent=2)", "\\{\\s+\"a\": \\[\\s+\"\\*+\"\\s+]\\s+}"),
        Tool.python("builtins", "repr(s)", word),
        Tool.python("builtins", "repr(s.encode())", "b(" + word + ")"),
        Tool.python("urllib.parse", "urllib.parse.quote(s)", "\\*+"),
        Tool.python("urllib.parse", "urllib.parse.quote(s, safe='')", "\\*+"),
        Tool.python("urllib.parse", "urllib.parse.quote_plus(s)", "\\*+"),
        Tool.python("urllib.parse", "urllib.parse.urlencode({'s': s})", "s=\\*+"),
        Tool.python("html", "html.escape(s)", "\\*+"),
        Tool.python("xml.sax.saxutils", "xml.sax.saxutils.quoteattr(s)", word),
        Tool.python("base64", "base64.b64encode(s.encode())", base64),
        Tool.python("base64", "base64.urlsafe_b64encode(s.encode())", base64),
        Tool.python("base64", "base64.encodebytes(s.encode())", base64),
        Tool.python("base64", "base64.b64encode(b'user:' + s.encode())", "dXNlcj.\\*+=*"),
        Tool.python("binascii", "binascii.hexlify(s.encode())", "\\*+"),
        Tool.node("JSON.stringify(s)", "\"\\*+\""),
        Tool.node("encodeURI(s)", "\\*+"),
        Tool.node("encodeURIComponent(s)", "\\*+"),
        Tool.node("new URLSearchParams({s})", "s=\\*+"),
        Tool.node("Buffer.from(s).toString('base64url')", "\\*+"),
        Tool.jq(".", "\\*+"),
        Tool.jq("@json", "\"\\*+\""),
        Tool.jq("'[.]' -a", "\\[\\s*\"\\*+\"\\s*]"),
        Tool.jq("@uri", "\\*+"),
        Tool.jq("@html", "\\*+"),
        Tool.jq("@sh", "'\\*+'"),
        Tool.jq("@base64", base64));
  }

  @ParameterizedTest
  @MethodSource("tools")
  void is_found_as_tools_write_it(Tool tool, @TempDir Path folder) throws Exception {
    for (String program : List.of(tool.program(), tool.command().getFirst())) {
      Missing.unless(isThere(program), "there is no " + program + " here");
    }
    var input = folder.resolve("secrets");
    Files.writeString(input, String.join("\0", SECRETS) + "\0");
    var locales = tool.program().equals("bash") ? List.of("C", "C.UTF-8") : List.of("C.UTF-8");
    for (var locale : locales) {
      var written = run(tool.command(), locale, input);
      assertThat(written).hasSameSizeAs(SECRETS);
      for (int i = 0; i < SECRETS.size(); i++) {
        var result =
            new String(
                hidden(Redactor.of(List.of(SECRETS.get(i))), written.get(i).getBytes(ISO_8859_1)),
                ISO_8859_1);
        assertThat(result)
            .as("%s wrote, in %s, %s", tool, locale, written.get(i))
            .matches(Pattern.compile(tool.becomes()));
      }
    }
  }

  private static boolean isThere(String program) {
    return Stream.of(System.getenv("PATH").split(":", -1))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
  }

  private static List<String> run(List<String> command, String locale, Path input)
      throws IOException, InterruptedException {
    var builder =
        new ProcessBuilder(command)
            .redirectInput(input.toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().put("LC_ALL", locale);
    var process = builder.start();
    var written = new String(process.getInputStream().readAllBytes(), ISO_8859_1);
    assertThat(process.waitFor()).as("exit code of %s", command).isZero();
    return List.of(written.substring(0, written.length() - 1).split("\0", -1));
  }

  @Test
  void says_how_much_may_be_the_beginning_of_a_secret() {
    var redactor = Redactor.of(List.of("hunter22", "p w"));
    for (var end : List.of("", "h", "hu", "hun", "hunt", "hunter", "hunter2")) {
      assertThat(pendingBytes(redactor, "text " + end)).isEqualTo(end.length());
      assertThat(pendingBytes(redactor, end)).isEqualTo(end.length());
    }
    assertThat(pendingBytes(redactor, "hunter22")).isZero();
    assertThat(pendingBytes(redactor, "hunter22h")).isEqualTo(1);
    assertThat(pendingBytes(redactor, "hunterh")).isEqualTo(1);
    assertThat(pendingBytes(redactor, "text hunterx")).isZero();
    assertThat(pendingBytes(Redactor.of(List.of("abcdefg", "defghij")), "abcdefg")).isEqualTo(4);
    assertThat(pendingBytes(Redactor.of(List.of("first line\nsecond")), "first line\r"))
        .isEqualTo(11);
    var encoded = Base64.getEncoder().encodeToString("hunter22".getBytes(UTF_8));
    assertThat(pendingBytes(redactor, encoded.substring(0, 6) + "\n")).isEqualTo(7);
    assertThat(pendingBytes(redactor, "68756")).isEqualTo(5);
  }

  @Test
  void its_reach_is_all_that_has_to_be_known() {
    var secret = "hunter22";
    var longest =
        String.join("\r\n", HexFormat.of().formatHex(secret.getBytes(UTF_8)).split("", -1));
    var stream = ("text " + longest.strip() + " text").getBytes(UTF_8);
    var redactor = Redactor.of(List.of(secret));
    var whole = hidden(redactor, stream);
    assertThat(whole).contains('*');
    for (int reach = redactor.reach(); reach >= redactor.reach() - 1; reach--) {
      var byteByByte = new byte[stream.length];
      for (int i = 0; i < stream.length; i++) {
        int from = Math.max(0, i - reach);
        var window = Arrays.copyOfRange(stream, from, Math.min(stream.length, i + reach + 1));
        byteByByte[i] = hidden(redactor, window)[i - from];
      }
      assertThat(Arrays.equals(byteByByte, whole)).isEqualTo(reach == redactor.reach());
    }
  }

  private static int pendingBytes(Redactor redactor, String printed) {
    var bytes = printed.getBytes(UTF_8);
    return redactor.pendingBytes(bytes, bytes.length);
  }

  /**
   * Simulates how the agent reads a growing file: from time to time it reads new bytes with their
   * context, and sends what is decided.
   */
  private static byte[] ship(Redactor redactor, byte[] stream, Random random) {
    var sent = new ByteArrayOutputStream();
    int step = 2 + random.nextInt(400);
    int printed = 0;
    int offset = 0;
    while (offset < stream.length) {
      printed = Math.min(stream.length, printed + random.nextInt(step));
      int wanted = Math.min(printed, offset + 1 + random.nextInt(step));
      int from = Math.max(0, offset - redactor.reach());
      int to = Math.min(printed, wanted + redactor.reach());
      var window = Arrays.copyOfRange(stream, from, to);
      int pending = to == stream.length ? 0 : redactor.pendingBytes(window, window.length);
      redactor.redact(window, window.length);
      int end = Math.min(wanted, to - pending);
      if (offset < end) {
        sent.write(window, offset - from, end - offset);
        offset = end;
      }
    }
    return sent.toByteArray();
  }

  /** Ways a stream may contain a secret; escaping by tools is tested above. */
  private static final List<UnaryOperator<String>> FORMS =
      List.of(
          s -> s,
          s -> s.replace("\n", "\r\n"),
          s -> URLEncoder.encode(s, UTF_8),
          s -> URLEncoder.encode(s, UTF_8).replace("+", "%20"),
          s -> s.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n"),
          s -> s.replace("'", "'\\''"),
          s -> s.replace("'", "'\"'\"'"),
          s -> s.replace("&", "&amp;").replace("<", "&lt;").replace("'", "&#39;"),
          s -> HexFormat.of().formatHex(s.getBytes(UTF_8)),
          s -> Base64.getEncoder().encodeToString(s.getBytes(UTF_8)),
          s -> Base64.getUrlEncoder().encodeToString(s.getBytes(UTF_8)),
          s -> Base64.getMimeEncoder(20, new byte[] {'\n'}).encodeToString(s.getBytes(UTF_8)));

  @Test
  void how_a_stream_is_cut_makes_no_difference() {
    for (int seed = 0; seed < 150; seed++) {
      var random = new Random(seed);
      var secrets = new ArrayList<String>();
      for (int i = 1 + random.nextInt(5); i > 0; i--) {
        secrets.add(token(random, 10 + random.nextInt(random.nextInt(20) == 0 ? 1500 : 40)));
      }
      var redactor = Redactor.of(secrets);
      var printed = new ByteArrayOutputStream();
      var expected = new ByteArrayOutputStream();
      for (int i = random.nextInt(40); i > 0; i--) {
        var secret = secrets.get(random.nextInt(secrets.size()));
        var form = FORMS.get(random.nextInt(FORMS.size())).apply(secret);
        var bytes = form.getBytes(UTF_8);
        switch (random.nextInt(4)) {
          case 0 -> {
            // Half of a secret is none. The byte after it is in no secret.
            var half = Arrays.copyOf(bytes, Math.min(bytes.length / 2, SecretForms.PIECE) - 1);
            both(printed, expected, concat(half, new byte[] {1}));
          }
          case 1 -> {
            var noise = new byte[random.nextInt(300)];
            random.nextBytes(noise);
            both(printed, expected, noise);
          }
          default -> {
            printed.writeBytes(bytes);
            expected.writeBytes(form.replaceAll("[^=]", "*").getBytes(UTF_8));
          }
        }
      }
      var stream = printed.toByteArray();
      var whole = hidden(redactor, stream);
      assertThat(new String(whole, ISO_8859_1))
          .as("seed %s", seed)
          .isEqualTo(expected.toString(ISO_8859_1));
      assertThat(ship(redactor, stream, random)).as("seed %s", seed).isEqualTo(whole);
    }
  }

  private static void both(ByteArrayOutputStream one, ByteArrayOutputStream other, byte[] bytes) {
    one.writeBytes(bytes);
    other.writeBytes(bytes);
  }

  private static String token(Random random, int length) {
    var characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'\"\\%&< /+";
    var token = new StringBuilder();
    while (token.length() < length) {
      token.append(characters.charAt(random.nextInt(characters.length())));
    }
    return token.toString().replaceAll("^\\s|\\s$", "x");
  }

  private static byte[] concat(byte[]... parts) {
    var all = new ByteArrayOutputStream();
    for (var part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  /** Variants of a few characters that are hard to tell apart, by escaping. */
  private static final List<Map<Character, List<String>>> WAYS =
      List.of(
          Map.of(),
          Map.of(
              '\\', List.of("\\", "%5C", "%5c"),
              '\'', List.of("'", "%27"),
              '%', List.of("%25"),
              ' ', List.of(" ", "+", "%20")),
          Map.of(
              '\\',
                  List.of(
                      "\\\\", "\\134", "\\x5C", "\\x5c", "\\u005C", "\\u005c", "\\u{5c}",
                      "\\u{5C}"),
              '\'', List.of("'", "\\'", "\\047", "\\x27", "\\u0027", "\\u{27}"),
              '%', List.of("%", "\\%", "\\045", "\\x25", "\\u0025", "\\u{25}"),
              ' ', List.of(" ", "\\ ", "\\040", "\\x20", "\\u0020", "\\u{20}")),
          Map.of('\'', List.of("'\\''", "'\"'\"'", "''")),
          Map.of(
              '\\', List.of("\\", "&#92;", "&#x5c;", "&#x5C;"),
              '\'', List.of("'", "&apos;", "&#39;", "&#x27;"),
              '%', List.of("%", "&#37;", "&#x25;"),
              ' ', List.of(" ", "&#32;", "&#x20;")));

  private static final Map<Character, List<String>> HEX_WAYS =
      Map.of(
          'a', List.of("a", "A"),
          'b', List.of("b", "B"),
          'c', List.of("c", "C"),
          'd', List.of("d", "D"),
          'e', List.of("e", "E"),
          'f', List.of("f", "F"));

  /** A secret or its digits, with the variants of some of its characters. */
  private record Written(String text, Map<Character, List<String>> variants) {

    static Stream<Written> all(String secret) {
      var bytes = secret.getBytes(UTF_8);
      var texts = WAYS.stream().map(variants -> new Written(secret, variants));
      var hex = Stream.of(new Written(HexFormat.of().formatHex(bytes), HEX_WAYS));
      Stream<Written> base64 =
          Stream.of("", "x", "xx")
              .map(before -> concat(before.getBytes(UTF_8), bytes))
              .map(all -> Base64.getEncoder().withoutPadding().encodeToString(all))
              // Where the digits contain no bits of bytes before the secret.
              .map(digits -> digits.replaceFirst("^eH[g-j]|^e[A-P]", ""))
              .map(digits -> new Written(digits, Map.of()));
      return Stream.of(texts, hex, base64).flatMap(forms -> forms);
    }
  }

  /** Finds secrets with the simplest algorithm, as a reference. */
  private record Naive(List<Written> forms) {

    static Naive of(Collection<String> secrets) {
      return new Naive(secrets.stream().flatMap(Written::all).toList());
    }

    String hide(String printed) {
      boolean[] hidden = new boolean[printed.length()];
      for (int start = 0; start < printed.length(); start++) {
        for (var form : forms) {
          for (int end : ends(form, printed, start)) {
            Arrays.fill(hidden, start, end, true);
          }
        }
      }
      var result = new StringBuilder();
      for (int i = 0; i < hidden.length; i++) {
        result.append(hidden[i] ? '*' : printed.charAt(i));
      }
      return result.toString();
    }

    int pendingBytes(String printed) {
      for (int start = 0; start < printed.length(); start++) {
        for (var form : forms) {
          if (canBecome(form.text(), form.variants(), printed.substring(start))) {
            return printed.length() - start;
          }
        }
      }
      return 0;
    }

    private static List<Integer> ends(Written form, String printed, int start) {
      var ends = List.of(start);
      for (int i = 0; i < form.text().length(); i++) {
        char c = form.text().charAt(i);
        var next = new ArrayList<Integer>();
        for (int at : ends) {
          for (var variant : form.variants().getOrDefault(c, List.of(String.valueOf(c)))) {
            if (printed.startsWith(variant, at)) {
              next.add(at + variant.length());
            }
          }
        }
        ends = next;
      }
      return ends;
    }

    private static boolean canBecome(
        String secret, Map<Character, List<String>> variants, String printed) {
      if (secret.isEmpty()) {
        return false;
      }
      for (var variant : variants.getOrDefault(secret.charAt(0), List.of(secret.substring(0, 1)))) {
        if (variant.startsWith(printed)
            && (variant.length() > printed.length() || secret.length() > 1)) {
          return true;
        }
        if (printed.startsWith(variant)
            && canBecome(secret.substring(1), variants, printed.substring(variant.length()))) {
          return true;
        }
      }
      return false;
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"ab", "abc", "a\\'", "a% ", "\\'%a ", "\\", "'"})
  void finds_what_a_simple_search_finds(String alphabet) {
    var pieces = new ArrayList<String>(List.of("a", "*", "\\", "\"", "0", "%", "&", "u0", "x"));
    for (int i = 0; i < alphabet.length(); i++) {
      char c = alphabet.charAt(i);
      pieces.add(String.valueOf(c));
      WAYS.forEach(variants -> pieces.addAll(variants.getOrDefault(c, List.of(String.valueOf(c)))));
    }
    for (int seed = 0; seed < 60; seed++) {
      var random = new Random(seed);
      var secrets = new ArrayList<String>();
      for (int i = 1 + random.nextInt(3); i > 0; i--) {
        var secret = new StringBuilder();
        for (int length = 4 + random.nextInt(5); length > 0; length--) {
          secret.append(alphabet.charAt(random.nextInt(alphabet.length())));
        }
        secrets.add(secret.toString().replaceAll("^ | $", "a"));
      }
      var text = new StringBuilder();
      for (int i = random.nextInt(120); i > 0; i--) {
        text.append(pieces.get(random.nextInt(pieces.size())));
      }
      var printed = text.toString();
      var redactor = Redactor.of(secrets);
      var naive = Naive.of(secrets);
      var expected = naive.hide(printed);
      assertThat(hidden(redactor, printed))
          .as("%s in %s, seed %s", secrets, printed, seed)
          .isEqualTo(expected);
      assertThat(new String(ship(redactor, printed.getBytes(UTF_8), random), UTF_8))
          .as("%s in %s, seed %s", secrets, printed, seed)
          .isEqualTo(expected);
      for (int end = 0; end <= Math.min(40, printed.length()); end++) {
        var cut = printed.substring(0, end);
        assertThat(pendingBytes(redactor, cut))
            .as("%s in %s, seed %s", secrets, cut, seed)
            .isEqualTo(naive.pendingBytes(cut));
      }
    }
  }
}
