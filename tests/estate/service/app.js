// The loan service on Express behind its own TLS, once clean and once for each planted defect; a port for each.
// Reads {certificate, key, commit, variants: [{port, defects: [...]}]} from standard input and prints "ready".
"use strict";
const crypto = require("node:crypto");
const fs = require("node:fs");
const https = require("node:https");
const path = require("node:path");
const compression = require("compression");
const express = require("express");
const { rateLimit } = require("express-rate-limit");
const helmet = require("helmet");

const SECRET = crypto.randomBytes(32);
const STATIC = path.join(__dirname, "public");
const STALE = crypto.randomBytes(16).toString("base64url");

function verified(token, has) {
  const [head, body, signature] = token.split(".");
  let header;
  try {
    header = JSON.parse(Buffer.from(head, "base64url"));
  } catch {
    return has("any token will do");
  }
  if (has("unsigned tokens will do") && header.alg === "none") return true;
  if (has("any token will do")) return true;
  const wanted = crypto.createHmac("sha256", SECRET).update(`${head}.${body}`).digest("base64url");
  return header.alg === "HS256" && signature === wanted;
}

function signed() {
  const id = crypto.randomBytes(24).toString("base64url");
  const mark = crypto.createHmac("sha256", SECRET).update(id).digest("base64").replace(/=+$/, "");
  return encodeURIComponent(`s:${id}.${mark}`);
}

function service(commit, defects) {
  const has = (name) => defects.includes(name);
  const app = express();
  if (!has("express names itself")) app.disable("x-powered-by");
  if (has("no etags")) app.disable("etag");
  app.set("strict routing", false);
  app.use((request, response, next) => {
    response.locals.nonce = has("one nonce for all") ? STALE : crypto.randomBytes(16).toString("base64url");
    next();
  });
  const assets = express.static(STATIC, {
    immutable: true, maxAge: "1y", etag: !has("no etags"), lastModified: !has("no etags"),
  });
  if (!has("nothing is compressed")) app.use(compression({ threshold: 256 }));
  if (has("assets before helmet")) app.use("/static", assets);
  const directives = {
    defaultSrc: ["'self'"], scriptSrc: ["'self'", (_, response) => `'nonce-${response.locals.nonce}'`],
    objectSrc: ["'none'"], baseUri: ["'none'"], frameAncestors: ["'none'"],
  };
  app.use(helmet({ xPoweredBy: !has("express names itself"), contentSecurityPolicy: has("no content policy") ? false : { directives },
    xFrameOptions: { action: "deny" }, strictTransportSecurity: { maxAge: has("hsts of a week") ? 604800 : 31536000 } }));
  app.use("/static", assets);
  if (has("cors repeats the origin")) {
    app.use((request, response, next) => {
      if (request.headers.origin) response.set("Access-Control-Allow-Origin", request.headers.origin);
      response.set("Access-Control-Allow-Credentials", "true");
      next();
    });
  }
  if (has("cors takes look-alikes")) {
    app.use((request, response, next) => {
      const origin = request.headers.origin ?? "";
      if (/^https:\/\/127\.0\.0\.1/.test(origin)) response.set("Access-Control-Allow-Origin", origin);
      next();
    });
  }
  if (has("trace is echoed")) {
    app.trace("/", (request, response) => {
      const lines = Object.entries(request.headers).map(([name, value]) => `${name}: ${value}\r\n`);
      response.type("message/http").send(`TRACE / HTTP/1.1\r\n${lines.join("")}`);
    });
  }
  app.get("/api/v1/health", (request, response) => {
    response.set("Cache-Control", has("health is kept") ? "public, max-age=60" : "no-store");
    response.json({ status: has("health says down") ? "DOWN" : "UP" });
  });
  const limit = rateLimit({ windowMs: 60_000, limit: 60, standardHeaders: "draft-8", legacyHeaders: false });
  let asked = 0;
  app.get("/api/v1/ping", (request, response) => {
    asked += 1;
    response.set("Cache-Control", "no-store");
    response.status(has("every fifth fails") && asked % 5 === 0 ? 500 : 200).json({ ping: "pong" });
  });
  app.get("/api/v1/slow", (request, response) => setTimeout(() => response.json({ ping: "pong" }), 30));
  app.get("/api/v1/users", (request, response) => {
    const [, token] = (request.headers.authorization ?? "").split(" ");
    if (has("users are open") || (token && verified(token, has))) return response.json([{ id: 1 }]);
    return response.status(401).json({ error: "A valid token is required" });
  });
  app.get("/version", (request, response) => {
    response.json({ commit: has("another commit") ? "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567" : commit });
  });
  app.get("/privacy", (request, response) => response.send("<!doctype html><title>Privacy policy</title>"));
  app.get("/api-docs", (request, response) => response.json({ openapi: "3.1.0" }));
  app.get("/.well-known/security.txt", (request, response) => {
    const expires = new Date(Date.now() + 90 * 86_400_000).toISOString();
    response.type("text/plain").send(`Contact: mailto:security@service.example\nExpires: ${expires}\n`);
  });
  if (!has("no limiter")) app.use(limit);
  app.get("/", (request, response) => {
    const secure = has("the session in the clear") ? "" : "Secure; ";
    const hidden = has("the session for scripts") ? "" : "HttpOnly; ";
    response.set("Set-Cookie", `connect.sid=${signed()}; Path=/; ${secure}${hidden}SameSite=Lax`);
    response.set("Cache-Control", "private, no-cache");
    const script = '<script src="/static/app.4f3a9c1e.js"></script>';
    response.send(`<!doctype html><title>Loans</title>${script}${"<p>Hello</p>".repeat(200)}`);
  });
  app.use((request, response) => {
    const error = new Error(`Nothing at ${request.path}`);
    const shown = has("errors show their inside") ? { stack: error.stack } : {};
    response.status(404).json({ error: "Not found", ...shown });
  });
  app.use((error, request, response, next) => response.status(400).json({ error: "Bad request" }));
  return app;
}

const given = JSON.parse(fs.readFileSync(0, "utf8"));
const tls = { cert: fs.readFileSync(given.certificate), key: fs.readFileSync(given.key), minVersion: "TLSv1.2",
  ciphers: "ECDHE+AESGCM:ECDHE+CHACHA20" };
let waiting = given.variants.length;
for (const { port, defects } of given.variants) {
  https.createServer(tls, service(given.commit, defects)).listen(port, "127.0.0.1", () => {
    waiting -= 1;
    if (!waiting) process.stdout.write("ready\n");
  });
}
