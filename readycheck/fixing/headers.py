"""Writes response headers in the configuration of a stack."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from msgspec import Struct

Header = tuple[str, str]


class Dialect(Struct, frozen=True):
    """How a stack is told to send headers: where that goes, what stands before and after, and one line for each."""

    where: str
    before: str
    line: Callable[[str, str], str]
    after: str = ""
    comment: str = "//"


def _double(text: str) -> str:
    return json.dumps(text)


def _single(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


#: By stack, those that answer requests themselves first: where there are several, the first is taken.
DIALECTS: dict[str, Dialect] = {
    "nestjs": Dialect(
        "main.ts, before app.listen()",
        "app.use((req, res, next) => {\n",
        lambda name, value: f"  res.setHeader({_single(name)}, {_single(value)});\n",
        "  next();\n});\n",
    ),
    "fastify": Dialect(
        "the server, before its routes",
        "app.addHook('onSend', async (request, reply) => {\n",
        lambda name, value: f"  reply.header({_single(name)}, {_single(value)});\n",
        "});\n",
    ),
    "express": Dialect(
        "the application, before its routes and before express.static",
        "app.use((req, res, next) => {\n",
        lambda name, value: f"  res.setHeader({_single(name)}, {_single(value)});\n",
        "  next();\n});\n",
    ),
    "koa": Dialect(
        "the application, as its first middleware",
        "app.use(async (ctx, next) => {\n",
        lambda name, value: f"  ctx.set({_single(name)}, {_single(value)});\n",
        "  await next();\n});\n",
    ),
    "hapi": Dialect(
        "the server, before it starts",
        "server.ext('onPreResponse', (request, h) => {\n  const response = request.response;\n"
        "  const headers = response.isBoom ? response.output.headers : response.headers;\n",
        lambda name, value: f"  headers[{_single(name.lower())}] = {_single(value)};\n",
        "  return h.continue;\n});\n",
    ),
    "next": Dialect(
        "next.config.js",
        "module.exports = {\n  async headers() {\n    return [{ source: '/(.*)', headers: [\n",
        lambda name, value: f"      {{ key: {_single(name)}, value: {_single(value)} }},\n",
        "    ] }];\n  },\n};\n",
    ),
    "nuxt": Dialect(
        "nuxt.config.ts",
        "export default defineNuxtConfig({\n  routeRules: { '/**': { headers: {\n",
        lambda name, value: f"    {_single(name)}: {_single(value)},\n",
        "  } } },\n});\n",
    ),
    "django": Dialect(
        "a module of yours, first in MIDDLEWARE",
        "def send_headers(get_response):\n    def middleware(request):\n        response = get_response(request)\n",
        lambda name, value: f"        response.headers[{_double(name)}] = {_double(value)}\n",
        "        return response\n\n    return middleware\n",
        "#",
    ),
    "fastapi": Dialect(
        "the application",
        '@app.middleware("http")\nasync def send_headers(request, call_next):\n    response = await call_next(request)\n',
        lambda name, value: f"    response.headers[{_double(name)}] = {_double(value)}\n",
        "    return response\n",
        "#",
    ),
    "flask": Dialect(
        "the application",
        "@app.after_request\ndef send_headers(response):\n",
        lambda name, value: f"    response.headers[{_double(name)}] = {_double(value)}\n",
        "    return response\n",
        "#",
    ),
    "rails": Dialect(
        "config/environments/production.rb, besides config.force_ssl = true",
        "config.action_dispatch.default_headers.merge!(\n",
        lambda name, value: f"  {_single(name)} => {_single(value)},\n",
        ")\n",
        "#",
    ),
    "laravel": Dialect(
        "a middleware, appended to the global stack in bootstrap/app.php",
        "public function handle(Request $request, Closure $next): Response\n{\n    $response = $next($request);\n",
        lambda name, value: f"    $response->headers->set({_single(name)}, {_single(value)});\n",
        "    return $response;\n}\n",
    ),
    "symfony": Dialect(
        "a listener of kernel.response",
        "public function onKernelResponse(ResponseEvent $event): void\n{\n",
        lambda name, value: f"    $event->getResponse()->headers->set({_single(name)}, {_single(value)});\n",
        "}\n",
    ),
    "spring": Dialect(
        "the SecurityFilterChain",
        "http.headers(headers -> headers\n",
        lambda name, value: f"    .addHeaderWriter(new StaticHeadersWriter({_double(name)}, {_double(value)}))\n",
        ");\n",
    ),
    "aspnet": Dialect(
        "Program.cs, before every other middleware",
        "app.Use(async (context, next) => {\n",
        lambda name, value: f"    context.Response.Headers[{_double(name)}] = {_double(value)};\n",
        "    await next();\n});\n",
    ),
    "gin": Dialect(
        "the router, before its routes",
        "router.Use(func(c *gin.Context) {\n",
        lambda name, value: f"\tc.Header({_double(name)}, {_double(value)})\n",
        "\tc.Next()\n})\n",
    ),
    "echo": Dialect(
        "the server, before its routes",
        "e.Use(func(next echo.HandlerFunc) echo.HandlerFunc {\n\treturn func(c echo.Context) error {\n",
        lambda name, value: f"\t\tc.Response().Header().Set({_double(name)}, {_double(value)})\n",
        "\t\treturn next(c)\n\t}\n})\n",
    ),
    "fiber": Dialect(
        "the application, before its routes",
        "app.Use(func(c *fiber.Ctx) error {\n",
        lambda name, value: f"\tc.Set({_double(name)}, {_double(value)})\n",
        "\treturn c.Next()\n})\n",
    ),
    "chi": Dialect(
        "the router, before its routes",
        "r.Use(func(next http.Handler) http.Handler {\n"
        "\treturn http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {\n",
        lambda name, value: f"\t\tw.Header().Set({_double(name)}, {_double(value)})\n",
        "\t\tnext.ServeHTTP(w, r)\n\t})\n})\n",
    ),
    "nginx": Dialect(
        "the server block, and again in every location that has an add_header of its own",
        "",
        lambda name, value: f"add_header {name} {_double(value)} always;\n",
        comment="#",
    ),
    "caddy": Dialect(
        "the site block of the Caddyfile",
        "header {\n",
        lambda name, value: f"\t{name} {_double(value)}\n",
        "}\n",
        "#",
    ),
    "apache": Dialect(
        "the virtual host, with mod_headers",
        "",
        lambda name, value: f"Header always set {name} {_double(value)}\n",
        comment="#",
    ),
}
#: What stands in front of most services, for stacks that are not known here.
FALLBACK = "nginx"


def stack_for(stacks: Sequence[str], wanted: str = "") -> str:
    """The stack to write for: the one asked for, else the first of the project's that is known, else the proxy."""
    return wanted or next((stack for stack in DIALECTS if stack in stacks), FALLBACK)


def configuration(headers: Sequence[Header], stack: str) -> str:
    """These headers as this stack is told to send them."""
    dialect = DIALECTS[stack]
    lines = "".join(dialect.line(name, value) for name, value in dict(headers).items())
    return f"{dialect.comment} {stack}: {dialect.where}\n{dialect.before}{lines}{dialect.after}"
