# Every command a person or the CI needs. `make help` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:

PYTHON ?= python3
BIN := .venv/bin
SIZE ?= street
PORT ?= 8000
TESTS ?= tests
# one more than the processors of a small machine: the worker with the browser waits for it more than it works
WORKERS ?= 3
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
COMPILE = $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --no-header --no-annotate --generate-hashes

.PHONY: help setup setup-dev frontend demo serve test soak lint lint-python lint-frontend test-frontend system bench lock clean

help: ## 列出所有命令 · list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: frontend .venv/.runtime ## 建好 .venv 并构建前端 · make .venv and build the frontend

demo: setup ## 从零到可打开的示例地图（SIZE=small/street/district）· from nothing to a served demo map
	$(BIN)/geo-service demo --size $(SIZE) --port $(PORT)

serve: setup ## 启动服务（PORT=8000）· start the server
	$(BIN)/geo-service serve --port $(PORT)

test: system setup-dev ## 全部检查与测试，含两种存储和浏览器 · all checks and tests, both stores, browser included
	@$(MAKE) --no-print-directory lint-frontend test-frontend & beside=$$!; $(MAKE) --no-print-directory lint-python; wait $$beside
	PYTHONDONTWRITEBYTECODE= GEO_TEST_COMPLETE=1 $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(TESTS)

soak: system setup-dev ## 长时间测试：反复 kill -9（GEO_SOAK_ROUNDS=200）· long tests: kill -9 again and again
	$(BIN)/python -m pytest -m soak $(TESTS)

lint: lint-python lint-frontend ## 代码检查 · ruff, mypy, import-linter, bandit, biome, tsc

lint-python: setup-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/bandit --quiet --severity-level medium --configfile pyproject.toml --recursive geo_service scripts hatch_build.py

lint-frontend: setup-dev
	$(BIN)/python scripts/build_frontend.py npm run lint
	$(BIN)/python scripts/build_frontend.py npm run check

test-frontend: setup-dev
	$(BIN)/python scripts/build_frontend.py npm run test

frontend: .venv/.made ## 构建浏览器端到 geo_service/_web · build the browser part
	@$(BIN)/python scripts/build_frontend.py

bench: system setup-dev .venv/.bench ## 跑基准测试，写入 docs/benchmarks.md · run the benchmarks (ONLY="name …" for some)
	$(BIN)/python -m benchmarks $(ONLY)

system: ## 安装测试所需的系统软件 · install PostGIS, Chromium and a Chinese font if they are missing
	@scripts/install_system.sh

lock: .venv/.made ## 重新解析依赖并写锁文件 · resolve again and write the lock files
	$(PIP_INSTALL) uv
	$(COMPILE) pyproject.toml -o requirements.lock
	$(COMPILE) pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock
	$(COMPILE) --group bench -c requirements-dev.lock -o requirements-bench.lock
	$(COMPILE) --group node -o requirements-node.lock

clean: ## 删除环境和构建产物（保留 var/ 中的数据）· remove the environment and what was built, never the data in var/
	rm -rf .venv build dist geo_service/_web frontend/node_modules frontend/dist
	rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find geo_service tests benchmarks scripts -name __pycache__ -type d -prune -exec rm -rf {} +

setup-dev: frontend .venv/.dev

.venv/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "需要 Python 3.11 或更新版本：make PYTHON=python3.12 … · Python 3.11 or newer is needed" >&2; exit 1; }
	$(PYTHON) -m venv .venv
	@touch $@

.venv/.runtime: requirements.lock pyproject.toml hatch_build.py | .venv/.made frontend
	$(PIP_INSTALL) -r requirements.lock
	$(PIP_INSTALL) --no-deps -e .
	@touch $@

.venv/.dev: requirements-dev.lock .venv/.runtime
	$(PIP_INSTALL) -r requirements-dev.lock
	@touch $@

.venv/.bench: requirements-bench.lock .venv/.dev
	$(PIP_INSTALL) -r requirements-bench.lock
	@touch $@
