# The sample videos beside the catalog that imports them: docker build -f deploy/samples.Dockerfile .
ARG PYTHON_IMAGE=python:3.13-slim-trixie
ARG CATALOG_IMAGE=newsreel/catalog:dev

FROM ${PYTHON_IMAGE} AS build
WORKDIR /build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONPATH=/build/deploy/local/src
COPY requirements.lock ./
RUN awk '/^av==/ {found = 1} found {print; if (!/\\$/) exit}' requirements.lock > av.lock \
 && python -m venv /venv \
 && /venv/bin/pip install --quiet --no-deps --require-hashes --requirement av.lock
COPY deploy/local/src/newsreel_local deploy/local/src/newsreel_local
RUN /venv/bin/python -m newsreel_local.samples /samples

FROM ${CATALOG_IMAGE}
COPY --from=build /samples /samples
LABEL org.opencontainers.image.title="newsreel-samples" \
      org.opencontainers.image.description="Newsreel: sample videos, and the catalog to import them"
ENTRYPOINT ["newsreel", "catalog", "import"]
CMD ["/samples"]
