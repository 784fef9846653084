// Runs in the browser. Addresses are relative, so that the page also works below the prefix of a proxy.
globalThis.SwaggerUIBundle({
  dom_id: '#reader',
  url: new URL('openapi.json', document.baseURI).href,
  deepLinking: true,
  // The default asks a service on the internet whether the document is valid.
  validatorUrl: null,
});
