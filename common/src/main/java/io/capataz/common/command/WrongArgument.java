package io.capataz.common.command;

import java.util.List;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Says what is wrong with the words of a command line. */
public final class WrongArgument {

  private WrongArgument() {}

  /** One sentence, without a value that may be a secret. */
  public static String sentence(ParameterException e) {
    if (e instanceof UnmatchedArgumentException unmatched) {
      return unknown(unmatched);
    }
    String what = String.valueOf(e.getMessage());
    return what.endsWith(".") ? what : what + ".";
  }

  /** The first word that is not known, without a value that may be a secret. */
  private static String unknown(UnmatchedArgumentException e) {
    String word = e.getUnmatched().getFirst();
    if (!word.startsWith("-")) {
      return "Unexpected argument: '" + word + "'.";
    }
    List<String> similar = e.getSuggestions();
    return "Unknown option: '%s'.".formatted(word.split("=", 2)[0])
        + (similar.isEmpty() ? "" : " Did you mean " + String.join(" or ", similar) + "?");
  }
}
