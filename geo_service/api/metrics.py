"""Figures for Prometheus: requests, jobs, store, process. Served on a port of their own, never by the app.

Labels are route templates, methods, statuses and states: a fixed few, nothing anybody typed and nobody's name.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    start_http_server,
)
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from geo_service import __version__
from geo_service.api.observing import Seen
from geo_service.bootstrap import Service
from geo_service.foundation.errors import GeoServiceError

_BUCKETS_S: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_STATES: Final = ("queued", "running")


class Metrics:
    """The figures of one server process."""

    def __init__(self, service: Service) -> None:
        self._settings = service.settings
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "geo_service_requests",
            "Requests answered; status 0: the client left before an answer.",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "geo_service_request_seconds",
            "Seconds from the head of a request to the end of its answer.",
            ("method", "route"),
            buckets=_BUCKETS_S,
            registry=self.registry,
        )
        self.registry.register(_State(service))
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        GCCollector(registry=self.registry)

    @contextmanager
    def served(self) -> Iterator[None]:
        """Answer Prometheus on the port of the settings while the block runs; without one do nothing."""
        if not self._settings.metrics_port:
            yield
            return
        server, thread = start_http_server(
            self._settings.metrics_port, self._settings.metrics_host, registry=self.registry
        )
        try:
            yield
        finally:
            server.shutdown()
            server.server_close()
            thread.join()

    def observe(self, seen: Seen) -> None:
        """Count one request."""
        self._requests.labels(seen.known_method, seen.route, str(seen.status)).inc()
        self._seconds.labels(seen.known_method, seen.route).observe(seen.seconds)


class _State(Collector):
    """What is looked up when somebody asks: jobs and whether the store answers."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def describe(self) -> Iterable[Metric]:
        """Nothing in advance: the store may not be there yet."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """Yield the gauges; those of jobs only where the job file can be read."""
        version = GaugeMetricFamily("geo_service_info", "The running version.", labels=("version",))
        version.add_metric((__version__,), 1)
        yield version
        yield GaugeMetricFamily("geo_service_store_up", "1: the store answers.", value=float(self._is_store_up()))
        try:
            unfinished = self._service.jobs.unfinished()
        except GeoServiceError:
            return
        jobs = GaugeMetricFamily("geo_service_jobs", "Jobs not finished.", labels=("state",))
        for state in _STATES:
            jobs.add_metric((state,), sum(job["status"] == state for job in unfinished))
        yield jobs

    def _is_store_up(self) -> bool:
        try:
            with self._service.store.reading() as conn:
                conn.exec_driver_sql("SELECT 1")
        except GeoServiceError:
            return False
        return True
