package io.capataz.supervisor.planted;

import org.springframework.web.bind.annotation.GetMapping;

final class RouteInTheWrongPlace {
  @GetMapping("/planted")
  String route() {
    return "";
  }
}
