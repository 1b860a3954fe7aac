package io.capataz.supervisor.documentation;

import com.sun.source.doctree.DocCommentTree;
import com.sun.source.doctree.DocTree;
import com.sun.source.doctree.EndElementTree;
import com.sun.source.doctree.EntityTree;
import com.sun.source.doctree.LinkTree;
import com.sun.source.doctree.LiteralTree;
import com.sun.source.doctree.ParamTree;
import com.sun.source.doctree.StartElementTree;
import com.sun.source.doctree.TextTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.PackageTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePathScanner;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/**
 * What the sources say of types, routes and fields, read by the JDK's own compiler, in Markdown. So
 * the document's words stand in the code, and nowhere else.
 */
final class Javadocs {

  private final Map<String, Comment> comments = new HashMap<>();

  /** A comment: its text, and what it says of parameters. */
  record Comment(String text, Map<String, String> parameters) {
    static final Comment NONE = new Comment("", Map.of());

    String firstSentence() {
      var end = text.indexOf(". ");
      var line = text.indexOf("\n\n");
      var first = end < 0 ? text : text.substring(0, end + 1);
      return line >= 0 && line < first.length() ? text.substring(0, line) : first;
    }
  }

  /** Around the name of a type, until it is known whether the sentence can do without it. */
  private static final String MARK = "\u0000";

  private static final String TYPE = MARK + "[^" + MARK + "]*" + MARK;

  /** What leads to nothing but a type. */
  private static final String SEE = "[;,]? *\\b[Ss]ee +";

  private Javadocs() {}

  /** Reads the sources below these folders. */
  static Javadocs of(Path... roots) throws IOException {
    var sources = new ArrayList<Path>();
    for (var root : roots) {
      try (var files = Files.walk(root)) {
        files.filter(file -> file.toString().endsWith(".java")).forEach(sources::add);
      }
    }
    var javadocs = new Javadocs();
    var compiler = ToolProvider.getSystemJavaCompiler();
    try (var manager = compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8)) {
      var task =
          (JavacTask)
              compiler.getTask(
                  null,
                  manager,
                  null,
                  List.of("-proc:none"),
                  null,
                  manager.getJavaFileObjectsFromPaths(sources));
      var trees = DocTrees.instance(task);
      for (var unit : task.parse()) {
        var prefix = unit.getPackageName() == null ? "" : unit.getPackageName() + ".";
        javadocs.new Scanner(trees, prefix).scan(unit, null);
      }
    }
    return javadocs;
  }

  Comment ofPackage(String name) {
    return comments.getOrDefault(name + ".package-info", Comment.NONE);
  }

  Comment of(Class<?> type) {
    return comments.getOrDefault(type.getCanonicalName(), Comment.NONE);
  }

  Comment of(Method method) {
    var parameters =
        Arrays.stream(method.getParameterTypes())
            .map(Class::getSimpleName)
            .collect(Collectors.joining(","));
    return comments.getOrDefault(
        method.getDeclaringClass().getCanonicalName()
            + "#"
            + method.getName()
            + "("
            + parameters
            + ")",
        Comment.NONE);
  }

  private final class Scanner extends TreePathScanner<@Nullable Void, @Nullable Void> {
    private final DocTrees trees;
    private String outer;

    Scanner(DocTrees trees, String prefix) {
      this.trees = trees;
      this.outer = prefix;
    }

    @Override
    public @Nullable Void visitPackage(PackageTree name, @Nullable Void nothing) {
      if (getCurrentPath()
          .getCompilationUnit()
          .getSourceFile()
          .getName()
          .endsWith("package-info.java")) {
        keep(outer + "package-info");
      }
      return super.visitPackage(name, null);
    }

    @Override
    public @Nullable Void visitClass(ClassTree type, @Nullable Void nothing) {
      var before = outer;
      var name = outer + type.getSimpleName();
      keep(name);
      outer = name + ".";
      super.visitClass(type, null);
      outer = before;
      return null;
    }

    @Override
    public @Nullable Void visitMethod(MethodTree method, @Nullable Void nothing) {
      var parameters =
          method.getParameters().stream()
              .map(parameter -> simple(parameter.getType()))
              .collect(Collectors.joining(","));
      keep(
          outer.substring(0, outer.length() - 1) + "#" + method.getName() + "(" + parameters + ")");
      return null; // What is declared within a method is nobody's route.
    }

    private void keep(String name) {
      Optional.ofNullable(trees.getDocCommentTree(getCurrentPath()))
          .ifPresent(comment -> comments.put(name, comment(comment)));
    }

    private String simple(Tree type) {
      var text = type.toString().replaceAll("<.*>", "").replaceAll("@\\w+\\s*", "").strip();
      return text.substring(text.lastIndexOf('.') + 1);
    }
  }

  private static Comment comment(DocCommentTree tree) {
    var parameters = new HashMap<String, String>();
    for (var tag : tree.getBlockTags()) {
      if (tag instanceof ParamTree parameter) {
        parameters.put(
            parameter.getName().getName().toString(), markdown(parameter.getDescription()));
      }
    }
    return new Comment(markdown(tree.getFullBody()), parameters);
  }

  /** {@code TaskFields} is "task fields". */
  private static String words(MatchResult type) {
    return type.group()
        .replace(MARK, "")
        .replaceAll("(?<=[a-z])(?=[A-Z])", " ")
        .toLowerCase(Locale.ROOT);
  }

  private static String markdown(List<? extends DocTree> trees) {
    var text = new StringBuilder();
    for (var tree : trees) {
      text.append(
          switch (tree) {
            case TextTree plain -> plain.getBody().replaceAll("\\s+", " ");
            case LiteralTree code when code.getKind() == DocTree.Kind.CODE ->
                "`" + code.getBody().getBody().strip().replaceAll("\\s+", " ") + "`";
            case LiteralTree literal -> literal.getBody().getBody();
            case LinkTree link when !link.getLabel().isEmpty() -> markdown(link.getLabel());
            case LinkTree link -> linked(link);
            case StartElementTree start ->
                switch (start.getName().toString()) {
                  case "p" -> "\n\n";
                  case "li" -> "\n- ";
                  case "b", "strong" -> "**";
                  default -> "";
                };
            case EndElementTree end ->
                switch (end.getName().toString()) {
                  case "b", "strong" -> "**";
                  case "ul", "ol" -> "\n\n";
                  default -> "";
                };
            case EntityTree entity ->
                switch (entity.getName().toString()) {
                  case "lt" -> "<";
                  case "gt" -> ">";
                  case "amp" -> "&";
                  default -> entity.toString();
                };
            default -> tree.toString();
          });
    }
    return text.toString()
        .replaceAll(SEE + TYPE, "")
        .transform(said -> Pattern.compile(TYPE).matcher(said).replaceAll(Javadocs::words))
        .replaceAll(" *\n *", "\n")
        .strip();
  }

  /**
   * A reference to a type of ours means nothing to readers of the document; one to a method may.
   */
  private static String linked(LinkTree link) {
    var name = link.getReference().getSignature().replaceAll(".*[.#]", "");
    return Character.isUpperCase(name.charAt(0)) ? MARK + name + MARK : name;
  }
}
