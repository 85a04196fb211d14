# The backbone: worker, connectors, exporter and the `jcoc` command, from locked dependencies.
FROM python:3.11.13-slim-bookworm AS build
RUN pip install --no-cache-dir uv==0.13.9
ENV UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_PYTHON_DOWNLOADS=never UV_PROJECT_ENVIRONMENT=/opt/jcoc
WORKDIR /source
COPY pyproject.toml uv.lock README.md ./
RUN uv sync --locked --no-dev --no-install-project
COPY . .
RUN uv sync --locked --no-dev --no-editable

FROM python:3.11.13-slim-bookworm
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin jcoc \
    && install -d -o jcoc -g jcoc /var/lib/jcoc
COPY --from=build /opt/jcoc /opt/jcoc
ENV PATH=/opt/jcoc/bin:$PATH PYTHONUNBUFFERED=1 HOME=/tmp
USER jcoc
WORKDIR /var/lib/jcoc
VOLUME /var/lib/jcoc
ENTRYPOINT ["jcoc"]
CMD ["--help"]
