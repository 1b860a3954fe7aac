package io.capataz.agent.process;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandleProxies;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * Looks up users of this host through the C library instead of {@code /etc/passwd}, so that users
 * of LDAP and other directories are found. This may take as long as their server does.
 *
 * <p>Names that programs might take for a number or an option are refused: {@code sudo} once took
 * {@code #-1} for root.
 */
public final class Accounts {

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]+");
  private static final Pattern DIGITS = Pattern.compile("[0-9]+");

  /** LOGIN_NAME_MAX without the NUL. */
  private static final int LONGEST_NAME = 255;

  private static final int ESRCH = 3;
  private static final int ERANGE = 34;

  /** Buffer sizes for the strings of one entry. */
  private static final long FIRST_BYTES = 4L * 1024;

  private static final long MOST_BYTES = 1024L * 1024;

  private static final int FIRST_GROUPS = 64;

  /** NGROUPS_MAX: the maximum number of groups of a process. */
  private static final int MOST_GROUPS = 65_536;

  /** {@code struct passwd} of 64-bit Linux. */
  private static final MemoryLayout PASSWD =
      MemoryLayout.structLayout(
          ADDRESS.withName("name"),
          ADDRESS.withName("password"),
          JAVA_INT.withName("user"),
          JAVA_INT.withName("group"),
          ADDRESS.withName("comment"),
          ADDRESS.withName("home"),
          ADDRESS.withName("shell"));

  private static final GetPwNam GETPWNAM =
      function(
          GetPwNam.class,
          "getpwnam_r",
          FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS));
  private static final GetGroupList GETGROUPLIST =
      function(
          GetGroupList.class,
          "getgrouplist",
          FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, ADDRESS, ADDRESS));

  private Accounts() {}

  /** The result of a lookup. */
  public sealed interface Answer {

    record Found(Account account) implements Answer {}

    /**
     * There is no usable user of this name.
     *
     * @param why a sentence
     */
    record Refused(String why) implements Answer {}
  }

  /** Looks up a user by its exact name. */
  public static Answer byName(String name) {
    if (name.isEmpty()) {
      return new Answer.Refused("The user name is empty.");
    }
    var shown = "`" + name.replaceAll("[^\\x20-\\x7e]", "?") + "`";
    if (name.length() > LONGEST_NAME) {
      return new Answer.Refused(
          "The user name is too long: at most " + LONGEST_NAME + " characters.");
    }
    if ("-+#".indexOf(name.charAt(0)) >= 0) {
      return new Answer.Refused(
          shown + " is not a valid user name: it begins with `" + name.charAt(0) + "`.");
    }
    if (DIGITS.matcher(name).matches()) {
      return new Answer.Refused(shown + " is a number; give the name of the user.");
    }
    if (!NAME.matcher(name).matches()) {
      return new Answer.Refused(
          shown + " is not a valid user name: allowed are A-Z, a-z, 0-9, `.`, `_` and `-`.");
    }
    try (var arena = Arena.ofConfined()) {
      var text = arena.allocateFrom(name, StandardCharsets.UTF_8);
      var answer =
          look(
              "user " + shown,
              (entry, buffer, found) ->
                  GETPWNAM.call(text, entry, buffer, buffer.byteSize(), found));
      // Some directories ignore case. A policy that lists one spelling must not miss the other.
      return answer instanceof Answer.Found(Account account) && !account.name().equals(name)
          ? new Answer.Refused(
              "No user " + shown + " on this host; did you mean `" + account.name() + "`?")
          : answer;
    }
  }

  /** Queries the user database, with a growing buffer. */
  private static Answer look(String whom, Question question) {
    for (long bytes = FIRST_BYTES; ; bytes *= 4) {
      try (var arena = Arena.ofConfined()) {
        var entry = arena.allocate(PASSWD);
        var found = arena.allocate(ADDRESS);
        int error;
        do {
          error = question.ask(entry, arena.allocate(bytes), found);
        } while (error == LibC.EINTR);
        if (error == ERANGE && bytes < MOST_BYTES) {
          continue;
        }
        if (found.get(ADDRESS, 0).address() != 0) {
          return read(whom, entry);
        }
        // These errors mean "no such user" in some directories.
        return error == 0 || error == LibC.ENOENT || error == ESRCH
            ? new Answer.Refused("No " + whom + " on this host.")
            : new Answer.Refused(
                "Looking up the "
                    + whom
                    + " failed (error "
                    + error
                    + "). Try again, or check the name service of this host (nsswitch.conf).");
      }
    }
  }

  private static Answer read(String whom, MemorySegment entry) {
    int user = entry.get(JAVA_INT, at("user"));
    int group = entry.get(JAVA_INT, at("group"));
    var name = entry.get(ADDRESS, at("name"));
    var groups = groups(name, group);
    if (user == Account.NO_CHANGE
        || group == Account.NO_CHANGE
        || groups.contains(Account.NO_CHANGE)) {
      return new Answer.Refused("The " + whom + " has an id that no process can run under.");
    }
    var home = text(entry.get(ADDRESS, at("home")));
    return new Answer.Found(new Account(text(name), user, group, groups, home));
  }

  private static List<Integer> groups(MemorySegment name, int first) {
    for (int room = FIRST_GROUPS; ; room *= 4) {
      try (var arena = Arena.ofConfined()) {
        var groups = arena.allocate(JAVA_INT, room);
        var count = arena.allocateFrom(JAVA_INT, room);
        boolean all = GETGROUPLIST.call(name, first, groups, count) >= 0;
        if (all || room >= MOST_GROUPS) {
          return IntStream.range(0, Math.min(count.get(JAVA_INT, 0), room))
              .map(i -> groups.getAtIndex(JAVA_INT, i))
              .distinct()
              .boxed()
              .toList();
        }
      }
    }
  }

  private static String text(MemorySegment address) {
    return address.address() == 0
        ? ""
        : address.reinterpret(Long.MAX_VALUE).getString(0, StandardCharsets.UTF_8);
  }

  private static long at(String field) {
    return PASSWD.byteOffset(PathElement.groupElement(field));
  }

  /** Binds a C function as an interface, since method handles declare Throwable. */
  private static <F> F function(Class<F> type, String name, FunctionDescriptor signature) {
    var linker = Linker.nativeLinker();
    return MethodHandleProxies.asInterfaceInstance(
        type, linker.downcallHandle(linker.defaultLookup().findOrThrow(name), signature));
  }

  private interface Question {
    int ask(MemorySegment entry, MemorySegment buffer, MemorySegment found);
  }

  /** Public, because {@link MethodHandleProxies} requires it; so are the following. */
  public interface GetPwNam {
    int call(
        MemorySegment name,
        MemorySegment entry,
        MemorySegment buffer,
        long bytes,
        MemorySegment found);
  }

  public interface GetGroupList {
    int call(MemorySegment name, int group, MemorySegment groups, MemorySegment count);
  }
}
