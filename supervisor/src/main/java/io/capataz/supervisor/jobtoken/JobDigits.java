package io.capataz.supervisor.jobtoken;

import java.math.BigInteger;
import java.util.Optional;
import java.util.regex.Pattern;

/** Hexadecimal numbers in the letters and digits of keys: shorter, and with no other characters. */
final class JobDigits {

  private static final String ALPHABET =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  private static final BigInteger BASE = BigInteger.valueOf(ALPHABET.length());
  private static final Pattern JOB = Pattern.compile("[0-9a-f]{24}");
  private static final int HEX = 16;

  /** 17 digits write any id of a job. */
  private static final int ID = 17;

  /** 43 digits write any digest of 256 bits; all but the last of them are used. */
  private static final int SECRET = 43;

  private JobDigits() {}

  /** The id of a job, as the public part of its token. */
  static String of(String job) {
    return written(new BigInteger(job, HEX), ID);
  }

  /** The job of a public part; empty if it is none. */
  static Optional<String> job(String id) {
    var number = BigInteger.ZERO;
    for (var i = 0; i < id.length(); i++) {
      number = number.multiply(BASE).add(BigInteger.valueOf(ALPHABET.indexOf(id.charAt(i))));
    }
    return Optional.of("%024x".formatted(number)).filter(job -> JOB.matcher(job).matches());
  }

  /** A digest of the vault, as the secret part. */
  static String secret(String digest) {
    var hex = digest.substring(digest.indexOf(':') + 1);
    // The first digit of so long a number is nearly always the same.
    return new StringBuilder(written(new BigInteger(hex, HEX), SECRET)).reverse().toString();
  }

  private static String written(BigInteger number, int digits) {
    var text = new StringBuilder();
    for (var rest = number; text.length() < digits; rest = rest.divide(BASE)) {
      text.append(ALPHABET.charAt(rest.mod(BASE).intValueExact()));
    }
    return text.reverse().toString();
  }
}
