package io.capataz.supervisor.golden;

import java.util.HashMap;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Puts the same word wherever a run has another value: {@code <id-1>} for the first id, etc. */
final class Placeholders {

  private static final Pattern VARYING =
      Pattern.compile(
          """
          (?<key>cpz_(?<kind>[a-z]+)_[A-Za-z0-9_-]+)\
          |(?<secret>\\b(?:live|test|whsec)_[A-Za-z0-9+/_-]{43}=?)\
          |(?<mac>\\bhmac:[0-9a-f]{64}\\b)\
          |(?<uuid>\\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\\b)\
          |(?<id>(?<![0-9A-Za-z])[0-9a-f]{24}(?![0-9A-Za-z]))\
          |(?<time>(?!2999)\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:\\.\\d+)?Z)\
          |(?<naive>\\b\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}(?![\\dZ]))\
          |(?<position>\\b[0-9a-f]{16}-\\d+\\b)\
          |(?<short>(?<=[/"]|Task )[0-9a-f]{8}(?![0-9A-Za-z._-]))\
          |(?<keyid>(?<=token:|agent:|"agent": "|"id": "|"object": "|"user_id": "|"CAPATAZ_USER_ID": "|/)[A-Za-z0-9_-]{16}(?![A-Za-z0-9_-])\
          |(?<=-)[A-Za-z0-9_-]{16}(?=-integration"))\
          |(?<port>(?<=127\\.0\\.0\\.1:)\\d+)\
          |(?<seconds>(?<=Retry-After: )\\d+\
          |(?<="late": )\\d+\\.\\d+\
          |(?<="p(?:50|95)": )\\d+\\.\\d+\
          |(?<="duration": )(?:0\\.\\d+|\\d+\\.\\d{3})(?!\\d)\
          |(?<="at": "[^"]{20,30}",\\s{1,20}"duration": )\\d+\\.\\d+)\
          |(?<cursor>(?<=cursor=)[^&>"]+)\
          """);

  private final Map<String, String> words = new HashMap<>();
  private final Map<String, Integer> counts = new HashMap<>();

  String in(String text) {
    return VARYING.matcher(text).replaceAll(found -> Matcher.quoteReplacement(word(found)));
  }

  private String word(MatchResult found) {
    if (found.group("time") != null || found.group("naive") != null) {
      return "<time>";
    }
    if (found.group("position") != null) {
      return "<position>";
    }
    if (found.group("cursor") != null) {
      return "<cursor>";
    }
    if (found.group("seconds") != null) {
      return "<seconds>";
    }
    if (found.group("mac") != null) {
      return "<mac>";
    }
    if (found.group("port") != null) {
      return "<port>";
    }
    if (found.group("secret") != null) {
      return "<secret>";
    }
    var kind =
        found.group("key") != null
            ? found.group("kind") + "-key"
            : found.group("uuid") != null
                ? "uuid"
                : found.group("id") != null || found.group("short") != null ? "id" : "key-id";
    return words.computeIfAbsent(
        found.group(), _ -> "<" + kind + "-" + counts.merge(kind, 1, Integer::sum) + ">");
  }
}
