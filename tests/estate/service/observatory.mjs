// Puts cases (JSON on standard input) to the tests of mdn-http-observatory and prints what each says.
import fs from "node:fs";

const read = fs.readFileSync;
// The list of preloaded hosts is fetched when the package is installed; no case is on it.
fs.readFileSync = (path, ...rest) => (String(path).endsWith("hsts-preload.json") ? "{}" : read(path, ...rest));

const root = "./node_modules/@mdn/mdn-http-observatory/";
const { AxiosHeaders } = await import("axios");
const { Requests } = await import(`${root}src/types.js`);
const { Session } = await import(`${root}src/retriever/session.js`);
const { parseHttpEquivHeaders } = await import(`${root}src/retriever/utils.js`);
const { Cookie } = await import("tough-cookie");

const from = async (file, name) => (await import(`${root}src/analyzer/tests/${file}.js`))[name];
const TESTS = {
  csp: await from("csp", "contentSecurityPolicyTest"),
  cookies: await from("cookies", "cookiesTest"),
  cors: await from("cors", "crossOriginResourceSharingTest"),
  corp: await from("cross-origin-resource-policy", "crossOriginResourcePolicyTest"),
  referrer: await from("referrer-policy", "referrerPolicyTest"),
  hsts: await from("strict-transport-security", "strictTransportSecurityTest"),
  sri: await from("subresource-integrity", "subresourceIntegrityTest"),
  nosniff: await from("x-content-type-options", "xContentTypeOptionsTest"),
  frames: await from("x-frame-options", "xFrameOptionsTest"),
};

function requests({ headers = {}, body = "" }) {
  const found = new Requests("service.example");
  const response = (more = {}) => {
    const lines = new AxiosHeaders({ "content-type": "text/html" });
    for (const [name, value] of Object.entries(headers)) {
      const list = Array.isArray(value) ? value : [value];
      if (name.toLowerCase() !== "set-cookie") lines.set(name, list.join(", "));
    }
    return { headers: lines, request: { headers: new AxiosHeaders() }, status: 200, statusText: "OK", verified: true,
      data: body, config: { headers: new AxiosHeaders() }, ...more };
  };
  found.responses.auto = response();
  found.responses.cors = response({ request: { headers: new AxiosHeaders({ origin: "https://stranger.invalid" }) } });
  found.responses.http = response();
  found.responses.https = response();
  found.responses.httpRedirects = [{ url: new URL("https://service.example/"), status: 200 }];
  found.responses.httpsRedirects = [{ url: new URL("https://service.example/"), status: 200 }];
  found.resources.path = body;
  found.session = new Session(new URL("https://service.example/"));
  found.responses.auto.httpEquiv = body ? parseHttpEquivHeaders(body, "https://service.example/") : new Map();
  for (const line of [headers["Set-Cookie"] ?? []].flat()) {
    const cookie = Cookie.parse(line);
    if (cookie) found.session.jar.setCookieSync(cookie, "https://service.example/", { http: true, loose: true, ignoreError: true });
  }
  return found;
}

const cases = JSON.parse(read(0, "utf8"));
const answers = cases.map(({ test, ...given }) => {
  const { pass, result } = TESTS[test](requests(given));
  return { pass, result };
});
process.stdout.write(JSON.stringify(answers));
