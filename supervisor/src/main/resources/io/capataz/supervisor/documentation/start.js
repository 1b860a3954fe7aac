"use strict";
SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#page",
  deepLinking: true,
  docExpansion: "list",
  filter: true,
  // A token that was typed in is gone with the page.
  persistAuthorization: false,
  validatorUrl: null,
});
