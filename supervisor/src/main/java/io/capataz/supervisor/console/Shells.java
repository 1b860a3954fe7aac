package io.capataz.supervisor.console;

import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.Role;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** What the frame of every page shows. */
@Component
class Shells {

  private static final Pattern WORD = Pattern.compile("[^\\p{L}\\p{N}]+");

  private final Assets assets;

  Shells(Assets assets) {
    this.assets = assets;
  }

  /**
   * The frame of a page.
   *
   * @param assets the folder of style sheets and scripts, which has their hash in its name
   * @param theme {@code light} or {@code dark}; null: as the system is
   * @param section the first word of the path after {@code /console}
   * @param person null: nobody is signed in
   * @param formToken what each form sends back
   */
  record Shell(
      String assets,
      @Nullable String theme,
      String language,
      String section,
      String path,
      @Nullable Person person,
      String formToken) {

    /** The sprite, to be followed by {@code #} and the name of a symbol. */
    public String icons() {
      return assets + "/icons.svg";
    }

    public boolean isAt(String name) {
      return section.equals(name);
    }

    public String organization() {
      return person == null ? "" : person.organization();
    }

    /** Whether the person may run tasks and steer jobs. */
    public boolean mayRun() {
      return person != null && person.role().covers(Role.USER);
    }

    /** Whether the person may have drafts written, and look after members. */
    public boolean isManager() {
      return person != null && person.role().covers(Role.MANAGER);
    }

    /** Whether the person may change tasks and hosts. */
    public boolean mayManage() {
      return person != null && person.role().covers(Role.ADMIN);
    }
  }

  /** Who looks. */
  record Person(String name, String initials, String organization, Role role) {}

  Shell of(HttpServletRequest request) {
    var path = request.getRequestURI();
    var parts = path.split("/", -1);
    return new Shell(
        assets.folder(),
        ConsoleCookie.chosen(request, ConsoleCookie.Choice.THEME).orElse(null),
        request.getLocale().getLanguage().equals("es") ? "es" : "en",
        parts.length > 2 ? parts[2] : "",
        path,
        Caller.of(request) instanceof Caller.Member member ? person(member) : null,
        ConsoleCookie.session(request).map(ConsoleCookie::formToken).orElse(""));
  }

  private static Person person(Caller.Member member) {
    var name = member.displayName();
    var words = WORD.splitAsStream(name.strip()).filter(word -> !word.isEmpty()).toList();
    var initials =
        words.size() > 1
            ? words.get(0).substring(0, 1) + words.get(1).substring(0, 1)
            : name.substring(0, Math.min(2, name.length()));
    return new Person(
        name, initials.toUpperCase(Locale.ROOT), member.organization(), member.role());
  }
}
