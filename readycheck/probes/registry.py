"""Every probe by its name, in the order of the documentation."""

from __future__ import annotations

from functools import cache

from readycheck.probes import (
    code,
    config,
    cookies,
    cors,
    csp,
    database,
    documented,
    documents,
    environment,
    files,
    git,
    headers,
    health,
    http,
    measured,
    pipeline,
    protection,
    serving,
    sql,
    text,
    tls,
)
from readycheck.probes.probe import Probe

PROBES: tuple[type[Probe], ...] = (
    files.FilePresent,
    files.FileAbsent,
    text.FileText,
    text.FileNoText,
    config.ConfigHolds,
    code.CodeSignals,
    code.CodeAbsent,
    code.CodeRoutes,
    pipeline.PipelineFailuresCount,
    git.GitNeverTracked,
    git.GitSecrets,
    measured.MeasuredValue,
    http.HttpStatus,
    http.HttpBody,
    http.RedirectsToHttps,
    http.NotExposed,
    protection.Protected,
    headers.Header,
    headers.HeadersHidden,
    headers.FrameControl,
    csp.ContentPolicy,
    cookies.Cookies,
    cors.Cors,
    serving.Compression,
    serving.Cached,
    health.Health,
    health.Metrics,
    documents.SecurityTxt,
    tls.TlsCertificate,
    tls.TlsProtocol,
    environment.EnvironmentValue,
    sql.NoRows,
    sql.Value,
    database.ForeignKeysIndexed,
    database.IndexesDeclared,
    database.PrimaryKeys,
    database.DuplicateIndexes,
    database.ConnectionEncrypted,
    database.TablesHaveRows,
    documented.DocumentedCommands,
    documented.DocumentedBackup,
    documented.IndexesPossible,
)


@cache
def probes() -> dict[str, type[Probe]]:
    """Probes by name, those of installed distributions included (entry-point group `readycheck.probes`)."""
    from importlib.metadata import entry_points

    found: list[type[Probe]] = [entry.load() for entry in entry_points(group="readycheck.probes")]
    return {kind.name: kind for kind in (*PROBES, *found)}
