package io.capataz.supervisor.draft;

import io.capataz.common.command.StartFailure;
import io.capataz.common.secret.Secret;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The language model that drafts tasks: {@code capataz.drafts.*}. Without a model the feature is
 * off.
 *
 * @param endpoint the address of an OpenAI-compatible API, without {@code /chat/completions}
 * @param model which model is asked
 * @param key its API key; neither it nor a file: none is sent
 * @param keyFile a file containing it instead
 * @param timeout how long one answer of the model may take
 * @param attempts how often the model is asked for one version; after the first time it is told
 *     what was wrong with its answer
 * @param callsPerHour how often an organization may have the model asked
 * @param tokensPerDay how many tokens an organization may use, in and out
 * @param inputPrice of a million tokens that are read; for costs
 * @param outputPrice of a million tokens that are written
 * @param costPerDay what an organization may spend, in the unit of the prices; 0: no limit
 * @param folder where the files of each version are written, too; none: nowhere
 */
@ConfigurationProperties("capataz.drafts")
record DraftSettings(
    @DefaultValue("https://api.openai.com/v1") URI endpoint,
    @Nullable String model,
    @Nullable Secret key,
    @Nullable Path keyFile,
    @DefaultValue("60s") Duration timeout,
    @DefaultValue("3") int attempts,
    @DefaultValue("60") int callsPerHour,
    @DefaultValue("500000") long tokensPerDay,
    @DefaultValue("0") double inputPrice,
    @DefaultValue("0") double outputPrice,
    @DefaultValue("0") double costPerDay,
    @Nullable Path folder) {

  private static final int MOST_ATTEMPTS = 10;
  private static final Duration LONGEST = Duration.ofMinutes(10);

  DraftSettings {
    model = model == null || model.isBlank() ? null : model.strip();
    var scheme = endpoint.getScheme();
    if (!List.of("http", "https").contains(String.valueOf(scheme))
        || endpoint.getHost() == null
        || endpoint.getRawUserInfo() != null
        || endpoint.getRawQuery() != null) {
      throw wrong("endpoint", "an address such as https://api.openai.com/v1, without a user");
    }
    if (key != null && keyFile != null) {
      throw new IllegalArgumentException(
          "capataz.drafts.key and capataz.drafts.key-file are both set; set only one of them.");
    }
    if (!timeout.isPositive() || timeout.compareTo(LONGEST) > 0) {
      throw wrong("timeout", "from 1ms to 10m");
    }
    if (attempts < 1 || attempts > MOST_ATTEMPTS) {
      throw wrong("attempts", "from 1 to " + MOST_ATTEMPTS);
    }
    if (callsPerHour < 1 || tokensPerDay < 1) {
      throw wrong(callsPerHour < 1 ? "calls-per-hour" : "tokens-per-day", "at least 1");
    }
    if (!(inputPrice >= 0 && outputPrice >= 0 && costPerDay >= 0)) {
      throw wrong("input-price, output-price and cost-per-day", "0 or more");
    }
  }

  private static IllegalArgumentException wrong(String setting, String must) {
    return new IllegalArgumentException("capataz.drafts." + setting + " must be " + must + ".");
  }

  /** The API key; empty: none is sent. */
  Optional<Secret> secret() {
    if (keyFile == null) {
      return Optional.ofNullable(key);
    }
    try {
      return Optional.of(Secret.of(Files.readString(keyFile).strip()));
    } catch (IOException | IllegalArgumentException unreadable) {
      throw new StartFailure(
          "capataz.drafts.key-file, "
              + keyFile
              + ", cannot be read or is empty ("
              + unreadable.getClass().getSimpleName()
              + "). Check its path and permissions.");
    }
  }

  /** What so many tokens cost, in millionths of the unit of the prices. */
  long cost(long inputTokens, long outputTokens) {
    return Math.round(inputTokens * inputPrice + outputTokens * outputPrice);
  }
}
