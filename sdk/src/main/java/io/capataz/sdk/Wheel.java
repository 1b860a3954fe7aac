package io.capataz.sdk;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.LocalDateTime;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * A wheel of pure Python (PEP 427): a zip of the package's files and what installers read about it.
 * Written here so that the build needs neither Python nor a network; the same files give the same
 * bytes.
 *
 * @param name the distribution's, with underscores
 * @param version the package's {@code __version__}
 * @param files their content, by path
 */
record Wheel(String name, String version, SortedMap<String, byte[]> files) {

  /** The least that a zip can say. */
  private static final LocalDateTime NO_TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

  private static final Pattern VERSION = Pattern.compile("__version__ = \"([^\"]+)\"");

  private static final String PACKAGE = "capataz";

  /** Writes the wheels of the package and of its alias; arguments: sources and target folders. */
  public static void main(String[] arguments) throws IOException {
    var sources = Path.of(arguments[0]);
    for (var target : List.of(arguments).subList(1, arguments.length)) {
      var folder = Files.createDirectories(Path.of(target));
      for (var wheel : all(sources)) {
        try (var out = Files.newOutputStream(folder.resolve(wheel.filename()))) {
          wheel.write(out);
        }
      }
    }
  }

  /** The package, and its other name, which nobody gets who does not install it. */
  static List<Wheel> all(Path sources) throws IOException {
    var python = sources.resolve("python");
    var version = versionOf(python);
    return List.of(
        of(
            PACKAGE,
            version,
            python,
            "Summary: Python functions as tasks of Capataz\nRequires-Python: >=3.9\n"),
        of(
            "capataz_conversight",
            version,
            sources.resolve("python-alias"),
            "Summary: Another name of the package capataz\nRequires-Python: >=3.9\nRequires-Dist: "
                + "capataz (=="
                + version
                + ")\n"));
  }

  static String versionOf(Path python) throws IOException {
    var file = python.resolve(PACKAGE).resolve("_version.py");
    var found = VERSION.matcher(Files.readString(file));
    if (!found.find()) {
      throw new IOException(file + " names no version.");
    }
    return found.group(1);
  }

  private static Wheel of(String name, String version, Path sources, String about)
      throws IOException {
    var files = new TreeMap<String, byte[]>();
    try (var found = Files.walk(sources)) {
      for (var file : found.filter(Wheel::isPartOfIt).toList()) {
        files.put(sources.relativize(file).toString(), Files.readAllBytes(file));
      }
    }
    var info = name + "-" + version + ".dist-info/";
    files.put(
        info + "METADATA",
        utf8(
            "Metadata-Version: 2.1\nName: %s\nVersion: %s\n%s"
                .formatted(name.replace('_', '-'), version, about)));
    files.put(
        info + "WHEEL",
        utf8("Wheel-Version: 1.0\nGenerator: capataz\nRoot-Is-Purelib: true\nTag: py3-none-any\n"));
    files.put(info + "RECORD", utf8(record(files, info + "RECORD")));
    return new Wheel(name, version, files);
  }

  private static boolean isPartOfIt(Path file) {
    var name = file.toString();
    return Files.isRegularFile(file) && (name.endsWith(".py") || name.endsWith("py.typed"));
  }

  private static String record(Map<String, byte[]> files, String itself) {
    return files.entrySet().stream()
        .map(
            file ->
                "%s,sha256=%s,%d\n"
                    .formatted(file.getKey(), digest(file.getValue()), file.getValue().length))
        .collect(Collectors.joining("", "", itself + ",,\n"));
  }

  private static String digest(byte[] bytes) {
    try {
      return Base64.getUrlEncoder()
          .withoutPadding()
          .encodeToString(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException everyJdkHasIt) {
      throw new IllegalStateException(everyJdkHasIt);
    }
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  String filename() {
    return name + "-" + version + "-py3-none-any.whl";
  }

  void write(OutputStream out) throws IOException {
    try (var zip = new ZipOutputStream(out)) {
      files.forEach((path, bytes) -> write(zip, path, bytes));
    }
  }

  private static void write(ZipOutputStream zip, String path, byte[] bytes) {
    var entry = new ZipEntry(path);
    entry.setTimeLocal(NO_TIME);
    try {
      zip.putNextEntry(entry);
      zip.write(bytes);
      zip.closeEntry();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
