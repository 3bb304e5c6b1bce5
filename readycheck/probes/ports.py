"""Judges which ports of a deployment's host strangers can reach."""

from __future__ import annotations

from typing import Any, ClassVar

from readycheck.facts.question import Question
from readycheck.facts.service import OpenPorts
from readycheck.facts.store import Facts
from readycheck.model import Finding, Location, Strength, Target
from readycheck.probes.probe import Judgement, Probe, failed, passed, unknown

#: What listens there by its registration at IANA or its vendor's default.
SERVICES: dict[int, str] = {
    1433: "SQL Server",
    1521: "Oracle Database",
    2375: "Docker, without TLS",
    2379: "etcd",
    3306: "MySQL",
    3389: "Remote Desktop",
    5432: "PostgreSQL",
    5601: "Kibana",
    5672: "AMQP",
    5900: "VNC",
    5984: "CouchDB",
    6379: "Redis",
    6443: "the Kubernetes API",
    8500: "Consul",
    9042: "Cassandra",
    9090: "Prometheus",
    9200: "Elasticsearch",
    9229: "the Node.js inspector",
    10250: "the kubelet",
    11211: "memcached",
    15672: "RabbitMQ's management",
    27017: "MongoDB",
}


class PortsClosed(Probe, frozen=True):
    """Databases, caches and consoles of the host take no connection from where the audit runs."""

    name: ClassVar[str] = "service.ports_closed"
    target: ClassVar[Target] = Target.DEPLOYMENT

    ports: tuple[int, ...] = tuple(SERVICES)

    def __post_init__(self) -> None:
        """Refuse ports that are none, and too many of them."""
        if not self.ports or len(self.ports) > 50 or not all(0 < port < 65536 for port in self.ports):  # noqa: PLR2004
            raise ValueError("ports must be one to fifty numbers from 1 to 65535")

    def questions(self) -> tuple[Question[Any], ...]:
        """The ports."""
        return (OpenPorts(self.ports),)

    def judge(self, facts: Facts) -> Judgement:
        """Fail for each that is open to strangers. From the host itself or its own network nothing follows."""
        seen = facts[OpenPorts(self.ports)]
        counts = f"{len(seen.open)} open, {len(seen.closed)} closed, {len(seen.silent)} silent"
        examined = f"{len(self.ports)} ports of {seen.host} ({seen.address}): {counts}"
        if seen.near:
            inside = f"{examined}; the audit runs on that host or in its network, where more is open than outside"
            return unknown(inside, [_open(seen.host, port) for port in seen.open])
        if seen.open:
            return failed(examined, [_open(seen.host, port) for port in seen.open])
        return passed(examined, Strength.OBSERVED)


def _open(host: str, port: int) -> Finding:
    name = SERVICES.get(port, "something")
    return Finding(f"port {port} ({name}) takes connections from here", Location(object=f"{host}:{port}"))
