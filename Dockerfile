# docker build -t readycheck . && docker run --rm -v "$PWD:/repository:ro" readycheck
FROM python:3.13-slim@sha256:7c61056e61ac89e852de05f3dc6fa51a6dd2181797bceed46aa725dd7cb2cd3b AS build
COPY . /source
RUN python -m venv /opt/readycheck \
  && /opt/readycheck/bin/pip install --no-cache-dir --disable-pip-version-check "/source[postgresql,mysql]" \
  && /opt/readycheck/bin/python -m compileall -q /opt/readycheck

FROM python:3.13-slim@sha256:7c61056e61ac89e852de05f3dc6fa51a6dd2181797bceed46aa725dd7cb2cd3b
LABEL org.opencontainers.image.title="readycheck" org.opencontainers.image.licenses="Apache-2.0"
# Git reads the history; nothing else is needed beside Python.
RUN apt-get update -q \
  && apt-get install -yq --no-install-recommends git \
  && rm -rf /var/lib/apt/lists/* \
  && useradd --uid 10001 --no-create-home --home-dir /repository --shell /usr/sbin/nologin readycheck
COPY --from=build /opt/readycheck /opt/readycheck
ENV PATH=/opt/readycheck/bin:$PATH PYTHONDONTWRITEBYTECODE=1
USER 10001
WORKDIR /repository
ENTRYPOINT ["readycheck"]
CMD ["audit"]
