package io.capataz.supervisor.callback;

import io.capataz.supervisor.job.Cause;
import io.capataz.supervisor.job.RunRequest;
import io.capataz.supervisor.member.Member;
import io.capataz.supervisor.member.Members;
import io.capataz.supervisor.run.CallbackTargets;
import io.capataz.supervisor.task.CallbackUrl;
import io.capataz.supervisor.task.Task;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.web.ApiProblem.FieldError;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Where the end of a job is reported: where the run says; otherwise where the task says; otherwise
 * where the profile of who started it says, or that of the organization. A step of a workflow is no
 * matter of profiles.
 */
@Component
class Targets implements CallbackTargets {

  private final Profiles profiles;
  private final Members members;

  Targets(Profiles profiles, Members members) {
    this.profiles = profiles;
    this.members = members;
  }

  @Override
  public @Nullable String of(Task task, RunRequest run, Cause cause) {
    var said = run.callbackUrl();
    if (said != null) {
      checkAddress(task.organization(), said);
      return said;
    }
    var ofTask = task.policy().callbackUrl();
    return ofTask != null || cause.origin().position() != null
        ? ofTask
        : ofProfiles(task.organization(), cause);
  }

  private @Nullable String ofProfiles(String organization, Cause cause) {
    var user = cause.user();
    var own = user == null ? null : profiles.ofUser(organization, user.id()).callbackUrl();
    return own != null ? own : profiles.ofOrganization(organization).callbackUrl();
  }

  private void checkAddress(String organization, String target) {
    if (!isAddressOpen(organization, target)) {
      throw ApiProblem.invalid(
          List.of(new FieldError("/callback_url", "unknown_address", UNKNOWN_ADDRESS)));
    }
  }

  static final String UNKNOWN_ADDRESS =
      "must be the address of a member, or one that an administrator has allowed with PUT"
          + " /{customer}/callback/settings.";

  /** Whether an e-mail may be sent there; true for a URL. */
  boolean isAddressOpen(String organization, String target) {
    if (!CallbackUrl.isEmail(target)) {
      return true;
    }
    var address = target.toLowerCase(Locale.ROOT);
    return profiles.ofOrganization(organization).addresses().contains(address)
        || members.meant(address, Optional.of(organization)).filter(Member::enabled).isPresent();
  }
}
