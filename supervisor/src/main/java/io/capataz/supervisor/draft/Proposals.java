package io.capataz.supervisor.draft;

import io.capataz.supervisor.draft.Draft.Spent;
import io.capataz.supervisor.draft.Model.Message;
import io.capataz.supervisor.draft.ModelReply.Declined;
import io.capataz.supervisor.draft.ModelReply.Failed;
import io.capataz.supervisor.draft.ModelReply.Text;
import io.capataz.supervisor.draft.ModelReply.Unusable;
import io.capataz.supervisor.web.ApiProblem;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Has the model write, and asks again if what it writes cannot be used. */
@Component
class Proposals {

  /** Seed 003's system says these words; its clients show them. */
  private static final String NO_ANSWER =
      "Error creating new task: Error generating response from OpenAI: ";

  private static final String NO_USE =
      "Error creating new task: Error parsing response from OpenAI: ";

  private final Model model;
  private final AnswerSchema schema;
  private final ModelUsage usage;
  private final DraftSettings settings;

  Proposals(Model model, AnswerSchema schema, ModelUsage usage, DraftSettings settings) {
    this.model = model;
    this.schema = schema;
    this.usage = usage;
    this.settings = settings;
  }

  /** Something that can be used, and what it has cost. */
  record Written(Proposal proposal, Spent spent) {}

  /**
   * Refuses what needs a model if there is none.
   *
   * @throws ApiProblem 503
   */
  void checkModel() {
    if (!model.isThere()) {
      throw ApiProblem.unavailable(
          "no_model",
          "No OPENAI_KEY provided: this installation has no language model. An operator can set"
              + " capataz.drafts.model, and capataz.drafts.endpoint and capataz.drafts.key for it.",
          0);
    }
  }

  /**
   * Has the model write.
   *
   * @throws ApiProblem 422 if it declines, or never answers in the form that was asked for; 429 if
   *     the organization has asked too often; 503 if there is no model, or no answer
   */
  Written write(String organization, List<Message> conversation) throws InterruptedException {
    checkModel();
    var spent = Spent.NOTHING;
    var said = conversation;
    List<String> errors = List.of();
    for (var attempt = 1; attempt <= settings.attempts(); attempt++) {
      usage.begin(organization);
      var reply = model.ask(said, schema.sent());
      usage.add(organization, reply.spent());
      spent = spent.plus(reply.spent());
      switch (reply) {
        case Text text -> {
          var read = schema.read(text.text());
          if (read.errors().isEmpty()) {
            return new Written(Proposal.of(read.answer()), spent);
          }
          errors = read.errors();
          said = Prompt.again(conversation, text.text(), errors);
        }
        case Unusable unusable -> {
          errors = List.of(unusable.reason());
          said = Prompt.again(conversation, unusable.text(), errors);
        }
        case Declined declined -> throw declined(declined);
        case Failed failed -> {
          if (!failed.isWorthRepeating() || attempt == settings.attempts()) {
            throw failed(failed);
          }
        }
      }
    }
    throw ApiProblem.unprocessable(
        "model_answer_invalid",
        NO_USE + "the model was asked " + settings.attempts() + " times. " + first(errors));
  }

  private static String first(List<String> errors) {
    return "Its last answer could not be used: " + String.join("; ", errors);
  }

  private static ApiProblem declined(Declined declined) {
    return ApiProblem.unprocessable(
        "model_declined", NO_ANSWER + "the model declines: " + shortened(declined.reason()));
  }

  private static ApiProblem failed(Failed failed) {
    return ApiProblem.unavailable(
        "model_failed", NO_ANSWER + failed.reason() + ".", failed.retryAfter());
  }

  private static String shortened(@Nullable String text) {
    var line = String.valueOf(text).replaceAll("\\p{Cntrl}+", " ");
    return line.length() <= 300 ? line : line.substring(0, 300) + "…";
  }
}
