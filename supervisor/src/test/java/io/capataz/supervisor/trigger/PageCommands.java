package io.capataz.supervisor.trigger;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestSupervisor.Answer;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Runs the curl commands of a page, one after the other, as a shell would send them. */
public final class PageCommands {

  private static final Pattern BLOCK = Pattern.compile("```bash\n(.*?)```", Pattern.DOTALL);
  private static final Pattern VARIABLE = Pattern.compile("\\$([A-Z]+)");

  private final TestSupervisor supervisor;
  private final List<List<String>> commands = new ArrayList<>();
  private final Map<String, String> variables = new HashMap<>();

  public PageCommands(TestSupervisor supervisor, Path page) throws IOException {
    this.supervisor = supervisor;
    BLOCK
        .matcher(Files.readString(page))
        .results()
        .forEach(block -> commands.addAll(commands(block.group(1))));
    set("TOKEN", supervisor.token());
    set("CAPATAZ", "");
  }

  public void set(String variable, String value) {
    variables.put(variable, value);
  }

  public boolean isOver() {
    return commands.isEmpty();
  }

  /** Runs the next command, which must succeed. */
  public Answer next() {
    var words = commands.removeFirst().iterator();
    assertThat(words.next()).isEqualTo("curl");
    var path = "";
    var body = "";
    var method = "";
    var headers = new ArrayList<String>();
    while (words.hasNext()) {
      var word = words.next();
      switch (word) {
        case "-sS" -> {}
        case "-X" -> method = words.next();
        case "-d" -> body = words.next();
        case "-H" -> headers.addAll(List.of(filled(words.next()).split(": ", 2)));
        default -> path = filled(word).replace("/default/", "/acme/");
      }
    }
    method = !method.isEmpty() ? method : body.isEmpty() ? "GET" : "POST";
    var request = supervisor.request(path).headers(headers.toArray(String[]::new));
    var answer = supervisor.send(request.method(method, BodyPublishers.ofString(filled(body))));
    assertThat(answer.status())
        .describedAs(method + " " + path + ": " + answer.raw().body())
        .isEqualTo(200);
    return answer;
  }

  private String filled(String text) {
    return VARIABLE
        .matcher(text)
        .replaceAll(
            found -> {
              assertThat(variables).containsKey(found.group(1));
              return variables.get(found.group(1));
            });
  }

  /** The words of each command. A variable stands outside of single quotes only. */
  private static List<List<String>> commands(String text) {
    var commands = new ArrayList<List<String>>();
    var words = new ArrayList<String>();
    var word = new StringBuilder();
    var quote = ' ';
    var isWord = false;
    for (var at = 0; at < text.length(); at++) {
      var each = text.charAt(at);
      if (quote != ' ') {
        if (each == quote) {
          quote = ' ';
        } else {
          word.append(each);
        }
      } else if (each == '\'' || each == '"') {
        quote = each;
        isWord = true;
      } else if (!Character.isWhitespace(each)) {
        word.append(each);
        isWord = true;
      } else {
        if (isWord) {
          words.add(word.toString());
          word.setLength(0);
          isWord = false;
        }
        if (each == '\n' && !words.isEmpty()) {
          commands.add(List.copyOf(words));
          words.clear();
        }
      }
    }
    return commands;
  }
}
