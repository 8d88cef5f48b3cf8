# syntax=docker/dockerfile:1
# One app an image: docker build --build-arg APP=ingress -t nicochat-bridge-ingress .
ARG NODE_VERSION=24.21.0

FROM node:${NODE_VERSION}-bookworm-slim AS manifests
WORKDIR /bridge
COPY package.json package-lock.json .npmrc ./
COPY apps apps
COPY libs libs
# What only developers have goes first: npm installs it where another app needs it, and takes it for missing in a list.
RUN find apps libs -type f ! -name package.json -delete && npm pkg delete devDependencies optionalDependencies \
 && for project in apps/* libs/*; do (cd "$project" && npm pkg delete devDependencies); done

# Its layer is made again only when a package.json or the lock file has changed.
FROM node:${NODE_VERSION}-bookworm-slim AS dependencies
WORKDIR /bridge
COPY --from=manifests /bridge ./
ARG APP
RUN test -f "apps/${APP}/package.json" || { echo "Say which app: --build-arg APP=ingress|router|outbound|cli|simulator" >&2; exit 1; }
# Not `npm ci`: it wants the optional packages of all platforms, development's too, in the lock file.
RUN --mount=type=cache,target=/root/.npm \
    npm install --workspace "apps/${APP}" --ignore-scripts --no-save \
 && find . -path '*/node_modules/*' -type f \( -name '*.map' -o -name '*.d.*ts' -o -iname '*.md' \) -delete

# What is inside, as CycloneDX: docker build --build-arg APP=ingress --target sbom --output . .
FROM dependencies AS inventory
RUN npm pkg delete workspaces && npm pkg set "dependencies.@bridge/${APP}=*" && npm sbom --sbom-format cyclonedx > /sbom.json
FROM scratch AS sbom
COPY --from=inventory /sbom.json /sbom.json

FROM node:${NODE_VERSION}-bookworm-slim AS app
ARG APP
ENV NODE_ENV=production \
    BRIDGE_CONFIG=/etc/bridge/bridge.yaml
COPY --from=dependencies /bridge /bridge
COPY libs /bridge/libs
COPY apps/${APP} /bridge/apps/${APP}
WORKDIR /bridge/apps/${APP}
USER 1000:1000
# Node itself is process 1: no shell between it and SIGTERM. What it is told of memory: docs/operations.md#sizes.
ENTRYPOINT ["node", "--max-semi-space-size=16", "--import", "@bridge/telemetry/start", "src/main.ts"]
# Last: another revision makes no layer anew.
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="nicochat-bridge ${APP}" \
      org.opencontainers.image.description="Bridge between NicoChat's API channel and Kafka" \
      org.opencontainers.image.licenses=MIT \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"

# The operator's command, with what shows a conversation and puts load on a bridge, for compose and `npm run k8s:smoke`:
# docker build --build-arg APP=cli --target journeys -t nicochat-bridge-journeys .
FROM app AS journeys
COPY tools /bridge/tools
COPY apps/journeys /bridge/apps/journeys
USER root
# The packages that the journeys need are those of the command.
RUN ln -s ../../tools /bridge/node_modules/@bridge/tools
USER 1000:1000

FROM app
