# Browser part
FROM node:24-slim AS web
WORKDIR /src/frontend
COPY frontend/package.json frontend/package-lock.json frontend/.npmrc ./
RUN npm ci --no-audit --no-fund
COPY frontend/ ./
COPY geo_service/locales/ /src/geo_service/locales/
COPY data/ /src/data/
RUN npm run build

# The locked packages and ours, with the built pages in it, in one virtual environment
FROM python:3.12-slim AS build
RUN python -m venv /opt/geo
WORKDIR /src
COPY requirements.lock ./
RUN /opt/geo/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml hatch_build.py README.md LICENSE NOTICE ./
COPY scripts/build_frontend.py scripts/
COPY data/ data/
COPY geo_service/ geo_service/
COPY --from=web /src/geo_service/_web/ geo_service/_web/
RUN /opt/geo/bin/pip install --no-cache-dir --no-deps .

# What runs: no compiler, no sources, no root
FROM python:3.12-slim
# Printed sheets are set with Pango and need a Chinese font
RUN apt-get update && apt-get install --yes --no-install-recommends \
        fontconfig fonts-noto-cjk libharfbuzz-subset0 libpango-1.0-0 libpangoft2-1.0-0 \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /opt/geo /opt/geo
RUN useradd --no-create-home --uid 10001 geo && install -d -o geo -g geo -m 0700 /var/lib/geo
USER geo
WORKDIR /var/lib/geo
ENV PATH=/opt/geo/bin:$PATH \
    GEO_VAR_DIR=/var/lib/geo \
    PYTHONUNBUFFERED=1
VOLUME /var/lib/geo
# To be reached from outside the container it needs --host, an administrator, GEO_HOSTS and TLS (docker-compose.yml).
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=6 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/health', timeout=4)"]
ENTRYPOINT ["geo-service"]
CMD ["serve", "--port", "8000"]
