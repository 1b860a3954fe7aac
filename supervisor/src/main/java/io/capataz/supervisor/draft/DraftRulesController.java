package io.capataz.supervisor.draft;

import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.Scope;
import io.capataz.supervisor.draft.DraftRules.Rules;
import io.capataz.supervisor.web.ApiInput;
import io.capataz.supervisor.web.FieldReader;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RestController;

/** What an organization has decided about its drafts, and what they have cost. */
@RestController
class DraftRulesController {

  private final DraftRules rules;
  private final ModelUsage usage;
  private final DraftSettings settings;

  DraftRulesController(DraftRules rules, ModelUsage usage, DraftSettings settings) {
    this.rules = rules;
    this.usage = usage;
    this.settings = settings;
  }

  /**
   * The rules of an organization.
   *
   * @param secondPerson whether somebody has to approve a draft who has asked for none of its
   *     versions
   * @param callsPerHour how often it may have the model asked
   * @param tokensPerDay how many tokens it may use
   * @param callsToday how often the model was asked since midnight, UTC
   * @param tokensToday how many tokens it has used since
   * @param costToday what that has cost, in the unit of the prices in the settings
   */
  record DraftRulesView(
      boolean secondPerson,
      int callsPerHour,
      long tokensPerDay,
      long callsToday,
      long tokensToday,
      double costToday) {}

  /**
   * {@code GET /draft/rules}: the rules for drafts, the limits of the operator, and what was used
   * today.
   */
  @GetMapping("/draft/rules")
  @Allow(role = Role.VIEWER, scope = Scope.TASK_READ)
  DraftRulesView get(Caller.Member caller) {
    return view(rules.of(caller.organization()));
  }

  /**
   * {@code PUT /draft/rules}: sets {@code second_person}, whether somebody has to approve a draft
   * who has asked for none of its versions.
   */
  @PutMapping("/draft/rules")
  @Allow(
      role = Role.OWNER,
      scope = {})
  DraftRulesView set(ApiInput input, Caller.Member caller) {
    var fields = FieldReader.of(input.object()).ignoring("customer", "access_token");
    var second = fields.truth("second_person");
    if (second.isEmpty() && !fields.has("second_person")) {
      fields.wrong("second_person", "required", "is required.");
    }
    fields.done();
    return view(rules.set(new Rules(caller.organization(), second.orElseThrow())));
  }

  private DraftRulesView view(Rules current) {
    var today = usage.today(current.organization());
    return new DraftRulesView(
        current.secondPerson(),
        settings.callsPerHour(),
        settings.tokensPerDay(),
        today.calls(),
        today.inputTokens() + today.outputTokens(),
        today.cost() / 1e6);
  }
}
