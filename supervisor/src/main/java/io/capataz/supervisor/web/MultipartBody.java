package io.capataz.supervisor.web;

import io.capataz.common.protocol.Bytes;
import io.capataz.supervisor.web.ApiInput.FilePart;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.tomcat.util.http.fileupload.MultipartStream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ContentDisposition;
import org.springframework.http.MediaType;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * Parses a {@code multipart/form-data} body (RFC 7578). The body is in memory and already bounded;
 * Tomcat's low-level reader splits the parts, without the temporary files of its high-level API.
 */
final class MultipartBody {

  private static final int MAX_PARTS = 200;
  private static final int MAX_HEADERS = 2_048;
  private static final int MAX_BOUNDARY = 70;

  private MultipartBody() {}

  /**
   * The values by part name: strings, and files as {@link FilePart}s.
   *
   * @throws ApiProblem 400 if it is none, or has too many parts
   */
  static Map<String, List<JsonNode>> read(byte[] bytes, MediaType type) {
    var boundary = type.getParameter("boundary");
    if (boundary == null || boundary.isEmpty() || boundary.length() > MAX_BOUNDARY) {
      throw broken("its Content-Type has no boundary");
    }
    var values = new LinkedHashMap<String, List<JsonNode>>();
    try {
      var parts =
          new MultipartStream(
              new ByteArrayInputStream(bytes),
              unquoted(boundary).getBytes(StandardCharsets.ISO_8859_1),
              null);
      parts.setHeaderEncoding("UTF-8");
      parts.setPartHeaderSizeMax(MAX_HEADERS);
      var count = 0;
      for (var more = parts.skipPreamble(); more; more = parts.readBoundary()) {
        if (++count > MAX_PARTS) {
          throw ApiProblem.badRequest(
              "too_many_parameters", "More than " + MAX_PARTS + " parts are not allowed.");
        }
        var headers = headers(parts.readHeaders());
        var content = new ByteArrayOutputStream();
        parts.readBodyData(content);
        add(values, headers, content.toByteArray());
      }
      if (count == 0) {
        throw broken("it has no part");
      }
    } catch (IOException malformed) {
      throw broken("a part has no end or its headers are too long");
    }
    return values;
  }

  private static void add(
      Map<String, List<JsonNode>> values, Map<String, String> headers, byte[] content) {
    var disposition = disposition(headers.get("content-disposition"));
    var name = disposition.getName();
    if (!disposition.isFormData() || name == null || name.isEmpty()) {
      throw broken("a part has no Content-Disposition: form-data with a name");
    }
    var filename = disposition.getFilename();
    value(filename, headers.get("content-type"), content)
        .ifPresent(value -> values.computeIfAbsent(name, _ -> new ArrayList<>()).add(value));
  }

  private static Optional<JsonNode> value(
      @Nullable String filename, @Nullable String type, byte[] content) {
    if (filename == null) {
      return Optional.of(JsonNodeFactory.instance.stringNode(StrictText.utf8(content)));
    }
    // Browsers send this for a file field without a chosen file.
    return filename.isEmpty() && content.length == 0
        ? Optional.empty()
        : Optional.of(
            JsonNodeFactory.instance.pojoNode(new FilePart(filename, type, Bytes.of(content))));
  }

  private static Map<String, String> headers(String text) {
    var headers = new LinkedHashMap<String, String>();
    for (var line : text.split("\r\n", -1)) {
      var colon = line.indexOf(':');
      if (colon > 0) {
        headers.put(
            line.substring(0, colon).strip().toLowerCase(Locale.ROOT),
            line.substring(colon + 1).strip());
      }
    }
    return headers;
  }

  private static ContentDisposition disposition(@Nullable String header) {
    try {
      return header == null || header.isEmpty()
          ? ContentDisposition.empty()
          : ContentDisposition.parse(header);
    } catch (IllegalArgumentException | IndexOutOfBoundsException malformed) {
      throw broken("a Content-Disposition is malformed");
    }
  }

  private static String unquoted(String boundary) {
    return boundary.length() > 2 && boundary.startsWith("\"") && boundary.endsWith("\"")
        ? boundary.substring(1, boundary.length() - 1)
        : boundary;
  }

  private static ApiProblem broken(String why) {
    return ApiProblem.badRequest("invalid_multipart", "Invalid multipart/form-data: " + why + ".");
  }
}
