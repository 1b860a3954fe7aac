package io.capataz.e2e;

import static java.util.function.Predicate.not;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The shell commands of a page of the manual, as a reader types them. A comment before a block says
 * that it is {@code not run}, {@code run by} another test, or typed {@code in another terminal},
 * where it goes on running.
 */
final class PrintedCommands {

  private static final Pattern BLOCK =
      Pattern.compile("(?:<!-- ([^>\n]*) -->\n)?```(?:sh|bash)\n(.*?)```", Pattern.DOTALL);

  private final List<Block> blocks;

  private record Block(String mark, String commands) {

    private static Block of(MatchResult found, String address) {
      String mark = found.group(1) == null ? "" : found.group(1);
      return new Block(mark, found.group(2).replace("http://127.0.0.1:8080", address));
    }

    private boolean isElsewhere() {
      return mark.equals("in another terminal");
    }
  }

  private PrintedCommands(List<Block> blocks) {
    this.blocks = blocks;
  }

  /** The commands of {@code docs/PAGE}, for a supervisor at this address. */
  static PrintedCommands of(String page, String address) throws IOException {
    Path file = Launched.LAUNCHER.resolveSibling("docs").resolve(page);
    return new PrintedCommands(
        BLOCK
            .matcher(Files.readString(file))
            .results()
            .map(found -> Block.of(found, address))
            .filter(block -> !block.mark().equals("not run") && !block.mark().startsWith("run by "))
            .toList());
  }

  /** Those before the first one in another terminal; all of them if there is none. */
  String first() {
    return text(blocks.stream().takeWhile(not(Block::isElsewhere)).toList());
  }

  String elsewhere() {
    return text(blocks.stream().filter(Block::isElsewhere).toList());
  }

  /** Those after the last one in another terminal. */
  String rest() {
    return text(
        blocks.stream().dropWhile(not(Block::isElsewhere)).dropWhile(Block::isElsewhere).toList());
  }

  private static String text(List<Block> blocks) {
    return blocks.stream().map(Block::commands).collect(Collectors.joining());
  }
}
