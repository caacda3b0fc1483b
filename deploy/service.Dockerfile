# The image of one service: docker build -f deploy/service.Dockerfile --build-arg SERVICE=identity .
# SERVICE: identity, notifier, catalog, delivery, portal. `bus` (the operators' command for the bus) is built with
# PACKAGE=shared/bus and MODULE=newsreel_runtime.command.
ARG PYTHON_IMAGE=python:3.13-slim-trixie

FROM ${PYTHON_IMAGE} AS build
ARG SOURCE_DATE_EPOCH=0
ENV UV_NO_CACHE=1 UV_NO_PROGRESS=1 UV_PYTHON_DOWNLOADS=never PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 \
    PYTHONDONTWRITEBYTECODE=1
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
WORKDIR /build
COPY requirements.lock ./
# The installer and what builds our packages: by the lock, in an environment that stays behind.
RUN awk '/^uv==/ {found = 1} found {print; if (!/\\$/) exit}' requirements.lock > installer.lock \
 && python -m venv tools \
 && tools/bin/pip install --quiet --no-deps --require-hashes --requirement installer.lock \
 && tools/bin/uv pip install --python tools/bin/python --constraint requirements.lock hatchling \
 && tools/bin/uv venv --python "$(command -v python)" /app
COPY shared/events shared/events
COPY shared/runtime shared/runtime
ARG SERVICE
ARG PACKAGE=services/${SERVICE}
COPY ${PACKAGE} ${PACKAGE}
# Each version and each hash comes from the lock. What uv notes about a local wheel has a time in it.
RUN for package in shared/events shared/runtime "${PACKAGE}"; do \
        tools/bin/uv build --quiet --wheel --no-build-isolation --python tools/bin/python --out-dir wheels "$package" || exit; \
    done \
 && tools/bin/uv pip install --python /app/bin/python --constraint requirements.lock wheels/*.whl \
 && find /app -name uv_cache.json -delete \
 && sed -i '/uv_cache\.json/d' /app/lib/python*/site-packages/*.dist-info/RECORD
ARG MODULE=${SERVICE}
RUN printf '%s\n' '#!/app/bin/python' 'from runpy import run_module' \
        "run_module('${MODULE}', run_name='__main__', alter_sys=True)" > /app/bin/service \
 && chmod 755 /app/bin/service \
 && python -m compileall -q --invalidation-mode unchecked-hash /app/lib

FROM ${PYTHON_IMAGE}
ARG SOURCE_DATE_EPOCH=0
# No installer is left, and the standard library is compiled once instead of at each start.
RUN stdlib="$(python -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')" \
 && rm -rf "$(python -c 'import os, pip; print(os.path.dirname(pip.__file__))')" "$stdlib/ensurepip" \
        /usr/local/bin/pip* /usr/bin/pip* \
 && python -m compileall -q --invalidation-mode unchecked-hash \
        -x '/(site-packages|dist-packages|idlelib|test|tkinter|turtledemo|__phello__)/' "$stdlib"
COPY --from=build /app /app
ENV PATH=/app/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    NEWSREEL_HTTP_HOST=0.0.0.0 NEWSREEL_HTTP_PORT=8080
ARG SERVICE
ARG VERSION=dev
ARG REVISION=unknown
LABEL org.opencontainers.image.title="newsreel-${SERVICE}" \
      org.opencontainers.image.description="Newsreel: the service ${SERVICE}" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.licenses="Apache-2.0"
USER 65532:65532
EXPOSE 8080
STOPSIGNAL SIGTERM
ENTRYPOINT ["/app/bin/service"]
CMD ["serve"]
