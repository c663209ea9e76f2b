"""Builds the app, nothing else."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from anyio import to_thread
from fastapi import Depends, FastAPI
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware

from geo_service import __version__
from geo_service.api import (
    accounts,
    analyses,
    audit,
    board,
    editing,
    errors,
    feature_files,
    features,
    gaps,
    jobs,
    layers,
    oidc,
    openapi,
    pages,
    persons,
    photos,
    prints,
    reference,
    rules,
    runs,
    scenarios,
    sessions,
    siting,
    standards,
    summary,
    tiles,
    views,
)
from geo_service.api.door import door_of
from geo_service.api.forwarded import Forwarded
from geo_service.api.guard import LOOPBACK_HOSTS, Guard
from geo_service.api.limits import Limits
from geo_service.api.metrics import Metrics
from geo_service.bootstrap import Service
from geo_service.domain.base_maps import origins_of
from geo_service.foundation import logs
from geo_service.jobs.runner import Runner
from geo_service.settings import Settings
from geo_service.storage.store import CONNECTIONS_AT_ONCE


def create_app(settings: Settings | None = None, service: Service | None = None) -> FastAPI:
    """Return the app; without arguments the environment decides (``geo-service serve``)."""
    serving = service or Service(settings or Settings())
    logs.ensure(serving.settings.log_level)
    runner = Runner(serving)
    metrics = Metrics(serving)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        # a request holds at most one connection: no more threads than the pool has, so that none waits for one
        to_thread.current_default_thread_limiter().total_tokens = CONNECTIONS_AT_ONCE
        with metrics.served():
            yield
        runner.close()
        serving.close()

    app = FastAPI(
        title="geo-service",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
        openapi_url=None,  # api/pages.py serves it, to those who may ask
        dependencies=[Depends(door_of)],  # no route can forget to ask who it is
    )
    app.state.service = serving
    app.state.runner = runner
    app.state.limits = Limits.of(serving.settings, lambda: serving.heavy_work)
    errors.install(app)
    # the routes of single subjects come before those of all layers, which would take their addresses
    for part in (
        summary,
        sessions,
        oidc,
        accounts,
        layers,
        reference,
        rules,
        runs,
        jobs,
        analyses,
        gaps,
        siting,
        scenarios,
        views,
        standards,
        board,
        feature_files,
        audit,
        photos,
        prints,
        persons,
        tiles,
        pages,
        editing,
        features,
    ):
        app.include_router(part.router)
    openapi.install(app)
    app.add_middleware(
        GZipMiddleware,
        minimum_size=1024,
        compresslevel=5,
        exclude_content_types=(*DEFAULT_EXCLUDED_CONTENT_TYPES, tiles.MVT_TYPE),
    )
    app.add_middleware(
        Guard,
        LOOPBACK_HOSTS | serving.settings.host_names,
        behind_proxy=serving.settings.behind_proxy,
        observer=metrics.observe,
        image_origins=origins_of(serving.settings.base_maps),
    )
    if serving.settings.behind_proxy:
        app.add_middleware(Forwarded, serving.settings.proxy_addresses)
    return app
